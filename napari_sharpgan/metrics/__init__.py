"""Scores of an image against its reference, of predicted nuclei against true ones, and how real a texture is.

An image metric takes ``(reference, image)``, each (H, W) or (H, W, 3) in [0, 1] or uint8, giving a float.
To add one, write a module and name it in `IMAGE_METRICS`, or in `COLOR_METRICS` if it sees color: reports,
tables and the contract test follow. An instance metric takes an `OverlapTable`; name it in
`INSTANCE_METRICS`. `metrics.evaluation` scores as all reported numbers do; docs/metrics.md has the
definitions.
"""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import ArrayLike
from torch import Tensor

from napari_sharpgan.metrics.fsim import fsim, fsim_batch
from napari_sharpgan.metrics.fsimc import fsimc
from napari_sharpgan.metrics.gmsd import gms_map, gmsd, gmsd_batch
from napari_sharpgan.metrics.jaccard import aggregated_jaccard_index, dice_of, jaccard_of, jaccard_plus_of
from napari_sharpgan.metrics.local import ContourScores, NucleusScores, contour_scores, nucleus_scores
from napari_sharpgan.metrics.nrmse import nrmse
from napari_sharpgan.metrics.outcomes import (
    OUTCOME_STYLES,
    NucleiOutcomes,
    Outcome,
    Outcomes,
    OutcomeStyle,
    error_map,
    nucleus_outcomes,
)
from napari_sharpgan.metrics.overlap import OverlapTable, overlap_table
from napari_sharpgan.metrics.panoptic import PanopticQuality, panoptic_quality, quality_of
from napari_sharpgan.metrics.realism import (
    Realism,
    Texture,
    color_difference,
    nuclei_darker,
    realism,
    spectrum_distance,
    texture,
)
from napari_sharpgan.metrics.ssim import ssim, ssim_map


@dataclass(frozen=True)
class Metric:
    """A score of an image against its reference, and how to read it.

    Parameters
    ----------
    compute : callable
        ``compute(reference, image) -> float``.
    best : float
        The score of an image against itself.
    higher_is_better : bool
        The direction of the arrow in a table.
    compute_batch : callable, optional
        The same for two gray stacks, tensors (N, H, W) in [0, 1] on any device, giving (N,), where that is
        faster than one by one.
    """

    compute: Callable[[ArrayLike, ArrayLike], float]
    best: float
    higher_is_better: bool
    compute_batch: Callable[[Tensor, Tensor], Tensor] | None = None


@dataclass(frozen=True)
class InstanceMetric:
    """A score of predicted nuclei against true ones, and how to read it.

    Parameters
    ----------
    of_table : callable
        ``of_table(table) -> float`` of an `OverlapTable`, so that one table serves all.
    best : float
        The score of a label image against itself.
    higher_is_better : bool
        The direction of the arrow in a table.
    """

    of_table: Callable[[OverlapTable], float]
    best: float = 1.0
    higher_is_better: bool = True

    def compute(self, true: ArrayLike, predicted: ArrayLike) -> float:
        """Return the score of two label images (H, W)."""
        return self.of_table(overlap_table(true, predicted))


IMAGE_METRICS: dict[str, Metric] = {
    "ssim": Metric(ssim, best=1.0, higher_is_better=True),
    "fsim": Metric(fsim, best=1.0, higher_is_better=True, compute_batch=fsim_batch),
    "gmsd": Metric(gmsd, best=0.0, higher_is_better=False, compute_batch=gmsd_batch),
    "nrmse": Metric(nrmse, best=0.0, higher_is_better=False),
}

COLOR_METRICS: dict[str, Metric] = {
    "fsimc": Metric(fsimc, best=1.0, higher_is_better=True),
}

INSTANCE_METRICS: dict[str, InstanceMetric] = {
    "dq": InstanceMetric(lambda table: quality_of(table).dq),
    "sq": InstanceMetric(lambda table: quality_of(table).sq),
    "pq": InstanceMetric(lambda table: quality_of(table).pq),
    "aji": InstanceMetric(jaccard_of),
    "aji_plus": InstanceMetric(jaccard_plus_of),
    "dice": InstanceMetric(dice_of),
    "precision": InstanceMetric(lambda table: quality_of(table).precision),
    "recall": InstanceMetric(lambda table: quality_of(table).recall),
}

__all__ = [
    "COLOR_METRICS",
    "IMAGE_METRICS",
    "INSTANCE_METRICS",
    "OUTCOME_STYLES",
    "ContourScores",
    "InstanceMetric",
    "Metric",
    "NucleiOutcomes",
    "NucleusScores",
    "Outcome",
    "OutcomeStyle",
    "Outcomes",
    "OverlapTable",
    "PanopticQuality",
    "Realism",
    "Texture",
    "aggregated_jaccard_index",
    "color_difference",
    "contour_scores",
    "error_map",
    "fsim",
    "fsimc",
    "gms_map",
    "gmsd",
    "nrmse",
    "nuclei_darker",
    "nucleus_outcomes",
    "nucleus_scores",
    "overlap_table",
    "panoptic_quality",
    "realism",
    "spectrum_distance",
    "ssim",
    "ssim_map",
    "texture",
]
