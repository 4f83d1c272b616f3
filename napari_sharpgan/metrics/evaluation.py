"""Scores as reported: images on the grid of 256² crops, nuclei on whole images; then the mean over images."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._gray import Gray
from napari_sharpgan.metrics import IMAGE_METRICS, INSTANCE_METRICS, Metric, overlap_table
from napari_sharpgan.metrics._filters import to_tensor
from napari_sharpgan.metrics._images import gray_pair

CROP = 256  # pixels
TEXTURE_RATIOS = ("nuclei_sd", "nuclei_gradient", "background_sd", "background_gradient")
_STEEPEST = 100.0  # a texture ratio beyond it, or below one over it, counts as it
_BATCH = 16  # crops at a time on an accelerator; a CPU is fastest where one crop fits its cache


def score_image(
    reference: ArrayLike, image: ArrayLike, *, device: str | torch.device = "cpu"
) -> dict[str, float]:
    """Return every one of `IMAGE_METRICS`, by name: the mean over the image's grid of crops.

    Parameters
    ----------
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255.
    device : str or torch.device
        Where the metrics that work on batches compute.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError, TypeError
        As the metrics do, and for images of different sizes.

    Notes
    -----
    Scores are of gray levels. The grid starts at the first pixel and holds full crops of 256 × 256 only: what
    remains at the lower and right border is not scored. A side below 256 is taken whole.
    """
    references, images = (crops(gray) for gray in gray_pair(reference, image))
    return {
        name: float(np.mean(_scores(metric, references, images, device)))
        for name, metric in IMAGE_METRICS.items()
    }


def score_instances(true: ArrayLike, predicted: ArrayLike) -> dict[str, float]:
    """Return every one of `INSTANCE_METRICS`, by name, of one pair of label images.

    Parameters
    ----------
    true, predicted : ndarray of int, shape (H, W)
        One whole number a nucleus, 0 off nuclei.

    Raises
    ------
    ValueError, TypeError
        As `overlap_table` does, for one.
    """
    table = overlap_table(true, predicted)
    return {name: metric.of_table(table) for name, metric in INSTANCE_METRICS.items()}


def mean_scores(scores: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean over images of each score by name, leaving out NaN; NaN only where all are.

    Takes what `score_image` or `score_instances` gives, or ``asdict`` of `realism`. All must have the same
    names.

    Raises
    ------
    ValueError
        If there are no scores, or their names differ.
    """
    rows = list(scores)
    if not rows:
        raise ValueError("there must be the scores of at least one image, got none")
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError(f"all images must have the scores {', '.join(rows[0])}; some have others")
    columns = {name: [row[name] for row in rows if not math.isnan(row[name])] for name in rows[0]}
    return {name: float(np.mean(column)) if column else math.nan for name, column in columns.items()}


def combined_score(scores: Mapping[str, float]) -> float:
    """Return one number for how far synthetic tissue is from real tissue: 0 is as real, lower is better.

    (1 − SSIM) + (1 − FSIM) + GMSD + NRMSE + mean of abs(ln r) over the four texture ratios r of `Realism`.

    Parameters
    ----------
    scores : mapping of str to float
        What `mean_scores` gives of `score_image` and ``asdict`` of `realism` together. Ratios that are
        missing, NaN or infinite, as the real tissue has no such region or is flat there, are left out.

    Notes
    -----
    SSIM alone would choose the wrong generator: evenly painted nuclei on an even background already reach
    0.33, and blurred tissue beats tissue with the right grain in the wrong places, which is all that a
    generator can know of grain. The ratios punish what is too smooth (or too rough) by the logarithm, so that
    half the texture costs as much as twice of it.
    """
    ratios = [scores[name] for name in TEXTURE_RATIOS if math.isfinite(scores.get(name, math.nan))]
    off = [abs(math.log(min(max(ratio, 1 / _STEEPEST), _STEEPEST))) for ratio in ratios]
    likeness = (1 - scores["ssim"]) + (1 - scores["fsim"]) + scores["gmsd"] + scores["nrmse"]
    return likeness + (sum(off) / len(off) if off else 0.0)


def crops(image: NDArray[Any]) -> NDArray[Any]:
    """Cut (H, W, …) into the grid's full crops, (N, 256, 256, …); a side below 256 is taken whole."""
    height, width = (min(side, CROP) for side in image.shape[:2])
    rows, columns = image.shape[0] // height, image.shape[1] // width
    grid = image[: rows * height, : columns * width].reshape(rows, height, columns, width, *image.shape[2:])
    return grid.swapaxes(1, 2).reshape(-1, height, width, *image.shape[2:])


def _scores(metric: Metric, references: Gray, images: Gray, device: str | torch.device) -> list[float]:
    """Score each crop (N, h, w) of a pair, in batches where the metric can."""
    if metric.compute_batch is None:
        return [metric.compute(*pair) for pair in zip(references, images, strict=True)]
    scores: list[float] = []
    size = 1 if torch.device(device).type == "cpu" else _BATCH
    for start in range(0, len(references), size):
        batch = [to_tensor(stack[start : start + size], device) for stack in (references, images)]
        scores += metric.compute_batch(*batch).tolist()
    return scores
