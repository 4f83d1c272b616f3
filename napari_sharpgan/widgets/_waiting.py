"""What can wait until the first tissue is there."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer

LONGEST = 10_000  # ms, on a slow machine


class Waiting(QObject):  # type: ignore[misc]
    """Put work off while something more urgent comes, such as importing torch while a sample does."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._calls: list[tuple[QObject, Callable[[], object]]] = []
        self._timer = QTimer(self, interval=LONGEST, singleShot=True)
        self._timer.timeout.connect(self.end)

    def begin(self) -> None:
        """Let all wait from now on, for a while at the longest."""
        self._timer.start()

    def end(self) -> None:
        """Do what waits."""
        self._timer.stop()
        calls, self._calls = self._calls, []
        for owner, call in calls:
            if isalive(owner):
                call()

    def do(self, owner: QObject, call: Callable[[], object]) -> None:
        """Do something now, or when the waiting is over if its owner is there still."""
        if self._timer.isActive():
            self._calls.append((owner, call))
        else:
            call()
