"""`canvas_noise` for many windows at once, on any device."""

from __future__ import annotations

import math

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from napari_sharpgan.light.noise import ANOTHER, BITS, SCALES


def noise_of_windows(
    corners: ArrayLike | Tensor,
    shape: tuple[int, int],
    seeds: ArrayLike | Tensor,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Return noise for windows of the canvas: four grains of equal strength, of unit variance together.

    The same pixel gets the same noise in whichever window, canvas, process or device it is asked for, but for
    rounding.

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
    places, keys = (torch.as_tensor(given, dtype=torch.int64, device=device) for given in (corners, seeds))
    total = _points(places, shape, keys, 1)
    for scale in SCALES[1:]:
        counts = tuple((side + scale - 2) // scale + 2 for side in shape)
        points = _points(places // scale, counts, keys, scale)
        down, across = (
            _interpolation(places[:, axis], shape[axis], counts[axis], scale) for axis in range(2)
        )
        total += down @ points @ across.mT
    return total / math.sqrt(len(SCALES))


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


def _points(first: Tensor, counts: tuple[int, ...], seeds: Tensor, scale: int) -> Tensor:
    """Return standard normal numbers (Box and Muller) at the points of grids, (N, *counts)."""
    rows, columns = (
        (first[:, axis, None] + torch.arange(counts[axis], device=first.device)).to(torch.int32)
        for axis in range(2)
    )
    key = _mixed(_mixed(seeds.to(torch.int32)) ^ scale)
    of_rows, of_columns = _mixed(_mixed(rows) ^ key[:, None]), _mixed(columns ^ ANOTHER)
    one = _mixed(of_rows[:, :, None] ^ of_columns[:, None, :])
    other = _mixed(one ^ ANOTHER)
    radius: Tensor = ((one & (2**BITS - 1)) + 1).float().mul_(2.0**-BITS).log_().mul_(-2).sqrt_()
    return radius.mul_((other & (2**BITS - 1)).float().mul_(2 * math.pi / 2**BITS).cos_())


def _mixed(numbers: Tensor) -> Tensor:
    """Return a hash of 32-bit numbers whose every bit hangs on all of theirs.

    The constants are those of lowbias32 (C. Wellons, Hash Function Prospector, 2018).
    """
    mixed = (numbers >> 16).bitwise_and_(0xFFFF).bitwise_xor_(numbers).mul_(0x7FEB352D)
    mixed = (mixed >> 15).bitwise_and_(0x1FFFF).bitwise_xor_(mixed).mul_(0x846CA68B - 2**32)
    return (mixed >> 16).bitwise_and_(0xFFFF).bitwise_xor_(mixed)
