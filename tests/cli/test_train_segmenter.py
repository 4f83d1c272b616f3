import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

TINY = ("--width", 1, "--batch-size", 1, "--crop", 64, "--device", "cpu", "--samples", 0)


@pytest.fixture
def trained(sharpgan, tissue_folder, tmp_path):
    """Train for four steps in a run folder, as often as asked."""

    def run(*more):
        place = ("--run", tmp_path / "run", "--steps", 4)
        return sharpgan("train-segmenter", tissue_folder, *place, *TINY, *more)

    return run


def steps_of(run):
    path = run / "events.jsonl"
    lines = path.read_text().splitlines() if path.is_file() else []
    return [json.loads(line)["step"] for line in lines if line.endswith("}")]


def test_it_trains_is_listed_and_segments(sharpgan, trained, tmp_path, tissue_folder):
    ended = trained("--recipe", "segnet", "--target", "distance", "--seed", 5)
    assert ended.status == 0, ended.err
    weights = tmp_path / "run" / "checkpoints" / "best.safetensors"
    assert f"{weights}: after 4 of 4 steps" in ended.out
    assert "sharpgan: 2 images with 4 nuclei" in ended.err
    record = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (record["kind"], record["recipe"]) == ("segmenter", "segnet")
    assert (record["config"]["model"], record["config"]["target"]) == ("segnet", "distance")
    (listed,) = json.loads(sharpgan("runs", tmp_path, "--json").out)
    assert (listed["kind"], listed["state"]) == ("segmenter", "finished")
    image, out = tissue_folder / "images" / "0.png", tmp_path / "found.png"
    ended = sharpgan("segment", image, out, "--segmenter", weights, "--device", "cpu")
    assert ended.status == 0, ended.err
    assert np.asarray(Image.open(out)).shape == (270, 280)
    assert f"{out}: " in ended.out


def test_the_train_command_refuses_its_run(sharpgan, trained, tmp_path):
    trained()
    ended = sharpgan("train", "--run", tmp_path / "run")
    assert ended.status == 2
    assert "trains a segmenter, not a generator; 'sharpgan train-segmenter' goes on with it" in ended.err
    said = sharpgan("runs", "--stop", tmp_path / "run").err
    assert f"'sharpgan train-segmenter --run {tmp_path / 'run'}' goes on with it" in said


def test_synthetic_images_are_an_option(trained, tissue_folder, tmp_path):
    ended = trained("--synthetic", tissue_folder, "--synthetic-share", 1)
    assert ended.status == 0, ended.err
    record = json.loads((tmp_path / "run" / "config.json").read_text())
    assert record["config"]["synthetic_share"] == 1.0
    assert [file["image"] for file in record["data"]["train"]][1:] == [
        "synthetic 1/images/0.png",
        "synthetic 1/images/1.png",
    ]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a signal")
def test_killed_at_any_moment_it_goes_on_to_the_weights_of_an_unbroken_run(trained, tissue_folder, tmp_path):
    program = [Path(sys.executable).with_name("sharpgan"), "train-segmenter", tissue_folder]
    settings = [*TINY, "--steps", 4, "--checkpoint-every", 1, "--precision", "float32"]
    command = list(map(str, [*program, "--run", tmp_path / "killed", *settings]))
    with (tmp_path / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    while not steps_of(tmp_path / "killed") and process.poll() is None:
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, (tmp_path / "log.txt").read_text()
    assert len(steps_of(tmp_path / "killed")) < 4, "the process was to be killed before its end"
    subprocess.run(command, check=True, capture_output=True)
    assert steps_of(tmp_path / "killed") == [1, 2, 3, 4]
    assert trained("--precision", "float32").status == 0
    for name in ("last.safetensors", "best.safetensors"):
        one, other = (load_file(tmp_path / run / "checkpoints" / name) for run in ("run", "killed"))
        assert all(torch.equal(one[key], other[key]) for key in one)
