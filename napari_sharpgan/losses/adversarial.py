"""Adversarial losses (paper, Eq. 1 to 3) on the logits of the discriminator."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F

AdversarialLoss = Callable[[Tensor, bool], Tensor]


def log_loss(logits: Tensor, real: bool) -> Tensor:
    """Return −mean log D for ``real``, else −mean log(1 − D): Eq. 1 to 3, as in pix2pix.

    For the generator it is asked with ``real=True``, the form that does not saturate (Goodfellow et al.
    2014).
    """
    return F.softplus(-logits if real else logits).mean()


def least_squares_loss(logits: Tensor, real: bool) -> Tensor:
    """Return half the mean squared distance to 1 for ``real``, else to 0 (Mao et al. 2017)."""
    return 0.5 * ((logits - float(real)) ** 2).mean()


ADVERSARIAL_LOSSES: dict[str, AdversarialLoss] = {"log": log_loss, "least-squares": least_squares_loss}
