"""A small data folder with a split, and the smallest table 1 made of it."""

import json

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.experiments import table1
from napari_sharpgan.formats import Nuclei, write_image, write_nuclei
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.training import looks

TINY = {"steps": 2, "batch_size": 1, "width": 1}
ROWS = ("gan-binary-literal", "sharp-gan")
SHAPE = (256, 272)


@pytest.fixture(scope="session")
def split_folder(tmp_path_factory):
    """Two images to train on and one to test on: dark nuclei on noise."""
    folder = tmp_path_factory.mktemp("split")
    names = ["images/0.png", "images/1.png", "images/2.png"]
    for part in ("images", "labels"):
        (folder / part).mkdir()
    for number, name in enumerate(names):
        labels = rasterize(random_nuclei(SHAPE, 30, seed=number), SHAPE)
        noise = np.random.default_rng(number).integers(0, 40, (*SHAPE, 3))
        write_image(np.where(labels[..., None] > 0, 60 + noise, 170 + noise).astype(np.uint8), folder / name)
        write_nuclei(Nuclei(labels=labels), folder / "labels" / f"{number}.png")
    (folder / "split.json").write_text(json.dumps({"train": names[:2], "test": names[2:]}))
    return folder


@pytest.fixture(scope="session", autouse=True)
def _settle_quickly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "SETTLING_CROPS", 2)
        yield


@pytest.fixture(scope="session")
def made(split_folder, tmp_path_factory):
    """A folder with a finished table 1 of two rows, and that table."""
    out = tmp_path_factory.mktemp("table1")
    return out, run_to_end(table1(split_folder, out, rows=ROWS, device="cpu", **TINY))
