import pytest
import torch

from napari_sharpgan.models import PatchGAN


def test_it_has_the_parameters_of_pix2pix():
    with torch.device("meta"):
        assert sum(p.numel() for p in PatchGAN(6).parameters()) == 2_768_705


def test_it_gives_a_logit_for_each_patch():
    with torch.inference_mode():
        assert PatchGAN(4, 2)(torch.randn(2, 4, 256, 256)).shape == (2, 1, 30, 30)


def test_a_logit_sees_70_by_70_pixels():
    discriminator = PatchGAN(4, 4).eval()
    pair = torch.randn(1, 4, 256, 256, requires_grad=True)
    discriminator(pair)[0, 0, 15, 15].backward()
    seen = pair.grad[0].abs().sum(0) > 0
    rows, columns = (torch.where(seen.any(dim))[0] for dim in (1, 0))
    assert rows.max() - rows.min() + 1 == 70
    assert columns.max() - columns.min() + 1 == 70


def test_features_end_with_the_logits():
    discriminator = PatchGAN(4, 2).eval()
    pair = torch.randn(1, 4, 256, 256)
    features = discriminator.features(pair)
    assert [tuple(block.shape[1:]) for block in features] == [
        (2, 128, 128),
        (4, 64, 64),
        (8, 32, 32),
        (16, 31, 31),
        (1, 30, 30),
    ]
    torch.testing.assert_close(features[-1], discriminator(pair))


def test_other_channels_are_refused():
    with pytest.raises(ValueError, match=r"takes \(N, 4, H, W\), got \(1, 3, 256, 256\)"):
        PatchGAN(4, 1)(torch.zeros(1, 3, 256, 256))
