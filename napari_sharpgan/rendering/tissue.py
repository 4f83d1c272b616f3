"""Tissue of a whole canvas, kept true window by window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from napari_sharpgan.inference import download
from napari_sharpgan.inference.grid import STRIDE, Place, WindowGrid, blend_weights, mirrored
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
        self._picture = torch.from_numpy(self.image)  # the same memory
        self._windows: dict[Place, Tensor] = {}

    @torch.inference_mode()
    def update(self, conditions: Mapping[Place, Tensor]) -> Window:
        """Render windows and blend them into ``image``.

        Parameters
        ----------
        conditions : mapping of place to float32 tensor (h, w)
            What `Renderer.condition_map` gave of what each of these windows covers of the canvas.

        Returns
        -------
        (slice, slice)
            What changed of the part, in pixels of the canvas.
        """
        corners = np.array(list(conditions)) * STRIDE
        stack = torch.stack([mirrored(condition) for condition in conditions.values()])
        self._windows.update(zip(conditions, self.renderer(stack, corners, self.seed), strict=True))
        changed = intersection(self.grid.extents(conditions), self._part)
        self._picture[within(changed, self._part)] = download(self._blended(changed))
        return changed

    def _blended(self, part: Window) -> Tensor:
        """Return a part of the picture: the mean of the windows over it, by their weights."""
        rows, columns = part
        places = self.grid.touching(part)
        there = [place for place in places if place in self._windows]
        missing = [place for place in places if place not in self._windows]
        shape = rows.stop - rows.start, columns.stop - columns.start
        summed = torch.zeros(*shape, 3, device=self._windows[there[0]].device)
        for place in there:
            here, within_it = _overlap(part, self.grid.extent(place))
            weights = _weights(*self.grid.ends(place), summed.device)[within_it]
            summed[here].add_(weights * self._windows[place][within_it])
        if missing:
            self._make_up(summed, part, missing)
        return summed.round_().to(torch.uint8)

    def _make_up(self, summed: Tensor, part: Window, missing: Sequence[Place]) -> None:
        """Turn sums of windows into their mean, where some windows are still missing."""
        lacking = summed.new_zeros(*summed.shape[:2], 1)
        overlaps = [(place, *_overlap(part, self.grid.extent(place))) for place in missing]
        for place, here, within_it in overlaps:
            lacking[here].add_(_weights(*self.grid.ends(place), summed.device)[within_it][..., :1])
        rows = [here[0] for _, here, _ in overlaps]  # to divide no more than must be
        some = slice(min(side.start for side in rows), max(side.stop for side in rows))
        there_is = (1 - lacking[some]).clamp(min=torch.finfo(torch.float32).eps)
        summed[some].div_(there_is.masked_fill_(lacking[some] <= 0, 1))


@cache  # nine kinds of windows, or a few more
def _weights(first: tuple[bool, bool], last: tuple[bool, bool], device: torch.device) -> Tensor:
    """Return `blend_weights` on a device, a copy a color: (256, 256, 3)."""
    weights = torch.from_numpy(blend_weights(first, last).copy())
    return weights[..., None].repeat(1, 1, 3).to(device)


def _overlap(part: Window, extent: Window) -> tuple[Window, Window]:
    """Return what two windows share, counted from the first pixel of each."""
    here, there = [], []
    for one, other in zip(part, extent, strict=True):
        start, stop = max(one.start, other.start), min(one.stop, other.stop)
        here.append(slice(start - one.start, stop - one.start))
        there.append(slice(start - other.start, stop - other.start))
    return (here[0], here[1]), (there[0], there[1])
