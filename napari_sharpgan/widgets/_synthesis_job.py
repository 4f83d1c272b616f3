"""The one process of a window that synthesizes in bulk; it ends in good order with the window."""

from __future__ import annotations

import atexit
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.run_folders.words import clock
from napari_sharpgan.widgets._activity import Activity
from napari_sharpgan.widgets._training_process import LOG, begin, command

INTERVAL = 100  # ms between two looks
BUSY = "something is being made already: wait for it, or cancel it"


class SynthesisJob(QObject):  # type: ignore[misc]
    """Runs ``sharpgan synthesize`` and tells how far it is.

    Parameters
    ----------
    owner : QObject
        With which it ends; one owner has one job.
    """

    begun = Signal(object)  # what was asked for
    progressed = Signal(object)  # facts: done, total, made, seconds; or says
    ended = Signal(object)  # one sentence of what went wrong; empty if all went well or it was canceled

    def __init__(self, owner: QObject | None = None) -> None:
        super().__init__(owner)
        self.wish: Any = None  # what was begun last
        self.facts: dict[str, Any] = {}  # how far it is
        self.is_canceled = False
        self._process: _Process | None = None
        self._activity: Activity | None = None
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self._look)

    @classmethod
    def of(cls, owner: QObject) -> SynthesisJob:
        """Return the job of an owner; the first call makes it."""
        found: SynthesisJob | None = owner.findChild(cls)
        return cls(owner) if found is None else found

    @property
    def is_running(self) -> bool:
        """Whether a process is at it."""
        return self._process is not None

    def begin(self, wish: Any) -> None:
        """Start a process for a `Wish`.

        Raises
        ------
        ValueError
            If one goes on, or no command could do this.
        OSError
            If it cannot be started.
        """
        if self.is_running:
            raise ValueError(BUSY)
        self._process = _Process([*wish.arguments, "--json"])
        self.destroyed.connect(self._process.interrupt)
        self.wish, self.facts, self.is_canceled = wish, {}, False
        self._timer.start()
        self.begun.emit(wish)
        activity = Activity(f"synthesizing {wish.unit}", self.cancel)  # turns the event loop
        if not self.is_running:
            activity.close()
            return
        self.destroyed.connect(activity.close)
        self._activity = activity

    def cancel(self) -> None:
        """Let it end in good order: what is finished stays."""
        if self._process is not None:
            self.is_canceled = True
            self._process.interrupt()

    def _look(self) -> None:
        """Read what is new, and tell it."""
        process = self._process
        if process is None:
            return
        status = process.status  # before its last words are read
        for facts in process.news():
            self.facts = facts if "done" in facts else {**self.facts, **facts}
            self.progressed.emit(facts)
        if status is not None:
            self._end(process, has_failed=status != 0 and not self.is_canceled)
        elif self._activity is not None and "done" in self.facts:
            self._activity.show(self.facts["done"], self.facts["total"])  # last: it turns the event loop

    def _end(self, process: _Process, *, has_failed: bool) -> None:
        self._timer.stop()
        activity, self._process, self._activity = self._activity, None, None
        process.close()
        if activity is not None:
            activity.close()
        self.ended.emit(process.last_words if has_failed else "")


class _Process:
    """One call of ``sharpgan``, whose words are read as they come."""

    def __init__(self, arguments: list[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sharpgan-", ignore_cleanup_errors=True)
        path = Path(self._folder.name) / LOG
        with path.open("wb") as log:
            self._process = begin(command(arguments), log.fileno())
        self._log = path.open("rb")
        self._rest = b""
        self.last_words = "it ended without a word"
        atexit.register(self.interrupt)

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """Ask it to end; what is finished stays, and the same command goes on with it."""
        with suppress(OSError):
            if self._process.poll() is not None:
                return
            if sys.platform == "win32":
                self._process.terminate()
            else:
                self._process.send_signal(signal.SIGINT)

    def news(self) -> list[dict[str, Any]]:
        """Return the facts that it told since the last call."""
        *lines, self._rest = (self._rest + self._log.read()).split(b"\n")
        told = []
        for line in (raw.decode(errors="replace").strip() for raw in lines):
            with suppress(ValueError):
                facts = json.loads(line)
                if isinstance(facts, dict):
                    told.append(facts)
                    continue
            if line:
                self.last_words = line.removeprefix("sharpgan: ")
        return told

    def close(self) -> None:
        """Let go of what it said; it has ended."""
        atexit.unregister(self.interrupt)
        self._log.close()
        self._folder.cleanup()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0)


def in_words(facts: Mapping[str, Any], unit: str) -> str:
    """Return how far it is, how fast, and how long it has still to go.

    Parameters
    ----------
    facts : mapping
        What the command tells: done, total, made and seconds, pixels too of a slide; or ``says``.
    unit : str
        "tiles" or "blocks".
    """
    if "done" not in facts:
        return str(facts.get("says", ""))
    parts = [f"{facts['done']:,} of {facts['total']:,} {unit}"]
    if facts["made"] and facts["seconds"] > 0:
        if "pixels" in facts:
            parts.append(f"{facts['pixels'] / facts['seconds'] / 1e6:.1f} megapixels/s")
        else:
            parts.append(f"{facts['made'] / facts['seconds']:.1f} {unit}/s")
        if facts["done"] < facts["total"]:
            left = (facts["total"] - facts["done"]) * facts["seconds"] / facts["made"]
            parts.append(f"about {clock(left)} left")
    return " · ".join(parts)
