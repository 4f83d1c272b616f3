"""Likeness to the real picture behind a map: pixel by pixel, or as the discriminator sees it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def pixel_loss(fake: Tensor, real: Tensor) -> Tensor:
    """Return the mean absolute difference: the L1 term of pix2pix (Isola et al. 2017, Eq. 3)."""
    return F.l1_loss(fake.float(), real)


def feature_loss(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Return the mean absolute difference of discriminator features (Wang et al. 2018, Eq. 4).

    Parameters
    ----------
    fake, real : sequences of Tensors
        Features of a generated and of a real picture, block by block, without the logits.
    """
    terms = [F.l1_loss(one.float(), other.detach().float()) for one, other in zip(fake, real, strict=True)]
    return torch.stack(terms).mean()
