"""Which true and predicted nuclei share how many pixels: the one table that all instance metrics read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from napari_sharpgan._checks import check_labels, check_same_shape

Labels = NDArray[np.int64]
Numbers = NDArray[np.int64]  # counts of pixels, or positions in the table
_LARGEST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, eq=False)
class OverlapTable:
    """The areas of T true and P predicted nuclei, and the K pairs that share at least one pixel.

    Parameters
    ----------
    true_labels, predicted_labels : ndarray of shape (T,) and (P,)
        The labels that occur, ascending, without 0.
    true_areas, predicted_areas : ndarray of shape (T,) and (P,)
        Their pixels.
    rows, columns : ndarray of shape (K,)
        Positions of a pair in the true and in the predicted labels; ordered by row, then by column.
    intersections : ndarray of shape (K,)
        The pixels that a pair shares.
    """

    true_labels: Labels
    predicted_labels: Labels
    true_areas: Numbers
    predicted_areas: Numbers
    rows: Numbers
    columns: Numbers
    intersections: Numbers

    @property
    def unions(self) -> Numbers:
        """Pixels of a pair together, (K,)."""
        return self.true_areas[self.rows] + self.predicted_areas[self.columns] - self.intersections

    @property
    def ious(self) -> NDArray[np.float64]:
        """Intersection over union of each pair, (K,), in (0, 1]."""
        return self.intersections / self.unions

    @property
    def is_empty(self) -> bool:
        """Whether there is no nucleus on either side."""
        return not (self.true_labels.size or self.predicted_labels.size)


def overlap_table(true: ArrayLike, predicted: ArrayLike) -> OverlapTable:
    """Return how the nuclei of two label images overlap.

    Parameters
    ----------
    true, predicted : ndarray of int, shape (H, W)
        One whole number a nucleus, 0 off nuclei; any integer type, labels with gaps, up to 2⁶³ − 1. Pixels of
        one label are one nucleus, connected or not.

    Raises
    ------
    ValueError
        If the shapes differ or are not (H, W), or a label is negative or too large.
    TypeError
        If labels are no integers.

    Notes
    -----
    Pixels are gathered into runs along the rows in which neither label changes. Only runs are sorted, so time
    grows with pixels, and with the outlines' length × its logarithm, not with the number of pairs.

    Examples
    --------
    >>> table = overlap_table([[7, 7, 7, 0]], [[0, 3, 3, 3]])
    >>> table.intersections, table.unions
    (array([2]), array([4]))
    """
    true_runs, predicted_runs, lengths = label_runs(true, predicted)
    true_labels, rows = np.unique(true_runs, return_inverse=True)
    predicted_labels, columns = np.unique(predicted_runs, return_inverse=True)
    keys, inverse = np.unique(rows * len(predicted_labels) + columns, return_inverse=True)
    rows, columns = np.divmod(keys, max(len(predicted_labels), 1))
    pixels = _sums(inverse, lengths, len(keys))
    true_areas = _sums(rows, pixels, len(true_labels))
    predicted_areas = _sums(columns, pixels, len(predicted_labels))
    shared = (true_labels[rows] > 0) & (predicted_labels[columns] > 0)
    true_off, predicted_off = (int(0 in labels) for labels in (true_labels, predicted_labels))  # background
    return OverlapTable(
        true_labels[true_off:],
        predicted_labels[predicted_off:],
        true_areas[true_off:],
        predicted_areas[predicted_off:],
        rows[shared] - true_off,
        columns[shared] - predicted_off,
        pixels[shared],
    )


def label_runs(true: ArrayLike, predicted: ArrayLike) -> tuple[Labels, Labels, Numbers]:
    """Return true label, predicted label and length of each run of pixels, in the order of the image.

    Takes and refuses what `overlap_table` does.
    """
    pair = check_labels(true, "true", _LARGEST), check_labels(predicted, "predicted", _LARGEST)
    check_same_shape(*pair, "true and predicted")
    first, second = (labels.ravel() for labels in pair)
    if not first.size:
        return (np.zeros(0, np.int64),) * 3
    changes = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lengths = np.diff(starts, append=first.size)
    return first[starts].astype(np.int64), second[starts].astype(np.int64), lengths


def best_partners(table: OverlapTable) -> Numbers:
    """Return the position (T,) in the table of each true nucleus's pair of largest IoU, −1 where it has none.

    Of pairs of equal IoU the one that shares more pixels is taken, then the one of the smaller predicted
    label, as HoVer-Net's script does by what it adds to unions.
    """
    order = np.lexsort((table.columns, -table.intersections, -table.ious, table.rows))
    rows, first = np.unique(table.rows[order], return_index=True)
    best = np.full(len(table.true_labels), -1)
    best[rows] = order[first]
    return best


def one_to_one(table: OverlapTable) -> Numbers:
    """Return the positions of the pairs, each nucleus in at most one, whose IoUs have the largest sum."""
    count = len(table.true_labels)
    if not len(table.rows):
        return np.zeros(0, np.int64)
    everyone = np.arange(count)
    alone = len(table.predicted_labels) + everyone  # staying alone is a column of its own for each row
    costs = coo_array(
        (
            np.concatenate([2 - table.ious, np.full(count, 2.0)]),
            (np.concatenate([table.rows, everyone]), np.concatenate([table.columns, alone])),
        )
    )
    chosen = min_weight_full_bipartite_matching(costs.tocsr())[1]
    return np.flatnonzero(chosen[table.rows] == table.columns)


def _sums(groups: NDArray[Any], values: Numbers, count: int) -> Numbers:
    """Return the sum of the values in each of ``count`` groups."""
    return np.bincount(groups, values, count).astype(np.int64)
