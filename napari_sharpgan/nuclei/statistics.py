"""Numbers about the nuclei of a label image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels

BAND = 256  # rows counted at once: what is computed stays in the processor's cache
LARGEST_COUNTED = 1_000_000


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
    if image.max(initial=0) > LARGEST_COUNTED:
        image = _renumbered(image)
    areas = np.zeros(int(image.max(initial=0)) + 1, dtype=np.int64)
    touching = np.zeros(len(areas), dtype=bool)
    for top in range(0, len(image), BAND):
        areas += np.bincount(image[top : top + BAND].ravel(), minlength=len(areas))
        _mark_touching(image[top : top + BAND + 1], touching)
    areas = areas[1:][areas[1:] > 0]
    if not len(areas):
        return NucleiStatistics(0, 0.0, 0.0, 0.0, 0.0)
    return NucleiStatistics(
        count=len(areas),
        covered=float(areas.sum() / image.size),
        touching=int(touching.sum()) / len(areas),
        mean_area=float(areas.mean()),
        mean_radius=float(np.sqrt(areas / np.pi).mean()),
    )


def _mark_touching(image: NDArray[Any], touching: NDArray[np.bool_]) -> None:
    """Set ``touching`` of each label with a pixel that has one of another label among its 8 neighbors."""
    pairs = [(image[1:], image[:-1]), (image[:, 1:], image[:, :-1])]
    pairs += [(image[1:, 1:], image[:-1, :-1]), (image[1:, :-1], image[:-1, 1:])]
    for one, other in pairs:
        place = np.nonzero((one != other) & (one != 0) & (other != 0))
        touching[one[place]] = True
        touching[other[place]] = True


def _renumbered(image: NDArray[Any]) -> NDArray[np.int64]:
    """Return the image with its labels numbered 1, 2, 3 and so on."""
    inside = image != 0
    numbers = np.zeros(image.shape, dtype=np.int64)
    numbers[inside] = np.unique(image[inside], return_inverse=True)[1] + 1
    return numbers
