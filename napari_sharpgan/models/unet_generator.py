"""Generator G: the U-Net of pix2pix (Isola et al. 2017, appendix 6.1; paper, section 2.1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_sharpgan.models.resize_convolution import ResizeConvolution

DEPTH = 8  # 256 × 256 is halved eight times, down to one pixel
WINDOW = 2**DEPTH


class UNetGenerator(nn.Module):
    """U-Net with eight levels: condition map in, tissue out.

    Parameters
    ----------
    in_channels : int
        Channels of the condition: 1 for a map alone, more with noise or stain planes.
    width : int
        Channels after the first convolution; deeper levels have 2, 4, and from the fourth on 8 times as
        many.
    out_channels : int
        Channels of the picture, 3 for RGB.
    resize_levels : int
        How many of the outermost levels enlarge by bilinear resizing and a 3 × 3 convolution
        (`ResizeConvolution`), which leaves no checkerboard, where pix2pix has a transposed convolution; if
        any do, those further in resize too, but by nearest neighbor. 0 is pix2pix itself.
    dropout : float
        Share of activations dropped in the three levels above the innermost one while training; pix2pix has
        0.5.

    Notes
    -----
    With 3 input channels and width 64 it has the 54,413,955 parameters of pix2pix's ``unet_256``.
    Skips carry activations before the nonlinearity. In eval mode it is deterministic.
    """

    def __init__(
        self,
        in_channels: int = 1,
        width: int = 64,
        *,
        out_channels: int = 3,
        resize_levels: int = 0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        channels = [width * min(2**level, 8) for level in range(DEPTH)]
        self.down = nn.ModuleList(
            _halve(in_channels if level == 0 else channels[level - 1], channels[level], level)
            for level in range(DEPTH)
        )
        self.up = nn.ModuleList()
        for level in range(DEPTH):
            below = channels[level] if level == DEPTH - 1 else 2 * channels[level]
            above = out_channels if level == 0 else channels[level - 1]
            dropped = dropout if DEPTH - 4 <= level < DEPTH - 1 else 0.0
            resize = "" if not resize_levels else "bilinear" if level < resize_levels else "nearest"
            self.up.append(_double(below, above, level, resize=resize, dropout=dropped))

    def forward(self, condition: Tensor) -> Tensor:
        """Render a condition of shape (N, C, 256, 256), in [-1, 1], as (N, 3, 256, 256) in [-1, 1].

        Heights and widths may be other multiples of 256.
        """
        check_condition(condition, self.in_channels)
        skips: list[Tensor] = []
        features = condition
        for halve in self.down:
            features = halve(features)
            skips.append(features)
        # ReLU before joining, not after: the gradients of both parts then lie dense in memory
        features = self.up[-1](functional.relu(skips.pop()))  # one pixel -> two
        for double in reversed(self.up[:-1]):
            joined = torch.cat([functional.relu(skips.pop()), functional.relu(features)], dim=1)
            features = double(joined)
        return torch.tanh(features)


def check_condition(condition: Tensor, in_channels: int) -> None:
    """Raise unless ``condition`` has shape (N, in_channels, 256 a, 256 b)."""
    if condition.ndim != 4 or condition.shape[1] != in_channels:
        raise ValueError(
            f"the generator takes (N, {in_channels}, {WINDOW}, {WINDOW}), got {tuple(condition.shape)}"
        )
    if condition.shape[2] % WINDOW or condition.shape[3] % WINDOW:
        raise ValueError(
            f"height and width must be multiples of {WINDOW}, got {tuple(condition.shape[2:])}; "
            "napari_sharpgan.rendering.render takes any size"
        )


def _halve(before: int, after: int, level: int) -> nn.Sequential:
    """Return the level that halves height and width."""
    layers: list[nn.Module] = [] if level == 0 else [nn.LeakyReLU(0.2)]
    layers.append(nn.Conv2d(before, after, 4, stride=2, padding=1, bias=False))
    if 0 < level < DEPTH - 1:
        layers.append(nn.BatchNorm2d(after))
    return nn.Sequential(*layers)


def _double(before: int, after: int, level: int, *, resize: str, dropout: float) -> nn.Sequential:
    """Return the level that doubles height and width, by resizing or ("") a transposed convolution."""
    layers: list[nn.Module] = []
    if resize:
        layers.append(ResizeConvolution(before, after, resize, bias=level == 0))
    else:
        layers.append(nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=level == 0))
    if level > 0:
        layers.append(nn.BatchNorm2d(after))
    if dropout > 0:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)
