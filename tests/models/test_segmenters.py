from itertools import pairwise

import pytest
import torch
from torch import nn

from napari_sharpgan.models import SEGMENTERS, SegNet, UNet
from napari_sharpgan.models.segnet import _unpooled


def size_of(network):
    return sum(parameter.numel() for parameter in network.parameters())


def on_paper(build):
    """Build a network of which only the shapes are there."""
    with torch.device("meta"):
        return build()


def test_the_unet_of_the_paper_has_its_parameters():
    """By hand: per level w → two 3 × 3 convolutions down, a 2 × 2 one up, two 3 × 3 after the skip."""

    def conv(before, after, side=3):
        return before * after * side**2 + after

    widths = [64, 128, 256, 512, 1024]
    down = sum(conv(a, b) + conv(b, b) for a, b in [(1, 64), *pairwise(widths)])
    up = sum(conv(2 * w, w, 2) + conv(2 * w, w) + conv(w, w) for w in widths[:-1])
    assert down + up + conv(64, 2, 1) == 31_030_658
    paper = on_paper(lambda: UNet(2, in_channels=1, norm=False))
    assert size_of(paper) == 31_030_658


def test_the_encoder_of_segnet_is_that_of_vgg16():
    network = on_paper(SegNet)
    convolutions = [m for m in network.down.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 13
    assert sum(map(size_of, convolutions)) == 14_714_688  # VGG16 without its three last layers
    assert len([m for m in network.up.modules() if isinstance(m, nn.Conv2d)]) == 13
    assert size_of(network) == 29_443_585
    assert round(size_of(on_paper(lambda: SegNet(12))) / 1e6, 2) == 29.45  # 11 classes of CamVid and none


@pytest.fixture(params=SEGMENTERS)
def segmenter(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return SEGMENTERS[request.param](3, 2).eval()


@pytest.mark.parametrize("shape", [(64, 32), (33, 47), (1, 1), (70, 5)])
def test_sizes_stay(segmenter, shape):
    logits = segmenter(torch.zeros(2, 3, *shape))
    assert logits.shape == (2, 3, *shape)
    assert logits.isfinite().all()


def test_what_is_added_to_fit_is_the_last_pixel_repeated(segmenter):
    image = torch.rand(1, 3, 40, 50)
    multiple = 16 if isinstance(segmenter, UNet) else 32  # 4 and 5 poolings
    larger = nn.functional.pad(image, (0, -50 % multiple, 0, -40 % multiple), mode="replicate")
    assert torch.equal(segmenter(image), segmenter(larger)[..., :40, :50])


@pytest.mark.parametrize("shape", [(1, 1, 32, 32), (3, 32, 32), (1, 3, 0, 8)])
def test_other_shapes_are_refused(segmenter, shape):
    with pytest.raises(ValueError, match=r"takes \(N, 3, H, W\), got"):
        segmenter(torch.zeros(shape))


def test_every_parameter_learns(segmenter):
    segmenter.train()(torch.rand(2, 3, 64, 64)).square().mean().backward()
    assert [name for name, p in segmenter.named_parameters() if p.grad is None] == []


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_maxima_go_back_to_their_places(layout):
    values = torch.rand(2, 3, 8, 12).contiguous(memory_format=layout)
    maxima, places = nn.functional.max_pool2d(values, 2, return_indices=True)
    assert torch.equal(_unpooled(maxima, places), nn.functional.max_unpool2d(maxima, places, 2))
    coarse, places = nn.functional.max_pool2d(values.bfloat16(), 2, return_indices=True)
    assert torch.equal(nn.functional.max_pool2d(_unpooled(coarse, places), 2), coarse)
