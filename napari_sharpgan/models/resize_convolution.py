"""Resizing by two and a convolution, as one step that never makes the large image between them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_sharpgan.light.resizing import SHARES


class ResizeConvolution(nn.Conv2d):
    """Double height and width by resizing, then convolve 3 × 3 (Odena et al. 2016): no checkerboard.

    Resizing is linear, so both steps together are one convolution of the small image, whose kernels are
    sums of those that are learned. The large image between the two, most of their time, is never made.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels before and after.
    mode : {"bilinear", "nearest"}
        How to resize. Bilinear is smoother; nearest costs as much as the transposed convolution of pix2pix,
        bilinear 2.25 times that.
    bias : bool
        Whether to add a learned number a channel.

    Notes
    -----
    The image goes on as zeros beyond its borders. The parameters are those of a 3 × 3 ``nn.Conv2d``.
    """

    shares: Tensor

    def __init__(self, in_channels: int, out_channels: int, mode: str, *, bias: bool) -> None:
        super().__init__(in_channels, out_channels, 3, padding=1, bias=bias)
        self.mode = mode
        along = torch.tensor(SHARES[mode], dtype=torch.float32)
        self.register_buffer("shares", torch.einsum("at,bs->abts", along, along), persistent=False)

    def forward(self, small: Tensor) -> Tensor:
        """Return features (N, C, H, W) as (N, D, 2 H, 2 W)."""
        kernels, bias = self.one_step()
        if self.mode == "nearest":
            return functional.conv_transpose2d(small, kernels, bias, stride=2, padding=1)
        return functional.pixel_shuffle(functional.conv2d(small, kernels, bias, padding=1), 2)

    def one_step(self) -> tuple[Tensor, Tensor | None]:
        """Return kernels and bias of the one step.

        Returns
        -------
        kernels : Tensor
            Nearest: (C, D, 4, 4) of a transposed convolution. Bilinear: (4 D, C, 3, 3), the four pixels that
            a pixel becomes one after the other.
        bias : Tensor or None
            (D,) or (4 D,).
        """
        learned, shares = self.weight.flatten(2), self.shares.flatten(2).flatten(0, 1)
        if self.mode == "nearest":
            kernels = torch.einsum("kt,dct->cdk", shares, learned)
            return kernels.view(self.in_channels, self.out_channels, 4, 4), self.bias
        kernels = torch.einsum("kt,dct->dkc", shares, learned)
        kernels = kernels.view(self.out_channels, 2, 3, 2, 3, -1).permute(0, 1, 3, 5, 2, 4)
        bias = None if self.bias is None else self.bias.repeat_interleave(4)
        kernels = kernels.reshape(-1, self.in_channels, 3, 3)
        return kernels.contiguous(memory_format=torch.channels_last), bias

    def settled(self) -> nn.Module:
        """Return a module that does the same with kernels that are worked out once, for rendering."""
        kernels, bias = self.one_step()
        if self.mode == "nearest":
            up = nn.ConvTranspose2d(self.in_channels, self.out_channels, 4, 2, 1, bias=bias is not None)
            return _filled(up, kernels, bias)
        large = nn.Conv2d(self.in_channels, 4 * self.out_channels, 3, padding=1, bias=bias is not None)
        return nn.Sequential(_filled(large, kernels, bias), nn.PixelShuffle(2))


def _filled(module: nn.Conv2d | nn.ConvTranspose2d, weight: Tensor, bias: Tensor | None) -> nn.Module:
    """Return a convolution with these weights."""
    module.weight = nn.Parameter(weight.detach(), requires_grad=False)
    if bias is not None:
        module.bias = nn.Parameter(bias.detach(), requires_grad=False)
    return module
