"""Likeness to the real picture behind a map: pixel by pixel, or as the discriminator sees it."""

from __future__ import annotations

from collections.abc import Sequence

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
    """Return the mean absolute difference in float32, whatever the number format of the pictures.

    Only the sum needs float32: differences of half-precision numbers are formed in it, which is as exact and
    takes half the memory.
    """
    return (fake - real.detach()).abs().sum(dtype=torch.float32) / fake.numel()
