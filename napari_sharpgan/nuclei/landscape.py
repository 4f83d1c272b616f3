"""What varies smoothly over a canvas of any size: how densely nuclei stand, and how they are warped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei.raster import Window
from napari_sharpgan.nuclei.warp import MOST_AREA_RATIO, SHIFT

Points = NDArray[np.float64]

TILE = 32  # px; density and warp are the same within
SCALE = 512  # px between the grid points of the noise, which is alike (1/e) at twice that
REACH = 4  # grid points; what lies farther off has a weight below 0.0004
BLOCK = 32  # grid points whose random numbers are drawn together
DENSITY, WARP_ROWS, WARP_COLUMNS, CELL = range(4)  # what chance is asked for, so that none repeats another's
STEEPNESS = 0.167  # standard deviation of the derivatives that `random_warp` gives at strength 1
MOST_DENSE = 4.0


def generator(seed: int, purpose: int, row: int, column: int) -> np.random.Generator:
    """Return the source of chance of a place on the lattice: it follows from these numbers alone."""
    return np.random.default_rng(np.random.SeedSequence((seed, purpose, row, column)))


@dataclass(frozen=True, eq=False)
class Tiles:
    """A part of a canvas as a ground, tile by tile: how many nuclei are wanted there, and their warp.

    Parameters
    ----------
    part : (slice, slice)
        Rows and columns of the canvas; they start at a tile.
    wanted : ndarray of shape (R, C)
        Nuclei wanted on each tile.
    warps : ndarray of shape (R, C, 2, 2)
        Derivative of the warp on each tile.
    """

    part: Window
    wanted: Points
    warps: Points

    def draw(self, number: int, several: int, rng: np.random.Generator) -> Points:
        """Draw (row, column) places (number, several, 2), where more nuclei are wanted the more of them."""
        sums = np.cumsum(self.wanted)
        chosen = np.searchsorted(sums, rng.random((number, several)) * sums[-1], side="right")
        tiles = np.stack(np.unravel_index(np.minimum(chosen, sums.size - 1), self.wanted.shape), axis=-1)
        low = tiles * TILE + [side.start for side in self.part]
        sides = np.minimum(TILE, [side.stop for side in self.part] - low)
        return np.asarray(low - 0.5 + rng.random((number, several, 2)) * sides)

    def holds(self, center: Points) -> bool:
        """Return whether a center lies in this part."""
        return all(
            side.start - 0.5 <= value < side.stop - 0.5 for side, value in zip(self.part, center, strict=True)
        )

    def at(self, places: Points) -> Points:
        """Return the derivatives of the warp (n, 2, 2) at places (n, 2) of this part."""
        offsets = places + 0.5 - [side.start for side in self.part]
        rows, columns = np.clip(offsets // TILE, 0, np.array(self.wanted.shape) - 1).astype(np.intp).T
        return np.asarray(self.warps[rows, columns])


@dataclass(frozen=True)
class Landscape:
    """How densely nuclei stand, and how they are warped, anywhere on a canvas.

    Parameters
    ----------
    seed : int
        The same seed gives the same landscape.
    density : float
        Nuclei wanted per px, in the mean over a canvas without end.
    patchiness : float
        Standard deviation of the logarithm of the density; 0: the same everywhere.
    most_dense : float
        At the most densely filled places the density is about this many times the mean, at least 1.
    alike : float
        Strength of the warp, 0 to 1.
    """

    seed: int
    density: float
    patchiness: float
    most_dense: float
    alike: float

    @property
    def most(self) -> float:
        """The largest density there is, in nuclei per px."""
        return self.density * (self.most_dense / self._mean() if self.patchiness else 1.0)

    def tiles(self, part: Window) -> Tiles:
        """Return a part of the canvas, both sides of which start at a tile."""
        rows, columns = (np.arange(side.start, side.stop, TILE) for side in part)
        areas = np.multiply.outer(
            *(
                np.minimum(TILE, side.stop - starts)
                for side, starts in zip(part, (rows, columns), strict=True)
            )
        )
        middles = (rows + TILE / 2) / SCALE, (columns + TILE / 2) / SCALE
        return Tiles(part, areas * self._densities(*middles), self._warps(*middles))

    def _densities(self, rows: Points, columns: Points) -> Points:
        """Return nuclei per px at rows × columns."""
        if not self.patchiness:
            return np.full((len(rows), len(columns)), self.density)
        noise = smooth_noise(rows, columns, (self.seed, DENSITY))
        factors = np.exp(self.patchiness * noise - self.patchiness**2 / 2)
        return np.asarray(self.density / self._mean() * np.minimum(factors, self.most_dense))

    def _mean(self) -> float:
        """Return the mean of the factors on the density: those above ``most_dense`` are cut off."""
        from scipy.special import ndtr  # late: it takes a while

        steps = np.log(self.most_dense) / self.patchiness
        half = self.patchiness / 2
        return float(ndtr(steps - half) + self.most_dense * ndtr(-steps - half))

    def _warps(self, rows: Points, columns: Points) -> Points:
        """Return derivatives (R, C, 2, 2) of the warp at rows × columns.

        As `random_warp` has it for one canvas, a side changes by at most half, and the area by at most two
        times to either side; where it would change more, the warp is drawn towards none. In the mean over a
        canvas without end the area stays.
        """
        slopes = np.zeros((len(rows), len(columns), 2, 2))
        if not self.alike:
            return slopes + np.eye(2)
        for axis, purpose in enumerate((WARP_ROWS, WARP_COLUMNS)):
            for along in range(2):
                slopes[..., axis, along] = smooth_noise(rows, columns, (self.seed, purpose), slope=along)
        limit = 2 * SHIFT * self.alike
        slopes = np.clip(slopes * (np.sqrt(2) * STEEPNESS * self.alike), -limit, limit)
        low, high = 1 / np.sqrt(MOST_AREA_RATIO), np.sqrt(MOST_AREA_RATIO)
        while True:
            areas = np.linalg.det(np.eye(2) + slopes)
            beyond = (areas < low) | (areas > high)
            if not beyond.any():
                return np.asarray(slopes + np.eye(2))
            slopes[beyond] *= 0.9


def smooth_noise(
    rows: Points, columns: Points, key: tuple[int, int], *, slope: int | None = None
) -> NDArray[np.float64]:
    """Return smooth noise of mean 0 and variance 1 at rows × columns, in grid points of white noise.

    It is white noise under a bell of standard deviation 1, so that noise at distance d is correlated by
    exp(−d² / 4). The same place gets the same noise whatever else is asked for.

    Parameters
    ----------
    rows, columns : ndarray of shape (R,), (C,)
        Places, at least 0, rising.
    key : (int, int)
        Seed and purpose: others give other noise.
    slope : int, optional
        0 or 1: instead of the noise its derivative along the rows or columns, of variance 1/2.

    Returns
    -------
    ndarray of shape (R, C)
    """
    down, across = (_weights(places, derived=slope == axis) for axis, places in enumerate((rows, columns)))
    starts = np.floor(rows).astype(np.int64), np.floor(columns).astype(np.int64)
    first, last = [start[0] for start in starts], [start[-1] + 2 * REACH for start in starts]
    points = _points(first[0], last[0], first[1], last[1], key)
    result = np.empty((len(rows), len(columns)))
    for row, start in enumerate(starts[0] - first[0]):
        line = (down[row][:, None] * points[start : start + 2 * REACH]).sum(axis=0)
        near = line[(starts[1] - first[1])[:, None] + np.arange(2 * REACH)]
        result[row] = (near * across).sum(axis=1)
    return np.asarray(result / np.sqrt(np.pi))


def _weights(places: Points, *, derived: bool) -> Points:
    """Return the weights (n, 8) of the grid points around places; grid point 0 stands at 1 − REACH."""
    distances = places[:, None] - np.floor(places)[:, None] - np.arange(1 - REACH, REACH + 1)
    bell = np.exp(-(distances**2) / 2)
    return np.asarray(-distances * bell if derived else bell)


def _points(top: int, bottom: int, left: int, right: int, key: tuple[int, int]) -> Points:
    """Return white noise at grid points, from top and left to before bottom and right."""
    down = range(top // BLOCK, (bottom - 1) // BLOCK + 1)
    across = range(left // BLOCK, (right - 1) // BLOCK + 1)
    field = np.block([[_block(row, column, key) for column in across] for row in down])
    top, bottom = (row - down[0] * BLOCK for row in (top, bottom))
    left, right = (column - across[0] * BLOCK for column in (left, right))
    return np.asarray(field[top:bottom, left:right])


@lru_cache(maxsize=256)  # neighboring parts share blocks; 2 MiB at most
def _block(row: int, column: int, key: tuple[int, int]) -> Points:
    return generator(*key, row, column).standard_normal((BLOCK, BLOCK))
