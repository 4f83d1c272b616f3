"""What became of each nucleus: matched, missed, extra, merged or split; as tables and as an error map."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.metrics.overlap import Labels, Numbers, OverlapTable, label_runs, overlap_table
from napari_sharpgan.metrics.panoptic import matched_pairs

MOSTLY = 0.5  # a nucleus lies within another one where more than this share of its pixels does


class Outcome(IntEnum):
    """What became of a nucleus; the value is its code in an error map, where 0 is off nuclei."""

    MATCHED = 1
    MISSED = 2
    EXTRA = 3
    MERGED = 4
    SPLIT = 5


class OutcomeStyle(NamedTuple):
    """How an outcome is shown: one word, a color, and a sentence for a legend."""

    word: str
    color: str
    meaning: str


# Told apart with any form of color blindness, also from stained tissue and black; the test has the numbers.
OUTCOME_STYLES: dict[Outcome, OutcomeStyle] = {
    Outcome.MATCHED: OutcomeStyle("matched", "#009e73", "A true and a predicted nucleus with IoU above 0.5."),
    Outcome.MISSED: OutcomeStyle("missed", "#d55e00", "A true nucleus that was not predicted."),
    Outcome.EXTRA: OutcomeStyle("extra", "#ffffff", "A predicted nucleus where there is none."),
    Outcome.MERGED: OutcomeStyle("merged", "#f0e442", "Several true nuclei predicted as one."),
    Outcome.SPLIT: OutcomeStyle("split", "#772200", "One true nucleus predicted as several."),
}


@dataclass(frozen=True, eq=False)
class NucleiOutcomes:
    """The outcomes of the nuclei of one label image, a row a nucleus.

    Parameters
    ----------
    labels : ndarray of shape (N,)
        Ascending.
    areas : ndarray of shape (N,)
        Pixels.
    codes : ndarray of uint8, shape (N,)
        Values of `Outcome`.
    partners : ndarray of shape (N,)
        Label in the other image: of its match, of what it was merged into or split from, else of the one
        with the largest IoU; 0 where it overlaps none.
    ious : ndarray of shape (N,)
        IoU with the partner, 0 without one.
    """

    labels: Labels
    areas: Numbers
    codes: NDArray[np.uint8]
    partners: Labels
    ious: NDArray[np.float64]

    def count(self, outcome: Outcome) -> int:
        """Return how many nuclei had this outcome."""
        return int(np.count_nonzero(self.codes == outcome))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What became of the true and of the predicted nuclei."""

    true: NucleiOutcomes
    predicted: NucleiOutcomes


def nucleus_outcomes(true: ArrayLike, predicted: ArrayLike) -> Outcomes:
    """Return for each true and each predicted nucleus whether it was matched, missed, extra, merged or split.

    Takes and refuses the label images (H, W) that `overlap_table` does.

    Returns
    -------
    Outcomes

    Notes
    -----
    A nucleus *lies within* another one if more than half of its pixels do, so it lies within at most one. A
    nucleus *covers several* if at least two lie within it and together they make up more than half of it.
    The first of these that holds is the outcome:

    * matched: it is one of a pair with IoU above 0.5, as for `panoptic_quality`;
    * merged: a predicted nucleus that covers several true ones, and each true one within it;
    * split: a true nucleus that several predicted ones lie in and cover, and each of those;
    * missed: any other true nucleus; extra: any other predicted one.

    So matched ones are the TP on both sides. A predicted nucleus that matches a large true one and has
    swallowed a small one is matched; the small one is merged.

    Examples
    --------
    >>> outcomes = nucleus_outcomes([[1, 1, 2, 2, 0, 3]], [[7, 7, 7, 7, 0, 0]])
    >>> [Outcome(code).name for code in outcomes.true.codes]
    ['MERGED', 'MERGED', 'MISSED']
    """
    return outcomes_of(overlap_table(true, predicted))


