"""What the benchmarks of the window share: a viewer, a heart that beats while its loop turns, a mouse."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from _bench import Check, Goal, Row, Times, compared, number

if TYPE_CHECKING:
    from napari import Viewer

    from napari_sharpgan.widgets.session import Session

LONGEST, OFTEN = 250, 100  # ms: no gap over the one, 99 of 100 not over the other


def has_display() -> bool:
    """Return whether a window can be opened; say so if not."""
    there = sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if not there:
        print("no display: run it under xvfb-run", flush=True)
    return there


def open_viewer(*, size: tuple[int, int] = (1500, 950)) -> Viewer:
    """Open napari's window, as large as our launcher's, and wait until it is painted."""
    import napari
    from napari._qt import qt_main_window

    qt_main_window.SHOW_QT_WARNING = False  # PyQt5 is what our users ask for
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="System theme detection")
        viewer = napari.Viewer(show=True)
    viewer.window.resize(*size)
    settle(0.3)
    return viewer


def settle(seconds: float) -> None:
    """Turn the event loop for a while."""
    from qtpy.QtWidgets import QApplication

    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.processEvents()


@dataclass(frozen=True)
class Beats:
    """The gaps between turns of the event loop, and the processor time of its thread in each, in ms."""

    gaps: Times
    work: Times

    def row(self, what: str, detail: str = "") -> Row:
        """Return the longest gap, with both goals."""
        middle, high = np.percentile(self.gaps, [50, 99])
        own = f"99 % {number(np.percentile(self.work, 99))} ms, longest {number(self.work.max())} ms"
        told = f"99 % {number(high)} ms, median {number(middle)} ms; own work {own}"
        often = Check(f"99 % ≤ {OFTEN} ms", bool(high <= OFTEN))
        goal = Goal(most=LONGEST, also=(often,))
        return compared(
            f"longest gap: {what}", self.gaps.max(), goal=goal, detail=f"{told}; {detail}".strip("; ")
        )


class Heart:
    """Beats every 5 ms, if the event loop turns."""

    def __init__(self) -> None:
        from qtpy.QtCore import Qt, QTimer

        self._timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self.beats: list[tuple[float, float]] = []

    def _beat(self) -> None:
        self.beats.append((time.perf_counter(), time.thread_time()))

    def watch(self, done: Callable[[], bool], longest: float = 60.0) -> Beats:
        """Turn the event loop until something is done, and return the gaps.

        Between two turns it sleeps, as napari's own does, and lets other threads have Python.
        """
        from qtpy.QtCore import QEventLoop
        from qtpy.QtWidgets import QApplication

        self.beats = []
        self._beat()
        self._timer.start()
        end = time.perf_counter() + longest
        while not done():
            if time.perf_counter() > end:
                raise SystemExit(f"it was not done within {longest:g} s")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self._timer.stop()
        self._beat()
        return Beats(*1000 * np.diff(self.beats, axis=0).T)


class Mouse:
    """The left button of a mouse over the canvas of a window; points are (row, column)."""

    def __init__(self, session: Session) -> None:
        self._viewer = session.viewer
        self._native = session.viewer.window._qt_viewer.canvas.native

    def move(self, point: np.ndarray, *, pressed: bool = True) -> None:
        self._send("MouseMove", point, pressed=pressed)

    def press(self, point: np.ndarray) -> None:
        self._send("MouseButtonPress", point)

    def release(self, point: np.ndarray) -> None:
        self._send("MouseButtonRelease", point, pressed=False)

    def _send(self, kind: str, point: np.ndarray, *, pressed: bool = True) -> None:
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent
        from qtpy.QtWidgets import QApplication

        camera, size = self._viewer.scene.camera, self._native.size()
        row, column = (point - np.asarray(camera.center)[-2:]) * camera.zoom
        place = QPointF(size.width() / 2 + column, size.height() / 2 + row)
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button, held = none if kind == "MouseMove" else left, left if pressed else none
        event = QMouseEvent(getattr(QEvent.Type, kind), place, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._native, event)


def after(seconds: float) -> Callable[[], bool]:
    """Return what says whether a time has passed from now on."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end
