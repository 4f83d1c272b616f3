import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from napari_sharpgan.cli import train as command
from napari_sharpgan.rendering import load_generator
from napari_sharpgan.training import RECIPES, GanConfig, GanStep, TrainResult

TINY = ("--width", 1, "--batch-size", 1, "--device", "cpu")


@pytest.fixture
def trained(sharpgan, tissue_folder, tmp_path):
    """Train for two steps in a run folder, as often as asked."""

    def run(*more):
        return sharpgan("train", tissue_folder, "--run", tmp_path / "run", "--steps", 2, *TINY, *more)

    return run


def test_a_run_leaves_losses_and_a_generator_that_renders(trained, tmp_path):
    ended = trained("--checkpoint-every", 1, "--seed", 5)
    assert ended.status == 0, ended.err
    generator = tmp_path / "run" / "checkpoints" / "best.safetensors"
    assert f"{generator}: after 2 of 2 steps" in ended.out
    assert load_generator(generator).settings["width"] == 1
    events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    assert [event["step"] for event in events] == [1, 2]
    assert json.loads((tmp_path / "run" / "config.json").read_text())["seed"] == 5
    assert "2/2 (100%)" in ended.err
    assert "images/s" in ended.err
    again = trained("--seed", 5)
    assert again.status == 0, again.err
    assert "after 2 of 2 steps" in again.out
    other = trained("--seed", 6)
    assert other.status == 2
    assert "was begun with seed 5 (now 6)" in other.err


@pytest.fixture
def asked(monkeypatch):
    """What the training is asked for, and what it does: one step, then a result."""
    calls = {}

    def train(data, run, config, *, device, save, should_stop):
        calls.update(data=data, run=run, config=config, device=device, save=save)
        yield GanStep(1, config.steps, {"generator": 1.5}, 0.5, 2.0)
        for number in calls.get("signals", ()):
            os.kill(os.getpid(), number)
        calls["stopped"] = should_stop()
        return TrainResult(Path("generator.safetensors"), 1, config.steps)

    monkeypatch.setattr(command, "train", train)
    return calls


def test_options_become_the_config_of_the_run(sharpgan, asked):
    sharpgan("train", "data", "--run", "run", "--l1-weight", 7, "--no-noise", "--checkpoint-every", 9)
    assert asked["config"] == GanConfig(l1_weight=7, noise=False)
    assert asked["save"].steps == 9
    assert (asked["data"], asked["run"], asked["device"]) == (Path("data"), Path("run"), "auto")


@pytest.mark.parametrize("recipe", RECIPES)
def test_options_change_a_recipe(sharpgan, asked, recipe):
    sharpgan("train", "data", "--run", "run", "--recipe", recipe, "--width", 3)
    assert asked["config"] == replace(RECIPES[recipe], width=3)


def test_progress_tells_losses_speed_and_time_left(sharpgan, asked):
    ended = sharpgan("train", "data", "--run", "run", "--steps", 241)
    assert ended.err == "1/241 (0%)  generator 1.500  2.0 images/s  2 min left\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_the_run_save_and_end(sharpgan, asked, number, status):
    handler = signal.getsignal(number)
    asked["signals"] = [number]
    ended = sharpgan("train", "data", "--run", "run")
    assert asked["stopped"]
    assert ended.status == status
    assert "stopping: saving what was learned" in ended.err
    assert signal.getsignal(number) is handler


def test_a_second_signal_ends_at_once(sharpgan, asked):
    asked["signals"] = [signal.SIGINT, signal.SIGINT]
    ended = sharpgan("train", "data", "--run", "run")
    assert "stopped" not in asked
    assert ended.status == 130


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing", "--run", "run"], "missing is no folder"),
        (["missing"], "required: --run"),
        (["missing", "--run", "run", "--checkpoint-every", "-1"], "must be at least 0, got -1"),
        (["missing", "--run", "run", "--crop", "300"], "crop must be a multiple of 256"),
        (["missing", "--run", "run", "--recipe", "soup"], "invalid choice: 'soup'"),
        (["missing", "--run", "run", "--condition", "heat"], "invalid choice: 'heat'"),
    ],
)
def test_mistakes_are_named_and_leave_no_run(sharpgan, tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    ended = sharpgan("train", *arguments)
    assert ended.status == 2
    assert sentence in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
def test_ctrl_c_saves_and_a_later_call_goes_on(tissue_folder, tmp_path):
    script, run = Path(sys.executable).with_name("sharpgan"), tmp_path / "run"
    arguments = [script, "train", tissue_folder, "--run", run, "--steps", 100_000, *TINY]
    steps = []
    for _ in range(2):
        process = subprocess.Popen(list(map(str, arguments)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        started, seen = time.monotonic(), len(steps)
        while len(steps) <= seen and time.monotonic() - started < 300 and process.poll() is None:
            time.sleep(0.2)
            if (run / "events.jsonl").is_file():
                steps = [
                    json.loads(line)["step"]
                    for line in (run / "events.jsonl").read_text().splitlines(True)
                    if line.endswith("\n")
                ]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 130, err
        assert b"of 100000 steps" in out
        steps = [json.loads(line)["step"] for line in (run / "events.jsonl").read_text().splitlines()]
        assert steps == list(range(1, len(steps) + 1))
        assert load_generator(run / "checkpoints" / "last.safetensors")
        arguments = [script, "train", tissue_folder, "--run", run, "--device", "cpu"]
