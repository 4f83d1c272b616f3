"""Tissue of a whole canvas, kept true window by window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.inference.grid import SIZE, STRIDE, Place, WindowGrid, mirrored
from napari_sharpgan.models import noise_of_windows
from napari_sharpgan.rendering.renderer import Renderer, Tissue
from napari_sharpgan.scene import Window
from napari_sharpgan.scene.windows import intersection, within


class TissueCanvas:
    """The rendered windows of a canvas and the picture that they blend to.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the canvas.
    renderer : Renderer
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
        self, shape: tuple[int, int], renderer: Renderer, *, seed: int = 0, part: Window | None = None
    ) -> None:
        if not 0 <= seed < 2**31:
            raise ValueError(f"seed must lie between 0 and {2**31 - 1}, got {seed}")
        self.grid = WindowGrid(shape)
        self.renderer = renderer
        self.seed = seed
        self._part = (slice(0, shape[0]), slice(0, shape[1])) if part is None else part
        height, width = (side.stop - side.start for side in self._part)
        self.image: Tissue = np.zeros((height, width, 3), np.uint8)
        self._windows: dict[Place, Tissue] = {}

    def update(self, conditions: Mapping[Place, NDArray[np.float32]]) -> Window:
        """Render windows and blend them into ``image``.

        Parameters
        ----------
        conditions : mapping of place to float32 array (h, w)
            The condition map, in [0, 1], of what each of these windows covers of the canvas.

        Returns
        -------
        (slice, slice)
            What changed of the part, in pixels of the canvas.
        """
        noises = self._noises(list(conditions)) if self.renderer.has_noise else None
        tissues = self.renderer(np.stack([mirrored(condition) for condition in conditions.values()]), noises)
        self._windows.update(zip(conditions, tissues, strict=True))
        changed = intersection(self.grid.extents(conditions), self._part)
        self.image[within(changed, self._part)] = self._blended(changed)
        return changed

    def _noises(self, places: Sequence[Place]) -> NDArray[np.float32]:
        """Return the noise of windows, (N, 256, 256)."""
        corners = np.array(places) * STRIDE
        noises: NDArray[np.float32] = noise_of_windows(
            corners, (SIZE, SIZE), [self.seed] * len(places)
        ).numpy()
        return noises

    def _blended(self, part: Window) -> Tissue:
        """Return a part of the picture: the mean of the windows over it, by their weights."""
        rows, columns = part
        shape = rows.stop - rows.start, columns.stop - columns.start
        summed = np.zeros((*shape, 3), np.float32)
        places = self.grid.touching(part)
        for place in places:
            if place in self._windows:
                here, there = _overlap(part, self.grid.extent(place))
                summed[here] += self.grid.weights(place, channels=3)[there] * self._windows[place][there]
        missing = [place for place in places if place not in self._windows]
        if missing:
            summed = self._made_up(summed, part, missing)
        return np.rint(summed, out=summed).astype(np.uint8)

    def _made_up(
        self, summed: NDArray[np.float32], part: Window, missing: Sequence[Place]
    ) -> NDArray[np.float32]:
        """Return sums of windows as their mean, where some windows are still missing."""
        lacking = np.zeros((*summed.shape[:2], 1), np.float32)
        for place in missing:
            here, there = _overlap(part, self.grid.extent(place))
            lacking[here] += self.grid.weights(place, channels=1)[there]
        rows = np.flatnonzero(lacking.any(axis=(1, 2)))
        some = slice(rows[0], rows[-1] + 1)  # of the rows, to divide no more than must be
        there_is = np.maximum(1 - lacking[some], np.finfo(np.float32).eps)
        summed[some] = np.where(lacking[some] > 0, summed[some] / there_is, summed[some])
        return summed


def _overlap(part: Window, extent: Window) -> tuple[Window, Window]:
    """Return what two windows share, counted from the first pixel of each."""
    here, there = [], []
    for one, other in zip(part, extent, strict=True):
        start, stop = max(one.start, other.start), min(one.stop, other.stop)
        here.append(slice(start - one.start, stop - one.start))
        there.append(slice(start - other.start, stop - other.start))
    return (here[0], here[1]), (there[0], there[1])
