"""`canvas_noise` for many windows at once, on any device."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from napari_sharpgan.light.noise import ANOTHER, BITS, SCALES, window_noise


def noise_of_windows(
    corners: ArrayLike | Tensor,
    shape: tuple[int, int],
    seeds: ArrayLike | Tensor,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Return noise for windows of the canvas: four grains of equal strength, of unit variance together.

    The same pixel gets the same noise in whichever window, canvas or process it is asked for; on another kind
    of device but for rounding. On a CPU it is `canvas_noise`, one window after the other, so that not even
    the last bit hangs on what stands beside a window, or on threads.

    Parameters
    ----------
    corners : array or tensor of shape (N, 2), integers
        First row and column of each window, at least 0.
    shape : (int, int)
        Rows and columns of a window.
    seeds : array or tensor of shape (N,), integers
        The variation of each, at least 0.
    device : torch.device or str
        Where it is made.

    Returns
    -------
    Tensor of shape (N, rows, columns), float32
    """
    device = torch.device(device)
    places, keys = (torch.as_tensor(given, dtype=torch.int64, device=device) for given in (corners, seeds))
    if device.type != "cpu":
        return hashed_noise(places, shape, keys)
    each = zip(places.tolist(), keys.tolist(), strict=True)
    return torch.from_numpy(
        np.stack([window_noise(row, column, *shape, seed) for (row, column), seed in each])
    )


def hashed_noise(places: Tensor, shape: tuple[int, int], keys: Tensor) -> Tensor:
    """Return `noise_of_windows` by the operations of the device that places (N, 2) and seeds (N,) are on."""
    finest, *coarser = _points(places, [_counts(shape, scale) for scale in SCALES], keys)
    total = finest
    for scale, points in zip(SCALES[1:], coarser, strict=True):
        down, across = (
            _interpolation(places[:, axis], shape[axis], points.shape[1 + axis], scale) for axis in range(2)
        )
        total += down @ points @ across.mT
    return total / math.sqrt(len(SCALES))


def _counts(shape: tuple[int, int], scale: int) -> tuple[int, int]:
    """Return the rows and columns of grid points, ``scale`` px apart, that a window needs."""
    if scale == 1:
        return shape
    rows, columns = ((side + scale - 2) // scale + 2 for side in shape)
    return rows, columns


def _interpolation(starts: Tensor, length: int, count: int, scale: int) -> Tensor:
    """Return how much grid points, ``scale`` px apart, give to each pixel: (N, length, count).

    The two that a pixel lies between have weights of unit length together, so that interpolated noise varies
    as much as the noise at the points.
    """
    place = (starts % scale)[:, None] + torch.arange(length, device=starts.device)
    before, share = (place // scale)[..., None], (place % scale)[..., None] / scale
    weights = torch.cat([1 - share, share], dim=-1)
    weights /= weights.norm(dim=-1, keepdim=True)
    matrix = weights.new_zeros(len(starts), length, count)
    return matrix.scatter_(-1, torch.cat([before, before + 1], dim=-1), weights)


def _points(places: Tensor, counts: Sequence[tuple[int, int]], seeds: Tensor) -> list[Tensor]:
    """Return standard normal numbers (Box and Muller) at the points of the grids of each scale, (N, *counts).

    All scales are hashed together: a GPU is asked for a few large things in place of many small ones.
    """
    rows, columns = (
        torch.cat(
            [
                places[:, axis, None] // scale + torch.arange(count[axis], device=places.device)
                for scale, count in zip(SCALES, counts, strict=True)
            ],
            dim=1,
        ).to(torch.int32)
        for axis in range(2)
    )
    heights, widths = ([count[axis] for count in counts] for axis in range(2))
    seed = _mixed(seeds.to(torch.int32))
    keys = _mixed(torch.stack([seed ^ scale for scale in SCALES], dim=1))
    key_of_rows = torch.cat([keys[:, k : k + 1].expand(-1, n) for k, n in enumerate(heights)], dim=1)
    of_rows = torch.split(_mixed(_mixed(rows) ^ key_of_rows), heights, dim=1)
    of_columns = torch.split(_mixed(columns ^ ANOTHER), widths, dim=1)
    pairs = zip(of_rows, of_columns, strict=True)
    one = _mixed(torch.cat([(row[:, :, None] ^ column[:, None, :]).flatten(1) for row, column in pairs], 1))
    other = _mixed(one ^ ANOTHER)
    radius = ((one & (2**BITS - 1)) + 1).float().mul_(2.0**-BITS).log_().mul_(-2).sqrt_()
    normal = radius.mul_((other & (2**BITS - 1)).float().mul_(2 * math.pi / 2**BITS).cos_())
    parts = torch.split(normal, [math.prod(count) for count in counts], dim=1)
    return [part.reshape(len(part), *count) for part, count in zip(parts, counts, strict=True)]


def _mixed(numbers: Tensor) -> Tensor:
    """Return a hash of 32-bit numbers whose every bit hangs on all of theirs.

    The constants are those of lowbias32 (C. Wellons, Hash Function Prospector, 2018).
    """
    mixed = (numbers >> 16).bitwise_and_(0xFFFF).bitwise_xor_(numbers).mul_(0x7FEB352D)
    mixed = (mixed >> 15).bitwise_and_(0x1FFFF).bitwise_xor_(mixed).mul_(0x846CA68B - 2**32)
    return (mixed >> 16).bitwise_and_(0xFFFF).bitwise_xor_(mixed)
