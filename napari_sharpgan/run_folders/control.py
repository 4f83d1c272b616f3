"""Which process trains in a run folder, one at a time, and how to stop it, let it wait and go on."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from napari_sharpgan._files import written_whole
from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.run_folders.disk import writing

PID = "pid"  # of the process that trains in this folder: its number and when it began
LOCK = "lock"  # held by that process; the system lets go of it when the process ends, however it ends
PAUSE = "pause"  # while this file is there the process waits
SECONDS_A_LOOK = 0.2  # at the file, while it waits


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process; an error says which process has it already.

    A run begins and ends without a pause: what an earlier process left behind is removed.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
        with suppress(Timeout):
            lock.acquire()
    if not lock.is_locked:
        raise ValueError(_taken(folder, _holder(folder)))
    try:
        with writing(folder):
            (folder / PAUSE).unlink(missing_ok=True)
            with written_whole(folder / PID) as temporary:
                temporary.write_text(f"{os.getpid()} {psutil.Process().create_time()}")
        yield
    finally:
        for name in (PAUSE, PID):
            (folder / name).unlink(missing_ok=True)
        lock.release()


def check_free(folder: Path) -> None:
    """Raise now if a process trains in a run folder, before time is spent on what `claimed` would refuse."""
    number = running_process(folder)
    if number is not None:
        raise ValueError(_taken(folder, number))


def running_process(folder: Path) -> int | None:
    """Return the number of the process that trains in a run folder, or None."""
    process = _process(folder)
    return None if process is None else process.pid


def ask_to_stop(folder: Path) -> bool:
    """Interrupt the process that trains in a run folder, which then saves and ends; False if there is none.

    Windows can only end it at once: the run then goes on from its last checkpoint.
    """
    process = _process(folder)
    if process is None:
        return False
    try:
        process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
    except psutil.NoSuchProcess:
        return False
    return True


def pause(folder: Path) -> bool:
    """Let the process that trains in a run folder wait before its next step; False if there is none."""
    if _process(folder) is None:
        return False
    with writing(folder):
        (folder / PAUSE).touch()
    return True


def go_on(folder: Path) -> bool:
    """End the pause of a run; False if it was not paused."""
    was_paused = is_paused(folder)
    with writing(folder):
        (folder / PAUSE).unlink(missing_ok=True)
    return was_paused


def is_paused(folder: Path) -> bool:
    """Return whether a process trains in a run folder and was told to wait."""
    return (folder / PAUSE).exists() and _process(folder) is not None


def waiting_while_paused(folder: Path, should_stop: ShouldStop) -> ShouldStop:
    """Return a ``should_stop`` that does not return as long as the run is paused and not stopped."""

    def asked() -> bool:
        while (folder / PAUSE).exists() and not should_stop():
            time.sleep(SECONDS_A_LOOK)
        return should_stop()

    return asked


def _process(folder: Path) -> psutil.Process | None:
    """Return the living process that a run folder names, not another that got its number later."""
    try:
        number, began = (folder / PID).read_text().split(" ")
        process = psutil.Process(int(number))
        is_same = abs(process.create_time() - float(began)) < 2  # seconds; the clock may be set meanwhile
        return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def _holder(folder: Path) -> int | None:
    """Return the number of the process that holds a folder, which may be about to write it down."""
    for _ in range(10):
        number = running_process(folder)
        if number is not None:
            return number
        time.sleep(SECONDS_A_LOOK / 2)
    return None


def _taken(folder: Path, number: int | None) -> str:
    who = "another process" if number is None else f"process {number}"
    return f"{who} trains in {folder} already; stop it or choose another folder"
