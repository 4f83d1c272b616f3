"""The command, called in this process, and small files for it."""

from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan.cli import main


@dataclass
class Ended:
    status: int
    out: str
    err: str


@pytest.fixture
def sharpgan(capsys):
    """Run ``sharpgan`` with some arguments; everything is turned into text first."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return run


@pytest.fixture
def labels():
    """Two touching nuclei and one alone on 40 × 50 pixels."""
    labels = np.zeros((40, 50), np.uint8)
    labels[5:15, 4:12], labels[5:15, 12:20], labels[22:34, 30:42] = 1, 2, 3
    return labels


@pytest.fixture
def nuclei_file(tmp_path, labels):
    path = tmp_path / "three.png"
    Image.fromarray(labels).save(path)
    return path


@pytest.fixture
def tissue_file(tmp_path, labels):
    rng = np.random.default_rng(0)
    pixels = np.where(labels[..., None] > 0, (80, 50, 120), (180, 130, 190)) + rng.integers(
        0, 20, (40, 50, 3)
    )
    path = tmp_path / "tissue.png"
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path
