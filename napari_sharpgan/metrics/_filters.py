"""Steps that FSIM and GMSD share, as MATLAB does them: zeros stand beyond the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from napari_sharpgan._gray import Gray


def to_tensor(gray: Gray, device: str | torch.device) -> Tensor:
    """Return gray levels as a tensor: float64, or float32 on Apple's GPU, which knows no float64."""
    device = torch.device(device)
    dtype = np.float32 if device.type == "mps" else np.float64
    return torch.from_numpy(np.ascontiguousarray(gray, dtype=dtype)).to(device)


def check_stacks(references: Tensor, images: Tensor) -> None:
    """Raise unless both are float tensors of one shape (N, H, W)."""
    if references.ndim != 3 or references.shape != images.shape:
        raise ValueError(
            "references and images must have one shape (N, H, W), "
            f"got {tuple(references.shape)} and {tuple(images.shape)}"
        )
    if not (references.is_floating_point() and images.is_floating_point()):
        raise TypeError(
            f"references and images must hold floats in [0, 1], got {references.dtype} and {images.dtype}"
        )


def shrink(images: Tensor, step: int) -> Tensor:
    """Average ``step`` × ``step`` neighbors and keep every ``step``-th pixel, from the first on.

    ``conv2(image, fspecial('average', step), 'same')(1:step:end, 1:step:end)`` for each of (N, H, W).
    """
    after = step // 2
    before = step - 1 - after
    framed = F.pad(images, (before, after, before, after))
    return F.avg_pool2d(framed[:, None], step)[:, 0]


def gradient_magnitude(images: Tensor, weights: Sequence[float]) -> Tensor:
    """Return sqrt(Gx² + Gy²) of (N, H, W); ``weights`` smooth across the derivative (1, 0, −1)."""
    smooth = images.new_tensor(weights)
    derive = images.new_tensor([1.0, 0.0, -1.0])
    kernels = torch.stack([torch.outer(smooth, derive), torch.outer(derive, smooth)])  # (2, 3, 3)
    return F.conv2d(images[:, None], kernels[:, None], padding=1).square().sum(dim=1).sqrt()


def similarity(first: Tensor, second: Tensor, constant: float) -> Tensor:
    """Return (2ab + c) / (a² + b² + c): 1 where a = b; c keeps it stable where both are small."""
    return (2 * first * second + constant) / (first.square() + second.square() + constant)
