"""How strong the noise is that a generator sees, where nuclei are sparse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPARSE = 0.2  # share of a window that nuclei cover: from here on noise is as in training
LEAST = 0.6  # strength of the noise in a window without nuclei


def grain(conditions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the strength of the noise of windows, 1 where nuclei cover at least a fifth, and down to 0.6.

    What generators saw of sparse tissue are mostly scans at 20×, whose grain is coarse and colored, and so
    they give all sparse tissue such a grain. With weaker noise the background of sparse windows varies as
    that of others does.

    Parameters
    ----------
    conditions : array of shape (N, H, W)
        Condition maps, 0 off nuclei.

    Returns
    -------
    float32 array of shape (N, 1, 1)
    """
    covered = (conditions > 0).mean(axis=(1, 2), keepdims=True)
    strength = LEAST + (1 - LEAST) * np.minimum(covered / SPARSE, 1)
    return np.asarray(strength, dtype=np.float32)
