"""What the shipped segmenter promises, on tiles that no training has seen."""

import numpy as np
import pytest

from napari_sharpgan.data import read_samples
from napari_sharpgan.metrics import panoptic_quality
from napari_sharpgan.segmentation import load_segmenter, segment, shipped_segmenters


def test_it_is_the_default_and_learned_distance_too():
    assert list(shipped_segmenters()) == ["unet-nuclei"]
    assert load_segmenter().settings == {"model": "unet", "width": 32, "target": "distance"}


def test_it_finds_glioblastoma_nuclei_as_well_as_its_card_says(real_data):
    samples = [sample for sample in read_samples(real_data, "test") if sample.name.startswith("gbm")][:3]
    found = [panoptic_quality(sample.labels, segment(sample.image, device="cpu")).pq for sample in samples]
    assert np.mean(found) == pytest.approx(0.772, abs=0.06)
