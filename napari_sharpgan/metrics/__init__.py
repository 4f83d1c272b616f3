"""Scores of an image against its reference, and how real its texture is.

A metric takes ``(reference, image)``, each (H, W) or (H, W, 3) in [0, 1] or uint8, and returns a float.
To add one, write a module and name it in `IMAGE_METRICS`: reports, tables and the contract test follow.
`metrics.evaluation` scores on the grid of crops that all reported numbers use.
"""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import ArrayLike
from torch import Tensor

from napari_sharpgan.metrics.fsim import fsim, fsim_batch
from napari_sharpgan.metrics.gmsd import gmsd, gmsd_batch
from napari_sharpgan.metrics.nrmse import nrmse
from napari_sharpgan.metrics.realism import (
    Realism,
    Texture,
    color_difference,
    nuclei_darker,
    realism,
    spectrum_distance,
    texture,
)
from napari_sharpgan.metrics.ssim import ssim


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


IMAGE_METRICS: dict[str, Metric] = {
    "ssim": Metric(ssim, best=1.0, higher_is_better=True),
    "fsim": Metric(fsim, best=1.0, higher_is_better=True, compute_batch=fsim_batch),
    "gmsd": Metric(gmsd, best=0.0, higher_is_better=False, compute_batch=gmsd_batch),
    "nrmse": Metric(nrmse, best=0.0, higher_is_better=False),
}

__all__ = [
    "IMAGE_METRICS",
    "Metric",
    "Realism",
    "Texture",
    "color_difference",
    "fsim",
    "gmsd",
    "nrmse",
    "nuclei_darker",
    "realism",
    "spectrum_distance",
    "ssim",
    "texture",
]
