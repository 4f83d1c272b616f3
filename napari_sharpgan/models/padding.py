"""Pictures of any size for networks that halve them several times."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

Crop = tuple[Any, ...]


def padded_to_multiple(image: Tensor, multiple: int, in_channels: int) -> tuple[Tensor, Crop]:
    """Return pictures whose sides are multiples, and the index that cuts the former size out again.

    What is missing is added below and on the right, where the last pixels are repeated, so what a network
    sees of the rest does not hang on how much that is.

    Raises
    ------
    ValueError
        If ``image`` is not (N, ``in_channels``, H, W) with at least one pixel.
    """
    if image.ndim != 4 or image.shape[1] != in_channels or 0 in image.shape[2:]:
        raise ValueError(f"the network takes (N, {in_channels}, H, W), got {tuple(image.shape)}")
    height, width = image.shape[2:]
    below, right = -height % multiple, -width % multiple
    padded = nn.functional.pad(image, (0, right, 0, below), mode="replicate") if below or right else image
    return padded, (..., slice(height), slice(width))
