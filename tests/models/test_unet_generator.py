import pytest
import torch
from torch import nn

from napari_sharpgan.models import UNetGenerator


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_it_has_the_parameters_of_pix2pix():
    with torch.device("meta"):
        assert count(UNetGenerator(3, 64)) == 54_413_955


def test_each_further_input_channel_costs_one_plane_of_4_by_4_filters():
    with torch.device("meta"):
        assert count(UNetGenerator(2, 8)) - count(UNetGenerator(1, 8)) == 8 * 16


@pytest.mark.parametrize("resize_levels", [0, 2, 8])
def test_it_makes_pictures_between_minus_1_and_1(resize_levels):
    generator = UNetGenerator(1, 2, resize_levels=resize_levels).eval()
    with torch.inference_mode():
        picture = generator(100 * torch.randn(2, 1, 256, 256))
    assert picture.shape == (2, 3, 256, 256)
    assert picture.abs().max() <= 1


def test_it_takes_other_multiples_of_256():
    with torch.inference_mode():
        assert UNetGenerator(1, 1).eval()(torch.zeros(1, 1, 256, 512)).shape == (1, 3, 256, 512)


def test_every_weight_gets_a_finite_gradient():
    generator = UNetGenerator(1, 2)
    generator(torch.randn(2, 1, 256, 256)).square().sum().backward()
    for name, parameter in generator.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


def test_it_trains_on_one_crop():
    UNetGenerator(1, 1).train()(torch.randn(1, 1, 256, 256))


def test_eval_mode_is_deterministic_and_pictures_of_a_batch_do_not_mix():
    torch.manual_seed(0)
    generator = UNetGenerator(1, 2, dropout=0.5).eval()
    stack = torch.randn(3, 1, 256, 256)
    with torch.inference_mode():
        together, alone = generator(stack), generator(stack[1:2])
    torch.testing.assert_close(together[1:2], alone, atol=1e-5, rtol=1e-4)


def test_dropout_makes_training_random():
    generator = UNetGenerator(1, 2, dropout=0.5).train()
    condition = torch.randn(1, 1, 256, 256)
    assert not torch.equal(generator(condition), generator(condition))


def test_outer_levels_resize_smoothly_inner_ones_by_nearest_neighbor():
    generator = UNetGenerator(1, 1, resize_levels=3)
    assert [level[0].mode for level in generator.up] == ["bilinear"] * 3 + ["nearest"] * 5


def test_pix2pix_has_transposed_convolutions_throughout():
    assert all(isinstance(level[0], nn.ConvTranspose2d) for level in UNetGenerator(1, 1).up)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 2, 256, 256), r"takes \(N, 1, 256, 256\), got \(1, 2, 256, 256\)"),
        ((1, 256, 256), r"takes \(N, 1, 256, 256\), got \(1, 256, 256\)"),
        ((1, 1, 256, 300), r"multiples of 256, got \(256, 300\)"),
    ],
)
def test_other_shapes_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        UNetGenerator(1, 1)(torch.zeros(shape))
