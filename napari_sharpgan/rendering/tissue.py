"""Tissue of a whole canvas, kept true window by window, on the device that renders it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_sharpgan.inference import download
from napari_sharpgan.light import LightCanvas
from napari_sharpgan.light.canvas import overlap, rows_of
from napari_sharpgan.light.grid import Place, blend_weights, mirror, mirrored
from napari_sharpgan.rendering.renderer import Renderer
from napari_sharpgan.scene import Window


class TissueCanvas(LightCanvas):
    """The rendered windows of a canvas and the picture that they blend to.

    Parameters and attributes are those of `LightCanvas`, but for ``renderer``, a `Renderer`. `update` takes
    tensors.
    """

    renderer: Renderer

    @torch.inference_mode()
    def update(self, conditions: Mapping[Place, Any]) -> Sequence[Window]:
        """Render windows and blend them into ``image``; see `LightCanvas.update`."""
        return super().update(conditions)

    def _stacked(self, conditions: Sequence[Tensor]) -> Tensor:
        index = partial(_mirror_on, conditions[0].device)
        return torch.stack([mirrored(condition, index) for condition in conditions])

    def _blended(self, part: Window) -> NDArray[np.uint8]:
        rows, columns = part
        places = self.grid.touching(part)
        there = [place for place in places if place in self._windows]
        missing = [place for place in places if place not in self._windows]
        shape = rows.stop - rows.start, columns.stop - columns.start
        summed = torch.zeros(*shape, 3, device=self._windows[there[0]].device)
        for place in there:
            here, within_it = overlap(part, self.grid.extent(place))
            weights = _weights(*self.grid.ends(place), summed.device)[within_it]
            summed[here].add_(weights * self._windows[place][within_it])
        if missing:
            self._make_up_on_device(summed, part, missing)
        pixels: NDArray[np.uint8] = download(summed.round_().to(torch.uint8)).numpy()
        return pixels

    def _make_up_on_device(self, summed: Tensor, part: Window, missing: Sequence[Place]) -> None:
        """Do what `_make_up` does to sums on a device."""
        lacking = summed.new_zeros(*summed.shape[:2], 1)
        overlaps = [(place, *overlap(part, self.grid.extent(place))) for place in missing]
        for place, here, within_it in overlaps:
            lacking[here].add_(_weights(*self.grid.ends(place), summed.device)[within_it][..., :1])
        some = rows_of(here for _, here, _ in overlaps)
        there_is = (1 - lacking[some]).clamp(min=torch.finfo(torch.float32).eps)
        summed[some].div_(there_is.masked_fill_(lacking[some] <= 0, 1))


@cache  # nine kinds of windows, or a few more
def _weights(first: tuple[bool, bool], last: tuple[bool, bool], device: torch.device) -> Tensor:
    """Return `blend_weights` on a device, a copy a color: (256, 256, 3)."""
    weights = torch.from_numpy(blend_weights(first, last).copy())
    return weights[..., None].repeat(1, 1, 3).to(device)


@cache  # on a GPU it waits for each upload
def _mirror_on(device: torch.device, side: int) -> Tensor:
    """Return `mirror` on a device."""
    return torch.from_numpy(mirror(side)).to(device)
