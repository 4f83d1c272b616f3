import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from napari_sharpgan._tasks import never
from napari_sharpgan.run_folders import ask_to_stop, go_on, is_paused, pause, running_process
from napari_sharpgan.run_folders.control import LOCK, PAUSE, PID, check_free, claimed, waiting_while_paused

CLAIM = """
import sys
from pathlib import Path
from napari_sharpgan.run_folders.control import claimed
print("ready", flush=True)
sys.stdin.readline()
try:
    with claimed(Path(sys.argv[1])):
        print("won", flush=True)
        sys.stdin.readline()
except ValueError as error:
    print(error, flush=True)
"""


@pytest.fixture
def claimant(tmp_path):
    """Start processes that claim the folder when they are told to."""
    processes = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-c", CLAIM, str(tmp_path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def ended():
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def tell(process: subprocess.Popen) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def began(process: int) -> float:
    return psutil.Process(process).create_time()


def test_a_folder_is_claimed_by_one_process_at_a_time(tmp_path):
    with claimed(tmp_path):
        assert running_process(tmp_path) == os.getpid()
        with (
            pytest.raises(ValueError, match=f"process {os.getpid()} trains in .* already"),
            claimed(tmp_path),
        ):
            pass
        assert running_process(tmp_path) == os.getpid()
    assert running_process(tmp_path) is None


def test_of_processes_that_start_together_exactly_one_wins_even_over_a_stale_claim(tmp_path, claimant, ended):
    (tmp_path / PID).write_text(f"{ended} 1234.5")
    processes = [claimant() for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        tell(process)
    said = [process.stdout.readline() for process in processes]
    assert said.count("won\n") == 1, said
    winner = processes[said.index("won\n")]
    refused = f"process {winner.pid} trains in {tmp_path} already; stop it or choose another folder\n"
    assert sorted(said) == sorted(["won\n", *[refused] * 3])
    assert running_process(tmp_path) == winner.pid


def test_a_folder_whose_process_was_killed_is_free_at_once(tmp_path, claimant):
    process = claimant()
    tell(process)
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "won\n"]
    assert pause(tmp_path)
    process.kill()
    process.wait()
    assert (tmp_path / PID).is_file()
    assert not is_paused(tmp_path)
    with claimed(tmp_path):
        assert running_process(tmp_path) == os.getpid()
        assert not (tmp_path / PAUSE).exists()


def test_a_claim_ends_with_an_error(tmp_path):
    with pytest.raises(KeyError), claimed(tmp_path):
        raise KeyError
    assert sorted(path.name for path in tmp_path.iterdir()) == [LOCK]


def test_what_a_killed_process_left_behind_is_no_claim(tmp_path, ended):
    (tmp_path / PID).write_text(f"{ended} 1234.5")
    assert running_process(tmp_path) is None
    assert not ask_to_stop(tmp_path)
    assert not pause(tmp_path)
    with claimed(tmp_path):
        assert running_process(tmp_path) == os.getpid()


@pytest.mark.parametrize("text", ["", "12", "a b", "-1 x", "-1 2", "99999999999999999999 1"])
def test_a_broken_claim_is_none(tmp_path, text):
    (tmp_path / PID).write_text(text)
    assert running_process(tmp_path) is None


def test_a_number_that_was_given_out_again_is_no_claim(tmp_path):
    (tmp_path / PID).write_text(f"{os.getpid()} {began(os.getpid()) - 60}")
    assert running_process(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows forgets a process when it ends")
def test_a_process_that_nobody_waited_for_is_ended(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / PID).write_text(f"{process.pid} {began(process.pid)}")
    assert running_process(tmp_path) == process.pid
    process.stdin.close()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)
    assert running_process(tmp_path) is None
    process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for other processes")
def test_a_stop_interrupts_the_process(tmp_path, claimant):
    process = claimant()
    tell(process)
    assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "won\n"]
    assert ask_to_stop(tmp_path)
    assert process.wait(30) == -signal.SIGINT
    assert not (tmp_path / PID).exists()
    assert not ask_to_stop(tmp_path)


def test_a_paused_run_waits_until_it_goes_on(tmp_path):
    with claimed(tmp_path):
        asked = waiting_while_paused(tmp_path, never)
        assert not asked()
        assert pause(tmp_path)
        assert is_paused(tmp_path)
        answers = []
        waits = threading.Thread(target=lambda: answers.append(asked()))
        waits.start()
        waits.join(0.7)
        assert waits.is_alive()
        assert go_on(tmp_path)
        waits.join(5)
        assert answers == [False]
        assert not is_paused(tmp_path)
        assert not go_on(tmp_path)


def test_a_paused_run_can_be_stopped(tmp_path):
    stop = threading.Event()
    with claimed(tmp_path):
        pause(tmp_path)
        threading.Timer(0.3, stop.set).start()
        assert waiting_while_paused(tmp_path, stop.is_set)()
    assert not is_paused(tmp_path)
    assert not Path(tmp_path, PAUSE).exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="cannot be written to"), claimed(tmp_path / "file" / "run"):
        pass


def test_a_folder_in_use_is_refused_before_any_work(tmp_path):
    check_free(tmp_path / "none")
    with claimed(tmp_path), pytest.raises(ValueError, match=f"process {os.getpid()} trains in .* already"):
        check_free(tmp_path)
    check_free(tmp_path)
