"""Which pixels of a canvas are taken by which nucleus, and whether another one finds room."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei.raster import Window, polygon_mask

DOUBT = 0.3


class Occupancy:
    """A label image that nuclei claim pixels of, later ones on top.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the canvas; all places are places on it.
    least_area : float
        A nucleus needs more pixels than this on the canvas.
    max_overlap : float
        Largest share of a nucleus that may lie on earlier ones, and that later ones may hide.
    part : (slice, slice), optional
        The part of the canvas that is looked at, if not all of it; nuclei that claim pixels lie in it.
    """

    def __init__(
        self, shape: tuple[int, int], *, least_area: float, max_overlap: float, part: Window | None = None
    ) -> None:
        self._shape = shape
        self._part = part or (slice(0, shape[0]), slice(0, shape[1]))
        self._origin = np.array([side.start for side in self._part])
        self._labels = np.zeros([side.stop - side.start for side in self._part], dtype=np.int32)
        self._least_area = least_area
        self._max_overlap = max_overlap
        self._most = [0.0]  # pixels of each nucleus that later ones may hide
        self.hidden = [0]  # those that they do hide; the nuclei count from 1

    def claim(
        self, polygon: NDArray[np.float64], *, apart: bool = False
    ) -> tuple[Window, NDArray[np.bool_]] | None:
        """Paint a nucleus if it finds room, with ``apart`` only where it touches no other.

        Returns
        -------
        (window, mask) or None
            Its pixels as `polygon_mask` returns them; None where it found no room.
        """
        place, mask = polygon_mask(polygon, self._shape)
        window = shifted(place, -self._part[0].start, -self._part[1].start)
        area = int(np.count_nonzero(mask))
        if area <= self._least_area or (apart and self._touches(window, mask)):
            return None
        pixels = self._labels[window]
        covered = pixels[mask]
        covered = covered[covered > 0]
        if len(covered) and not self._hide(covered, area):
            return None
        pixels[mask] = self._enter(area, 0)
        return place, mask

    def add(self, place: Window, mask: NDArray[np.bool_], hidden: int) -> None:
        """Paint a nucleus that has its room already, of which ``hidden`` pixels are hidden by others."""
        number = self._enter(int(np.count_nonzero(mask)), hidden)
        paint(self._labels, self._part, place, mask, number)

    def _enter(self, area: int, hidden: int) -> int:
        """Count one more nucleus; return its number."""
        self._most.append(self._max_overlap * area)
        self.hidden.append(hidden)
        return len(self.hidden) - 1

    def _hide(self, covered: NDArray[np.int32], area: int) -> bool:
        """Take the pixels of earlier nuclei that one of ``area`` pixels covers, if none loses too many."""
        if len(covered) > self._max_overlap * area:
            return False
        below, losses = (part.tolist() for part in np.unique(covered, return_counts=True))
        if any(
            self.hidden[label] + loss > self._most[label] for label, loss in zip(below, losses, strict=True)
        ):
            return False
        for label, loss in zip(below, losses, strict=True):
            self.hidden[label] += loss
        return True

    def _touches(self, window: Window, mask: NDArray[np.bool_]) -> bool:
        """Return whether a mask has another nucleus under it or among the 8 neighbors of its pixels."""
        from scipy.ndimage import binary_dilation  # late: it takes a while

        top, left = (max(side.start - 1, 0) for side in window)
        around = self._labels[top : window[0].stop + 1, left : window[1].stop + 1] > 0
        near = binary_dilation(around, np.ones((3, 3)))
        here = near[window[0].start - top :, window[1].start - left :][: mask.shape[0], : mask.shape[1]]
        return bool(here[mask].any())

    def free(self, sites: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return, of several (row, column) places each (number, several, 2), the first that no nucleus takes.

        Where overlap is so welcome that others would do, and where all are taken, it is the first of all.
        """
        if self._max_overlap > 0.5:
            return np.asarray(sites[:, 0])
        first = self._taken(sites).argmin(axis=1)
        return np.asarray(sites[np.arange(len(sites)), first])

    def hopeful(self, sites: NDArray[np.float64], outlines: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell quickly which nuclei may find room, by a look at a few points well inside each."""
        inside = sites[:, None] + 0.7 * outlines
        return np.asarray(self._taken(inside).mean(axis=1) <= self._max_overlap + DOUBT)

    def _taken(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return whether the pixels at places (..., 2) belong to a nucleus; off the part none does."""
        limits = np.array(self._labels.shape) - 1
        pixels = np.rint(places).astype(np.intp) - self._origin
        on_part = ((pixels >= 0) & (pixels <= limits)).all(axis=-1)
        rows, columns = np.moveaxis(np.clip(pixels, 0, limits), -1, 0)
        return np.asarray((self._labels[rows, columns] > 0) & on_part)


def shifted(window: Window, rows: int, columns: int) -> Window:
    """Return a window moved by rows and columns."""
    down, across = window
    return (
        slice(down.start + rows, down.stop + rows),
        slice(across.start + columns, across.stop + columns),
    )


def paint(
    labels: NDArray[np.integer[Any]], part: Window, place: Window, mask: NDArray[np.bool_], number: int
) -> None:
    """Paint a mask, whose window is ``place``, into labels, whose window is ``part``; the two must meet."""
    (rows, columns), (down, across) = part, place
    top, bottom = max(rows.start, down.start), min(rows.stop, down.stop)
    left, right = max(columns.start, across.start), min(columns.stop, across.stop)
    inside = mask[top - down.start : bottom - down.start, left - across.start : right - across.start]
    there = labels[top - rows.start : bottom - rows.start, left - columns.start : right - columns.start]
    there[inside] = number
