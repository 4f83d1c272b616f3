"""The random quadrilateral warp of a canvas that makes neighboring nuclei alike (Hou et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHIFT = 0.25
MOST_AREA_RATIO = 4.0


@dataclass(frozen=True)
class Warp:
    """What a warp does to the shape of a nucleus, anywhere on the canvas.

    Only shapes are warped, each by the derivative of the warp at its place; places are uniform anyway.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the canvas.
    corners : ndarray of shape (2, 2, 2)
        Where the corners (0, 0), (0, 1), (1, 0), (1, 1) of the unit square go.
    """

    shape: tuple[int, int]
    corners: NDArray[np.float64]

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the derivatives (n, 2, 2) at (row, column) places (n, 2); their mean determinant is 1."""
        down, right = np.clip((places + 0.5) / self.shape, 0, 1).T[:, :, None]
        (top_left, top_right), (bottom_left, bottom_right) = self.corners
        along_rows = (1 - right) * (bottom_left - top_left) + right * (bottom_right - top_right)
        along_columns = (1 - down) * (top_right - top_left) + down * (bottom_right - bottom_left)
        one, other = bottom_right - top_left, top_right - bottom_left
        area = abs(one[0] * other[1] - one[1] * other[0]) / 2
        return np.asarray(np.stack((along_rows, along_columns), axis=2) / np.sqrt(area))


def random_warp(shape: tuple[int, int], strength: float, rng: np.random.Generator) -> Warp:
    """Draw a warp whose corners move by up to ``strength`` · 0.25 of a side in each direction.

    Quadrilaterals that are not convex, or on which the largest nuclei would have over four times the area of
    the smallest for their place alone, are drawn again.
    """
    square = np.stack(np.meshgrid([0.0, 1.0], [0.0, 1.0], indexing="ij"), axis=2)
    ends = square.reshape(4, 2) * shape - 0.5
    while True:
        warp = Warp(shape, square + strength * rng.uniform(-SHIFT, SHIFT, square.shape))
        areas = np.linalg.det(warp.at(ends))
        if areas.min() * MOST_AREA_RATIO >= areas.max() > 0:
            return warp
