import subprocess
import sys
from pathlib import Path

import pytest

from napari_sharpgan.run_folders import default_runs_folder, known_runs, remember
from napari_sharpgan.run_folders.registry import FILE, runs_below

REMEMBER = """
import sys
from pathlib import Path
from napari_sharpgan.run_folders.registry import remember
sys.stdin.readline()
for number in range(200):
    remember(Path(sys.argv[1]) / f"{sys.argv[2]}-{number}")
"""


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def begun(folder: Path) -> Path:
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_runs_are_known_the_newest_first_and_each_once(tmp_path):
    assert known_runs() == []
    first, second = begun(tmp_path / "first"), begun(tmp_path / "a run\u00e9")
    for folder in (first, second, first):
        remember(folder)
    assert known_runs() == [first, second]


def test_a_run_that_is_gone_or_was_never_begun_is_not_listed(tmp_path):
    run = begun(tmp_path / "run")
    (tmp_path / "empty").mkdir()
    for folder in (run, tmp_path / "gone", tmp_path / "empty"):
        remember(folder)
    assert known_runs() == [run]


def test_a_path_is_remembered_whole_wherever_it_was_said(tmp_path, monkeypatch):
    run = begun(tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    remember(Path("run"))
    monkeypatch.chdir("/")
    assert known_runs() == [run]


def test_what_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "file" / "state"))
    remember(tmp_path)
    assert known_runs() == []


def test_processes_that_remember_at_once_lose_nothing(tmp_path, state):
    processes = [
        subprocess.Popen([sys.executable, "-c", REMEMBER, tmp_path, str(name)], stdin=subprocess.PIPE)
        for name in range(3)
    ]
    for process in processes:
        process.stdin.write(b"\n")
        process.stdin.flush()
    assert [process.wait(300) for process in processes] == [0, 0, 0]
    expected = {str(tmp_path / f"{name}-{number}") for name in range(3) for number in range(200)}
    lines = (state / FILE).read_text().splitlines()
    assert len(lines) == 600
    assert set(lines) == expected


def test_the_file_lies_in_the_state_folder_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("SHARPGAN_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        run = begun(tmp_path / "run")
        remember(run)
        assert (tmp_path / "xdg" / "napari-sharpgan" / FILE).read_text() == f"{run}\n"


def test_new_runs_are_suggested_in_one_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("SHARPGAN_RUNS", str(tmp_path))
    assert default_runs_folder() == tmp_path
    monkeypatch.delenv("SHARPGAN_RUNS")
    assert default_runs_folder() == Path.home() / "sharpgan-runs"


def test_runs_are_found_below_a_folder(tmp_path):
    runs = {begun(tmp_path / "a"), begun(tmp_path / "deep" / "b")}
    assert set(runs_below(tmp_path)) == runs
    assert runs_below(tmp_path / "a") == [tmp_path / "a"]
