"""Gradient magnitude similarity deviation (Xue, Zhang, Mou & Bovik 2014)."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from napari_sharpgan.metrics._filters import check_stacks, gradient_magnitude, shrink, similarity, to_tensor
from napari_sharpgan.metrics._images import SMALLEST_SIDE, gray_pair

_PREWITT = (1 / 3, 1 / 3, 1 / 3)
_STABILITY = 170.0  # c of Eq. 4, for gray levels in 0 to 255


def gmsd(reference: ArrayLike, image: ArrayLike, *, device: str | torch.device = "cpu") -> float:
    """Return the gradient magnitude similarity deviation: 0 for equal images, more for worse ones.

    Parameters
    ----------
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255. Both sides at least 11 pixels.
    device : str or torch.device
        Where it is computed, in float64 (float32 on "mps").

    Returns
    -------
    float
        At least 0; 0 also for equal constant images.

    Raises
    ------
    ValueError
        If sizes differ, a side is below 11, the channels are not 3, or a value is not finite or lies
        outside [0, 1].
    TypeError
        If an image holds neither floats nor uint8.

    Notes
    -----
    Equal to the authors' MATLAB: gray levels in 0 to 255 (ITU-R BT.601 for color, unrounded), halved by 2 × 2
    averages, Prewitt / 3, c = 170, standard deviation with N − 1. Zeros stand beyond the image, as in their
    ``conv2``, so the frame has a gradient and two constant images of different levels do not give 0.

    References
    ----------
    W. Xue, L. Zhang, X. Mou, A. C. Bovik: Gradient magnitude similarity deviation: a highly efficient
    perceptual image quality index. IEEE Transactions on Image Processing 23 (2014), 684–695.
    doi:10.1109/TIP.2013.2293423
    """
    first, second = (to_tensor(gray, device)[None] for gray in gray_pair(reference, image, SMALLEST_SIDE))
    return gmsd_batch(first, second).item()


def gmsd_batch(references: Tensor, images: Tensor) -> Tensor:
    """Return the `gmsd` (N,) of gray stacks (N, H, W) with levels in [0, 1], on their device."""
    check_stacks(references, images)
    first, second = (gradient_magnitude(shrink(255 * stack, 2), _PREWITT) for stack in (references, images))
    return similarity(first, second, _STABILITY).std(dim=(1, 2))  # Eq. 4 to 6
