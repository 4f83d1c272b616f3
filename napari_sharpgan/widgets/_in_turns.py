"""Work in steps, one a turn of the event loop, so that a dock is there before what it brings; or at once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.widgets._run import Background

RESTS = 50  # ms after the event loop turns again, in which what was just made is painted

Job = Callable[[], Any]
Steps = Generator[Job | None, Any, None]


class InTurns(QObject):  # type: ignore[misc]
    """Do the steps of one piece of work in turns of the event loop, a moment from now.

    Parameters
    ----------
    steps : callable
        Returns a generator, of which each stage is a turn's work. A function that it yields, such as a long
        import, is done off the window's thread; it gets what that returns, or None if that fails.
    parent : QObject
        With what it ends.
    """

    ended = Signal()  # all is done, or nothing will be

    def __init__(self, steps: Callable[[], Steps], parent: QObject) -> None:
        super().__init__(parent)
        gc.freeze()  # what there is: Python would look for garbage in it, for a tenth of a second at a time
        self._steps = steps
        self._going: Steps | None = None
        self._job: Job | None = None  # what the next step waits for
        self._is_begun = self._is_over = self._is_stepping = False
        self._background = Background(self)
        self._background.done.connect(self._after_job)
        self._first: QTimer = QTimer(self, interval=RESTS, singleShot=True)
        self._next: QTimer = QTimer(self, interval=0, singleShot=True)
        for timer in (self._first, self._next):
            timer.timeout.connect(self._turn)
        QTimer.singleShot(0, self._first.start)  # counted from when the event loop turns again

    def finish(self) -> None:
        """Do what is left of it now, for somebody who needs it."""
        while not (self._is_over or self._is_stepping):
            self._step(None if self._job is None else _done(self._job)[1])

    def finish_or_drop(self) -> None:
        """Do what is left of it now if a turn has been done, and else never."""
        if self._is_begun or self._is_stepping:
            self.finish()
        elif not self._is_over:
            self._is_over = True
            self.ended.emit()

    def _turn(self) -> None:
        if not (self._is_over or self._is_stepping or self._job is not None):
            self._step_and_go_on(None)

    def _after_job(self, done: tuple[Job, Any]) -> None:
        job, result = done
        if job is self._job and not (self._is_over or self._is_stepping):
            self._step_and_go_on(result)

    def _step_and_go_on(self, result: Any) -> None:
        self._step(result)
        if self._job is not None:
            self._background.submit(partial(_done, self._job))
        elif not self._is_over:
            self._next.start()

    def _step(self, result: Any) -> None:
        """Do one step. What a step sets off may ask for the whole, which is then left to go on as it does."""
        if self._going is None:
            self._going = self._steps()
        self._is_stepping, self._job = True, None
        try:
            self._job = self._going.send(result)
            self._is_begun |= self._job is None
        except StopIteration:
            self._is_over = True
        except BaseException:
            self._is_over = True
            raise
        finally:
            self._is_stepping = False
            if self._is_over:
                self.ended.emit()


def _done(job: Job) -> tuple[Job, Any]:
    """Do a job, and return it and what it returned, None if it failed."""
    try:
        return job, job()
    except Exception:  # noqa: BLE001  who needs what it did not do says what is wrong
        return job, None
