"""The one file with threads: tasks that run beside the window, and small jobs of which the newest wins."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from napari.qt.threading import create_worker
from qtpy.QtCore import QObject, Signal

NICE = 10  # of 19: how much a process, and where the system knows that a thread, gives way to the window


class TaskFailed(Exception):
    """A task ended in an error, which is chained to this one."""


class Run(QObject):  # type: ignore[misc]
    """One run of a task in a thread.

    Parameters
    ----------
    task : callable
        Generator function that takes ``*args`` and ``should_stop``.
    interval : float
        Least time between two ``progressed`` signals, in seconds.
    """

    progressed = Signal(object)  # an event of the task
    succeeded = Signal(object)  # the result of the task, also when stopped
    failed = Signal(object)  # the error; napari shows it as well
    ended = Signal()  # always last

    def __init__(
        self,
        task: Callable[..., Generator[Any, None, Any]],
        *args: Any,
        interval: float = 0.1,
        parent: QObject | None = None,
        **options: Any,
    ) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        worker = create_worker(_drive, task, args, options, self._stop.is_set, interval)
        worker.yielded.connect(self.progressed)
        worker.returned.connect(self.succeeded)
        worker.errored.connect(self.failed)
        worker.finished.connect(self.ended)
        self._worker = worker
        self.destroyed.connect(self._stop.set)

    def start(self) -> None:
        """Start the task."""
        self._worker.start()

    def stop(self) -> None:
        """Ask the task to end after its current step."""
        self._stop.set()


class Background(QObject):  # type: ignore[misc]
    """A thread that does one small job after another and hands the results to the window's thread.

    A job is a function without arguments. It does not start before the one before it has ended. With the
    window the jobs that wait are gone; one that is going on ends unheard. On Linux the thread, and those that
    a library starts from it, give way to the window's.
    """

    done = Signal(object)  # what a job returned
    failed = Signal(object)  # the error that a job raised

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = _Pool(1, thread_name_prefix="sharpgan", initializer=_give_way)
        self._voice = _Voice()
        self._voice.done.connect(self.done)
        self._voice.failed.connect(self.failed)
        self.destroyed.connect(self._pool.close)

    def submit(self, job: Callable[[], Any]) -> None:
        """Do a job as soon as those before it are done."""
        self._pool.submit(job).add_done_callback(self._voice.tell)


class _Pool(ThreadPoolExecutor):
    """A pool with a method that ``destroyed`` can call.

    A partial or a lambda in its place crashes PyQt5: the garbage collector empties it with the window, and
    then Qt calls what is left. A method whose object is gone is not called.
    """

    def close(self) -> None:
        """Drop the jobs that wait."""
        self.shutdown(wait=False, cancel_futures=True)


class _Voice(QObject):  # type: ignore[misc]
    """What the thread speaks with: it lives as long as the thread, also when the window is gone."""

    done = Signal(object)
    failed = Signal(object)

    def tell(self, future: Future[Any]) -> None:
        """Tell what a job came to; called in the job's thread, heard in the window's."""
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self.done.emit(future.result())
        else:
            self.failed.emit(error)


def _give_way() -> None:
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):  # where that is not allowed
            os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))


def _drive(
    task: Callable[..., Generator[Any, None, Any]],
    args: tuple[Any, ...],
    options: dict[str, Any],
    should_stop: Callable[[], bool],
    interval: float,
) -> Generator[Any, None, Any]:
    """Drive ``task``, passing on at most one event each ``interval`` seconds."""
    events = task(*args, should_stop=should_stop, **options)
    next_report = 0.0
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value
        except Exception as error:
            raise TaskFailed(f"{type(error).__name__}: {error}") from error
        if time.monotonic() >= next_report:
            next_report = time.monotonic() + interval
            yield event
