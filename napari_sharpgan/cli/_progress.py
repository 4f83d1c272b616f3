"""How a training goes: on a terminal one line that renews itself, else a line each ten seconds."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_sharpgan.run_folders import HeldOut, RunStatus, run_status
from napari_sharpgan.run_folders.words import clock
from napari_sharpgan.training import TrainStep

SECONDS_A_LINE = 10.0  # where the output is no terminal
SECONDS_A_RENEWAL = 0.5


class RenewedLine:
    """A line on stderr that says where something is: on a terminal it renews itself."""

    def __init__(self) -> None:
        self._renews = sys.stderr.isatty()
        self._next = 0.0
        self._is_open = False

    def is_due(self) -> bool:
        """Return whether it is time to say something again."""
        return time.monotonic() >= self._next

    def say(self, text: str, _facts: Mapping[str, Any] | None = None) -> None:
        """Say where it is, in words or, for a program, as facts."""
        self._next = time.monotonic() + (SECONDS_A_RENEWAL if self._renews else SECONDS_A_LINE)
        if self._renews:
            text = text[: shutil.get_terminal_size().columns - 1]  # a line that wraps cannot be renewed
        sys.stderr.write(f"\r\x1b[K{text}" if self._renews else f"{text}\n")
        sys.stderr.flush()
        self._is_open = self._renews

    def say_if_due(self, text: str) -> None:
        """Say where it is, if it is time to."""
        if self.is_due():
            self.say(text)

    def end(self) -> None:
        """Leave the line as it is; what is said next begins below."""
        if self._is_open:
            sys.stderr.write("\n")
        self._is_open = False


class FactLines(RenewedLine):
    """The same for a program that reads along: a line of JSON each time."""

    def say(self, text: str, facts: Mapping[str, Any] | None = None) -> None:
        """Say where it is."""
        self._next = time.monotonic() + SECONDS_A_RENEWAL
        print(json.dumps({"says": text} if facts is None else dict(facts)), file=sys.stderr, flush=True)


class ProgressLine(RenewedLine):
    """Says on stderr where the training in a run folder is.

    Parameters
    ----------
    folder : Path
        The run folder, whose events tell speed, time left and the score on held-out images.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def show(self, step: TrainStep) -> None:
        """Say where the training is, if it is time to."""
        if self.is_due() or step.step == step.steps:
            self.say(progress(step, run_status(self._folder)))


def progress(step: TrainStep, status: RunStatus) -> str:
    """Return step, speed, time left, score on held-out images and losses in one line."""
    parts = [f"{step.step}/{step.steps} ({step.step / step.steps:.0%})"]
    speed = status.images_per_second
    parts.append(f"{step.images_per_second if speed is None else speed:.1f} images/s")
    left = status.seconds_left
    parts.append(f"{clock((step.steps - step.step) * step.seconds if left is None else left)} left")
    if status.last is not None and status.best is not None:
        best = "" if status.last == status.best else f", best {status.best.score:.3f}"
        parts.append(f"held out {status.last.score:.3f}{best}")
    parts += [f"{name} {value:.3f}" for name, value in step.losses.items()]
    return "  ".join(parts)


def in_words(look: HeldOut) -> str:
    """Return how a network did on held-out images."""
    numbers = {"score": look.score, "SSIM": look.ssim, "GMSD": look.gmsd, "PQ": look.pq, "AJI": look.aji}
    said = ", ".join(f"{name} {value:.3f}" for name, value in numbers.items() if value is not None)
    return f"{said} at step {look.step:,}"
