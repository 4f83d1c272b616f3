"""Likeness to the real picture behind a map: pixel by pixel, or as the discriminator sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def pixel_loss(fake: Tensor, real: Tensor) -> Tensor:
    """Return the mean absolute difference: the L1 term of pix2pix (Isola et al. 2017, Eq. 3)."""
    return _distance(fake, real)


def feature_loss(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Return the mean absolute difference of discriminator features (Wang et al. 2018, Eq. 4).

    Parameters
    ----------
    fake, real : sequences of Tensors
        Features of a generated and of a real picture, block by block, without the logits.
    """
    return torch.stack([_distance(*pair) for pair in zip(fake, real, strict=True)]).mean()


def _distance(fake: Tensor, real: Tensor) -> Tensor:
    """Return the mean absolute difference in float32, whatever the number format of the pictures."""
    total: Tensor = _SumOfDifferences.apply(fake, real.detach())  # type: ignore[no-untyped-call]
    return total / fake.numel()


class _SumOfDifferences(torch.autograd.Function):
    """The sum of absolute differences, of which only the signs are kept for the gradient.

    Only the sum needs float32: differences of half-precision numbers are formed in it, which is as exact and
    takes half the memory. Features of a batch are large, so passes over memory are what this costs: one for
    the gradient, where autograd on its own takes three.
    """

    @staticmethod
    def forward(ctx: Any, fake: Tensor, real: Tensor) -> Tensor:
        """Return the sum, in float32."""
        difference = fake - real
        ctx.save_for_backward(difference.sign())
        return difference.abs_().sum(dtype=torch.float32)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Return the gradient of ``fake``."""
        (signs,) = ctx.saved_tensors
        return signs * gradient.to(signs.dtype), None
