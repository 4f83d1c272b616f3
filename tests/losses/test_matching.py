import pytest
import torch

from napari_sharpgan.losses import feature_loss, pixel_loss


def test_pixel_loss_is_the_mean_absolute_difference():
    assert pixel_loss(torch.tensor([1.0, -1.0]), torch.tensor([0.5, 1.0])).item() == pytest.approx(1.25)


def test_pixel_loss_of_half_precision_is_computed_in_float32():
    assert pixel_loss(torch.ones(2, dtype=torch.bfloat16), torch.zeros(2)).dtype == torch.float32


def test_each_block_of_features_counts_the_same_whatever_its_size():
    small, large = torch.zeros(1, 2), torch.zeros(1, 200)
    assert feature_loss([small, large], [small + 1, large + 3]).item() == pytest.approx(2)


def test_features_of_the_real_picture_get_no_gradient():
    fake, real = torch.zeros(3, requires_grad=True), torch.ones(3, requires_grad=True)
    feature_loss([fake], [real]).backward()
    assert fake.grad is not None
    assert real.grad is None


@pytest.mark.parametrize("number_format", [torch.float32, torch.bfloat16])
def test_the_gradient_is_that_of_the_mean_absolute_difference(number_format):
    generator = torch.Generator().manual_seed(0)
    fake = torch.randn(4, 5, generator=generator).to(number_format).requires_grad_()
    real = torch.randn(4, 5, generator=generator)
    (3 * pixel_loss(fake, real)).backward()
    expected = 3 * torch.sign(fake.detach().float() - real) / fake.numel()
    torch.testing.assert_close(fake.grad, expected.to(number_format))


def test_another_number_of_blocks_is_refused():
    with pytest.raises(ValueError, match=r"shorter|longer"):
        feature_loss([torch.zeros(1)], [torch.zeros(1), torch.zeros(1)])
