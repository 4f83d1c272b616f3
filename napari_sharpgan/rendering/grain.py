"""How strong the noise is that a generator sees, where nuclei are sparse."""

from __future__ import annotations

from torch import Tensor

SPARSE = 0.2  # share of a window that nuclei cover: from here on noise is as in training
LEAST = 0.6  # strength of the noise in a window without nuclei


def grain(conditions: Tensor) -> Tensor:
    """Return the strength of the noise of windows, 1 where nuclei cover at least a fifth, and down to 0.6.

    What generators saw of sparse tissue are mostly scans at 20×, whose grain is coarse and colored, and so
    they give all sparse tissue such a grain. With weaker noise the background of sparse windows varies as
    that of others does.

    Parameters
    ----------
    conditions : Tensor of shape (N, H, W)
        Condition maps, 0 off nuclei.

    Returns
    -------
    Tensor of shape (N, 1, 1), float32
    """
    covered = (conditions > 0).float().mean(dim=(1, 2), keepdim=True)
    return LEAST + (1 - LEAST) * (covered / SPARSE).clamp(max=1)
