"""Windows that blend, with a renderer that shows the condition itself in gray."""

import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan.light import LightCanvas
from napari_sharpgan.maps import normalized_distance_map
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import Renderer, TissueCanvas

SHAPE = (300, 700)


class Gray(nn.Module):
    def forward(self, condition):
        return condition.repeat(1, 3, 1, 1)


class GrayRenderer:
    """What `Renderer` makes of `Gray`, in NumPy."""

    def __call__(self, conditions, corners, seed):
        return np.repeat(np.rint(conditions * 255).astype(np.uint8)[..., None], 3, axis=-1)


@pytest.fixture(scope="module")
def condition():
    return normalized_distance_map(rasterize(random_nuclei(SHAPE, 60, seed=1), SHAPE))


def test_all_windows_together_show_the_whole(condition):
    canvas = LightCanvas(SHAPE, GrayRenderer())
    changed = canvas.update({place: condition[canvas.grid.extent(place)] for place in canvas.grid})
    assert changed == [(slice(0, 300), slice(0, 700))]
    np.testing.assert_allclose(canvas.image[..., 1], condition * 255, atol=1)


@pytest.mark.parametrize("part", [None, (slice(50, 260), slice(100, 500))])
def test_after_any_windows_it_is_the_picture_of_the_canvas_that_torch_keeps(condition, part):
    ours = LightCanvas(SHAPE, GrayRenderer(), part=part)
    theirs = TissueCanvas(SHAPE, Renderer(Gray(), device="cpu"), part=part)
    for place in [(0, 1), (1, 2), (0, 2), (1, 1)]:
        piece = condition[ours.grid.extent(place)]
        changed = ours.update({place: piece})
        assert changed == theirs.update({place: torch.from_numpy(piece.copy())})
        assert np.abs(ours.image.astype(int) - theirs.image).max() <= 1
    assert ours.image.any()


def test_windows_that_lie_far_apart_are_blended_by_themselves():
    canvas = LightCanvas((4096, 4096), GrayRenderer())
    last = canvas.grid.counts[0] - 1
    corners = [(0, 0), (last, last)]
    changed = canvas.update({place: np.ones(shape_of(canvas.grid.extent(place))) for place in corners})
    assert changed == [canvas.grid.extent(place) for place in corners]
    shown = canvas.image.any(axis=2)
    for window in changed:
        assert shown[window].mean() > 0.99
        shown[window] = False
    assert not shown.any()


def shape_of(window):
    return tuple(side.stop - side.start for side in window)


def test_bad_seeds_are_named():
    with pytest.raises(ValueError, match="seed must lie between 0 and 2147483647, got -1"):
        LightCanvas(SHAPE, GrayRenderer(), seed=-1)
