"""Work in steps, one a turn of the event loop, so that a dock is there before what it brings; or at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qtpy.QtCore import QObject, QTimer

from napari_sharpgan.widgets._run import Background

RESTS = 50  # ms after the event loop turns again, in which what was just made is painted


class InTurns(QObject):  # type: ignore[misc]
    """Do the steps of one piece of work in turns of the event loop, a moment from now.

    Parameters
    ----------
    steps : callable
        Returns an iterator, of which each stage is a turn's work.
    before : callable
        What is done off the window's thread before the first step, such as a long import.
    parent : QObject
        With what it ends.
    """

    def __init__(
        self, steps: Callable[[], Iterator[Any]], before: Callable[[], Any], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._steps, self._before = steps, before
        self._going: Iterator[Any] | None = None
        self._is_over = self._is_stepping = False
        self._background = Background(self)
        for prepared in (self._background.done, self._background.failed):
            prepared.connect(self._turn)
        self._first: QTimer = QTimer(self, interval=RESTS, singleShot=True)
        self._first.timeout.connect(self._prepare)
        self._next: QTimer = QTimer(self, interval=0, singleShot=True)
        self._next.timeout.connect(self._turn)
        QTimer.singleShot(0, self._first.start)  # counted from when the event loop turns again

    def finish(self) -> None:
        """Do what is left of it now, for somebody who needs it."""
        while not (self._is_over or self._is_stepping):
            self._step()

    def finish_or_drop(self) -> None:
        """Do what is left of it now if it has begun, and else never."""
        if self._going is None:
            self._is_over = True
        self.finish()

    def _prepare(self) -> None:
        if not self._is_over:
            self._background.submit(self._before)

    def _turn(self, _: Any = None) -> None:
        if not (self._is_over or self._is_stepping):
            self._step()
            self._next.start()

    def _step(self) -> None:
        """Do one step. What a step sets off may ask for the whole, which is then left to go on as it does."""
        if self._going is None:
            self._going = self._steps()
        self._is_stepping = True
        try:
            next(self._going)
        except StopIteration:
            self._is_over = True
        except BaseException:
            self._is_over = True
            raise
        finally:
            self._is_stepping = False
