"""Follow a run folder while a process, started here or elsewhere, trains in it."""

from __future__ import annotations

import time
from collections import deque
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.run_folders.control import PID, ask_to_stop, go_on, is_paused, pause, running_process
from napari_sharpgan.run_folders.events import EventReader
from napari_sharpgan.run_folders.words import clock
from napari_sharpgan.widgets._training_process import TrainingProcess

INTERVAL, CATCHING_UP = 250, 20  # milliseconds between two looks
PIECE = 2**17  # bytes of events that one look takes, about 500 steps in 10 ms


class RunFollower(QObject):  # type: ignore[misc]
    """What happens in a run folder, told as signals.

    Parameters
    ----------
    folder : Path
        The run folder; it need not exist yet.
    """

    renewed = Signal()  # the events begin anew
    stepped = Signal(object)  # a list of further events
    ended = Signal(object)  # the exit status, or None if another window started the process
    turned = Signal()  # it runs, is paused or does neither, other than before

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self.process: TrainingProcess | None = None
        self.is_running = running_process(folder) is not None
        self.is_paused = is_paused(folder)
        self.is_stopping = self.was_stopped = False  # by this window
        self.step = 0
        self._reader = EventReader(folder)
        self._started = 0.0  # when this window started a process, in seconds since 1970
        self._times: deque[float] = deque(maxlen=30)
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def start(self, arguments: list[str]) -> None:
        """Start a process that trains in the folder; an `OSError` says if the folder cannot be written to."""
        self.process = TrainingProcess(self.folder, arguments)
        self.is_running, self.is_stopping, self._started = True, False, time.time()

    @property
    def is_starting(self) -> bool:
        """Whether a process of this window has not come to its first step yet."""
        newest = self._times[-1] if self._times else 0.0
        return self.is_running and self.process is not None and newest < self._started

    def pause(self) -> None:
        """Let the process wait after this step."""
        self.is_paused = pause(self.folder)

    def go_on(self) -> None:
        """Let a process that waits take its next step."""
        go_on(self.folder)
        self.is_paused = False

    def stop(self) -> None:
        """Ask the process to save and end."""
        self.is_stopping = True
        if not ask_to_stop(self.folder) and self.process is not None and self.process.status is None:
            self.process.interrupt()  # it has not come to its first step yet

    @property
    def left_its_name(self) -> bool:
        """Whether the process ended so suddenly that its name is in the folder still."""
        return not self.is_running and (self.folder / PID).exists()

    @property
    def seconds_a_step(self) -> float | None:
        """The median of the last steps: pauses and checkpoints do not count; None before the second step."""
        gaps = [after - before for before, after in pairwise(self._times)]
        return median(gaps) if gaps else None

    def look(self) -> None:
        """Read what is new, and tell it."""
        status = None if self.process is None else self.process.status
        alive = (self.process is not None and status is None) or running_process(self.folder) is not None
        renewed, events = self._reader.read(PIECE)
        self._timer.setInterval(CATCHING_UP if len(events) > 100 else INTERVAL)
        if renewed:
            self._times.clear()
            self.renewed.emit()
        if events:
            self.step = events[-1]["step"]
            self._times.extend(float(event.get("time", 0.0)) for event in events[-30:])
            self.stepped.emit(events)
        elif self.is_running and not alive:
            self.was_stopped = self.is_stopping
            self.is_running = self.is_paused = self.is_stopping = False
            self.ended.emit(status)
        before = self.is_running, self.is_paused
        self.is_running = self.is_running or alive
        self.is_paused = self.is_running and is_paused(self.folder)
        if before != (self.is_running, self.is_paused):
            self.turned.emit()

    def last_words(self) -> str:
        """Return what the process said last."""
        return "" if self.process is None else self.process.last_words()


def in_words(event: dict[str, Any], steps: int, seconds_a_step: float | None) -> str:
    """Return how far a run is, how fast, and how long it has still to go."""
    parts = [f"step {event['step']:,} of {steps:,}"]
    if "images_per_second" in event:
        parts.append(f"{event['images_per_second']:.1f} images/s")
    if seconds_a_step is not None and event["step"] < steps:
        parts.append(f"{clock((steps - event['step']) * seconds_a_step)} left")
    return " · ".join(parts)
