"""One task at a time beside the window, with its bar in napari's activity dock; the newest wins."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_sharpgan.widgets._activity import Activity
from napari_sharpgan.widgets._run import Run


class OneRun(QObject):  # type: ignore[misc]
    """Do a task in a thread, in the place of what goes on, which then ends unheard.

    The events of a task say how far it is: ``done`` of ``total`` parts.
    """

    begun = Signal()
    progressed = Signal(object)  # an event of the task
    succeeded = Signal(object)  # the result of the task, also when stopped
    failed = Signal(object)  # the error; napari shows it as well

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._activity: Activity | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a task goes on."""
        return self._run is not None

    def begin(
        self,
        what: str,
        task: Callable[..., Generator[Any, None, Any]],
        *args: Any,
        canceled: Callable[[], object],
    ) -> None:
        """Do a task, a generator function that takes ``*args`` and ``should_stop``.

        Parameters
        ----------
        what : str
            What it does, in a few words for the activity dock.
        canceled : callable
            Is called when somebody cancels there.
        """
        self.leave()
        run = self._run = Run(task, *args, parent=self)
        run.progressed.connect(partial(self._show, run))
        run.succeeded.connect(partial(self._succeed, run))
        run.failed.connect(partial(self._fail, run))
        run.ended.connect(run.deleteLater)
        activity = Activity(what, canceled)  # turns the event loop, in which anything may happen
        if run is not self._run:
            activity.close()
            run.deleteLater()
            return
        self.destroyed.connect(activity.close)
        self._activity = activity
        self.begun.emit()
        run.start()

    def stop(self) -> None:
        """Ask the task to end after its current step; what it has until then is its result."""
        if self._run is not None:
            self._run.stop()

    def leave(self) -> None:
        """Stop, and hear nothing more of it."""
        self.stop()
        activity = self._activity
        self._run = self._activity = None
        if activity is not None:
            activity.close()

    def _show(self, run: Run, event: Any) -> None:
        if run is self._run and self._activity is not None:
            self.progressed.emit(event)
        if run is self._run and self._activity is not None:
            self._activity.show(event.done, event.total)  # last: it turns the event loop

    def _succeed(self, run: Run, result: Any) -> None:
        if run is self._run:
            self.leave()
            self.succeeded.emit(result)

    def _fail(self, run: Run, error: BaseException) -> None:
        if run is self._run:
            self.leave()
            self.failed.emit(error)
