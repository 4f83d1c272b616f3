"""Which pixels of a canvas are taken by which nucleus, and whether another one finds room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from napari_sharpgan.nuclei.raster import Window, polygon_mask

SITES_AT_ONCE = 4
DOUBT = 0.3


class Occupancy:
    """A label image that nuclei claim pixels of, later ones on top.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the canvas.
    least_area : float
        A nucleus needs more pixels than this on the canvas.
    max_overlap : float
        Largest share of a nucleus that may lie on earlier ones, and that later ones may hide.
    """

    def __init__(self, shape: tuple[int, int], *, least_area: float, max_overlap: float) -> None:
        self._labels = np.zeros(shape, dtype=np.int32)
        self._least_area = least_area
        self._max_overlap = max_overlap
        self._room = [0.0]  # pixels of each nucleus that later ones may still hide

    def claim(self, polygon: NDArray[np.float64], *, apart: bool = False) -> bool:
        """Paint a nucleus if it finds room, with ``apart`` only where it touches no other; return whether."""
        window, mask = polygon_mask(polygon, self._labels.shape)
        area = int(np.count_nonzero(mask))
        if area <= self._least_area or (apart and self._touches(window, mask)):
            return False
        pixels = self._labels[window]
        covered = pixels[mask]
        covered = covered[covered > 0]
        if len(covered) and not self._hide(covered, area):
            return False
        pixels[mask] = len(self._room)
        self._room.append(self._max_overlap * area)
        return True

    def _hide(self, covered: NDArray[np.int32], area: int) -> bool:
        """Take the pixels of earlier nuclei that one of ``area`` pixels covers, if none loses too many."""
        if len(covered) > self._max_overlap * area:
            return False
        below, losses = (part.tolist() for part in np.unique(covered, return_counts=True))
        if any(loss > self._room[label] for label, loss in zip(below, losses, strict=True)):
            return False
        for label, loss in zip(below, losses, strict=True):
            self._room[label] -= loss
        return True

    def _touches(self, window: Window, mask: NDArray[np.bool_]) -> bool:
        """Return whether a mask has another nucleus under it or among the 8 neighbors of its pixels."""
        top, left = (max(side.start - 1, 0) for side in window)
        around = self._labels[top : window[0].stop + 1, left : window[1].stop + 1] > 0
        near = binary_dilation(around, np.ones((3, 3)))
        here = near[window[0].start - top :, window[1].start - left :][: mask.shape[0], : mask.shape[1]]
        return bool(here[mask].any())

    def free_sites(self, number: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw (row, column) places (number, 2), uniform over the canvas but rarely on a nucleus.

        Of a few places each, the first free one is taken, unless overlap is so welcome that others would do.
        """
        sites = rng.uniform(-0.5, np.array(self._labels.shape) - 0.5, (number, SITES_AT_ONCE, 2))
        if self._max_overlap > 0.5:
            return np.asarray(sites[:, 0])
        first = self._taken(sites).argmin(axis=1)
        return np.asarray(sites[np.arange(number), first])

    def hopeful(self, sites: NDArray[np.float64], outlines: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell quickly which nuclei may find room, by a look at a few points well inside each."""
        inside = sites[:, None] + 0.7 * outlines
        return np.asarray(self._taken(inside).mean(axis=1) <= self._max_overlap + DOUBT)

    def _taken(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the pixels at places (..., 2) belong to a nucleus; off the canvas none does."""
        limits = np.array(self._labels.shape) - 1
        pixels = np.rint(places).astype(np.intp)
        on_canvas = ((pixels >= 0) & (pixels <= limits)).all(axis=-1)
        rows, columns = np.moveaxis(np.clip(pixels, 0, limits), -1, 0)
        return np.asarray((self._labels[rows, columns] > 0) & on_canvas)
