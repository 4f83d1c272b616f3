"""Score two arrays: numbers by name, a table of their nuclei, and a sentence for whatever is undefined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels
from napari_sharpgan._gray import gray_image
from napari_sharpgan.metrics import (
    COLOR_METRICS,
    INSTANCE_METRICS,
    OUTCOME_STYLES,
    ContourScores,
    Outcome,
    contour_scores,
    nucleus_scores,
    overlap_table,
)
from napari_sharpgan.metrics.evaluation import score_image
from napari_sharpgan.metrics.outcomes import Outcomes, outcomes_of, paint_outcomes
from napari_sharpgan.scoring.pairs import CONTOUR, SIDES, Arrays

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Scored:
    """What came of scoring a pair.

    Parameters
    ----------
    name : str
        What the pair is called.
    are_masks : bool
        Whether nuclei were compared, or images.
    scores : dict of str to float
        Of masks every one of `INSTANCE_METRICS`; of images every one of `IMAGE_METRICS`, where asked for
        those of `COLOR_METRICS`, and with nuclei `ContourScores`, whose names begin with ``contour_``.
    nuclei : dict of str to ndarray of shape (N,)
        A table with a row a nucleus, by its columns. Of masks first the true, then the predicted ones:
        ``mask`` (position in `SIDES`), ``nucleus``, ``outcome`` (of `Outcome`), ``partner``, ``iou``; of
        images ``nucleus``, ``ssim``, ``gms``, ``gmsd``, ``nrmse``; then ``area``, and ``row``
        and ``column`` of the centroid. Empty for images without nuclei.
    remarks : tuple of str
        A sentence about each score that is undefined, or says less than it seems to.
    errors : callable
        Returns the error map of masks, (H, W) uint8; see `error_map`.
    """

    name: str
    are_masks: bool
    scores: dict[str, float]
    nuclei: Columns = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    errors: Callable[[], NDArray[np.uint8]] | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many nuclei had which outcome, by its word; what is extra is counted among the predicted."""
        if not self.are_masks:
            return {}
        sides, codes = self.nuclei["mask"], self.nuclei["outcome"]
        of_side = dict.fromkeys(OUTCOME_STYLES, SIDES.index("true"))
        of_side[Outcome.EXTRA] = SIDES.index("predicted")
        return {
            OUTCOME_STYLES[outcome].word: int(np.count_nonzero((codes == outcome) & (sides == side)))
            for outcome, side in of_side.items()
        }


def score_arrays(name: str, arrays: Arrays, *, color: bool = False) -> Scored:
    """Score a pair of masks or of images; see `score_masks` and `score_images`."""
    if arrays.are_masks:
        return score_masks(name, arrays.true, arrays.predicted)
    return score_images(name, arrays.true, arrays.predicted, arrays.nuclei, color=color)


def score_masks(name: str, true: ArrayLike, predicted: ArrayLike) -> Scored:
    """Score predicted nuclei against true ones.

    Parameters
    ----------
    name : str
        What the pair is called.
    true, predicted : ndarray of int, shape (H, W)
        One whole number a nucleus, 0 off nuclei.

    Raises
    ------
    ValueError, TypeError
        As `overlap_table` does, for one.
    """
    table = overlap_table(true, predicted)
    scores = {key: metric.of_table(table) for key, metric in INSTANCE_METRICS.items()}
    outcomes = outcomes_of(table)
    nuclei = _outcome_columns(outcomes, np.asarray(true), np.asarray(predicted))
    counts = len(table.true_labels), len(table.predicted_labels)
    remarks = _on_masks(*counts, has_pair=scores["dq"] > 0)
    return Scored(name, True, scores, nuclei, remarks, lambda: paint_outcomes(outcomes, true, predicted))


