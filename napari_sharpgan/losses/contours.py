"""How sharp the contours of nuclei are in an image: arrays in, arrays out (paper, Eq. 4 and 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels, check_same_shape
from napari_sharpgan._gray import gray_image
from napari_sharpgan.losses.sharpness import sharpness_map
from napari_sharpgan.maps import contour_map


@dataclass(frozen=True, eq=False)
class ContourSharpness:
    """Sharpness of an image and of the contours of its nuclei: low is sharp.

    Parameters
    ----------
    map : ndarray of shape (H, W), float32
        *S* of Eq. 5 at every pixel, between 0 and 6, see `sharpness_map`.
    contour : ndarray of shape (H, W), bool
        Contour pixels of the nuclei; *c* of the paper.
    loss : float
        L_sharp of Eq. 4: the sum of *S* over contour pixels, divided by the number of all pixels.
    keys : ndarray of shape (K,), int32
        Labels of the nuclei that have a contour, rising. All have but one that fills the whole image.
    means : ndarray of shape (K,), float64
        Mean *S* over the contour pixels of each nucleus.
    sizes : ndarray of shape (K,), int64
        Number of contour pixels of each nucleus.
    """

    map: NDArray[np.float32]
    contour: NDArray[np.bool_]
    loss: float
    keys: NDArray[np.int32]
    means: NDArray[np.float64]
    sizes: NDArray[np.int64]


def contour_sharpness(image: ArrayLike, labels: ArrayLike, *, contrast: float = 0.1) -> ContourSharpness:
    """Measure how much the contours of nuclei look like their neighborhood (paper, Eq. 4 and 5).

    Parameters
    ----------
    image : ndarray of shape (H, W), (H, W, 3) or (H, W, 4)
        As for `image_sharpness`.
    labels : ndarray of shape (H, W), integers
        One number a nucleus, 0 off nuclei.
    contrast : float
        Gray-level difference that counts as sharp, in [0, 1]; *lambda* in the paper, which gives no value.

    Returns
    -------
    ContourSharpness

    Raises
    ------
    ValueError, TypeError
        For what is no image or no label image, sizes that differ, or a contrast that is not above 0.
    """
    keys = check_labels(labels)
    sharpness = image_sharpness(image, contrast=contrast)
    check_same_shape(sharpness, keys, "image and labels")
    contour = contour_map(keys)
    values = sharpness[contour].astype(np.float64)
    found, nucleus, sizes = np.unique(keys[contour], return_inverse=True, return_counts=True)
    return ContourSharpness(
        map=sharpness,
        contour=contour,
        loss=float(values.sum() / sharpness.size),
        keys=found.astype(np.int32),
        means=np.bincount(nucleus, values, len(found)) / sizes,
        sizes=sizes.astype(np.int64),
    )


def image_sharpness(image: ArrayLike, *, contrast: float = 0.1) -> NDArray[np.float32]:
    """Return *S* of Eq. 5 at every pixel of an image.

    Parameters
    ----------
    image : ndarray of shape (H, W), (H, W, 3) or (H, W, 4)
        Floats in [0, 1], or uint8, which is divided by 255. Color becomes gray by ITU-R BT.601; a fourth
        channel, opacity, does not count.
    contrast : float
        As for `contour_sharpness`.

    Returns
    -------
    float32 ndarray of shape (H, W)
        Between 0 and 6, low where a pixel differs from its eight neighbors.
    """
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] == 4:
        array = array[..., :3]
    gray = torch.from_numpy(gray_image(array).astype(np.float32))
    with torch.inference_mode():
        return sharpness_map(gray, contrast=contrast).numpy()
