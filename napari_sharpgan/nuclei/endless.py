"""Random nuclei of a canvas of any size, each following from the seed, the settings and its place alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import index
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_shape
from napari_sharpgan.nuclei.cell import Cell, fill_cell
from napari_sharpgan.nuclei.config import NucleiConfig
from napari_sharpgan.nuclei.field import MOST_COVER, Nucleus, cover, draw_count, draw_size_factor
from napari_sharpgan.nuclei.landscape import MOST_DENSE, Landscape
from napari_sharpgan.nuclei.lattice import Key, lattice_for
from napari_sharpgan.nuclei.occupancy import paint
from napari_sharpgan.nuclei.raster import Window

LARGEST_ID = int(np.iinfo(np.uint32).max)
MEMORY = 256 * 2**20  # bytes of cells that are kept
PATCHINESS = 0.6
MOST_PATCHINESS = 2.0


@dataclass(frozen=True, eq=False)
class PlacedNuclei:
    """Nuclei of a window, in painting order: later ones lie on top.

    Parameters
    ----------
    polygons : list of ndarray of shape (N, 2), float64
        Whole outlines, rows and columns of the canvas, also where they reach out of the window or canvas.
    ids : ndarray of shape (n,), int64
        Their ids, at least 1.
    """

    polygons: list[NDArray[np.float64]]
    ids: NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.polygons)


class EndlessNuclei:
    """Random nuclei of a canvas of any size, as `random_nuclei` draws them on a small one.

    Each nucleus follows from the shape of the canvas, the settings, their seed and its place: whichever
    windows are asked for, in whichever order, object or process, agree to the last bit (on one kind of
    processor and one version of NumPy). What a window takes does not depend on the canvas.

    The canvas is filled in square cells, of 512 px or, for large nuclei, so large that a nucleus can meet
    only those of neighboring cells. Each has its own source of chance. Cells of four colors are filled one
    color after another, and see the nuclei of their neighbors of earlier colors, so that
    `NucleiConfig.max_overlap` and ``touching`` hold across cells as within.

    What differs from `random_nuclei`: the number of nuclei follows from the density of the place, so that it
    is met in the mean only; the warp that makes neighbors alike is a smooth one without end, as steep in the
    mean as theirs on one canvas; and tissue is patchy.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the canvas in px at 0.25 µm.
    config : NucleiConfig
        Settings; a count is that of the whole canvas.
    patchiness : float
        How much crowded and sparse regions differ: the standard deviation, from 0 to 2, of the logarithm of
        the density, which varies smoothly over about 1,000 px. The mean over a canvas much larger than that
        stays. Places where nuclei would cover over half of the area, or four times as much as elsewhere, get
        no more. 0: everywhere alike (theirs). Ours; at the default counts vary about as in the 30 images of
        MoNuSeg 2018, both between images of 1000² px (standard deviation of their logarithm 0.50) and between
        squares of 250² px within one (variance beyond that of chance: 0.042 of the squared mean).
    memory : int
        Bytes of drawn cells to keep; 256 MiB are enough for blocks of 4096² px at ordinary densities. Less
        only takes more time.

    Raises
    ------
    ValueError
        If a value lies outside its limits, nuclei would be larger than cells of 16,384 px allow, or ids would
        not fit in 32 bits. Each cell has ids for the most nuclei that any may have, so that none needs to
        be counted: at 2,500 nuclei per mm² a canvas may have about 3 million px a side.

    Examples
    --------
    >>> nuclei = EndlessNuclei((100_000, 100_000), NucleiConfig(density=2500, seed=4))
    >>> labels = nuclei.labels((slice(50_000, 50_512), slice(99_488, 100_000)))
    """

    def __init__(
        self,
        shape: tuple[int, int],
        config: NucleiConfig,
        *,
        patchiness: float = PATCHINESS,
        memory: int = MEMORY,
    ) -> None:
        self.shape, self.config = check_shape(shape), config
        if not 0 <= patchiness <= MOST_PATCHINESS:
            raise ValueError(f"patchiness must be from 0 to {MOST_PATCHINESS:g}, got {patchiness}")
        self.patchiness, self._memory = float(patchiness), memory
        rng = np.random.default_rng(config.seed)
        area = self.shape[0] * self.shape[1]
        self.wanted = draw_count(self.shape, config, rng)
        self._factor = draw_size_factor(self.shape, self.wanted, config, rng)
        share = cover(self.wanted, area, config) * self._factor**2
        dense = float(np.clip(MOST_COVER / share, 1.0, MOST_DENSE)) if share else 1.0
        self._lattice = lattice_for(self.shape, config, self._factor)
        self._landscape = Landscape(config.seed, self.wanted / area, self.patchiness, dense, config.alike)
        self._capacity = int(self._landscape.most * self._lattice.side**2) + 2
        self._check_ids()
        self._cells: OrderedDict[Key, Cell] = OrderedDict()
        self._held = 0
        self._lock = RLock()

    def __reduce__(self) -> tuple[Callable[..., EndlessNuclei], tuple[Any, ...]]:
        """Pickle the settings only: the nuclei follow from them."""
        make = partial(EndlessNuclei, patchiness=self.patchiness, memory=self._memory)
        return make, (self.shape, self.config)

    @property
    def cell(self) -> int:
        """Rows and columns of a cell in px; blocks that start and end at cells take the least time."""
        return self._lattice.side

    @property
    def held(self) -> int:
        """About how many bytes of drawn cells are kept."""
        return self._held

    def in_window(self, window: Window) -> PlacedNuclei:
        """Return every nucleus that has a pixel in a window, even if later ones hide it, as a whole.

        Parameters
        ----------
        window : (slice, slice)
            Rows and columns of the canvas, without steps.

        Raises
        ------
        ValueError
            If the window is empty or does not lie on the canvas.
        """
        found = list(self._nuclei(self._check(window)))
        return PlacedNuclei(
            [nucleus.polygon.copy() for _, nucleus in found],
            np.array([number for number, _ in found], dtype=np.int64),
        )

    def labels(self, window: Window) -> NDArray[np.uint32]:
        """Return the label image of a window, the same as that part of any larger one.

        Parameters and errors as `in_window`.

        Returns
        -------
        ndarray of shape (h, w), uint32
            Ids of the nuclei, 0 is background.
        """
        numbers, ids = self.numbered(window)
        return ids[numbers]

    def numbered(self, window: Window) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
        """Return the label image of a window with the numbers from 1 to n, and the ids that they stand for.

        Parameters and errors as `in_window`.

        Returns
        -------
        numbers : ndarray of shape (h, w), int32
            In painting order; 0 is background.
        ids : ndarray of shape (n + 1,), uint32
            The id of each number, and 0 for 0.
        """
        part = self._check(window)
        numbers = np.zeros([side.stop - side.start for side in part], dtype=np.int32)
        ids = [0]
        for number, nucleus in self._nuclei(part):
            paint(numbers, part, nucleus.place, nucleus.mask, len(ids))
            ids.append(number)
        return numbers, np.array(ids, dtype=np.uint32)

    def _nuclei(self, window: Window) -> Iterator[tuple[int, Nucleus]]:
        """Yield the ids and nuclei that have a pixel in a window, in painting order."""
        for key in self._lattice.near(window):
            cell = self._cell(key)
            first = self._lattice.number(key) * self._capacity + 1
            for place in cell.within(window):
                yield first + place, cell.nuclei[place]

    def _cell(self, key: Key) -> Cell:
        """Return a cell, and keep it."""
        with self._lock:
            if key in self._cells:
                self._cells.move_to_end(key)
                return self._cells[key]
            earlier = {other: self._cell(other) for other in self._lattice.earlier(key)}
            cell = fill_cell(key, self._lattice, self._landscape, self.config, self._factor, earlier)
            self._cells[key] = cell
            self._held += cell.bytes
            while self._held > self._memory:
                self._held -= self._cells.popitem(last=False)[1].bytes
            return cell

    def _check(self, window: Window) -> Window:
        """Return a window with its ends filled in, if it lies on the canvas."""
        try:
            rows, columns = window
            ends = [
                (0 if side.start is None else side.start, most if side.stop is None else side.stop)
                for side, most in zip((rows, columns), self.shape, strict=True)
            ]
            ends = [(index(start), index(stop)) for start, stop in ends]
            steps = {side.step for side in (rows, columns)}
        except (TypeError, ValueError, AttributeError):
            raise TypeError(f"window must be two slices, rows and columns, got {window!r}") from None
        if steps - {None, 1} or not all(
            0 <= start < stop <= most for (start, stop), most in zip(ends, self.shape, strict=True)
        ):
            raise ValueError(
                f"window must have pixels, no steps, and lie on the canvas of {self.shape[0]} × "
                f"{self.shape[1]} px, got {window}"
            )
        (top, bottom), (left, right) = ends
        return slice(top, bottom), slice(left, right)

    def _check_ids(self) -> None:
        """Refuse a canvas whose ids would not fit in the label image."""
        largest = self._lattice.rows * self._lattice.columns * self._capacity
        if largest > LARGEST_ID:
            raise ValueError(
                f"a canvas of {self.shape[0]} × {self.shape[1]} px at this density needs nuclei ids up to "
                f"{largest:,}, but label images hold at most {LARGEST_ID:,}"
            )
