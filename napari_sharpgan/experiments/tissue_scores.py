"""All that is said of synthetic tissue beside the real tissue of the same nuclei: Table 1 and more."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import Sample
from napari_sharpgan.experiments.results import Scores, Views
from napari_sharpgan.experiments.test_images import TestImages
from napari_sharpgan.losses import contour_sharpness
from napari_sharpgan.metrics import color_difference, nuclei_darker, realism
from napari_sharpgan.metrics.evaluation import combined_score
from napari_sharpgan.rendering import Renderer, load_generator, render_windows
from napari_sharpgan.scoring.score import score_images

OWN, OF_IMAGE = "generator", "image"  # whose stain a picture is rendered in
CONTRAST = 0.1  # λ in which the sharpness of contours is compared, whatever a run was trained with


def tissue_scores(sample: Sample, tissue: NDArray[np.uint8]) -> Scores:
    """Return every score of a picture of the nuclei of a sample.

    Parameters
    ----------
    sample : Sample
        Real tissue and its nuclei.
    tissue : ndarray of shape (H, W, 3), uint8
        Synthetic tissue of the same nuclei.

    Returns
    -------
    dict of str to float
        The scores of `score_images`, those at contours and of color too; ``nucleus_ssim`` and
        ``nucleus_gms``, means over nuclei; the fields of `Realism`; ``nuclei_darker``; ``color_difference``;
        ``contour_s``, the mean of S (Eq. 5, λ = 0.1) over contour pixels, synthetic over real: below 1 is
        sharper than real; ``score``, see `combined_score`. NaN where an image has no nuclei.
    """
    real, labels = sample.image, sample.labels
    scored = score_images(sample.name, real, tissue, labels, color=True)
    of_nuclei = {f"nucleus_{name}": _mean(scored.nuclei[name]) for name in ("ssim", "gms")}
    scores = {
        **scored.scores,
        **of_nuclei,
        **asdict(realism(real, tissue, labels)),
        "nuclei_darker": nuclei_darker(tissue, labels),
        "color_difference": color_difference(real, tissue),
        "contour_s": _contour_s(tissue, labels) / _contour_s(real, labels),
    }
    return {"score": combined_score(scores), **scores}


def evaluate_generator(weights: Path, test: TestImages, device: str) -> Generator[str, None, Views]:
    """Render the nuclei of each test image and score the tissue: in the generator's stain, and in its own.

    A generator that knows no stain has the first view only.
    """
    generator = load_generator(weights)
    views: Views = {}
    for view in (OWN, OF_IMAGE) if generator.stain is not None else (OWN,):
        views[view] = {}
        for sample in test.samples:
            yield f"scoring {sample.name}"
            stain = sample.stain.tolist() if view == OF_IMAGE else None
            views[view][sample.name] = tissue_scores(sample, rendered(sample, generator, device, stain))
    return views


def rendered(
    sample: Sample, generator: Any, device: str = "auto", stain: Sequence[float] | None = None
) -> NDArray[np.uint8]:
    """Return the nuclei of a sample as tissue, in float32: reported numbers do not depend on the format."""
    renderer = Renderer(generator, device=device, stain=stain, precision="float32")
    return run_to_end(render_windows(sample.labels, renderer))


def _contour_s(image: NDArray[np.uint8], labels: NDArray[Any]) -> float:
    """Return the mean of S over all contour pixels."""
    found = contour_sharpness(image, labels, contrast=CONTRAST)
    return _mean(found.map[found.contour])


def _mean(values: NDArray[Any]) -> float:
    """Return a mean, NaN of nothing."""
    return float(values.mean()) if values.size else math.nan
