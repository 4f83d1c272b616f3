"""Ctrl-C and a request to end: work is saved first; the second time it ends at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from napari_sharpgan.cli._manners import say


class Stop:
    """Whether a signal asked to stop; before there is something to save it ends the command at once."""

    def __init__(self, saving: str = "saving what was learned") -> None:
        self._saving = saving
        self.signal = 0
        self.saves = False  # there is something to save

    def is_asked(self) -> bool:
        """Return whether to end after this step."""
        return self.signal != 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Note a signal; the second one ends at once."""
        if self.signal or not self.saves:
            raise KeyboardInterrupt
        self.signal = number
        say(f"stopping: {self._saving}; once more ends at once")


@contextmanager
def stopped_by_signals(saving: str = "saving what was learned") -> Iterator[Stop]:
    """Let Ctrl-C and a request to end stop what is done in the block in good order; say what is saved."""
    stop = Stop(saving)
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
