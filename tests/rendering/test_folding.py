import copy

import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan.data import tensor_to_pixels
from napari_sharpgan.light.grain import grain
from napari_sharpgan.models import ResizeConvolution, UNetGenerator, noise_of_windows
from napari_sharpgan.rendering import Renderer, load_generator
from napari_sharpgan.rendering.folding import fold


@pytest.fixture
def trained():
    """Networks whose batch norm has statistics of its own, as after a training."""

    def build(resize_levels):
        torch.manual_seed(resize_levels)
        network = UNetGenerator(1, 4, resize_levels=resize_levels)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 2)
                nn.init.normal_(module.bias)
                nn.init.normal_(module.running_mean)
                nn.init.uniform_(module.running_var, 0.2, 3)
        return network.eval().requires_grad_(False)

    return build


@pytest.mark.parametrize("resize_levels", [0, 1, 2, 8])
def test_folded_pictures_are_within_a_hundredth_of_a_gray_level(trained, resize_levels):
    network = trained(resize_levels)
    folded = copy.deepcopy(network)
    fold(folded)
    condition = torch.rand(2, 1, 256, 256) * 2 - 1
    assert (folded(condition) - network(condition)).abs().max() * 127.5 < 0.01
    assert not any(isinstance(module, nn.BatchNorm2d | ResizeConvolution) for module in folded.modules())


def test_folded_pictures_of_the_shipped_generator_are_within_one_gray_level():
    condition = torch.zeros(1, 256, 256)
    condition[0, 40:70, 90:120] = condition[0, 200:, :30] = 0.6
    quick = Renderer(device="cpu", precision="float32")(condition)
    with torch.inference_mode():
        weaker = noise_of_windows([(0, 0)], (256, 256), [0]) * grain(condition)
        plain = tensor_to_pixels(load_generator()(condition[:, None] * 2 - 1, weaker[:, None])).numpy()
    assert np.abs(quick.numpy().astype(int) - plain).max() <= 1
