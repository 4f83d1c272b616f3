"""Overlapping windows over a canvas of any size, and the weights that blend them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.scene import Window

SIZE = 256  # height and width of a window: what generators are trained on
OVERLAP = 64
STRIDE = SIZE - OVERLAP

Array = TypeVar("Array")

Place = tuple[int, int]  # row and column of a window in the grid


class WindowGrid:
    """The windows of a canvas: every 192 pixels one of 256 × 256, from the first pixel on.

    The last ones may reach beyond the canvas. What a window shows does not hang on the size of the canvas.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the canvas.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        rows, columns = (max(1, -(-(side - OVERLAP) // STRIDE)) for side in shape)
        self.counts = rows, columns

    def __iter__(self) -> Iterator[Place]:
        """Yield all places, row by row."""
        return product(range(self.counts[0]), range(self.counts[1]))

    def __len__(self) -> int:
        """Return the number of windows."""
        return self.counts[0] * self.counts[1]

    def touching(self, window: Window) -> list[Place]:
        """Return the places whose windows share pixels with ``window``."""
        rows, columns = (
            range(max(0, -(-(side.start - SIZE + 1) // STRIDE)), min(count, (side.stop - 1) // STRIDE + 1))
            for side, count in zip(window, self.counts, strict=True)
        )
        return list(product(rows, columns))

    def extent(self, place: Place) -> Window:
        """Return the part of the canvas that a window covers."""
        rows, columns = (
            slice(index * STRIDE, min(index * STRIDE + SIZE, side))
            for index, side in zip(place, self.shape, strict=True)
        )
        return rows, columns

    def weights(self, place: Place) -> NDArray[np.float32]:
        """Return the weights by which a window is blended with its neighbors, see `blend_weights`."""
        return blend_weights(*self.ends(place))

    def ends(self, place: Place) -> tuple[tuple[bool, bool], tuple[bool, bool]]:
        """Return whether a window is the first, and the last, one of its column and of its row."""
        (row, column), (rows, columns) = place, self.counts
        return (row == 0, column == 0), (row == rows - 1, column == columns - 1)

    def extents(self, places: Iterable[Place]) -> Window:
        """Return the smallest part of the canvas that holds several windows."""
        rows, columns = zip(*(self.extent(place) for place in places), strict=True)
        return (
            slice(min(side.start for side in rows), max(side.stop for side in rows)),
            slice(min(side.start for side in columns), max(side.stop for side in columns)),
        )


@cache  # nine kinds of windows, or a few more
def blend_weights(
    first: tuple[bool, bool] = (False, False), last: tuple[bool, bool] = (False, False)
) -> NDArray[np.float32]:
    """Return the weight of each pixel of a window: raised cosines over the overlaps, else 1.

    The weights of neighbors sum to 1; the outermost pixels, which the network knows least about, weigh least.

    Parameters
    ----------
    first, last : (bool, bool)
        Whether the window is the first or the last one of the rows and of the columns of windows: it has no
        neighbor there, and weighs 1.

    Returns
    -------
    float32 array of shape (256, 256); not to be changed
    """
    rise = (1 - np.cos(np.pi * (np.arange(OVERLAP) + 0.5) / OVERLAP)) / 2
    flat, alone = np.ones(SIZE - 2 * OVERLAP), np.ones(OVERLAP)
    along_rows, along_columns = (
        np.concatenate([alone if begins else rise, flat, alone if ends else rise[::-1]])
        for begins, ends in zip(first, last, strict=True)
    )
    weights = np.outer(along_rows, along_columns).astype(np.float32)
    weights.flags.writeable = False
    return weights


@cache
def mirror(side: int) -> NDArray[np.intp]:
    """Return which of the first ``side`` pixels stand where in a window, (256,)."""
    return np.pad(np.arange(side), (0, SIZE - side), mode="symmetric")


def mirrored(part: Array, mirror: Callable[[int], Any] = mirror) -> Array:
    """Return what a window covers of a canvas, (h, w) or (h, w, C), as a full one, mirrored beyond it.

    ``mirror`` gives the index along a side for arrays of another kind than NumPy's.
    """
    given: Any = part
    height, width = given.shape[:2]
    if height < SIZE:
        given = given[mirror(height)]
    return given if width == SIZE else given[:, mirror(width)]  # type: ignore[no-any-return]
