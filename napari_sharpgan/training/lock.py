"""Which process trains in a run folder: one at a time, and how to ask it to stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_sharpgan.training.disk import writing

PID = "pid"  # of the process that trains in this folder: its number and when it began


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process; an error says which process has it already."""
    path = folder / PID
    other = running_process(folder)
    if other is not None:
        raise ValueError(f"process {other} trains in {folder} already; stop it or choose another folder")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # left behind by a process that was killed
        with path.open("x") as file:
            file.write(f"{os.getpid()} {_began(os.getpid())}")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_process(folder: Path) -> int | None:
    """Return the number of the process that trains in a run folder, or None."""
    try:
        number, began = (folder / PID).read_text().split(" ")
        process = int(number)
    except (OSError, ValueError):
        return None
    return process if _is_alive(process) and _began(process) == began else None


def ask_to_stop(folder: Path) -> bool:
    """Interrupt the process that trains in a run folder, which then saves and ends; False if there is none.

    Windows can only end it at once: the run then goes on from its last checkpoint.
    """
    process = running_process(folder)
    if process is not None:
        os.kill(process, signal.SIGTERM if sys.platform == "win32" else signal.SIGINT)
    return process is not None


def _began(process: int) -> str:
    """Return when a process began, to tell a number that was given out again; "" where it isn't known.

    One that has ended but was not yet waited for ("Z") has no such time.
    """
    try:
        facts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if facts[0] == "Z" else facts[19]


def _is_alive(process: int) -> bool:
    """Return whether there is a process of this number."""
    if sys.platform == "win32":  # there os.kill(process, 0) would end it
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, process)
        ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
