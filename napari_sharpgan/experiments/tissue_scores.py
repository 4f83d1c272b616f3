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
from napari_sharpgan.metrics import color_difference, contour_scores, nuclei_darker, nucleus_scores, realism
from napari_sharpgan.metrics.evaluation import combined_score, score_colors, score_image
from napari_sharpgan.rendering import Renderer, load_generator, render_windows

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
        ``ssim``, ``fsim``, ``gmsd``, ``nrmse`` and ``fsimc`` on the grid of crops; the fields of `Realism`;
        ``nuclei_darker``, ``color_difference``; ``nucleus_ssim`` and ``nucleus_gms``, means over nuclei;
        ``contour_ssim`` and ``contour_gms``, at most 2 pixels from contours; ``contour_s``, the mean of S
        (Eq. 5, λ = 0.1) over contour pixels, synthetic over real: below 1 is sharper than real; ``score``,
        see `combined_score`.
    """
    real, labels = sample.image, sample.labels
    of_nuclei, at_contours = nucleus_scores(real, tissue, labels), contour_scores(real, tissue, labels)
    scores = {
        **score_image(real, tissue),
        **score_colors(real, tissue),
        **asdict(realism(real, tissue, labels)),
        "nuclei_darker": nuclei_darker(tissue, labels),
        "color_difference": color_difference(real, tissue),
        "nucleus_ssim": float(of_nuclei.ssim.mean()) if len(of_nuclei.labels) else math.nan,
        "nucleus_gms": float(of_nuclei.gms.mean()) if len(of_nuclei.labels) else math.nan,
        "contour_ssim": at_contours.ssim,
        "contour_gms": at_contours.gms,
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
    """Return the mean of S over all contour pixels; NaN where there is none."""
    found = contour_sharpness(image, labels, contrast=CONTRAST)
    return float(found.map[found.contour].mean()) if found.contour.any() else math.nan
