"""U-Net for segmentation (Ronneberger, Fischer & Brox 2015), with padding, so that sizes stay."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from napari_sharpgan.models.padding import padded_to_multiple

LEVELS = 4  # poolings; sides must be multiples of 2⁴


class UNet(nn.Module):
    """Say of each pixel what it is: a path down that sees more and more, and one up with skips across.

    Parameters
    ----------
    out_channels : int
        Logits of a pixel.
    width : int
        Channels of the first level, doubled at each of four poolings; the paper has 64.
    in_channels : int
        Channels of the picture.
    norm : bool
        Normalize over the batch after each 3 × 3 convolution. The paper, older than batch norm, does not;
        with it training takes a tenth of the steps.

    Notes
    -----
    Convolutions are padded, so an image keeps its size, where the paper's loses 92 pixels at each side. With
    1 input channel, 2 logits, width 64 and no norm it has the 31,030,658 parameters of the paper's figure 1.

    References
    ----------
    O. Ronneberger, P. Fischer, T. Brox: U-Net: Convolutional networks for biomedical image segmentation.
    MICCAI 2015, 234–241. doi:10.1007/978-3-319-24574-4_28
    """

    def __init__(
        self, out_channels: int = 1, width: int = 64, *, in_channels: int = 3, norm: bool = True
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        widths = [width * 2**level for level in range(LEVELS + 1)]
        self.down = nn.ModuleList(
            _twice(before, after, norm=norm)
            for before, after in zip([in_channels, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in reversed(widths[:-1]))
        self.merge = nn.ModuleList(_twice(2 * w, w, norm=norm) for w in reversed(widths[:-1]))
        self.head = nn.Conv2d(width, out_channels, 1)
        _initialize(self)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (N, C, H, W) of pictures (N, 3, H, W) in [-1, 1], of any H and W."""
        features, crop = padded_to_multiple(image, 2**LEVELS, self.in_channels)
        skips = []
        for level, block in enumerate(self.down):
            features = block(features if level == 0 else nn.functional.max_pool2d(features, 2))
            skips.append(features)
        skips.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            features = merge(torch.cat([skips.pop(), up(features)], dim=1))
        logits: Tensor = self.head(features)
        return logits[crop]


def _twice(before: int, after: int, *, norm: bool) -> nn.Sequential:
    """Return two 3 × 3 convolutions, each with a ReLU."""
    layers: list[nn.Module] = []
    for channels in (before, after):
        layers.append(nn.Conv2d(channels, after, 3, padding=1, bias=not norm))
        if norm:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def _initialize(network: nn.Module) -> None:
    """Start as the paper does: weights N(0, √(2 / inputs)) (He et al. 2015), no bias."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
