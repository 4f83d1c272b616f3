"""Tasks: long work as a generator that yields events, asks ``should_stop()`` and returns a result."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

Event = TypeVar("Event")
Result = TypeVar("Result")
ShouldStop = Callable[[], bool]


def never() -> bool:
    """Do not stop; the default of every task's ``should_stop``."""
    return False


def run_to_end(task: Generator[Event, None, Result], watch: Callable[[Event], Any] | None = None) -> Result:
    """Run a task, showing each event to ``watch``, and return its result."""
    while True:
        try:
            event = next(task)
        except StopIteration as end:
            result: Result = end.value
            return result
        if watch is not None:
            watch(event)
