"""Sharpness of contours (paper, Eq. 4 and 5)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

_HALF = [(0, 1), (1, -1), (1, 0), (1, 1)]  # each pair of neighbors once; the other four are their mirror


def sharpness_map(gray: Tensor, *, contrast: float) -> Tensor:
    """Return how much each pixel looks like its eight neighbors (Eq. 5): low is sharp.

    Parameters
    ----------
    gray : Tensor of shape (..., H, W)
        Gray levels in [0, 1]; *g* in the paper.
    contrast : float
        Gray-level difference that counts as sharp, in [0, 1]; *lambda* in the paper, which gives no value.

    Returns
    -------
    Tensor of shape (..., H, W)
        *S*, between 0 and 6: 4 direct neighbors at distance 1 and 4 diagonal ones at Manhattan distance 2.

    Notes
    -----
    Neighbors beyond the image do not count, so a flat image has 6 inside, 4 on its border, 2.5 in its
    corners. Half-precision input is computed in float32. The likeness of two pixels is symmetric, so each
    pair is computed once and added to both.
    """
    if gray.ndim < 2:
        raise ValueError(f"gray must have shape (..., H, W), got {tuple(gray.shape)}")
    if not contrast > 0:
        raise ValueError(f"contrast (lambda) must be above 0, got {contrast}")
    gray = gray.float() if gray.dtype in (torch.float16, torch.bfloat16) else gray
    height, width = gray.shape[-2:]
    sharpness = torch.zeros_like(gray)
    for dy, dx in _HALF:
        left, right = max(0, -dx), max(0, dx)
        here = gray[..., : height - dy, left : width - right]
        there = gray[..., dy:, right : width - left]
        likeness = torch.exp(-((here - there) ** 2) / (2 * contrast**2)) / (abs(dy) + abs(dx))
        sharpness = sharpness + F.pad(likeness, (left, right, 0, dy)) + F.pad(likeness, (right, left, dy, 0))
    return sharpness


def sharpness_loss(gray: Tensor, contour: Tensor, *, contrast: float) -> Tensor:
    """Penalize contour pixels that look like their eight neighbors (Eq. 4).

    Parameters
    ----------
    gray : Tensor of shape (N, H, W)
        Gray levels in [0, 1]; *g* in the paper.
    contour : Tensor of shape (N, H, W)
        Nonzero on contour pixels; *c* in the paper.
    contrast : float
        As for `sharpness_map`.

    Returns
    -------
    Tensor
        Scalar: the sum of S over contour pixels divided by the number of all pixels, mean over the batch.
    """
    if gray.shape != contour.shape:
        raise ValueError(
            f"gray and contour must have the same shape, got {tuple(gray.shape)} and {tuple(contour.shape)}"
        )
    sharpness = sharpness_map(gray, contrast=contrast)
    return torch.where(contour != 0, sharpness, sharpness.new_zeros(())).mean()
