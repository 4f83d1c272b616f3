"""Tissue of a whole canvas, kept true window by window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.light.grid import STRIDE, Place, WindowGrid, blend_weights, mirrored
from napari_sharpgan.scene import Window
from napari_sharpgan.scene.windows import area, gathered, intersection, within


class LightCanvas:
    """The rendered windows of a canvas and the picture that they blend to.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the canvas.
    renderer : LightRenderer
        Generator, device and stain.
    seed : int
        Variation of the noise, if the generator has any.
    part : (slice, slice), optional
        What to keep of the canvas; by default all.

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8
        The tissue of the part so far; black where nothing was rendered yet.
    """

    def __init__(
        self, shape: tuple[int, int], renderer: Any, *, seed: int = 0, part: Window | None = None
    ) -> None:
        if not 0 <= seed < 2**31:
            raise ValueError(f"seed must lie between 0 and {2**31 - 1}, got {seed}")
        self.grid = WindowGrid(shape)
        self.renderer = renderer
        self.seed = seed
        self._part = (slice(0, shape[0]), slice(0, shape[1])) if part is None else part
        height, width = (side.stop - side.start for side in self._part)
        self.image: NDArray[np.uint8] = np.zeros((height, width, 3), np.uint8)
        self._windows: dict[Place, Any] = {}

    def update(self, conditions: Mapping[Place, Any]) -> Sequence[Window]:
        """Render windows and blend them into ``image``.

        Parameters
        ----------
        conditions : mapping of place to float32 array (h, w)
            What the renderer's ``condition_map`` gave of what each of these windows covers of the canvas.

        Returns
        -------
        sequence of (slice, slice)
            What changed of the part, in pixels of the canvas: windows that lie apart one by one.
        """
        corners = np.array(list(conditions)) * STRIDE
        stack = self._stacked(list(conditions.values()))
        self._windows.update(zip(conditions, self.renderer(stack, corners, self.seed), strict=True))
        shown = [intersection(self.grid.extent(place), self._part) for place in conditions]
        changed = gathered([window for window in shown if area(window)])
        for window in changed:
            self.image[within(window, self._part)] = self._blended(window)
        return changed

    def _stacked(self, conditions: Sequence[Any]) -> Any:
        """Return what windows cover as full ones, in one stack."""
        return np.stack([mirrored(condition) for condition in conditions])

    def _blended(self, part: Window) -> NDArray[np.uint8]:
        """Return a part of the picture: the mean of the windows over it, by their weights."""
        rows, columns = part
        places = self.grid.touching(part)
        missing = [place for place in places if place not in self._windows]
        summed = np.zeros((rows.stop - rows.start, columns.stop - columns.start, 3), np.float32)
        for place in places:
            if place in self._windows:
                here, there = overlap(part, self.grid.extent(place))
                summed[here] += _weights(*self.grid.ends(place))[there] * self._windows[place][there]
        if missing:
            self._make_up(summed, part, missing)
        return np.rint(summed, out=summed).astype(np.uint8)

    def _make_up(self, summed: NDArray[np.float32], part: Window, missing: Sequence[Place]) -> None:
        """Turn sums of windows into their mean, where some windows are still missing."""
        lacking = np.zeros((*summed.shape[:2], 1), np.float32)
        overlaps = [(place, *overlap(part, self.grid.extent(place))) for place in missing]
        for place, here, there in overlaps:
            lacking[here] += _weights(*self.grid.ends(place))[there][..., :1]
        some = rows_of(here for _, here, _ in overlaps)
        there_is = np.maximum(1 - lacking[some], np.finfo(np.float32).eps)
        summed[some] /= np.where(lacking[some] > 0, there_is, 1)


@cache  # nine kinds of windows, or a few more
def _weights(first: tuple[bool, bool], last: tuple[bool, bool]) -> NDArray[np.float32]:
    """Return `blend_weights`, a copy a color: (256, 256, 3)."""
    return np.repeat(blend_weights(first, last)[..., None], 3, axis=2)


def rows_of(windows: Iterable[Window]) -> slice:
    """Return the rows that windows lie in, so that no more is divided than must be."""
    rows = [window[0] for window in windows]
    return slice(min(side.start for side in rows), max(side.stop for side in rows))


def overlap(part: Window, extent: Window) -> tuple[Window, Window]:
    """Return what two windows share, counted from the first pixel of each."""
    here, there = [], []
    for one, other in zip(part, extent, strict=True):
        start, stop = max(one.start, other.start), min(one.stop, other.stop)
        here.append(slice(start - one.start, stop - one.start))
        there.append(slice(start - other.start, stop - other.start))
    return (here[0], here[1]), (there[0], there[1])
