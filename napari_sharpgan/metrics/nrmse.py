"""Normalized root-mean-square error."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from skimage.metrics import normalized_root_mse

from napari_sharpgan.metrics._images import gray_pair


def nrmse(reference: ArrayLike, image: ArrayLike) -> float:
    """Return RMSE / RMS of the reference: 0 for equal images, 1 for a black one.

    Parameters
    ----------
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255. Any size.

    Returns
    -------
    float
        At least 0. Two black images give 0.

    Raises
    ------
    ValueError
        If sizes differ, the channels are not 3, a value is not finite or outside [0, 1], or the reference is
        black and the image is not: there is then nothing to normalize by.
    TypeError
        If an image holds neither floats nor uint8.

    Notes
    -----
    Through `skimage.metrics.normalized_root_mse` on gray levels (ITU-R BT.601). There is no standard
    normalizer; of those in use (RMS, range, mean of the reference) we take the RMS, scikit-image's
    "euclidean". The Sharp-GAN paper does not name its own.
    """
    first, second = gray_pair(reference, image)
    if not first.any():
        if second.any():
            raise ValueError("the reference is black (all zero), so NRMSE has nothing to normalize by")
        return 0.0
    return float(np.float64(normalized_root_mse(first, second, normalization="euclidean")))
