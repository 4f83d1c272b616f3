import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan.inference import OpenVINONetwork

pytest.importorskip("openvino", reason="the extra 'fast' is not installed")


@pytest.fixture(scope="module")
def module():
    torch.manual_seed(0)
    layers = nn.Conv2d(2, 8, 3, padding=1), nn.LeakyReLU(0.2), nn.ConvTranspose2d(8, 3, 4, 2, 1), nn.Tanh()
    return nn.Sequential(*layers).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def pictures():
    return torch.randn(3, 2, 32, 48, generator=torch.Generator().manual_seed(1))


def test_it_gives_what_the_module_gives(module, pictures):
    made = OpenVINONetwork(module, bfloat16=False)(pictures)
    torch.testing.assert_close(made, module(pictures), atol=1e-5, rtol=1e-5)
    coarse = OpenVINONetwork(module, bfloat16=True)(pictures)
    assert (coarse - made).abs().max() < 0.02


def test_a_picture_is_the_same_in_any_batch_and_with_any_number_of_threads(module, pictures):
    before = torch.get_num_threads()
    made = OpenVINONetwork(module, bfloat16=True)(pictures)
    try:
        torch.set_num_threads(3 - min(before, 2))
        again = OpenVINONetwork(module, bfloat16=True)
        np.testing.assert_array_equal(again(pictures[1:2]), made[1:2])
    finally:
        torch.set_num_threads(before)


def test_any_size_can_follow_on_another(module, pictures):
    network = OpenVINONetwork(module, bfloat16=False)
    for size in (32, 64, 32):
        cut = torch.zeros(1, 2, size, size)
        assert network(cut).shape == (1, 3, 2 * size, 2 * size)
    torch.testing.assert_close(network(pictures), module(pictures), atol=1e-5, rtol=1e-5)
