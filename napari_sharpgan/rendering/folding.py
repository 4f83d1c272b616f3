"""The same generator in fewer and cheaper steps, for rendering only."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import fuse_conv_bn_eval

from napari_sharpgan.models import UNetGenerator

ENLARGED_AT_ONCE = 2  # outermost levels; further in, the borders cost what the middle saves


def fold(network: UNetGenerator) -> None:
    """Change a network in eval mode so that it gives the same pictures sooner.

    Batch norm moves into the convolution before it. In the outermost levels bilinear resizing and the
    convolution after it become one convolution, see `EnlargingConvolution`.
    """
    for levels in (network.down, network.up):
        for place, level in enumerate(levels):
            layers = _merged(level.children(), _convolution_and_batch_norm)
            if levels is network.up and place < ENLARGED_AT_ONCE:
                layers = _merged(layers, _resizing_and_convolution)
            levels[place] = nn.Sequential(*layers)


class EnlargingConvolution(nn.Module):
    """Bilinear resizing by two and a 3 × 3 convolution as one convolution of the small image.

    Each of the four pixels that a pixel becomes is a weighted sum over the same 3 × 3 neighbors of the small
    image, so four times as many kernels there give them all, and the large image between the two steps, most
    of their time, is never made. At the borders, where resizing repeats pixels and the convolution sees
    zeros, both steps are done as they were.

    Parameters
    ----------
    convolution : nn.Conv2d
        3 × 3, padded by one.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution
        # shares of the small pixels i - 1, i, i + 1 in the large pixels 2 i - 1 to 2 i + 2
        shares = torch.tensor([[0.75, 0.25, 0], [0.25, 0.75, 0], [0, 0.75, 0.25], [0, 0.25, 0.75]])
        seen = torch.stack([shares[:3], shares[1:]])  # (phase, large tap, small tap)
        seen = seen.to(convolution.weight)
        kernels = torch.einsum("ptj,qsk,octs->opqcjk", seen, seen, convolution.weight)
        self.weight = nn.Parameter(kernels.reshape(-1, *kernels.shape[3:]), requires_grad=False)
        bias = convolution.bias
        self.bias = None if bias is None else nn.Parameter(bias.repeat_interleave(4), requires_grad=False)

    def forward(self, small: Tensor) -> Tensor:
        """Return features (N, C, H, W) as (N, D, 2 H, 2 W)."""
        large = functional.pixel_shuffle(functional.conv2d(small, self.weight, self.bias, padding=1), 2)
        for axis in (2, 3):
            last = small.shape[axis]
            for start, border in ((0, slice(2)), (last - 2, slice(-2, None))):
                strip = self._in_two_steps(small.narrow(axis, start, 2))
                here = (slice(None),) * axis + (border,)
                large[here] = strip[here]
        return large

    def _in_two_steps(self, small: Tensor) -> Tensor:
        return self.convolution(functional.interpolate(small, scale_factor=2, mode="bilinear"))  # type: ignore[no-any-return]


def _merged(
    layers: Iterable[nn.Module], merge: Callable[[nn.Module, nn.Module], nn.Module | None]
) -> list[nn.Module]:
    """Return the layers with each pair of neighbors for which ``merge`` knows one layer replaced by it."""
    merged: list[nn.Module] = []
    for layer in layers:
        one = merge(merged[-1], layer) if merged else None
        if one is None:
            merged.append(layer)
        else:
            merged[-1] = one
    return merged


def _convolution_and_batch_norm(before: nn.Module, after: nn.Module) -> nn.Module | None:
    if isinstance(before, nn.Conv2d | nn.ConvTranspose2d) and isinstance(after, nn.BatchNorm2d):
        return fuse_conv_bn_eval(before, after, transpose=isinstance(before, nn.ConvTranspose2d))
    return None


def _resizing_and_convolution(before: nn.Module, after: nn.Module) -> nn.Module | None:
    if isinstance(before, nn.Upsample) and isinstance(after, nn.Conv2d):
        return EnlargingConvolution(after)
    return None
