import pytest
import torch
from torch import nn
from torch.nn import functional

from napari_sharpgan.models import ResizeConvolution

MODES = ("nearest", "bilinear")


def in_two_steps(module, small):
    large = functional.interpolate(small, scale_factor=2, mode=module.mode)
    return functional.conv2d(large, module.weight, module.bias, padding=1)


def inner(large, module):
    """Bilinear resizing repeats the pixels at a border, one step goes on as zeros: leave that border out."""
    return large if module.mode == "nearest" else large[..., 1:-1, 1:-1]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(2, 2), (2, 7), (16, 16)])
def test_one_step_is_as_two(mode, bias, shape):
    torch.manual_seed(0)
    module = ResizeConvolution(3, 5, mode, bias=bias)
    small = functional.pad(torch.randn(2, 3, *shape), (1, 1, 1, 1))  # zeros around: no border matters
    torch.testing.assert_close(
        inner(module(small), module), inner(in_two_steps(module, small), module), atol=1e-5, rtol=1e-5
    )


def test_nearest_is_as_two_steps_at_the_borders_too():
    module = ResizeConvolution(2, 3, "nearest", bias=True)
    small = torch.randn(1, 2, 4, 5)
    torch.testing.assert_close(module(small), in_two_steps(module, small), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_learned_kernels_get_the_gradients_of_the_two_steps(mode):
    torch.manual_seed(0)
    module = ResizeConvolution(2, 3, mode, bias=True)
    small = functional.pad(torch.randn(1, 2, 4, 4), (2, 2, 2, 2))
    weights = functional.pad(torch.randn(1, 3, 8, 8), (4, 4, 4, 4))
    gradients = []
    for way in (module, lambda small: in_two_steps(module, small)):
        module.zero_grad()
        (way(small) * weights).sum().backward()
        gradients.append((module.weight.grad.clone(), module.bias.grad.clone()))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_the_middle_tap_alone_gives_the_bilinear_picture():
    """A pixel spreads over four along each axis, as quarters and three quarters."""
    module = ResizeConvolution(1, 1, "bilinear", bias=False).requires_grad_(False)
    module.weight[:] = torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])
    small = torch.zeros(1, 1, 5, 5)
    small[0, 0, 2, 2] = 16
    large = module(small)[0, 0]
    expected = torch.outer(ramp := torch.tensor([1.0, 3, 3, 1]), ramp)
    torch.testing.assert_close(large[3:7, 3:7], expected)
    assert large.sum() == expected.sum()


@pytest.mark.parametrize("mode", MODES)
def test_a_flat_picture_stays_flat(mode):
    """No checkerboard: each of the four pixels that a pixel becomes gets the same sum of taps."""
    module = ResizeConvolution(1, 1, mode, bias=False)
    large = module(torch.ones(1, 1, 6, 6))[0, 0, 2:-2, 2:-2]
    torch.testing.assert_close(large, large.mean().expand_as(large))


@pytest.mark.parametrize("mode", MODES)
def test_settled_it_does_the_same_without_working_out_kernels(mode):
    module = ResizeConvolution(3, 2, mode, bias=True)
    settled = module.settled()
    small = torch.randn(1, 3, 5, 6)
    torch.testing.assert_close(settled(small), module(small))
    assert not any(isinstance(part, ResizeConvolution) for part in settled.modules())
    assert not any(parameter.requires_grad for parameter in settled.parameters())


@pytest.mark.parametrize("mode", MODES)
def test_its_parameters_are_those_of_a_convolution(mode):
    module, plain = ResizeConvolution(3, 2, mode, bias=True), nn.Conv2d(3, 2, 3)
    assert {k: v.shape for k, v in module.state_dict().items()} == {
        k: v.shape for k, v in plain.state_dict().items()
    }
