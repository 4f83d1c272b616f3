import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from napari_sharpgan.cli import train as command
from napari_sharpgan.cli._progress import progress
from napari_sharpgan.rendering import load_generator
from napari_sharpgan.run_folders import go_on, pause, run_status
from napari_sharpgan.run_folders.control import claimed
from napari_sharpgan.training import RECIPES, GanConfig, TrainResult, TrainStep, choose_config, estimate

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
    record = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (record["config"]["seed"], record["recipe"]) == (5, "sharp-gan")
    assert "sharpgan: 2 images with 4 nuclei" in ended.err
    assert "2/2 (100%)" in ended.err
    assert "images/s" in ended.err
    again = trained("--seed", 5)
    assert again.status == 0, again.err
    assert "after 2 of 2 steps" in again.out
    assert "images/s" not in again.err
    other = trained("--seed", 6)
    assert other.status == 2
    assert "was begun with seed 5 (now 6)" in other.err


@pytest.fixture
def asked(monkeypatch):
    """What the training is asked for, and what it does: one step, then a result."""
    calls = {}

    def carry_out(plan, data, *, device, save, should_stop, on_survey):
        calls.update(data=data, run=plan.run, config=plan.config, recipe=plan.recipe)
        calls.update(device=device, save=save)
        yield TrainStep(1, plan.config.steps, {"generator": 1.5}, 0.5, 2.0)
        for number in calls.get("signals", ()):
            os.kill(os.getpid(), number)
        calls["stopped"] = should_stop()
        return TrainResult(Path("generator.safetensors"), 1, plan.config.steps)

    monkeypatch.setattr(command, "carry_out", carry_out)
    return calls


def test_options_become_the_config_of_the_run(sharpgan, asked):
    sharpgan("train", "data", "--run", "run", "--l1-weight", 7, "--no-noise", "--checkpoint-every", 9)
    assert asked["config"] == GanConfig(l1_weight=7, noise=False)
    assert asked["save"].steps == 9
    assert (asked["data"], asked["run"], asked["device"]) == (Path("data"), Path("run"), "auto")


@pytest.mark.parametrize("recipe", RECIPES)
def test_options_change_a_recipe(sharpgan, asked, recipe):
    sharpgan("train", "data", "--run", "run", "--recipe", recipe, "--seed", 3)
    assert asked["config"] == choose_config(Path("run"), recipe, seed=3)
    assert asked["recipe"] == recipe


def test_progress_tells_losses_speed_and_time_left(sharpgan, asked):
    ended = sharpgan("train", "data", "--run", "run", "--steps", 241)
    assert ended.err == "1/241 (0%)  2.0 images/s  2 min left  generator 1.500\n"


def test_progress_comes_from_the_events_of_the_run(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "config.json").write_text('{"config": {"steps": 100}}')
    scores = {10: 0.5, 20: 0.25, 30: 0.375}
    with (tmp_path / "events.jsonl").open("w") as file:
        for step in range(1, 31):
            event = {"step": step, "time": 3.0 * step, "images_per_second": 4.0}
            file.write(
                json.dumps(event | {"held_out_score": scores[step]} if step in scores else event) + "\n"
            )
    step = TrainStep(30, 100, {"generator": 1.5}, 0.5, 2.0)
    with claimed(tmp_path):
        said = progress(step, run_status(tmp_path))
    assert said == "30/100 (30%)  4.0 images/s  4 min left  held out 0.375, best 0.250  generator 1.500"


def test_the_end_names_the_best_scores_and_the_report(sharpgan, asked, tmp_path):
    record = {"format": 1, "recipe": None, "config": asdict(GanConfig()), "code": {}, "data": None}
    (tmp_path / "config.json").write_text(json.dumps(record))
    facts = {"step": 1, "held_out_score": 0.25, "held_out_ssim": 0.5, "held_out_gmsd": 0.125}
    (tmp_path / "events.jsonl").write_text(json.dumps(facts) + "\n")
    (tmp_path / "report.html").touch()
    ended = sharpgan("train", "data", "--run", tmp_path)
    assert f"{tmp_path / 'report.html'}: how it went" in ended.out
    assert "held out: score 0.250, SSIM 0.500, GMSD 0.125 at step 1 (best)" in ended.out


@pytest.fixture
def finished(tmp_path):
    """A run whose two steps are done, with all that is written at its end, in this order."""
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    record = {"format": 1, "recipe": None, "config": asdict(GanConfig(steps=2)), "code": {}, "data": None}
    (run / "config.json").write_text(json.dumps(record))
    (run / "events.jsonl").write_text('{"step": 1}\n{"step": 2}\n')
    (run / "checkpoints" / "best.safetensors").touch()
    (run / "report.html").touch()
    return run


