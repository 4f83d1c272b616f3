"""What a training will take, measured in a process of its own before it is started."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QHBoxLayout, QWidget

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.run_folders.words import clock, gigabytes
from napari_sharpgan.widgets._parts import button, words
from napari_sharpgan.widgets._run import Run
from napari_sharpgan.widgets._training_process import begin, command

PAUSE = 1000  # ms after the last change of a setting
HELP = "Measure a few steps with these settings: how long the run will take, and how much memory."
MEASURING = "Measuring time and memory…"
BUSY = "Not measured while another run trains."


class EstimateLine(QWidget):  # type: ignore[misc]
    """Words, and a button to measure at once; the newest settings win."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wish: list[str] | None = None
        self._run: Run | None = None
        self.says = words()
        self.says.setToolTip(HELP)
        self.button = button("Estimate", HELP, self.measure)
        self._timer = QTimer(self, interval=PAUSE, singleShot=True)
        self._timer.timeout.connect(self.measure)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.says, 1)
        layout.addWidget(self.button)
        self.hide()

    def ask(self, arguments: list[str] | None, *, by_itself: bool = True) -> None:
        """Measure what these arguments of ``sharpgan train`` would take, a moment after the last change.

        Parameters
        ----------
        arguments : list of str or None
            None: there is nothing that could be measured, or it has begun already.
        by_itself : bool
            Without it only a click on the button measures, since a training goes on that it would disturb.
        """
        if arguments == self._wish:
            return
        self._wish = arguments
        self._cancel()
        self.setVisible(arguments is not None)
        self.says.setText("" if by_itself else BUSY)
        self.button.setEnabled(arguments is not None)
        if arguments is not None and by_itself:
            self._timer.start()

    def measure(self) -> None:
        """Measure now."""
        self._cancel()
        if self._wish is not None:
            self.says.setText(MEASURING)
            self.button.setEnabled(False)
            self._run = Run(measured, [*self._wish, "--estimate", "--json"], parent=self)
            self._run.succeeded.connect(self._show)
            self._run.start()

    def _cancel(self) -> None:
        self._timer.stop()
        if self._run is not None:
            self._run.stop()
            self._run = None

    def _show(self, said: str) -> None:
        if self.sender() is self._run:
            self._run = None
            self.says.setText(said)
            self.button.setEnabled(True)


def measured(arguments: list[str], *, should_stop: ShouldStop) -> Generator[None, None, str]:
    """Measure in a process, and return what it found in words; stopped, the process ends at once."""
    with tempfile.TemporaryFile() as output:
        process = begin(command(arguments), output.fileno())
        try:
            while process.poll() is None and not should_stop():
                yield
                time.sleep(0.05)
        finally:
            _end(process)
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    last = lines[-1] if lines else ""
    with suppress(ValueError, KeyError, TypeError):
        return in_words(json.loads(last))
    return f"⚠ {last.removeprefix('sharpgan: ')}"


def in_words(found: dict[str, Any]) -> str:
    """Return an estimate in one line."""
    speed = f"{found['images_per_second']:.1f} images/s on {found['device']}"
    memory = found["memory"] + (found.get("memory_of_images") or 0)
    return f"about {clock(found['seconds'])} · {gigabytes(memory)} · {speed}"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
