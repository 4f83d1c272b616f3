"""Size and form of all nuclei of a label image at once, from the runs of their pixels along the rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Numbers = NDArray[Any]
Columns = dict[str, Numbers]

AROUND = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
DIAGONAL = np.sqrt(2)
# Length of the line through a border pixel, by 1 + 2 · (direct) + 10 · (diagonal neighbors on the border)
LENGTHS = np.zeros(50)
LENGTHS[[5, 7, 15, 17, 25, 27]] = 1
LENGTHS[[21, 33]] = DIAGONAL
LENGTHS[[13, 23]] = (1 + DIAGONAL) / 2
ROUNDING = 1e-9
BAND = 256  # rows looked at together: they stay in the processor's cache
BEYOND = 2**31  # above all labels


class Runs(NamedTuple):
    """Pixels of nuclei side by side in a row: which nucleus, which row, first and last column."""

    nucleus: NDArray[np.intp]
    row: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]


def find_runs(labels: Numbers) -> tuple[Numbers, Runs]:
    """Return the labels (K,) that come in an image, rising, and the runs of their pixels, row by row."""
    found = [np.zeros((4, 0), dtype=np.int64)]
    for top in range(0, len(labels), BAND):
        band = np.pad(labels[top : top + BAND], ((0, 0), (1, 1)))
        rows, columns = np.divmod(np.flatnonzero(band[:, 1:] != band[:, :-1]), band.shape[1] - 1)
        left, right = band[rows, columns], band[rows, columns + 1]
        starts, ends = right != 0, left != 0
        found.append(np.stack((right[starts], rows[starts] + top, columns[starts], columns[ends] - 1)))
    label, row, first, last = np.concatenate(found, axis=1)
    keys, nucleus = np.unique(label, return_inverse=True)
    return keys, Runs(nucleus, row, first, last)


def moments(runs: Runs, count: int) -> Columns:
    """Return centroid, area, diameter and eccentricity of each of ``count`` nuclei."""
    nucleus, row, _, _ = runs
    size, middle = runs.last - runs.first + 1, (runs.first + runs.last) / 2

    def total(values: Numbers) -> Numbers:
        return np.bincount(nucleus, values, count)

    area = total(size)
    center_row, center_column = total(size * row) / area, total(size * middle) / area
    down, right = row - center_row[nucleus], middle - center_column[nucleus]
    rows = total(size * down**2) / area
    columns = total(size * (right**2 + (size**2 - 1) / 12)) / area
    both = total(size * down * right) / area
    spread = np.hypot(rows - columns, 2 * both)
    long, short = rows + columns + spread, np.maximum(rows + columns - spread, 0)
    return {
        "row": center_row,
        "column": center_column,
        "area": area.astype(np.int64),
        "diameter": np.sqrt(4 * area / np.pi),
        "eccentricity": np.sqrt(1 - np.divide(short, long, out=np.ones_like(long), where=long > 0)),
    }


def hull_areas(runs: Runs, count: int) -> NDArray[np.int64]:
    """Return how many pixels the convex hull of each of ``count`` nuclei covers.

    The hull is that of the midpoints of the edges of its pixels, and covers a pixel whose center is in it or
    on it, as in ``skimage.morphology.convex_hull_image``.
    """
    order = np.argsort(runs.nucleus, kind="stable")
    nucleus, row, first, last = (values[order] for values in runs)
    points, owners = [], []
    for side, column in ((-1, first), (1, last)):
        for where, down, right in _candidates(nucleus, row, side * column):
            points.append(np.column_stack((row[where] + down, column[where] + side * right)))
            owners.append(nucleus[where])
    everyone, owner = np.concatenate(points), np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    return _pixels_in(shapely.convex_hull(shapely.linestrings(everyone[order], indices=owner[order])), count)


def _candidates(nucleus: Numbers, row: Numbers, reach: Numbers) -> list[tuple[Numbers, float, float]]:
    """Return which midpoints of the edges at the ends of runs may be corners of the hull.

    Those are left out that lie between, or within, the ends of the runs of the same nucleus right above and
    below, which is nearly all.

    Parameters
    ----------
    nucleus, row, reach : ndarray of shape (R,)
        Of each run, by nucleus and row; ``reach`` says how far out it ends.

    Returns
    -------
    list of (which runs, step down, step outward)
    """
    next_to = (nucleus[1:] == nucleus[:-1]) & (row[1:] == row[:-1] + 1)
    above, below = np.append(False, next_to), np.append(next_to, False)
    upper, lower = np.append(reach[:1], reach[:-1]), np.append(reach[1:], reach[-1:])
    outer = ~(above & below & (upper + lower >= 2 * reach))
    return [
        (outer, 0.0, 0.5),
        (~(above & (upper >= reach - 1)), -0.5, 0.0),
        (~(below & (lower >= reach - 1)), 0.5, 0.0),
    ]


def _pixels_in(hulls: Numbers, count: int) -> NDArray[np.int64]:
    """Return how many pixel centers each convex polygon holds, by its left and right edge in each row."""
    corners, owners = shapely.get_coordinates(hulls, return_index=True)
    same = owners[1:] == owners[:-1]
    start, end, owner = corners[:-1][same], corners[1:][same], owners[1:][same]
    tops, bottoms = np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0])
    low = np.ceil(tops).astype(np.intp)
    number = np.where(bottoms > tops, np.floor(bottoms).astype(np.intp) - low + 1, 0)
    edge = np.repeat(np.arange(len(start)), number)
    row = low[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(number) - number, number)
    (top, left), (fall, run) = start[edge].T, (end - start)[edge].T
    column = left + (row - top) * run / fall
    lowest, highest = np.ceil(shapely.bounds(hulls)[:, [0, 2]]).T.astype(np.intp)
    offset = np.cumsum(highest - lowest) - (highest - lowest)
    slot = offset[owner[edge]] + row - lowest[owner[edge]]
    leftmost = np.full(offset[-1] + highest[-1] - lowest[-1], np.inf)
    rightmost = -leftmost
    np.minimum.at(leftmost, slot, column)
    np.maximum.at(rightmost, slot, column)
    widths = np.floor(rightmost + ROUNDING) - np.ceil(leftmost - ROUNDING) + 1
    return np.bincount(np.repeat(np.arange(count), highest - lowest), widths, count).astype(np.int64)


def border_measures(own: Numbers, labels: Numbers, keys: Numbers) -> Columns:
    """Return perimeter and number of neighbors of nuclei.

    Parameters
    ----------
    own : ndarray of shape (H, W), integers
        The nuclei to measure, 0 elsewhere.
    labels : ndarray of shape (H, W), integers
        All nuclei.
    keys : ndarray of shape (K,), integers
        The labels in ``own``, rising.
    """
    border = border_pixels(own)
    rows, columns = np.nonzero(border)
    mine = own[rows, columns]
    nucleus = np.searchsorted(keys, mine)
    code, pairs = np.ones(len(rows), dtype=np.intp), [np.zeros(0, dtype=np.int64)]
    for down, right in AROUND:
        place, there = _moved(rows, columns, (down, right), own.shape)
        code += (10 if down and right else 2) * (there & border[place] & (own[place] == mine))
        other = labels[place]
        met = there & (other != 0) & (other != mine)
        pairs.append(nucleus[met] * BEYOND + other[met])
    touching = np.unique(np.concatenate(pairs)) // BEYOND
    return {
        "perimeter": np.bincount(nucleus, LENGTHS[code], len(keys)),
        "neighbors": np.bincount(touching, minlength=len(keys)),
    }


def border_pixels(labels: Numbers) -> NDArray[np.bool_]:
    """Return the pixels of nuclei at the border of the image or with a direct neighbor of another label."""
    border = np.zeros(labels.shape, dtype=bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    for top in range(0, len(labels), BAND):
        band = labels[max(top - 1, 0) : top + BAND + 1]
        here, skipped = border[top : top + BAND], min(top, 1)
        steps = np.diff(band, axis=0) != 0
        here[1 - skipped :] |= steps[: len(here) - 1 + skipped]
        here[: len(steps) - skipped] |= steps[skipped : skipped + len(here)]
        band = labels[top : top + BAND]
        steps = band[:, 1:] != band[:, :-1]
        here[:, 1:] |= steps
        here[:, :-1] |= steps
        here &= band != 0
    return border


def _moved(
    rows: Numbers, columns: Numbers, step: tuple[int, int], shape: tuple[int, ...]
) -> tuple[tuple[Numbers, Numbers], NDArray[np.bool_]]:
    """Return places one step on, kept on the image, and whether that is where the step led."""
    aims = rows + step[0], columns + step[1]
    place = np.clip(aims[0], 0, shape[0] - 1), np.clip(aims[1], 0, shape[1] - 1)
    return place, (place[0] == aims[0]) & (place[1] == aims[1])


def form_measures(own: Numbers, labels: Numbers) -> tuple[Numbers, Columns]:
    """Return the labels (K,) of the nuclei in ``own``, rising, and the columns that need no image.

    Parameters as in `border_measures`.
    """
    keys, runs = find_runs(own)
    if not len(keys):
        return keys, {name: np.zeros(0) for name in FORM}
    columns = moments(runs, len(keys)) | border_measures(own, labels, keys)
    columns["solidity"] = columns["area"] / hull_areas(runs, len(keys))
    return keys, {name: columns[name] for name in FORM}


FORM = ("row", "column", "area", "perimeter", "diameter", "eccentricity", "solidity", "neighbors")
