"""How strong the noise is that a generator sees, where nuclei are sparse."""

from __future__ import annotations

from typing import Any, TypeVar

Array = TypeVar("Array")

SPARSE = 0.2  # share of a window that nuclei cover: from here on noise is as in training
LEAST = 0.6  # strength of the noise in a window without nuclei


def grain(conditions: Array) -> Array:
    """Return the strength of the noise of windows, 1 where nuclei cover at least a fifth, and down to 0.6.

    What generators saw of sparse tissue are mostly scans at 20×, whose grain is coarse and colored, and so
    they give all sparse tissue such a grain. With weaker noise the background of sparse windows varies as
    that of others does.

    Parameters
    ----------
    conditions : array or tensor of shape (N, H, W)
        Condition maps, 0 off nuclei.

    Returns
    -------
    array or tensor of shape (N, 1, 1)
    """
    given: Any = conditions
    covered = (given > 0).sum((1, 2))[:, None, None] / (given.shape[1] * given.shape[2])
    return LEAST + (1 - LEAST) * (covered / SPARSE).clip(max=1)  # type: ignore[no-any-return]
