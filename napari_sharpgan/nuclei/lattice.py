"""The cells that a canvas without end is filled in, and the order in which they depend on each other."""

from __future__ import annotations

from dataclasses import dataclass

from napari_sharpgan.nuclei.config import NucleiConfig
from napari_sharpgan.nuclei.landscape import TILE
from napari_sharpgan.nuclei.raster import Window

LEAST_SIDE = 512  # px
MOST_SIDE = 16_384  # px; a cell's occupancy takes about 3 GiB then
CLEARANCE = 2  # px around what a nucleus covers: those that touch it lie within
Key = tuple[int, int]


@dataclass(frozen=True)
class Lattice:
    """Square cells over a canvas, in four colors, which are filled one color after another.

    A nucleus is sown in a cell and reaches out of it by at most ``margin``. Cells are so large that no
    nucleus can meet those of two cells of one color: all that meets a nucleus comes from the four cells
    around one corner, which have four colors. So a cell follows from its neighbors of earlier colors alone,
    and those of one color may be filled in any order.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the canvas.
    side : int
        Rows and columns of a cell.
    margin : int
        How far nuclei may reach out of the cell that they were sown in, and 2 px more.
    """

    shape: tuple[int, int]
    side: int
    margin: int

    @property
    def columns(self) -> int:
        """How many cells stand beside each other."""
        return -(-self.shape[1] // self.side)

    @property
    def rows(self) -> int:
        """How many cells stand above each other."""
        return -(-self.shape[0] // self.side)

    def number(self, key: Key) -> int:
        """Return the number of a cell, row by row, from 0."""
        return key[0] * self.columns + key[1]

    def part(self, key: Key) -> Window:
        """Return the part of the canvas that is the cell."""
        return self._cut(key, 0)

    def around(self, key: Key) -> Window:
        """Return the part of the canvas that nuclei of the cell can reach."""
        return self._cut(key, self.margin)

    def earlier(self, key: Key) -> list[Key]:
        """Return the neighbors that are filled before a cell, in painting order."""
        row, column = key
        near = (slice(row - 1, row + 2), slice(column - 1, column + 2))
        return [other for other in self._ordered(near) if color(other) < color(key)]

    def near(self, window: Window) -> list[Key]:
        """Return the cells whose nuclei may reach into a window, in painting order."""
        rows, columns = (
            slice((side.start - self.margin) // self.side, (side.stop - 1 + self.margin) // self.side + 1)
            for side in window
        )
        return self._ordered((rows, columns))

    def _ordered(self, block: Window) -> list[Key]:
        """Return the cells of a block of cells that lie on the canvas, in painting order."""
        rows, columns = (
            range(max(side.start, 0), min(side.stop, most))
            for side, most in zip(block, (self.rows, self.columns), strict=True)
        )
        return sorted(
            ((row, column) for row in rows for column in columns), key=lambda key: (color(key), key)
        )

    def _cut(self, key: Key, margin: int) -> Window:
        """Return a cell's rows and columns and those around it, as far as the canvas goes."""
        rows, columns = (
            slice(max(place * self.side - margin, 0), min((place + 1) * self.side + margin, most))
            for place, most in zip(key, self.shape, strict=True)
        )
        return rows, columns


def color(key: Key) -> int:
    """Return the color of a cell, 0 to 3: no two cells of one color are neighbors."""
    return key[0] % 2 * 2 + key[1] % 2


def lattice_for(shape: tuple[int, int], config: NucleiConfig, factor: float) -> Lattice:
    """Return the cells for nuclei with these settings and this factor on all radii.

    No vertex is farther from the center than two radii, which elongation multiplies by at most the root of
    1 + 1.714 · elongation and the warp by at most 1 + alike. Nuclei that are set against others stand up to
    two such lengths from the center of those, which lies in the cell.

    Raises
    ------
    ValueError
        If the nuclei may be so large that a cell would not fit in memory.
    """
    longest = 1 + config.elongation * 0.24 / 0.14
    far = 2 * config.radius_max * factor * longest**0.5 * (1 + config.alike)
    out = 3 * far if config.touching > 0 else far
    margin = int(out) + 1 + CLEARANCE
    side = max(LEAST_SIDE, -(-int(2 * margin + 2 * far + 2 * CLEARANCE) // TILE) * TILE)
    if side > MOST_SIDE:
        raise ValueError(
            f"nuclei of a canvas without end must reach at most {MOST_SIDE // 8} px from their center, got "
            f"{far:.0f} (radius_max {config.radius_max} times a factor of {factor:.2f}, spikes, elongation)"
        )
    return Lattice(shape, side, margin)
