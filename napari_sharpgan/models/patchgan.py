"""Discriminator D: the 70 × 70 PatchGAN of pix2pix (Isola et al. 2017, section 3.2.2; paper, section 2.1)."""

from __future__ import annotations

from torch import Tensor, nn


class PatchGAN(nn.Module):
    """Say of each 70 × 70 patch whether condition and tissue are a real pair.

    Parameters
    ----------
    in_channels : int
        Channels of the condition and of the picture together: 4 for a map and RGB.
    width : int
        Channels after the first convolution.

    Notes
    -----
    With 6 input channels and width 64 it has pix2pix's 2,768,705 parameters.
    """

    def __init__(self, in_channels: int = 4, width: int = 64) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.settings = {"in_channels": in_channels, "width": width}
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(in_channels, width, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)),
                _block(width, 2 * width, stride=2),
                _block(2 * width, 4 * width, stride=2),
                _block(4 * width, 8 * width, stride=1),
            ]
        )
        self.head = nn.Conv2d(8 * width, 1, 4, 1, 1)

    def forward(self, pair: Tensor) -> Tensor:
        """Return logits (N, 1, 30, 30) of pairs (N, C, 256, 256) in [-1, 1]."""
        return self.features(pair)[-1]

    def features(self, pair: Tensor) -> list[Tensor]:
        """Return what each block computes, the logits last."""
        if pair.ndim != 4 or pair.shape[1] != self.in_channels:
            raise ValueError(
                f"the discriminator takes (N, {self.in_channels}, H, W), got {tuple(pair.shape)}"
            )
        outputs: list[Tensor] = []
        for block in self.blocks:
            pair = block(pair)
            outputs.append(pair)
        outputs.append(self.head(pair))
        return outputs


def _block(before: int, after: int, *, stride: int) -> nn.Sequential:
    """Return convolution, batch norm and leaky ReLU."""
    return nn.Sequential(
        nn.Conv2d(before, after, 4, stride, 1, bias=False),
        nn.BatchNorm2d(after),
        nn.LeakyReLU(0.2, inplace=True),
    )