def outcomes_of(table: OverlapTable) -> Outcomes:
    """Return the `nucleus_outcomes` of an overlap table."""
    sides = _Side(table, "true"), _Side(table, "predicted")
    pairs = matched_pairs(table)
    for outcome, whole in ((Outcome.SPLIT, "true"), (Outcome.MERGED, "predicted")):  # merged goes first
        covered = _covered_pairs(table, whole)
        for side in sides:
            side.note(covered, outcome, is_part=side.name != whole)
    for side in sides:
        side.note(pairs, Outcome.MATCHED)
    return Outcomes(*(side.outcomes() for side in sides))


def error_map(true: ArrayLike, predicted: ArrayLike) -> NDArray[np.uint8]:
    """Return the outcomes as an image, to lay over the tissue.

    Takes and refuses the label images (H, W) that `overlap_table` does.

    Returns
    -------
    ndarray of uint8, shape (H, W)
        Codes of `Outcome`, 0 off all nuclei; `OUTCOME_STYLES` has words and colors. A pixel shows the outcome
        of the true nucleus there, and where there is none of the predicted one.
    """
    return paint_outcomes(nucleus_outcomes(true, predicted), true, predicted)


def paint_outcomes(outcomes: Outcomes, true: ArrayLike, predicted: ArrayLike) -> NDArray[np.uint8]:
    """Return the `error_map` of two label images whose outcomes are known."""
    true_runs, predicted_runs, lengths = label_runs(true, predicted)
    codes = np.where(
        true_runs > 0, _codes(outcomes.true, true_runs), _codes(outcomes.predicted, predicted_runs)
    )
    return np.repeat(codes, lengths).reshape(np.shape(true))


class _Side:
    """One label image's view of an overlap table, while outcomes are noted, the strongest last."""

    def __init__(self, table: OverlapTable, name: str) -> None:
        self.name = name
        is_true = name == "true"
        self._table = table
        self._labels, self._areas, self._nuclei = (
            (table.true_labels, table.true_areas, table.rows)
            if is_true
            else (table.predicted_labels, table.predicted_areas, table.columns)
        )
        self._other = table.predicted_labels[table.columns] if is_true else table.true_labels[table.rows]
        self._codes = np.full(len(self._labels), Outcome.MISSED if is_true else Outcome.EXTRA, np.uint8)
        self._pairs = np.full(len(self._labels), -1)
        order = np.lexsort((-self._other, table.intersections, table.ious))  # later ones overwrite
        self._pairs[self._nuclei[order]] = order

    def note(self, pairs: Numbers, outcome: Outcome, *, is_part: bool = True) -> None:
        """Give the nuclei of these pairs an outcome, and as a partner the other of the pair if it is one."""
        self._codes[self._nuclei[pairs]] = outcome
        if is_part:
            self._pairs[self._nuclei[pairs]] = pairs

    def outcomes(self) -> NucleiOutcomes:
        """Return what was noted."""
        has = self._pairs >= 0
        partners, ious = np.zeros(len(has), np.int64), np.zeros(len(has))
        partners[has] = self._other[self._pairs[has]]
        ious[has] = self._table.ious[self._pairs[has]]
        return NucleiOutcomes(self._labels, self._areas, self._codes, partners, ious)


def _covered_pairs(table: OverlapTable, whole: str) -> Numbers:
    """Return the pairs of a nucleus of the side ``whole`` that covers several, and one of those several."""
    wholes, whole_areas, part_areas = (
        (table.rows, table.true_areas, table.predicted_areas[table.columns])
        if whole == "true"
        else (table.columns, table.predicted_areas, table.true_areas[table.rows])
    )
    within = table.intersections > MOSTLY * part_areas
    parts = np.bincount(wholes, within, len(whole_areas))
    covered = np.bincount(wholes, within * table.intersections, len(whole_areas))
    covers_several = (parts >= 2) & (covered > MOSTLY * whole_areas)
    return np.flatnonzero(within & covers_several[wholes])


def _codes(outcomes: NucleiOutcomes, labels: Labels) -> NDArray[np.uint8]:
    """Return the code of each label, 0 for 0."""
    table = np.concatenate([np.zeros(1, np.uint8), outcomes.codes])
    return table[np.where(labels > 0, np.searchsorted(outcomes.labels, labels) + 1, 0)]
