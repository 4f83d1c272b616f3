"""Windows: rectangles of the canvas as (slice of rows, slice of columns)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Window = tuple[slice, slice]

# What it costs to begin with a window, as the number of pixels that are made true in the same time.
_COST_OF_A_WINDOW = 10_000


def area(window: Window) -> int:
    """Return how many pixels a window has."""
    rows, columns = window
    height: int = max(rows.stop - rows.start, 0)
    width: int = max(columns.stop - columns.start, 0)
    return height * width


def union(windows: Iterable[Window]) -> Window:
    """Return the smallest window around all of at least one window."""
    rows, columns = zip(*windows, strict=True)
    return (
        slice(min(side.start for side in rows), max(side.stop for side in rows)),
        slice(min(side.start for side in columns), max(side.stop for side in columns)),
    )


def intersection(first: Window, second: Window) -> Window:
    """Return what two windows share; its area is 0 where they lie apart."""
    (rows, columns), (other_rows, other_columns) = first, second
    return (
        slice(max(rows.start, other_rows.start), min(rows.stop, other_rows.stop)),
        slice(max(columns.start, other_columns.start), min(columns.stop, other_columns.stop)),
    )


def grown(window: Window, margin: int, shape: tuple[int, int]) -> Window:
    """Return a window with ``margin`` pixels more on each side, cut at the canvas (H, W)."""
    rows, columns = window
    return (
        slice(max(rows.start - margin, 0), min(rows.stop + margin, shape[0])),
        slice(max(columns.start - margin, 0), min(columns.stop + margin, shape[1])),
    )


def within(inner: Window, outer: Window) -> Window:
    """Return ``inner`` counted from the first pixel of ``outer``."""
    (rows, columns), (outer_rows, outer_columns) = inner, outer
    top, left = outer_rows.start, outer_columns.start
    return slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)


def gathered(windows: Sequence[Window]) -> Sequence[Window]:
    """Return the windows, or the one around them all where that is less work."""
    if len(windows) < 2:
        return windows
    whole = union(windows)
    one_by_one = sum(area(window) + _COST_OF_A_WINDOW for window in windows)
    return [whole] if area(whole) <= one_by_one else windows
