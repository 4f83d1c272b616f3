"""SegNet (Badrinarayanan, Kendall & Cipolla 2017): VGG16 down, and up again by the places of the maxima."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from napari_sharpgan.models.padding import padded_to_multiple

DEPTHS = (2, 2, 3, 3, 3)  # convolutions of each level of VGG16
WIDTHS = (1, 2, 4, 8, 8)  # their channels, by the width
LEVELS = len(DEPTHS)  # poolings; sides must be multiples of 2⁵


class SegNet(nn.Module):
    """Say of each pixel what it is: no skips, but each maximum goes back to the pixel that it came from.

    Parameters
    ----------
    out_channels : int
        Logits of a pixel.
    width : int
        Channels of the first level; the paper has the 64 of VGG16.
    in_channels : int
        Channels of the picture.

    Notes
    -----
    At width 64 the 13 convolutions of the encoder have the 14,714,688 parameters of VGG16; with batch norms
    and decoder it has 29,443,585 of 1 logit (the paper: 29.45 M). The paper starts from VGG16's weights, of
    ImageNet; here they are random.

    References
    ----------
    V. Badrinarayanan, A. Kendall, R. Cipolla: SegNet: A deep convolutional encoder-decoder architecture for
    image segmentation. IEEE TPAMI 39 (2017), 2481–2495. doi:10.1109/TPAMI.2016.2644615
    """

    def __init__(self, out_channels: int = 1, width: int = 64, *, in_channels: int = 3) -> None:
        super().__init__()
        self.in_channels = in_channels
        widths = [width * factor for factor in WIDTHS]
        self.down = nn.ModuleList(
            nn.Sequential(*(_block(*pair) for pair in pairwise([before, *[after] * depth])))
            for before, after, depth in zip([in_channels, *widths], widths, DEPTHS, strict=False)
        )
        self.up = nn.ModuleList(
            nn.Sequential(*(_block(*pair) for pair in pairwise([*[before] * depth, after])))
            for before, after, depth in reversed(list(zip(widths[1:], widths, DEPTHS[1:], strict=False)))
        )
        self.up.append(nn.Sequential(_block(width, width), nn.Conv2d(width, out_channels, 3, padding=1)))
        _initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (N, C, H, W) of pictures (N, 3, H, W) in [-1, 1], of any H and W."""
        features, crop = padded_to_multiple(image, 2**LEVELS, self.in_channels)
        places = []
        for down in self.down:
            features, place = nn.functional.max_pool2d(down(features), 2, return_indices=True)
            places.append(place)
        for up in self.up:
            features = up(_unpooled(features, places.pop()))
        return features[crop]


def _unpooled(maxima: Tensor, places: Tensor) -> Tensor:
    """Put maxima (N, C, H, W) back where they came from, on (N, C, 2 H, 2 W) of zeros.

    It is ``nn.functional.max_unpool2d`` for windows that do not overlap, but for any number format and
    device, and with nothing that depends on the order of threads.
    """
    count, channels, height, width = maxima.shape
    flat = maxima.new_zeros(count, channels, 4 * height * width)
    flat = flat.scatter(2, places.flatten(2), maxima.flatten(2))
    return flat.view(count, channels, 2 * height, 2 * width)


def _block(before: int, after: int) -> nn.Sequential:
    """Return a 3 × 3 convolution, normalized over the batch, with a ReLU."""
    return nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU(inplace=True))


def _initialize(network: nn.Module) -> None:
    """Start as the paper's decoder does: weights N(0, √(2 / inputs)) (He et al. 2015), no bias."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)  # type: ignore[arg-type]
