"""Numbers about the nuclei of a label image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels


@dataclass(frozen=True)
class NucleiStatistics:
    """Numbers about the nuclei of a label image.

    Parameters
    ----------
    count : int
        Number of nuclei.
    covered : float
        Share of the image that nuclei cover, 0 to 1.
    touching : float
        Share of the nuclei with a pixel that has a pixel of another nucleus among its 8 neighbors, 0 to 1.
    mean_area : float
        Mean area of a nucleus in px; 0 without nuclei.
    mean_radius : float
        Mean radius of the circles of the same areas in px; 0 without nuclei.
    """

    count: int
    covered: float
    touching: float
    mean_area: float
    mean_radius: float

    def __str__(self) -> str:
        """Say it as the dock does."""
        nuclei = "nucleus" if self.count == 1 else "nuclei"
        return f"{self.count} {nuclei} · {self.covered:.0%} covered · {self.touching:.0%} touching"


def nuclei_statistics(labels: ArrayLike) -> NucleiStatistics:
    """Count and measure the nuclei of a label image.

    Parameters
    ----------
    labels : array_like of shape (H, W), integer
        0 is background.

    Returns
    -------
    NucleiStatistics
        Zeros for an image without nuclei.

    Raises
    ------
    TypeError, ValueError
        If ``labels`` is no label image.
    """
    image = check_labels(labels)
    areas = _areas(image)
    if not len(areas):
        return NucleiStatistics(0, 0.0, 0.0, 0.0, 0.0)
    return NucleiStatistics(
        count=len(areas),
        covered=float(areas.sum() / image.size),
        touching=_touching(image) / len(areas),
        mean_area=float(areas.mean()),
        mean_radius=float(np.sqrt(areas / np.pi).mean()),
    )


def _areas(image: NDArray[Any]) -> NDArray[np.int64]:
    """Return the areas of the labels; where labels are small, counting is faster than sorting."""
    if image.max(initial=0) > image.size:
        return np.unique(image[image > 0], return_counts=True)[1]
    areas = np.bincount(image.ravel(), minlength=1)[1:]
    return areas[areas > 0]


def _touching(image: NDArray[Any]) -> int:
    """Return how many labels have a pixel next to, or diagonal to, a pixel of another label."""
    pairs = [(image[1:], image[:-1]), (image[:, 1:], image[:, :-1])]
    pairs += [(image[1:, 1:], image[:-1, :-1]), (image[1:, :-1], image[:-1, 1:])]
    met = []
    for one, other in pairs:
        place = np.nonzero((one != other) & (one > 0) & (other > 0))
        met += [one[place], other[place]]
    return len(np.unique(np.concatenate(met)))
