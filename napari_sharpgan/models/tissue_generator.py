"""The generator with what it was trained to see: condition map, noise, stain."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from napari_sharpgan.light.noise import canvas_noise
from napari_sharpgan.light.stain import STAIN_CHANNELS
from napari_sharpgan.models.unet_generator import UNetGenerator


class TissueGenerator(nn.Module):
    """A U-Net generator whose input may hold noise and a stain beside the condition map.

    Parameters
    ----------
    condition : str
        Name of the condition map in ``napari_sharpgan.maps.CONDITION_MAPS``.
    width, resize_levels, dropout
        As for `UNetGenerator`.
    noise : bool
        Whether a channel of noise (`canvas_noise`) stands beside the map, so that one map has many pictures.
    stain : sequence of 6 floats, or None
        Means and standard deviations of R, G and B, in [0, 1], that are used where a call gives none;
        None for a network that knows no stain.
    """

    def __init__(
        self,
        condition: str = "distance",
        width: int = 64,
        *,
        resize_levels: int = 0,
        dropout: float = 0.0,
        noise: bool = False,
        stain: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        if stain is not None and len(stain) != STAIN_CHANNELS:
            raise ValueError(f"a stain is {STAIN_CHANNELS} numbers (means and SDs of RGB), got {len(stain)}")
        self.condition = condition
        self.noise = noise
        self.stain = None if stain is None else tuple(float(value) for value in stain)
        self.settings = {
            "condition": condition,
            "width": width,
            "resize_levels": resize_levels,
            "dropout": dropout,
            "noise": noise,
            "stain": self.stain,
        }
        channels = 1 + int(noise) + (STAIN_CHANNELS if stain is not None else 0)
        self.network = UNetGenerator(channels, width, resize_levels=resize_levels, dropout=dropout)

    def forward(self, condition: Tensor, noise: Tensor | None = None, stain: Tensor | None = None) -> Tensor:
        """Render maps (N, 1, 256, 256), in [-1, 1], as tissue (N, 3, 256, 256) in [-1, 1].

        Parameters
        ----------
        condition : Tensor of shape (N, 1, 256, 256)
            The condition map, its [0, 1] scaled to [-1, 1].
        noise : Tensor of shape (N, 1, 256, 256), optional
            `canvas_noise`; without it that of variation 0, so that a call without noise is deterministic.
        stain : Tensor of shape (N, 6), optional
            Means and standard deviations of RGB in [0, 1]; without it the network's own.
        """
        return self.network(self.input(condition, noise, stain))  # type: ignore[no-any-return]

    def input(self, condition: Tensor, noise: Tensor | None, stain: Tensor | None) -> Tensor:
        """Return the planes that the network sees, (N, C, H, W)."""
        planes = [condition]
        if self.noise:
            planes.append(fixed_noise(condition) if noise is None else noise.to(condition))
        if self.stain is not None:
            if stain is None:
                stain = condition.new_tensor(self.stain).expand(len(condition), -1)
            planes.append(stain_planes(stain.to(condition), condition))
        return torch.cat(planes, dim=1)


def stain_planes(stain: Tensor, like: Tensor) -> Tensor:
    """Return a stain (N, 6) as constant planes (N, 6, H, W): means to [-1, 1], deviations four-fold."""
    scaled = torch.cat([stain[:, :3] * 2 - 1, stain[:, 3:] * 4], dim=1)
    return scaled[:, :, None, None].expand(-1, -1, *like.shape[-2:])


def fixed_noise(like: Tensor) -> Tensor:
    """Return the noise of variation 0 at the canvas's first pixel, (N, 1, H, W), the same for each image."""
    noise = torch.from_numpy(canvas_noise(0, 0, *like.shape[-2:], seed=0))
    return noise.to(like).expand(len(like), 1, -1, -1)