def test_a_finished_run_says_so_and_trains_no_more(sharpgan, asked, finished):
    ended = sharpgan("train", "--run", finished)
    assert ended.status == 0, ended.err
    assert "best.safetensors: after 2 of 2 steps" in ended.out
    assert asked == {}
    other = sharpgan("train", "--run", finished, "--steps", 3)
    assert other.status == 2
    assert "was begun with steps 2 (now 3)" in other.err


def test_a_run_that_ended_before_its_report_is_taken_up_again(sharpgan, asked, finished):
    os.utime(finished / "report.html", (0, 0))  # of an earlier stop
    sharpgan("train", "--run", finished)
    assert asked["run"] == finished


def test_a_run_in_use_is_refused_before_the_data_is_read(sharpgan, asked, finished):
    with claimed(finished):
        ended = sharpgan("train", "--run", finished)
    assert (ended.status, asked) == (2, {})
    assert f"process {os.getpid()} trains in {finished} already" in ended.err


def test_an_estimate_is_measured_and_trains_nothing(sharpgan, tissue_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(estimate, "LEAST_SECONDS", 0.1)
    monkeypatch.chdir(tmp_path)
    ended = sharpgan("train", tissue_folder, "--run", "run", "--steps", 9, *TINY, "--estimate")
    assert ended.status == 0, ended.err
    assert "images/s over" in ended.out
    assert "the images take 1 MB of memory on top" in ended.out
    found = json.loads(sharpgan("train", *TINY, "--estimate", "--json", "--recipe", "gan-binary").out)
    assert found["images_per_second"] > 0
    assert found["memory_of_images"] is None
    assert list(tmp_path.iterdir()) == []


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
        (["missing"], "--run is required"),
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


@pytest.fixture
def started(tmp_path):
    """Start the command in a process of its own, which trains in ``tmp_path / "run"``."""
    processes = []

    def start(*more):
        arguments = ["--run", tmp_path / "run", *more]
        command = [sys.executable, "-m", "napari_sharpgan.cli", "train", *arguments]
        processes.append(
            subprocess.Popen(
                list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_for_step(run, step, process):
    """Wait until a run has done so many steps; return how many it has."""
    until = time.monotonic() + 500
    while (done := run_status(run).step) < step:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.1)
    return done


def all_steps(run):
    return [json.loads(line)["step"] for line in (run / "events.jsonl").read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
def test_signals_save_and_a_later_call_goes_on(started, tissue_folder, tmp_path):
    run, seen = tmp_path / "run", 0
    arguments = [tissue_folder, "--steps", 100_000, "--samples", 0, *TINY]
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        process = started(*arguments)
        wait_for_step(run, seen + 1, process)
        process.send_signal(number)
        out, err = process.communicate(timeout=500)
        assert process.returncode == status, err
        assert "of 100000 steps" in out
        assert err.count(f"going on from step {seen}") == (seen > 0)
        steps = all_steps(run)
        assert steps == list(range(1, len(steps) + 1))
        assert load_generator(run / "checkpoints" / "last.safetensors")
        assert run_status(run).state == "stopped"
        arguments, seen = ["--device", "cpu"], len(steps)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
def test_a_paused_training_does_no_step_until_it_goes_on_and_can_be_stopped(started, tissue_folder, tmp_path):
    run = tmp_path / "run"
    process = started(tissue_folder, "--steps", 100_000, "--samples", 0, *TINY)
    wait_for_step(run, 2, process)
    assert pause(run)
    step = run_status(run).step
    time.sleep(3)  # in which a hundred steps would pass
    assert run_status(run).step <= step + 1, "the step that was under way, and no other"
    assert run_status(run).state == "paused"
    assert go_on(run)
    wait_for_step(run, step + 2, process)
    pause(run)
    process.send_signal(signal.SIGINT)
    assert process.wait(500) == 130
    assert not (run / "pause").exists()
    assert run_status(run).state == "stopped"


@pytest.mark.slow
def test_a_second_process_on_a_run_is_refused(started, tissue_folder, tmp_path):
    first = started(tissue_folder, "--steps", 100_000, "--samples", 0, *TINY)
    wait_for_step(tmp_path / "run", 1, first)
    second = started("--device", "cpu")
    assert second.wait(500) == 2
    assert f"process {first.pid} trains in" in second.communicate()[1]
    assert first.poll() is None
