import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from napari_sharpgan.cli.runs import table
from napari_sharpgan.run_folders import is_paused, remember, running_process
from napari_sharpgan.run_folders.control import claimed

HOLD = """
import sys, time
from pathlib import Path
from napari_sharpgan.run_folders.control import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def _own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))


@pytest.fixture
def begun(tmp_path):
    """Begin a run of 10 steps, with as many done as asked, scored at each."""

    def make(name: str, *scores: float) -> Path:
        folder = tmp_path / "runs" / name
        (folder / "checkpoints").mkdir(parents=True)
        config = {"recipe": "gan-dist", "config": {"steps": 10}}
        (folder / "config.json").write_text(json.dumps(config))
        with (folder / "events.jsonl").open("w") as file:
            for step, score in enumerate(scores, start=1):
                event = {"step": step, "time": 60.0 * step, "images_per_second": 2.5, "held_out_score": score}
                file.write(json.dumps(event) + "\n")
        remember(folder)
        return folder

    return make


@pytest.fixture
def trains():
    """Hold run folders by processes of their own."""
    processes = []

    def hold(folder: Path) -> subprocess.Popen:
        command = [sys.executable, "-c", HOLD, str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        processes.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in processes:
        process.kill()
        process.wait()


def test_without_runs_it_says_how_to_start_one(sharpgan):
    ended = sharpgan("runs")
    assert (ended.status, ended.err) == (0, "")
    assert "no runs yet; 'sharpgan train DATA --run RUN' starts one" in ended.out


def test_all_known_runs_are_listed_in_columns(sharpgan, begun):
    done, half = begun("done", *[0.5] * 10), begun("half", 0.75, 0.25, 0.5)
    with claimed(half):
        lines = sharpgan("runs").out.splitlines()
    assert lines[0].split("  ")[0] == "run"
    assert lines[1].split() == ["half", "generator", "running", "3/10", "2.5", "7", "min", "0.250", str(half)]
    assert lines[2].split() == ["done", "generator", "finished", "10/10", "0.500", str(done)]
    assert {line.index(str(folder)) for line, folder in zip(lines[1:], (half, done), strict=True)} == {
        lines[0].index("folder")
    }


def test_runs_are_found_in_the_folders_that_are_given(sharpgan, begun, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    run = begun("one", 0.5)
    assert str(run) in sharpgan("runs", tmp_path / "runs").out
    assert "no runs yet" in sharpgan("runs", tmp_path / "elsewhere").out
    ended = sharpgan("runs", tmp_path / "gone")
    assert (ended.status, ended.out) == (2, "")
    assert "gone is no folder" in ended.err


def test_as_json_there_is_all_that_is_known(sharpgan, begun):
    run = begun("one", 0.5, 0.25)
    (facts,) = json.loads(sharpgan("runs", "--json").out)
    assert facts["folder"] == str(run)
    assert (facts["state"], facts["step"], facts["recipe"]) == ("stopped", 2, "gan-dist")
    assert facts["best"] == {"step": 2, "score": 0.25, "ssim": None, "gmsd": None, "pq": None, "aji": None}


def test_a_broken_run_is_listed_and_says_why(sharpgan, begun):
    (begun("bad") / "config.json").write_text("{")
    ended = sharpgan("runs")
    assert ended.status == 0
    assert "broken" in ended.out
    assert "config.json cannot be read" in ended.err


def test_a_run_is_paused_and_goes_on_by_folder_or_by_name(sharpgan, begun, trains):
    run = begun("mine", 0.5)
    process = trains(run)
    ended = sharpgan("runs", "--pause", run)
    assert ended.out == f"process {process.pid} waits before its next step in {run}\n"
    assert is_paused(run)
    assert "paused" in sharpgan("runs").out
    assert sharpgan("runs", "--go-on", "mine").out == f"{run} goes on\n"
    assert not is_paused(run)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
def test_a_run_is_stopped(sharpgan, begun, trains):
    run = begun("mine", 0.5)
    process = trains(run)
    ended = sharpgan("runs", "--stop", run)
    assert ended.out == f"process {process.pid} was asked to save and end in {run}\n"
    assert process.wait(60) == -signal.SIGINT
    assert running_process(run) is None


@pytest.mark.parametrize("option", ["--pause", "--go-on", "--stop"])
def test_where_nobody_trains_nothing_can_be_done(sharpgan, begun, option):
    run = begun("mine", 0.5)
    ended = sharpgan("runs", option, run)
    assert ended.status == 2
    assert ended.err == (
        f"sharpgan: no process trains in {run}; 'sharpgan train --run {run}' goes on with it\n"
    )


def test_a_name_that_is_none_or_not_the_only_one_is_said(sharpgan, begun):
    ended = sharpgan("runs", "--stop", "soup")
    assert ended.status == 2
    assert "soup is no run folder and no run's name; 'sharpgan runs' lists them" in ended.err
    begun("a/twin")
    begun("b/twin")
    assert "2 runs are called twin" in sharpgan("runs", "--stop", "twin").err


def test_columns_are_as_wide_as_their_widest_cell():
    assert table([("a", "b", "s", "c", "d"), ("long", "x", "y", "100", "/p")]) == (
        "a     b  s    c  d\nlong  x  y  100  /p"
    )


def test_the_list_needs_no_torch(begun):
    run = begun("one", 0.5)
    code = (
        "import sys; from napari_sharpgan.cli import main; status = main(['runs']); "
        "sys.exit(status or 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(run) in done.stdout
