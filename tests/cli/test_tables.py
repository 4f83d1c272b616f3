"""``sharpgan table1`` and ``table2``: printed, written, stopped by Ctrl-C and gone on with."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from napari_sharpgan.formats import Nuclei, write_image, write_nuclei
from napari_sharpgan.nuclei import random_nuclei, rasterize

TINY = ("--width", 1, "--batch-size", 1, "--device", "cpu")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """One image to train on and one to test on, 256 × 256, with 30 nuclei each."""
    folder = tmp_path_factory.mktemp("data")
    for part in ("images", "labels"):
        (folder / part).mkdir()
    for number in range(2):
        labels = rasterize(random_nuclei((256, 256), 30, seed=number), (256, 256))
        tissue = np.where(labels[..., None] > 0, 70, 190).astype(np.uint8).repeat(3, axis=-1)
        write_image(tissue, folder / "images" / f"{number}.png")
        write_nuclei(Nuclei(labels=labels), folder / "labels" / f"{number}.tif")
    (folder / "split.json").write_text(json.dumps({"train": ["images/0.png"], "test": ["images/1.png"]}))
    return folder


def test_table_1_is_printed_and_written(sharpgan, data, tmp_path):
    command = ("table1", data, tmp_path, "--rows", "gan-dist", "--steps", 1, *TINY)
    ended = sharpgan(*command)
    assert ended.status == 0, ended.err
    assert ended.out.startswith("# Table 1")
    assert "| GAN-DIST, in the stain of each image |" in ended.out
    assert f"{tmp_path / 'table1'}.json, .md: 2 lines" in ended.out
    again = sharpgan(*command)
    assert (again.status, again.out) == (0, ended.out)
    assert "training" not in again.err


def test_table_2_is_printed_and_written(sharpgan, data, tmp_path, tiny_generator):
    made = ("--generator", tiny_generator, "--tiles", 2, "--rows", "segnet", "--steps", 1)
    ended = sharpgan("table2", data, tmp_path, *made, *TINY)
    assert ended.status == 0, ended.err
    assert "| SegNet, R+S(2) |" in ended.out
    assert len(json.loads((tmp_path / "table2.json").read_text())["rows"]) == 3


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--steps", 0), "steps must lie between 1 and"),
        (("--device", "abacus"), "unknown device 'abacus'"),
        (("--rows", "nonesuch"), "invalid choice: 'nonesuch'"),
        (("--seed", 3), "unrecognized arguments: --seed"),
    ],
)
def test_a_mistake_is_one_sentence(sharpgan, data, tmp_path, more, told):
    ended = sharpgan("table1", data, tmp_path / "out", *more)
    assert ended.status == 2
    assert told in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is Ctrl-C")
def test_ctrl_c_keeps_what_is_done(sharpgan, data, tmp_path):
    program = Path(sys.executable).with_name("sharpgan")
    command = [program, "table1", data, tmp_path, "--rows", "gan-dist", "--steps", 100_000, *TINY]
    with (tmp_path / "log.txt").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
        events = tmp_path / "runs" / "gan-dist-s1" / "events.jsonl"
        deadline = time.monotonic() + 120
        while not (events.is_file() and events.stat().st_size) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130, (tmp_path / "log.txt").read_text()
    assert (events.parent / "checkpoints" / "last.safetensors").is_file()
    assert not list((tmp_path / "rows").glob("*")) if (tmp_path / "rows").exists() else True
