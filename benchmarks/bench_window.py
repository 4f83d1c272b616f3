"""How long the window lets a hand wait: gaps between two turns of the event loop, with 1,000 nuclei on 2048².

Run with a display (or under xvfb-run): ``python benchmarks/bench_window.py``. Goal: p99 ≤ 100 ms, none over
250 ms. "Own work" is the processor time of the window's thread, which a busy machine shows truly too.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import napari
import numpy as np
from qtpy.QtCore import QEvent, QPointF, Qt, QTimer
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.widgets.session import SAMPLE, Session, session_of


class Heart:
    """Beats every 5 ms, if the event loop turns."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self.beats: list[tuple[float, float]] = []

    def _beat(self) -> None:
        self.beats.append((time.perf_counter(), time.thread_time()))

    def watch(self, what: str, done: Callable[[], bool], longest: float = 60.0) -> None:
        """Turn the event loop until something is done, and print the gaps."""
        self.beats = []
        self._beat()
        self._timer.start()
        end = time.perf_counter() + longest
        while not done() and time.perf_counter() < end:
            QApplication.processEvents()
        self._timer.stop()
        gaps, work = 1000 * np.diff(self.beats, axis=0).T
        (middle, high), (own_middle, own_high) = (np.percentile(times, [50, 99]) for times in (gaps, work))
        print(
            f"{what:<36} {len(gaps):5d} beats"
            f"   gaps: p50 {middle:6.1f}  p99 {high:6.1f}  max {gaps.max():6.1f} ms"
            f"   own work: p50 {own_middle:6.1f}  p99 {own_high:6.1f}  max {work.max():6.1f} ms",
            flush=True,
        )


class Mouse:
    """The left button of a mouse over the canvas of a window; points are (row, column)."""

    def __init__(self, session: Session) -> None:
        self._viewer = session.viewer
        self._native = session.viewer.window._qt_viewer.canvas.native

    def move(self, point: np.ndarray, *, pressed: bool = True) -> None:
        self._send(QEvent.Type.MouseMove, point, pressed=pressed)

    def press(self, point: np.ndarray) -> None:
        self._send(QEvent.Type.MouseButtonPress, point)

    def release(self, point: np.ndarray) -> None:
        self._send(QEvent.Type.MouseButtonRelease, point, pressed=False)

    def _send(self, kind: QEvent.Type, point: np.ndarray, *, pressed: bool = True) -> None:
        camera, size = self._viewer.scene.camera, self._native.size()
        row, column = (point - np.asarray(camera.center)[-2:]) * camera.zoom
        place = QPointF(size.width() / 2 + column, size.height() / 2 + row)
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if kind == QEvent.Type.MouseMove else left
        event = QMouseEvent(kind, place, button, left if pressed else none, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(self._native, event)


class Hand:
    """Drags a nucleus around with the left button, a move each 16 ms."""

    def __init__(self, session: Session, moves: int) -> None:
        self._mouse = Mouse(session)
        outline = next(iter(session.scene.polygons.values()))
        angles = np.linspace(0, 6 * np.pi, moves)
        self._way = list(outline.mean(axis=0) + 60 * np.stack([np.sin(angles), np.cos(angles) - 1], axis=1))
        self._timer = QTimer(interval=16)
        self._timer.timeout.connect(self._move)
        self._mouse.move(self._way[0], pressed=False)
        self._mouse.press(self._way[0])
        self._timer.start()

    def done(self) -> bool:
        return not self._way

    def _move(self) -> None:
        point = self._way.pop(0)
        self._mouse.move(point)
        if not self._way:
            self._timer.stop()
            self._mouse.release(point)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--nuclei", type=int, default=1000)
    parser.add_argument("--maps", action="store_true", help="with the maps side by side")
    options = parser.parse_args()
    viewer = napari.Viewer(show=True)
    viewer.window.resize(1500, 950)
    heart = Heart()
    session = session_of(viewer)
    heart.watch("sample: first tissue", lambda: session.is_rendered)
    steps = [replace(SAMPLE, count=100, max_overlap=share) for share in np.linspace(0, 1, 20)]
    for step, config in enumerate(steps):
        QTimer.singleShot(50 * step, lambda config=config: session.generate(config, keep=False, live=True))
    heart.watch("a slider moves, 100 nuclei on 512²", lambda: time.perf_counter() > heart.beats[0][0] + 3)
    session.new_canvas((options.side, options.side))
    session.generate(NucleiConfig(count=options.nuclei, seed=1), keep=False)
    heart.watch("nuclei appear", lambda: len(session.scene) > 0)
    if options.maps:
        session.side_by_side(True)
    heart.watch("all tissue is rendered", lambda: session.is_rendered)
    session.edit("select")
    hand = Hand(session, 150)
    heart.watch("a nucleus is dragged", lambda: hand.done() and session.is_rendered)
    session.tissue.render_everything()
    hand = Hand(session, 150)
    heart.watch("dragged while all is rendered", lambda: hand.done() and session.is_rendered)
    session.edit("direct")
    session.layers.nuclei.selected_data = {0}
    session.scene.undo()
    heart.watch("undo", lambda: session.is_rendered)
    viewer.close()


if __name__ == "__main__":
    main()
