"""Tissue of a whole canvas, kept true window by window."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.inference.grid import SIZE, STRIDE, Place, WindowGrid, blend_weights, mirrored
from napari_sharpgan.models import canvas_noise
from napari_sharpgan.rendering.renderer import Renderer, Tissue
from napari_sharpgan.scene import Window


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

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8
        The tissue so far; black where nothing was rendered yet.
    """

    def __init__(self, shape: tuple[int, int], renderer: Renderer, *, seed: int = 0) -> None:
        if not 0 <= seed < 2**31:
            raise ValueError(f"seed must lie between 0 and {2**31 - 1}, got {seed}")
        self.grid = WindowGrid(shape)
        self.renderer = renderer
        self.seed = seed
        self.image: Tissue = np.zeros((*shape, 3), np.uint8)
        self._windows: dict[Place, Tissue] = {}
        self._weights = blend_weights()

    def update(self, conditions: Mapping[Place, NDArray[np.float32]]) -> Window:
        """Render windows and blend them into ``image``.

        Parameters
        ----------
        conditions : mapping of place to float32 array (h, w)
            The condition map, in [0, 1], of what each of these windows covers of the canvas.

        Returns
        -------
        (slice, slice)
            The part of the canvas that changed.
        """
        noises = np.stack([self._noise(place) for place in conditions]) if self.renderer.has_noise else None
        tissues = self.renderer(np.stack([mirrored(condition) for condition in conditions.values()]), noises)
        self._windows.update(zip(conditions, tissues, strict=True))
        changed = self.grid.extents(conditions)
        self.image[changed] = self._blended(changed)
        return changed

    def _noise(self, place: Place) -> NDArray[np.float32]:
        return canvas_noise(place[0] * STRIDE, place[1] * STRIDE, SIZE, SIZE, seed=self.seed)

    def _blended(self, part: Window) -> Tissue:
        """Return a part of the picture: the mean of the windows over it, by their weights."""
        rows, columns = part
        shape = rows.stop - rows.start, columns.stop - columns.start
        total = np.zeros((*shape, 1), np.float32)
        summed = np.zeros((*shape, 3), np.float32)
        for place in self.grid.touching(part):
            if place not in self._windows:
                continue
            here, there = _overlap(part, self.grid.extent(place))
            weights = self._weights[there][..., None]
            total[here] += weights
            summed[here] += weights * self._windows[place][there]
        summed /= np.maximum(total, np.finfo(np.float32).tiny)
        return np.rint(summed, out=summed).astype(np.uint8)


def _overlap(part: Window, extent: Window) -> tuple[Window, Window]:
    """Return what two windows share, counted from the first pixel of each."""
    here, there = [], []
    for one, other in zip(part, extent, strict=True):
        start, stop = max(one.start, other.start), min(one.stop, other.stop)
        here.append(slice(start - one.start, stop - one.start))
        there.append(slice(start - other.start, stop - other.start))
    return (here[0], here[1]), (there[0], there[1])
