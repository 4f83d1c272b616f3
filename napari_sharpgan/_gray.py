"""The gray image: what metrics, losses and training look at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Gray = NDArray[np.float64]

BT601 = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma of red, green, blue
_SLACK = 1e-6  # by how much rounding in float32 may leave [0, 1]


def unit_image(image: ArrayLike, name: str = "image") -> NDArray[np.float64]:
    """Return an image as float64 in [0, 1], shape kept.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255.
    name : str
        What an error calls it.

    Raises
    ------
    ValueError
        If the shape is another one, or a value is not finite or lies outside [0, 1].
    TypeError
        If the values are neither floats nor uint8.
    """
    array = np.asarray(image)
    _check_is_picture(array, name)
    if array.dtype == np.uint8:
        return array / np.float64(255)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(f"{name} must hold floats in [0, 1] or uint8, got {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite everywhere, got NaN or infinity")
    if array.min() < -_SLACK or array.max() > 1 + _SLACK:
        raise ValueError(f"{name} must lie in [0, 1] (or be uint8), got {array.min():g} to {array.max():g}")
    return array.astype(np.float64)


def gray_image(image: ArrayLike, name: str = "image") -> Gray:
    """Return the gray levels (H, W) in [0, 1] of an image; color goes by ITU-R BT.601, unrounded.

    Accepts and refuses what `unit_image` does.
    """
    array = unit_image(image, name)
    return array if array.ndim == 2 else array @ np.array(BT601)


def _check_is_picture(array: NDArray[Any], name: str) -> None:
    """Raise unless ``array`` has the shape of a gray or an RGB image with pixels in it."""
    if array.ndim != 2 and (array.ndim != 3 or array.shape[2] != 3):
        raise ValueError(f"{name} must have shape (H, W) or (H, W, 3), got {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must have at least one pixel, got shape {array.shape}")
