"""The only place where arrays become tensors and tensors pictures."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_sharpgan._gray import BT601


def map_to_tensor(condition: NDArray[np.float32]) -> Tensor:
    """Return maps (N, H, W) or (H, W) in [0, 1] as a tensor (N, 1, H, W) in [-1, 1]."""
    maps = torch.from_numpy(np.ascontiguousarray(condition, dtype=np.float32))
    return (maps if maps.ndim == 3 else maps[None])[:, None] * 2 - 1


def image_to_tensor(image: NDArray[np.float32]) -> Tensor:
    """Return images (N, H, W, 3) in [0, 1] as a tensor (N, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32)).permute(0, 3, 1, 2) * 2 - 1


def pixels_to_tensor(pixels: Tensor, jitter: Tensor) -> Tensor:
    """Return jittered pixels as a tensor (N, 3, H, W) in [-1, 1], channels last, where they are.

    Parameters
    ----------
    pixels : Tensor of shape (N, 3, H, W), uint8
        R, G and B.
    jitter : Tensor of shape (N, 2, 3)
        By what each channel, in [0, 1], is multiplied, and what is added then.
    """
    tissue = pixels.to(torch.float32, memory_format=torch.channels_last)
    gain, shift = jitter[..., None, None].unbind(dim=1)
    return tissue.mul_(gain / 255).add_(shift).clamp_(0, 1).mul_(2).sub_(1)


def tensor_to_pixels(tissue: Tensor) -> Tensor:
    """Return a tensor (N, 3, H, W) in [-1, 1] as pixels (N, H, W, 3) of uint8, where it is."""
    scaled = tissue.float().clamp(-1, 1).add_(1).mul_(127.5).round_()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def tensor_to_gray(tissue: Tensor) -> Tensor:
    """Return the gray levels (N, H, W) in [0, 1] of a tensor (N, 3, H, W) in [-1, 1], in float32."""
    weights = torch.tensor(BT601, device=tissue.device).view(3, 1, 1)
    return ((tissue.float() + 1) / 2 * weights).sum(dim=1)