def score_images(
    name: str,
    reference: ArrayLike,
    image: ArrayLike,
    nuclei: ArrayLike | None = None,
    *,
    color: bool = False,
) -> Scored:
    """Score an image against its reference, and with nuclei also within each and at their contours.

    Parameters
    ----------
    name : str
        What the pair is called.
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255.
    nuclei : ndarray of int, shape (H, W), optional
        One whole number a nucleus, 0 off nuclei.
    color : bool
        Compute `COLOR_METRICS` as well, of the whole images.

    Raises
    ------
    ValueError, TypeError
        As `score_image` and `nucleus_scores` do.
    """
    scores = score_image(reference, image)
    if color:
        scores |= {key: metric.compute(reference, image) for key, metric in COLOR_METRICS.items()}
    remarks = list(_on_images(reference, image))
    if nuclei is None:
        return Scored(name, False, scores, remarks=tuple(remarks))
    labels = check_labels(nuclei, "nuclei")
    within, near = nucleus_scores(reference, image, labels), contour_scores(reference, image, labels)
    scores |= {f"{CONTOUR}{key}": value for key, value in asdict(near).items() if key != "pixels"}
    columns = {
        "nucleus": within.labels,
        **{key: getattr(within, key) for key in ("ssim", "gms", "gmsd", "nrmse")},
    }
    columns |= {"area": within.areas} | _centroids(labels, within.labels)
    remarks += _on_nuclei(columns, near)
    return Scored(name, False, scores, columns, tuple(remarks))


def _outcome_columns(outcomes: Outcomes, true: NDArray[Any], predicted: NDArray[Any]) -> Columns:
    """Return the table of true and predicted nuclei."""
    sides = []
    for position, (labels, found) in enumerate(((true, outcomes.true), (predicted, outcomes.predicted))):
        sides.append(
            {
                "mask": np.full(len(found.labels), position),
                "nucleus": found.labels,
                "outcome": found.codes,
                "partner": found.partners,
                "iou": found.ious,
                "area": found.areas,
                **_centroids(labels, found.labels),
            }
        )
    return {key: np.concatenate([side[key] for side in sides]) for key in sides[0]}


def _centroids(labels: NDArray[Any], keys: NDArray[Any]) -> Columns:
    """Return the mean row and column of each nucleus, whose labels are ascending."""
    flat = np.flatnonzero(labels)
    places = np.searchsorted(keys, labels.ravel()[flat])
    areas = np.bincount(places, minlength=len(keys))
    sides = zip(("row", "column"), np.divmod(flat, max(labels.shape[1], 1)), strict=True)
    return {name: np.bincount(places, side, len(keys)) / areas for name, side in sides}


def _on_masks(true: int, predicted: int, *, has_pair: bool) -> tuple[str, ...]:
    """Say which scores of so many nuclei are given by definition."""
    if not true and not predicted:
        return ("neither mask holds nuclei: they agree, so every score is 1 by definition",)
    if not true or not predicted:
        which = SIDES[0] if not true else SIDES[1]
        return (f"the {which} mask holds no nuclei, the other one does, so every score is 0",)
    if not has_pair:
        return ("no two nuclei have an IoU above 0.5, so DQ, SQ, PQ, precision and recall are 0",)
    return ()


def _on_images(reference: ArrayLike, image: ArrayLike) -> tuple[str, ...]:
    """Say that an image is constant."""
    flat = [which for which, one in (("reference", reference), ("image", image)) if _is_constant(one)]
    if not flat:
        return ()
    subject = "both images have" if len(flat) == 2 else f"the {flat[0]} has"
    return (f"{subject} one gray level only, so there is no structure to compare, only brightness",)


def _is_constant(image: ArrayLike) -> bool:
    return not np.ptp(gray_image(image))


def _on_nuclei(nuclei: Columns, contours: ContourScores) -> list[str]:
    """Say which scores of nuclei are undefined."""
    said = []
    if not contours.pixels:
        said.append("there are no contours, so the scores at contours are undefined")
    if np.isinf(contours.nrmse):
        said.append("the contours are black in the reference only: NRMSE there is infinite")
    infinite = int(np.isinf(nuclei["nrmse"]).sum())
    if infinite:
        who = "1 nucleus is" if infinite == 1 else f"{infinite} nuclei are"
        said.append(f"{who} black in the reference only: NRMSE there is infinite")
    return said
