"""Jobs of which only the newest counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.widgets._run import Background

Job = Callable[[], Any]


class Newest(QObject):  # type: ignore[misc]
    """Do the newest of many jobs in a thread, one at a time; those that it overtook are never begun.

    Parameters
    ----------
    pause : int
        Least time before a job is begun, in milliseconds: wishes that come in a burst become one.
    """

    done = Signal(object)  # what a job returned
    failed = Signal(object)  # the error that a job raised

    def __init__(self, parent: QObject | None = None, *, pause: int = 40) -> None:
        super().__init__(parent)
        self._wish: Job | None = None
        self._is_busy = self._is_unheard = False
        self._thread = Background(self)
        self._thread.done.connect(self._finish)
        self._thread.failed.connect(self._fail)
        self._timer = QTimer(self, interval=pause, singleShot=True)
        self._timer.timeout.connect(self._begin)

    def ask(self, job: Job) -> None:
        """Do a job soon, in the place of one that was not yet begun."""
        self._wish = job
        if not self._timer.isActive():
            self._timer.start()

    def forget(self) -> None:
        """Do not begin what was asked for, and say nothing of what goes on."""
        self._wish, self._is_unheard = None, self._is_busy

    def _begin(self) -> None:
        if self._wish is not None and not self._is_busy:
            job, self._wish, self._is_busy = self._wish, None, True
            self._thread.submit(job)

    def _finish(self, result: Any) -> None:
        if self._end():
            self.done.emit(result)
        self._begin()

    def _fail(self, error: BaseException) -> None:
        if self._end():
            self.failed.emit(error)
        self._begin()

    def _end(self) -> bool:
        """Return whether somebody still wants to hear what the job that has ended came to."""
        is_heard = not self._is_unheard
        self._is_busy = self._is_unheard = False
        return is_heard
