import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from napari_sharpgan.data import map_to_tensor, tensor_to_image
from napari_sharpgan.models import UNetGenerator, canvas_noise
from napari_sharpgan.rendering import Renderer, load_generator
from napari_sharpgan.rendering.folding import EnlargingConvolution, fold


def in_two_steps(convolution, small):
    return convolution(functional.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False))


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


def test_one_pixel_becomes_four_that_see_what_they_should():
    """The kernel that takes the middle gives the bilinear picture: quarters and three quarters."""
    convolution = nn.Conv2d(1, 1, 3, padding=1, bias=False).requires_grad_(False)
    convolution.weight[:] = torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])
    small = torch.zeros(1, 1, 5, 5)
    small[0, 0, 2, 2] = 16
    large = EnlargingConvolution(convolution)(small)[0, 0]
    expected = torch.outer(ramp := torch.tensor([1.0, 3, 3, 1]), ramp)
    torch.testing.assert_close(large[3:7, 3:7], expected)
    assert large.sum() == expected.sum()


@pytest.mark.parametrize("shape", [(2, 2), (2, 7), (4, 3), (16, 16)])
@pytest.mark.parametrize("bias", [True, False])
def test_one_step_is_as_two_borders_and_corners_included(shape, bias):
    torch.manual_seed(0)
    convolution = nn.Conv2d(3, 5, 3, padding=1, bias=bias).requires_grad_(False)
    small = torch.randn(2, 3, *shape)
    torch.testing.assert_close(
        EnlargingConvolution(convolution)(small), in_two_steps(convolution, small), atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("resize_levels", [0, 1, 2, 8])
def test_folded_pictures_are_within_a_hundredth_of_a_gray_level(trained, resize_levels):
    network = trained(resize_levels)
    folded = copy.deepcopy(network)
    fold(folded)
    condition = torch.rand(2, 1, 256, 256) * 2 - 1
    assert (folded(condition) - network(condition)).abs().max() * 127.5 < 0.01
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())


def test_folded_pictures_of_the_shipped_generator_are_within_one_gray_level():
    condition = np.zeros((1, 256, 256), np.float32)
    condition[0, 40:70, 90:120] = condition[0, 200:, :30] = 0.6
    noise = canvas_noise(0, 0, 256, 256, seed=0)[None]
    quick = Renderer(device="cpu", precision="float32")(condition, noise)
    with torch.inference_mode():
        plain = tensor_to_image(load_generator()(map_to_tensor(condition), torch.from_numpy(noise)[:, None]))
    assert np.abs(quick.astype(int) - plain).max() <= 1
