"""How well a segmenter finds the nuclei of the test images: Table 2."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.experiments.results import Views
from napari_sharpgan.experiments.test_images import TestImages
from napari_sharpgan.metrics.evaluation import score_instances
from napari_sharpgan.segmentation import Predictor, segment_windows


def evaluate_segmenter(weights: Path, test: TestImages, device: str) -> Generator[str, None, Views]:
    """Find the nuclei of each test image and score them against the true ones."""
    predictor = Predictor(weights, device=device, precision="float32")
    scores = {}
    for sample in test.samples:
        yield f"scoring {sample.name}"
        found = run_to_end(segment_windows(sample.image, predictor))
        scores[sample.name] = score_instances(sample.labels, found)
    return {"": scores}
