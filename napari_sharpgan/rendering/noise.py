"""Noise that belongs to a place on the canvas, so that windows agree where they overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 64


def noise_at(top: int, left: int, size: int, *, seed: int) -> NDArray[np.float32]:
    """Return standard normal noise for a square of the canvas.

    Each 64 × 64 block of the canvas has random numbers of its own that follow from the seed and its place
    alone: the same pixel gets the same noise, in whichever window, canvas or process it is asked for.

    Parameters
    ----------
    top, left : int
        First row and column, at least 0.
    size : int
        Height and width in pixels.
    seed : int
        The variation.

    Returns
    -------
    float32 array of shape (size, size)
    """
    first_row, first_column = top // BLOCK, left // BLOCK
    rows = range(first_row, (top + size - 1) // BLOCK + 1)
    columns = range(first_column, (left + size - 1) // BLOCK + 1)
    field = np.block([[_block(row, column, seed) for column in columns] for row in rows])
    top, left = top - first_row * BLOCK, left - first_column * BLOCK
    return field[top : top + size, left : left + size]


def _block(row: int, column: int, seed: int) -> NDArray[np.float32]:
    rng = np.random.Generator(np.random.Philox(key=[seed, (row << 32) | column]))
    return rng.standard_normal((BLOCK, BLOCK), np.float32)
