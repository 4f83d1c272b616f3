"""How nuclei look in an image: stain, contrast, sharpness of their contours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._gray import BT601, unit_image

Numbers = NDArray[Any]

HEMATOXYLIN = (0.65, 0.704, 0.286)  # optical density of red, green, blue; Ruifrok and Johnston 2001
EOSIN = (0.072, 0.990, 0.105)
DARKEST = 1  # of 255: what is darker counts as this, an optical density of 2.4


def picture(image: ArrayLike) -> NDArray[np.uint8]:
    """Return an image as uint8 of shape (H, W) or (H, W, 3); opacity is left out, floats are rounded."""
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] == 4:
        array = array[..., :3]
    if array.dtype == np.uint8 and array.ndim in (2, 3):
        unit_image(array[:1, :1], "image")
        return array
    return np.rint(255 * np.clip(unit_image(array, "image"), 0, 1)).astype(np.uint8)


def hematoxylin(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the optical density of hematoxylin in the pixels of an image of H&E tissue.

    Color deconvolution after Ruifrok and Johnston, "Quantification of histochemical staining by color
    deconvolution", 2001, with their hematoxylin and eosin; the third direction is at right angles to both.
    The optical density of a channel is −log10(value / 255), so white has 0.

    Parameters
    ----------
    image : ndarray of shape (..., 3), uint8
        Red, green, blue.

    Returns
    -------
    ndarray of shape (...), float64
        Amount of hematoxylin, finite everywhere; below 0 where the color lies beyond that of eosin.
    """
    stains = np.array([HEMATOXYLIN, EOSIN, np.cross(HEMATOXYLIN, EOSIN)])
    stains /= np.linalg.norm(stains, axis=1, keepdims=True)
    density = -np.log10(np.maximum(np.arange(256), DARKEST) / 255)
    shares = np.linalg.inv(stains)[:, 0, None] * density
    red, green, blue = (share[image[..., channel]] for channel, share in enumerate(shares))
    return np.asarray(red + green + blue)


def look_measures(
    image: NDArray[np.uint8], own: Numbers, labels: Numbers, keys: Numbers, *, contrast: float
) -> dict[str, Numbers]:
    """Return the columns that need an image.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3), uint8
        What `picture` returns; without color there is no stain.
    own, labels : ndarray of shape (H, W), integers
        The nuclei to measure, and all.
    keys : ndarray of shape (K,), integers
        The labels in ``own``, rising.
    contrast : float
        λ of Eq. 5.

    Returns
    -------
    dict of ndarray of shape (K,)
        A nucleus that fills the whole image has no contour: its sharpness is NaN.
    """
    from napari_sharpgan.losses import contour_sharpness  # torch, which takes seconds

    covered = own != 0
    pixels, nucleus = image[covered], np.searchsorted(keys, own[covered])
    areas = np.bincount(nucleus, minlength=len(keys))

    def mean(values: Numbers) -> Numbers:
        return np.bincount(nucleus, values, len(keys)) / areas

    columns = {"hematoxylin": mean(hematoxylin(pixels))} if image.ndim == 3 else {}
    gray = (pixels @ np.array(BT601) if image.ndim == 3 else pixels) / 255
    columns["gray_sd"] = np.sqrt(mean((gray - mean(gray)[nucleus]) ** 2))
    found = contour_sharpness(image, labels, contrast=contrast)
    sharpness = dict(zip(found.keys.tolist(), found.means.tolist(), strict=True))
    columns["sharpness"] = np.array([sharpness.get(key, np.nan) for key in keys.tolist()], dtype=np.float64)
    return columns
