"""Binary map *b*, the condition of GAN-Binary."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels


def binary_map(labels: ArrayLike) -> NDArray[np.float32]:
    """Return 1 on nuclei and 0 off them.

    Parameters
    ----------
    labels : array of shape (H, W)
        One whole number a nucleus, 0 off nuclei.

    Returns
    -------
    float32 array of shape (H, W)
        *b* of the paper (section 2.2), 0 or 1.

    Examples
    --------
    >>> binary_map([[0, 7, 7]])
    array([[0., 1., 1.]], dtype=float32)
    """
    return (check_labels(labels) > 0).astype(np.float32)
