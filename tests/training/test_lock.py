import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from napari_sharpgan.training import ask_to_stop, running_process
from napari_sharpgan.training.lock import PID, _began, claimed


@pytest.fixture
def ended():
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_folder_is_claimed_by_one_process_at_a_time(tmp_path):
    with claimed(tmp_path):
        assert running_process(tmp_path) == os.getpid()
        with (
            pytest.raises(ValueError, match=f"process {os.getpid()} trains in .* already"),
            claimed(tmp_path),
        ):
            pass
    assert running_process(tmp_path) is None


def test_a_claim_ends_with_an_error(tmp_path):
    with pytest.raises(KeyError), claimed(tmp_path):
        raise KeyError
    assert not (tmp_path / PID).exists()


def test_what_a_killed_process_left_behind_is_no_claim(tmp_path, ended):
    (tmp_path / PID).write_text(f"{ended} 1234")
    assert running_process(tmp_path) is None
    assert not ask_to_stop(tmp_path)
    with claimed(tmp_path):
        assert running_process(tmp_path) == os.getpid()


@pytest.mark.parametrize("text", ["", "12", "a b", "-1 x"])
def test_a_broken_claim_is_none(tmp_path, text):
    (tmp_path / PID).write_text(text)
    assert running_process(tmp_path) is None


@pytest.mark.skipif(
    not os.path.isdir("/proc/self"), reason="the time when a process began is known from /proc"
)
def test_a_number_that_was_given_out_again_is_no_claim(tmp_path):
    (tmp_path / PID).write_text(f"{os.getpid()} 1")
    assert running_process(tmp_path) is None


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the state of a process is known from /proc")
def test_a_process_that_nobody_waited_for_is_ended(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / PID).write_text(f"{process.pid} {_began(process.pid)}")
    assert running_process(tmp_path) == process.pid
    process.stdin.close()
    while "State:\tZ" not in Path(f"/proc/{process.pid}/status").read_text():
        time.sleep(0.05)
    assert running_process(tmp_path) is None
    process.wait()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot be written to"), claimed(tmp_path / "file" / "run"):
        pass
