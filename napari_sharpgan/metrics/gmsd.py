"""Gradient magnitude similarity deviation (Xue, Zhang, Mou & Bovik 2014)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from napari_sharpgan.metrics._filters import check_stacks, gradient_magnitude, shrink, similarity, to_tensor
from napari_sharpgan.metrics._images import SMALLEST_SIDE, gray_pair

_PREWITT = (1 / 3, 1 / 3, 1 / 3)
_STABILITY = 170.0  # c of Eq. 4, for gray levels in 0 to 255


def gmsd(reference: ArrayLike, image: ArrayLike, *, device: str | torch.device = "cpu") -> float:
    """Return the gradient magnitude similarity deviation: 0 for equal images, more for worse ones.

    Takes and refuses the images that `ssim` does; ``device`` is as for `fsim`.

    Returns
    -------
    float
        At least 0; 0 also for equal constant images.

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
    return gmsd_batch(*_stacks(reference, image, device)).item()


def gms_map(
    reference: ArrayLike, image: ArrayLike, *, device: str | torch.device = "cpu"
) -> NDArray[np.float64]:
    """Return the gradient magnitude similarity (H, W) of two images, in (0, 1], 1 where their edges agree.

    Takes and refuses the images that `ssim` does; ``device`` is as for `fsim`.

    Notes
    -----
    `gmsd` is the standard deviation of this measure. It lives on 2 × 2 blocks; here each block's value stands
    at all of its pixels, so that the map fits the image.
    """
    blocks = _similarity(*_stacks(reference, image, device))[0].cpu().numpy().astype(np.float64)
    height, width = np.shape(reference)[:2]
    return blocks.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]


def gmsd_batch(references: Tensor, images: Tensor) -> Tensor:
    """Return the `gmsd` (N,) of gray stacks (N, H, W) with levels in [0, 1], on their device."""
    return _similarity(references, images).std(dim=(1, 2))  # Eq. 5 and 6


def _similarity(references: Tensor, images: Tensor) -> Tensor:
    """Return Eq. 4 for each 2 × 2 block of gray stacks (N, H, W)."""
    check_stacks(references, images)
    first, second = (gradient_magnitude(shrink(255 * stack, 2), _PREWITT) for stack in (references, images))
    return similarity(first, second, _STABILITY)


def _stacks(reference: ArrayLike, image: ArrayLike, device: str | torch.device) -> list[Tensor]:
    """Return both images as stacks (1, H, W) of gray levels."""
    return [to_tensor(gray, device)[None] for gray in gray_pair(reference, image, SMALLEST_SIDE)]
