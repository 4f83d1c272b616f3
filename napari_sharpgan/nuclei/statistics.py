"""Numbers about the nuclei of a label image."""

from __future__ import annotations

from dataclasses import dataclass

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
    image = check_labels(labels).astype(np.int32, copy=False)
    padded = np.pad(image, ((0, 1), (1, 1)))
    flat, width = padded.ravel(), padded.shape[1]
    place = np.flatnonzero(flat)
    own = flat[place]
    if not len(place):
        return NucleiStatistics(0, 0.0, 0.0, 0.0, 0.0)
    areas = _areas(own)
    met = []
    for step in (1, width - 1, width, width + 1):
        other = flat[place + step]
        meets = (other != own) & (other != 0)
        met += [own[meets], other[meets]]
    return NucleiStatistics(
        count=len(areas),
        covered=len(place) / image.size,
        touching=len(np.unique(np.concatenate(met))) / len(areas),
        mean_area=float(areas.mean()),
        mean_radius=float(np.sqrt(areas / np.pi).mean()),
    )


def _areas(own: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return how often each label occurs; where labels are small, counting is faster than sorting."""
    if own.max() > 10 * len(own):
        return np.unique(own, return_counts=True)[1]
    areas = np.bincount(own)
    return areas[areas > 0]
