import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from napari_sharpgan.run_folders import RunStatus, pause, run_status
from napari_sharpgan.run_folders.control import claimed


@pytest.fixture
def run(tmp_path):
    """A run of 100 steps that was begun with a recipe."""
    (tmp_path / "checkpoints").mkdir()
    facts = {"format": 1, "recipe": "sharp-gan", "config": {"steps": 100, "batch_size": 2}}
    (tmp_path / "config.json").write_text(json.dumps(facts))
    return tmp_path


def event(step: int, **more: object) -> str:
    speed = {"time": 1000 + 0.5 * step, "seconds": 0.4, "images_per_second": 5.0}
    return json.dumps({"step": step, **speed, "loss_generator": 1.5, **more}) + "\n"


def look(step: int, score: float) -> str:
    return event(step, held_out_score=score, held_out_ssim=score / 10, held_out_gmsd=score / 100)


def write(run: Path, *lines: str) -> None:
    with (run / "events.jsonl").open("a") as file:
        file.writelines(lines)


def test_a_run_that_has_just_begun_has_no_step(run):
    status = run_status(run)
    assert (status.state, status.recipe, status.step, status.steps) == ("stopped", "sharp-gan", 0, 100)
    assert (status.images_per_second, status.seconds_left, status.last, status.best_step) == (None,) * 4
    assert status.last_active == (run / "config.json").stat().st_mtime


def test_a_running_one_tells_speed_and_time_left(run):
    write(run, *map(event, range(1, 41)))
    with claimed(run):
        status = run_status(run)
        assert (status.state, status.step, status.is_alive) == ("running", 40, True)
        assert status.images_per_second == 5.0
        assert status.seconds_left == 60 * 0.5  # from the clock between the steps, not from the steps alone
        pause(run)
        assert run_status(run).state == "paused"
    ended = run_status(run)
    assert (ended.state, ended.seconds_left, ended.is_alive) == ("stopped", None, False)


def test_a_long_wait_between_two_steps_does_not_slow_the_forecast(run):
    write(run, *map(event, range(1, 20)), event(20, time=99_999.0))
    with claimed(run):
        assert run_status(run).seconds_left == 80 * 0.5


def test_a_finished_one_has_its_weights(run):
    write(run, *map(event, range(1, 101)))
    assert not run_status(run).has_weights
    (run / "checkpoints" / "best.safetensors").touch()
    status = run_status(run)
    assert (status.state, status.kind, status.has_weights) == ("finished", "generator", True)


def test_the_best_look_has_the_lowest_score(run):
    write(run, event(9), look(10, 3.0), event(19), look(20, 1.0), event(29), look(30, 2.0))
    status = run_status(run)
    assert (status.last.step, status.last.score) == (30, 2.0)
    assert (status.best_step, status.best.ssim, status.best.gmsd) == (20, 0.1, 0.01)


def test_what_is_written_later_is_read_too_and_what_was_cut_is_forgotten(run):
    write(run, look(10, 3.0))
    assert run_status(run).best_step == 10
    write(run, look(20, 2.0))
    assert run_status(run).best_step == 20
    (run / "shorter").write_text(look(10, 4.0))
    (run / "shorter").replace(run / "events.jsonl")
    assert run_status(run).best.score == 4.0


def test_half_written_and_broken_lines_do_not_count(run):
    half = look(30, 0.5)[:-9]
    write(run, look(10, 3.0), "nonsense held_out_score\n", look(20, float("nan")), half)
    status = run_status(run)
    assert (status.step, status.last.step) == (20, 10)
    write(run, look(30, 0.5)[-9:])
    status = run_status(run)
    assert (status.step, status.best_step) == (30, 30)


def test_half_a_character_at_the_cut_of_the_tail_does_no_harm(run):
    write(run, *(event(step, note="é" * 99) for step in range(1, 400)))
    assert run_status(run).step == 399


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ("{}", "no steps"),
        ('{"config": 3}', "not subscriptable"),
        ("[]", "list"),
        ('{"config": {"steps": "x"}}', "x"),
    ],
)
def test_a_run_whose_settings_cannot_be_read_is_broken_and_says_why(run, text, reason):
    (run / "config.json").write_text(text)
    status = run_status(run)
    assert status.state == "broken"
    assert "config.json cannot be read" in status.why
    assert reason in status.why


def test_a_folder_that_is_gone_is_broken(tmp_path):
    status = run_status(tmp_path / "gone")
    assert (status.state, status.last_active) == ("broken", 0)
    assert "No such file" in status.why


def test_all_of_it_becomes_json(run):
    write(run, look(10, 3.0))
    facts = json.loads(json.dumps(run_status(run).as_json()))
    assert facts["folder"] == str(run)
    assert facts["best"] == {"step": 10, "score": 3.0, "ssim": 0.3, "gmsd": 0.03, "pq": None, "aji": None}
    assert set(facts) == set(RunStatus.__dataclass_fields__)


def test_a_long_run_is_looked_at_in_no_time(run):
    write(run, *(look(step, 1 / step) if step % 250 == 0 else event(step) for step in range(1, 30_001)))
    run_status(run)
    began = time.process_time()
    assert run_status(run).best_step == 30_000
    assert time.process_time() - began < 0.1
    os.utime(run / "events.jsonl")
    assert run_status(run).last_active > 0


def test_it_needs_no_torch():
    code = "import sys, napari_sharpgan.run_folders; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_run_of_a_segmenter_says_so(run):
    facts = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps(facts | {"kind": "segmenter"}))
    (run / "checkpoints" / "best.safetensors").touch()
    write(run, event(10, held_out_score=0.25, held_out_pq=0.75, held_out_aji=0.5))
    status = run_status(run)
    assert (status.kind, status.has_weights) == ("segmenter", True)
    assert (status.best.pq, status.best.aji, status.best.ssim) == (0.75, 0.5, None)
