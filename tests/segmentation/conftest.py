"""Nuclei whose outlines are known, and the smallest segmenter."""

import numpy as np
import pytest
import torch

from napari_sharpgan.segmentation import Segmenter, save_segmenter


def disk(labels, row, column, radius, number):
    rows, columns = np.ogrid[: labels.shape[0], : labels.shape[1]]
    labels[(rows - row) ** 2 + (columns - column) ** 2 <= radius**2] = number


@pytest.fixture
def labels():
    """Three disks alone, two that touch, one that the border cuts."""
    labels = np.zeros((96, 120), np.int32)
    for number, (row, column) in enumerate([(20, 20), (20, 60), (70, 25), (60, 70), (60, 89), (50, 118)], 1):
        disk(labels, row, column, 10, number)
    return labels


@pytest.fixture(scope="session")
def tiny_segmenter(tmp_path_factory):
    """Weights of an untrained segmenter of width 1."""
    path = tmp_path_factory.mktemp("segmenter") / "tiny.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_segmenter(Segmenter("unet", 1, "contour"), path, card={"step": 3})
    return path
