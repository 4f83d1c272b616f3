"""One cell of a canvas without end, filled with nuclei that keep the rules with those of its neighbors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei.config import NucleiConfig
from napari_sharpgan.nuclei.field import Field, Nucleus, least_area
from napari_sharpgan.nuclei.landscape import CELL, Landscape, generator
from napari_sharpgan.nuclei.lattice import Key, Lattice
from napari_sharpgan.nuclei.occupancy import Occupancy
from napari_sharpgan.nuclei.raster import Window

DRAWN_TOGETHER = 64
FIRST = 4  # where nuclei are set against others, which must be there already
OVERHEAD = 1200  # bytes that a nucleus takes beside its arrays


@dataclass(frozen=True, eq=False)
class Cell:
    """The nuclei of a cell, in painting order.

    Parameters
    ----------
    nuclei : list of Nucleus
        Those that were sown in the cell.
    hidden : list of int
        How many pixels of each later ones of the same cell hide.
    hides : mapping of (cell, index) to int
        How many pixels of which nuclei of other cells these hide.
    boxes : ndarray of shape (n, 4)
        First and last + 1 row, first and last + 1 column of the pixels of each.
    """

    nuclei: list[Nucleus]
    hidden: list[int]
    hides: Mapping[tuple[Key, int], int]
    boxes: NDArray[np.int64]

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        arrays = sum(n.mask.nbytes + n.polygon.nbytes + n.outline.nbytes for n in self.nuclei)
        return arrays + OVERHEAD * (len(self.nuclei) + 1)

    def within(self, window: Window) -> list[int]:
        """Return which nuclei have a pixel in a window."""
        return [index for index in self.meeting(window) if _shows(self.nuclei[index], window)]

    def meeting(self, window: Window) -> list[int]:
        """Return which nuclei have a box that meets a window."""
        top, bottom, left, right = self.boxes.T
        rows, columns = window
        near = (top < rows.stop) & (bottom > rows.start) & (left < columns.stop) & (right > columns.start)
        return [int(index) for index in np.flatnonzero(near)]


def _shows(nucleus: Nucleus, window: Window) -> bool:
    """Return whether a nucleus whose box meets a window has a pixel in it."""
    rows, columns = (
        slice(max(side.start - place.start, 0), side.stop - place.start)
        for side, place in zip(window, nucleus.place, strict=True)
    )
    return bool(nucleus.mask[rows, columns].any())


def fill_cell(
    key: Key,
    lattice: Lattice,
    landscape: Landscape,
    config: NucleiConfig,
    factor: float,
    earlier: Mapping[Key, Cell],
) -> Cell:
    """Sow the nuclei of a cell among those of its neighbors that are filled before it.

    Parameters
    ----------
    key : (int, int)
        Row and column of the cell.
    lattice, landscape : Lattice, Landscape
        Where it lies, and what it is like there.
    config, factor : NucleiConfig, float
        Settings, and the factor on all radii.
    earlier : mapping of key to Cell
        Neighbors that are filled before, in painting order.
    """
    rng = generator(config.seed, CELL, *key)
    tiles, around = landscape.tiles(lattice.part(key)), lattice.around(key)
    taken = Occupancy(
        lattice.shape,
        least_area=least_area(config, factor),
        max_overlap=config.max_overlap,
        part=around,
    )
    field = Field(tiles, taken, config, factor, rng)
    others = _enter(earlier, taken, field, around)
    before = list(taken.hidden)
    count = int(np.floor(tiles.wanted.sum() + rng.random()))
    nuclei = list(field.fill(count, together=FIRST if config.touching > 0 else DRAWN_TOGETHER))
    losses = [after - was for after, was in zip(taken.hidden, before, strict=False)][1:]
    hides = {other: loss for other, loss in zip(others, losses, strict=True) if loss}
    boxes = [[edge for side in n.place for edge in (side.start, side.stop)] for n in nuclei]
    return Cell(nuclei, taken.hidden[len(before) :], hides, np.array(boxes, dtype=np.int64).reshape(-1, 4))


def _enter(
    earlier: Mapping[Key, Cell], taken: Occupancy, field: Field, around: Window
) -> list[tuple[Key, int]]:
    """Show a cell the nuclei of earlier ones that come near it; return which these are."""
    hidden: Counter[tuple[Key, int]] = Counter()
    for cell in earlier.values():
        hidden.update(cell.hides)
    others = []
    for key, cell in earlier.items():
        for index in cell.meeting(around):
            nucleus = cell.nuclei[index]
            taken.add(nucleus.place, nucleus.mask, cell.hidden[index] + hidden[key, index])
            field.adopt(nucleus)
            others.append((key, index))
    return others
