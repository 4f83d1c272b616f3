"""Aggregated Jaccard index (Kumar et al. 2017), its one-to-one form, and the Dice score of the foreground."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from napari_sharpgan.metrics.overlap import Numbers, OverlapTable, best_partners, one_to_one, overlap_table


def aggregated_jaccard_index(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the aggregated Jaccard index (AJI): 1 for equal masks, 0 where no nuclei overlap.

    Takes and refuses the label images (H, W) that `overlap_table` does.

    Returns
    -------
    float
        In [0, 1]. Two images without nuclei give 1; if only one has nuclei, 0.

    Notes
    -----
    Each true nucleus takes the predicted one of largest IoU, which others may take as well (ties: see
    `best_partners`). AJI is the sum of their intersections over the sum of their unions, to which the areas
    of the true nuclei that overlap none and of the predicted ones that none took are added. Equal to
    HoVer-Net's ``get_fast_aji``. It is not symmetric.

    References
    ----------
    N. Kumar et al.: A dataset and a technique for generalized nuclear segmentation for computational
    pathology. IEEE Transactions on Medical Imaging 36 (2017), 1550–1560, algorithm 1.
    doi:10.1109/TMI.2017.2677499

    Examples
    --------
    >>> aggregated_jaccard_index([[1, 1, 1, 0, 2]], [[5, 5, 0, 0, 0]])
    0.5
    """
    return jaccard_of(overlap_table(true, predicted))


def jaccard_of(table: OverlapTable) -> float:
    """Return the `aggregated_jaccard_index` of an overlap table."""
    best = best_partners(table)
    return _aggregated(table, best[best >= 0])


def jaccard_plus_of(table: OverlapTable) -> float:
    """Return AJI+ of an overlap table: AJI with each nucleus in at most one pair.

    The pairs are those whose IoUs have the largest sum, as in HoVer-Net's ``get_fast_aji_plus``. Unlike
    AJI it does not count a predicted nucleus over several true ones more than once.
    """
    return _aggregated(table, one_to_one(table))


def dice_of(table: OverlapTable) -> float:
    """Return the Dice score of nuclei against background, 2 · shared / (true + predicted pixels)."""
    if table.is_empty:
        return 1.0
    return float(2 * table.intersections.sum() / (table.true_areas.sum() + table.predicted_areas.sum()))


def _aggregated(table: OverlapTable, pairs: Numbers) -> float:
    """Return the intersections of pairs over their unions and the areas of all that are in no pair."""
    if table.is_empty:
        return 1.0
    alone = np.delete(table.true_areas, np.unique(table.rows[pairs])).sum()
    alone += np.delete(table.predicted_areas, np.unique(table.columns[pairs])).sum()
    return float(table.intersections[pairs].sum() / (table.unions[pairs].sum() + alone))
