"""Which nuclei lie near a window, without looking at them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from napari_sharpgan.scene.windows import Window, area, intersection

_CELL = 64  # pixels; a few nuclei fit into one


class GridIndex:
    """Windows by key, filed in square cells of the canvas."""

    def __init__(self) -> None:
        self._windows: dict[int, Window] = {}
        self._cells: defaultdict[tuple[int, int], set[int]] = defaultdict(set)

    def put(self, key: int, window: Window) -> None:
        """File a key that is not yet filed."""
        self._windows[key] = window
        for cell in _cells(window):
            self._cells[cell].add(key)

    def drop(self, key: int) -> None:
        """Forget a key that is filed."""
        for cell in _cells(self._windows.pop(key)):
            self._cells[cell].discard(key)

    def near(self, window: Window) -> list[int]:
        """Return the keys whose windows share pixels with ``window``, in rising order."""
        inside, edge = set[int](), set[int]()
        for cell in _cells(window):
            if keys := self._cells.get(cell):
                (inside if _holds(window, cell) else edge).update(keys)
        inside.update(key for key in edge if area(intersection(self._windows[key], window)))
        return sorted(inside)


def _cells(window: Window) -> Iterator[tuple[int, int]]:
    rows, columns = window
    return product(
        range(rows.start // _CELL, -(-rows.stop // _CELL)),
        range(columns.start // _CELL, -(-columns.stop // _CELL)),
    )


def _holds(window: Window, cell: tuple[int, int]) -> bool:
    """Return whether a window holds all pixels of a cell, so that all that is filed there shares pixels."""
    return all(
        side.start <= _CELL * index and _CELL * (index + 1) <= side.stop
        for side, index in zip(window, cell, strict=True)
    )
