"""Noise that belongs to a place on the canvas, so that windows agree where they overlap."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SCALES = (1, 4, 16, 64)  # px: fine grain for the outer levels of a U-Net, coarse for the inner ones
BLOCK = 64  # grid points whose random numbers are drawn together

Noise = NDArray[np.float32]


def canvas_noise(top: int, left: int, height: int, width: int, *, seed: int) -> Noise:
    """Return noise for a piece of the canvas: four grains of equal strength, of unit variance together.

    White noise alone is averaged away before it reaches the inner levels of a U-Net; where nothing else
    differs, these then give every window the same pattern. So grains of 4, 16 and 64 px, blended linearly,
    stand beside it.

    The same pixel gets the same noise in whichever window, canvas or process it is asked for: it follows from
    the seed and the place alone.

    Parameters
    ----------
    top, left : int
        First row and column, at least 0.
    height, width : int
        Size in pixels.
    seed : int
        The variation, at least 0.

    Returns
    -------
    float32 array of shape (height, width)
    """
    total = _grid(top, left, height, width, key=(seed, 1))
    for scale in SCALES[1:]:
        above, down, first_row = _interpolation(top, height, scale)
        left_of, across, first_column = _interpolation(left, width, scale)
        points = _grid(first_row, first_column, above[-1] + 2, left_of[-1] + 2, key=(seed, scale))
        rows = down[0][:, None] * points[above] + down[1][:, None] * points[above + 1]
        total += across[0] * rows[:, left_of] + across[1] * rows[:, left_of + 1]
    return total / np.float32(np.sqrt(len(SCALES)))


def _interpolation(start: int, length: int, scale: int) -> tuple[NDArray[np.int64], Noise, int]:
    """Return where pixels lie between grid points that are ``scale`` px apart.

    Returns
    -------
    before : (length,) array of int
        The grid point before each pixel, counted from the first.
    weights : (2, length) array
        Of that point and the next, of unit length together, so that interpolated noise varies as much as the
        noise at the points.
    first : int
        The first grid point.
    """
    place = np.arange(start, start + length) / scale
    before = np.floor(place).astype(np.int64)
    share = (place - before).astype(np.float32)
    weights = np.stack([1 - share, share])
    return before - before[0], weights / np.linalg.norm(weights, axis=0), int(before[0])


def _grid(row: int, column: int, rows: int, columns: int, *, key: tuple[int, int]) -> Noise:
    """Return standard normal numbers at grid points, drawn block by block."""
    first_row, first_column = row // BLOCK, column // BLOCK
    down = range(first_row, (row + rows - 1) // BLOCK + 1)
    across = range(first_column, (column + columns - 1) // BLOCK + 1)
    field = np.block([[_block(i, j, key) for j in across] for i in down])
    row, column = row - first_row * BLOCK, column - first_column * BLOCK
    return field[row : row + rows, column : column + columns]


@lru_cache(maxsize=512)  # neighboring windows share blocks; 8 MiB at most
def _block(row: int, column: int, key: tuple[int, int]) -> Noise:
    seed, scale = key
    rng = np.random.Generator(np.random.Philox(key=[seed * 128 + scale, (row << 32) | column]))
    return rng.standard_normal((BLOCK, BLOCK), np.float32)
