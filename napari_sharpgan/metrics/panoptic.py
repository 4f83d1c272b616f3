"""Panoptic quality (Kirillov, He, Girshick, Rother & Dollár 2019): which nuclei are found, and how well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.metrics.overlap import Labels, Numbers, OverlapTable, one_to_one, overlap_table

MATCH_IOU = 0.5  # two nuclei whose IoU is above it are a pair


@dataclass(frozen=True, eq=False)
class PanopticQuality:
    """Pairs of nuclei, and the scores that follow from them.

    Parameters
    ----------
    pairs : ndarray of shape (TP, 2)
        True and predicted label of each pair, ascending in the true one.
    ious : ndarray of shape (TP,)
        Their intersections over unions.
    unpaired_true : ndarray of shape (FN,)
        Labels of the true nuclei that were not found.
    unpaired_predicted : ndarray of shape (FP,)
        Labels of the predicted nuclei that are none.
    """

    pairs: Labels
    ious: NDArray[np.float64]
    unpaired_true: Labels
    unpaired_predicted: Labels

    @property
    def tp(self) -> int:
        """True positives: the number of pairs."""
        return len(self.pairs)

    @property
    def fp(self) -> int:
        """False positives: predicted nuclei without a partner."""
        return len(self.unpaired_predicted)

    @property
    def fn(self) -> int:
        """False negatives: true nuclei without a partner."""
        return len(self.unpaired_true)

    @property
    def dq(self) -> float:
        """Detection quality, the F1 score of the nuclei as objects: TP / (TP + FP / 2 + FN / 2)."""
        return self._share(self.tp + 0.5 * self.fp + 0.5 * self.fn)

    @property
    def f1(self) -> float:
        """The F1 score of the nuclei as objects; another name of `dq`."""
        return self.dq

    @property
    def sq(self) -> float:
        """Segmentation quality: the mean IoU of the pairs, 0 where there is none."""
        if self.tp:
            return float(self.ious.mean())
        return float(self._nothing)

    @property
    def pq(self) -> float:
        """Panoptic quality: DQ · SQ."""
        return self.dq * self.sq

    @property
    def precision(self) -> float:
        """Share of the predicted nuclei that have a partner, TP / (TP + FP); 0 where none is predicted."""
        return self._share(self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the true nuclei that have a partner, TP / (TP + FN); 0 where there is none."""
        return self._share(self.tp + self.fn)

    @property
    def _nothing(self) -> bool:
        """Whether there is no nucleus on either side, which is agreement."""
        return not (self.tp or self.fp or self.fn)

    def _share(self, whole: float) -> float:
        """Return TP / whole; without nuclei on either side 1, else 0 where the whole is 0."""
        return self.tp / whole if whole else float(self._nothing)


def panoptic_quality(
    true: ArrayLike, predicted: ArrayLike, *, match_iou: float = MATCH_IOU
) -> PanopticQuality:
    """Pair true with predicted nuclei, and say how good the prediction is: DQ, SQ, PQ and more.

    Parameters
    ----------
    true, predicted : ndarray of int, shape (H, W)
        One whole number a nucleus, 0 off nuclei; see `overlap_table`.
    match_iou : float
        Nuclei whose IoU is above it are a pair; at least 0 and below 1. From 0.5 on there is only one way to
        pair. Below, nuclei are first paired so that the sum of all IoUs is largest, and pairs above it stay.

    Returns
    -------
    PanopticQuality
        With ``dq``, ``sq``, ``pq``, ``precision`` and ``recall``, each in [0, 1], the counts ``tp``, ``fp``,
        ``fn``, and the pairs. Two images without nuclei agree, so all scores are 1; if only one of them has
        nuclei all are 0.

    Raises
    ------
    ValueError, TypeError
        As `overlap_table` does, and for another ``match_iou``.

    Notes
    -----
    The pairs are those of HoVer-Net's ``get_fast_pq``. That divides the sum of the IoUs by TP + 10⁻⁶, the
    paper by TP, and so do we: an image against itself scores exactly 1.

    References
    ----------
    A. Kirillov, K. He, R. Girshick, C. Rother, P. Dollár: Panoptic segmentation. CVPR 2019, 9404–9413.
    doi:10.1109/CVPR.2019.00963. For nuclei: S. Graham et al.: HoVer-Net: simultaneous segmentation and
    classification of nuclei in multi-tissue histology images. Medical Image Analysis 58 (2019), 101563.
    doi:10.1016/j.media.2019.101563

    Examples
    --------
    >>> quality = panoptic_quality([[1, 1, 1, 0, 2]], [[5, 5, 0, 0, 0]])
    >>> quality.tp, quality.fp, quality.fn, round(quality.pq, 3)
    (1, 0, 1, 0.444)
    """
    return quality_of(overlap_table(true, predicted), match_iou=match_iou)


def quality_of(table: OverlapTable, *, match_iou: float = MATCH_IOU) -> PanopticQuality:
    """Return the `panoptic_quality` of an overlap table."""
    kept = matched_pairs(table, match_iou)
    rows, columns = table.rows[kept], table.columns[kept]
    return PanopticQuality(
        pairs=np.stack([table.true_labels[rows], table.predicted_labels[columns]], axis=1),
        ious=table.ious[kept],
        unpaired_true=np.delete(table.true_labels, rows),
        unpaired_predicted=np.delete(table.predicted_labels, columns),
    )


def matched_pairs(table: OverlapTable, match_iou: float = MATCH_IOU) -> Numbers:
    """Return the positions in the table of the pairs whose IoU is above ``match_iou``, each nucleus once."""
    if not 0 <= match_iou < 1:
        raise ValueError(f"match_iou must be at least 0 and below 1, got {match_iou}")
    if match_iou >= MATCH_IOU:
        return np.flatnonzero(table.ious > match_iou)
    kept = one_to_one(table)
    return kept[table.ious[kept] > match_iou]
