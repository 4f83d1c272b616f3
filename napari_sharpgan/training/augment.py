"""Turning and scaling all that a discriminator sees, so that it does not learn its images by heart.

Real and rendered pairs are warped alike, and gradients flow through to the generator, so the warp does not
show in what that renders (Zhao et al. 2020, differentiable augmentation; Karras et al. 2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

SCALES = 0.8, 1.25  # smallest and largest


@dataclass(frozen=True)
class Warp:
    """Turns by any angle and scales some images of a batch, about their middles.

    Parameters
    ----------
    grid : Tensor of shape (N, H, W, 2)
        Where each pixel comes from, as ``torch.nn.functional.grid_sample`` counts.
    """

    grid: Tensor

    @classmethod
    def drawn(cls, count: int, size: int, chance: float, device: torch.device) -> Warp:
        """Draw a warp for images of ``size``² from torch's random numbers; ``chance`` of each is warped."""
        angle = torch.rand(count) * 2 * math.pi
        low, high = (math.log(scale) for scale in SCALES)
        scale = torch.exp(low + (high - low) * torch.rand(count))
        is_warped = torch.rand(count) < chance
        angle, scale = torch.where(is_warped, angle, 0.0), torch.where(is_warped, scale, 1.0)
        cosine, sine, zero = torch.cos(angle) / scale, torch.sin(angle) / scale, torch.zeros(count)
        matrices = torch.stack([cosine, -sine, zero, sine, cosine, zero], dim=1).view(count, 2, 3)
        with torch.autocast(device.type, enabled=False):
            return cls(
                functional.affine_grid(matrices.to(device), [count, 1, size, size], align_corners=False)
            )

    def __call__(self, planes: Tensor) -> Tensor:
        """Return warped images (N, C, H, W), mirrored where they end, in their format."""
        with torch.autocast(planes.device.type, enabled=False):
            warped = functional.grid_sample(
                planes.float(), self.grid, "bilinear", padding_mode="reflection", align_corners=False
            )
        return warped.to(planes.dtype).contiguous(memory_format=torch.channels_last)
