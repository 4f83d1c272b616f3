"""How long the window lets a hand wait: gaps between two turns of the event loop, with 1,000 nuclei on 2048².

Run with a display (or under xvfb-run): ``python benchmarks/bench_window.py``. Goal: p99 ≤ 100 ms, none over
250 ms. "Own work" is the processor time of the window's thread, which a busy machine shows truly too.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from _bench import Options, Row, main
from _window import Heart, Mouse, after, has_display, open_viewer
from qtpy.QtCore import QTimer

from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.widgets._generating import SAMPLE
from napari_sharpgan.widgets.session import Session, session_of


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


def slide(session: Session) -> None:
    """Let a slider move for a second: 20 settings, 100 nuclei each."""
    for step, share in enumerate(np.linspace(0, 1, 20)):
        config = replace(SAMPLE, count=100, max_overlap=share)
        QTimer.singleShot(50 * step, lambda config=config: session.generate(config, keep=False, live=True))


def begin(session: Session, heart: Heart) -> Iterator[Row]:
    """Watch the sample come, and what a slider does to it."""
    yield heart.watch(lambda: session.is_rendered).row("sample and its first tissue, torch is loaded")
    slide(session)
    yield heart.watch(after(3)).row("a slider moves, 100 nuclei on 512²")


def all_there(session: Session, least: float, most: float = math.inf) -> Callable[[], bool]:
    """Return what says whether all nuclei have been outlines for a tenth of a second, and are so many."""
    since: list[float] = []

    def done() -> bool:
        if not least <= session.layers.nuclei.nshapes == len(session.scene) <= most:
            since.clear()
        elif not since:
            since.append(time.perf_counter())
        return bool(since) and time.perf_counter() > since[0] + 0.1

    return done


def appear(session: Session, heart: Heart, side: int, count: int, where: str) -> Iterator[Row]:
    """Watch nuclei come at once, in each of the ways in which they do, the outlines painted."""
    least = 0.9 * count

    def row(what: str, act: Callable[[], object], done: Callable[[], bool]) -> Row:
        QTimer.singleShot(0, act)
        beats = heart.watch(done)
        return beats.row(f"{where} {what}", f"{beats.gaps.sum():.0f} ms in all")

    config = NucleiConfig(count=count, seed=1)
    yield row("appear at once", partial(session.generate, config, keep=False), all_there(session, least))
    yield row("are taken back", session.undo, all_there(session, 0, 0))
    yield row("come back", session.redo, all_there(session, least))
    with tempfile.TemporaryDirectory() as folder:
        path, traced = Path(folder) / "nuclei.geojson", Path(folder) / "labels.tif"
        for one in (path, traced):
            session.documents.save_now(one)
        for what, one in (("of a file", path), ("of a label image", traced)):
            session.new_canvas((side, side))
            heart.watch(after(2.5))
            yield row(f"{what} are opened", partial(session.documents.open, one), all_there(session, least))


def rows(options: Options) -> Iterator[Row]:
    if not has_display():
        return
    side, count, moves = options.of(2048, 512), options.of(1000, 100), options.of(150, 10)
    viewer, heart = open_viewer(), Heart()
    session = session_of(viewer)
    yield from begin(session, heart)
    session.new_canvas((side, side))
    where = f"{count:,} nuclei on {side}²"
    yield from appear(session, heart, side, count, where)
    yield heart.watch(lambda: session.is_rendered).row(f"all of {where} is rendered")
    session.edit("select")
    hand = Hand(session, moves)
    yield heart.watch(lambda: hand.done() and session.is_rendered).row(f"a nucleus is dragged, {where}")
    session.tissue.render_everything()
    hand = Hand(session, moves)
    drag = heart.watch(lambda: hand.done() and session.is_rendered)
    yield drag.row(f"a nucleus is dragged while all is rendered, {where}")
    session.edit("direct")
    session.layers.nuclei.selected_data = {0}
    session.scene.undo()
    yield heart.watch(lambda: session.is_rendered).row(f"undo, {where}")
    viewer.close()


if __name__ == "__main__":
    main(rows, __doc__)
