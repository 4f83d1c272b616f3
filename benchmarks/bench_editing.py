"""How long an edit of one of 10,000 nuclei on 4096 × 4096 waits for its answer, in a real window.

Run with a display (or under xvfb-run): ``python benchmarks/bench_editing.py``. Goals: open within 3 s; each
answer within 100 ms (p99). An answer is what an event and all turns that it leads to take, painting included.
Plain is what painting the same window again takes with nothing changed in it: napari and software OpenGL,
without us. "Own work" is the processor time of the window's thread, which a busy machine shows more truly;
with one processor OpenGL draws in that thread too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from _bench import Check, Goal, Options, Row, Times, compared, main, milliseconds, number, quantiles
from _window import Heart, Mouse, after, has_display, open_viewer, settle
from qtpy.QtWidgets import QApplication

from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.widgets._live_tissue import LiveTissue
from napari_sharpgan.widgets.session import Session, session_of

EDITS = ("press on one", "drag it", "drop it", "undo a drag", "delete it", "undo that", "add one")
FLOOR = "painted anew"
LATEST = 100  # ms, 99 of 100 answers


class Answers:
    """Times of things done, (wall, own work) in ms."""

    def __init__(self) -> None:
        self._times: dict[str, list[tuple[float, float]]] = {}

    def time(self, what: str, action: Callable[[], object]) -> None:
        """Do a thing, turn the event loop until nothing is left to do, and keep how long it took."""
        wall, work = time.perf_counter(), time.thread_time()
        action()
        QApplication.processEvents()
        ends = time.perf_counter() - wall, time.thread_time() - work
        self._times.setdefault(what, []).append((1000 * ends[0], 1000 * ends[1]))

    def of(self, *kinds: str) -> tuple[Times, Times]:
        """Return wall times and own work of some kinds of things together."""
        return tuple(np.array([one for kind in kinds for one in self._times[kind]]).T)

    def row(self, name: str, *kinds: str) -> Row:
        """Return a row of some kinds of edits beside painting alone."""
        wall, work = self.of(*kinds)
        goal = Goal(also=(Check(f"99 % ≤ {LATEST} ms", bool(np.quantile(wall, 0.99) <= LATEST)),))
        floor = self.of(FLOOR)[0]
        own = f"own work {number(np.median(work))} ms, 99 % {number(np.quantile(work, 0.99))} ms"
        detail = f"{quantiles(wall)}; {own}; {len(wall)} times; painted anew {quantiles(floor)}"
        return compared(name, wall, [np.median(floor)], beside="painted anew", goal=goal, detail=detail)


def fly(session: Session, heart: Heart, zoom: float) -> None:
    """Look at the middle of the canvas, or at all of it at zoom 0, and rest."""
    if zoom:
        camera, middle = session.viewer.scene.camera, np.array(session.scene.shape) / 2
        camera.zoom, camera.center = zoom, (*camera.center[:-2], *middle)
    else:
        session.viewer.reset_view()
    heart.watch(after(2))


def edit(session: Session, answers: Answers, times: int) -> None:
    """Drag, delete, undo and add nuclei that are in sight, as a hand does."""
    rng = np.random.default_rng(0)
    scene, layer = session.scene, session.layers.nuclei
    middle = np.asarray(session.viewer.scene.camera.center)[-2:]
    near = sorted(scene.polygons, key=lambda key: np.abs(scene.polygons[key].mean(axis=0) - middle).max())
    mouse = Mouse(session)
    canvas = session.viewer.window._qt_viewer.canvas.native
    for _ in range(max(times, 20)):
        answers.time(FLOOR, canvas.update)
    for key in rng.choice(near[:200], times, replace=False).tolist():
        outline = scene.polygons[key]
        point = outline.mean(axis=0)
        mouse.move(point, pressed=False)
        answers.time("press on one", partial(mouse.press, point))
        for step in range(1, 9):
            answers.time("drag it", partial(mouse.move, point + step * np.array([1.0, 0.5])))
        answers.time("drop it", partial(mouse.release, point + 8 * np.array([1.0, 0.5])))
        answers.time("undo a drag", session.undo)
        answers.time("select one", partial(session.select, [key]))
        answers.time("delete it", layer.remove_selected)
        answers.time("undo that", session.undo)
        answers.time("add one", partial(scene.add, outline + 3))


def opening(session: Session, polygons: list[np.ndarray], labels: np.ndarray) -> Row:
    """Open labels beside what napari's own layers take to show the same outlines and labels."""
    viewer, added = session.viewer, []

    def plainly() -> None:
        added.append(viewer.add_labels(labels))
        look = {"edge_width": 1, "face_color": "transparent"}
        added.append(viewer.add_shapes(polygons, shape_type="polygon", **look))
        QApplication.processEvents()

    plain = milliseconds(plainly)
    for layer in added:
        viewer.layers.remove(layer)
    ours = milliseconds(lambda: (session.from_labels(labels), QApplication.processEvents()))
    what = f"{len(polygons):,} nuclei on {labels.shape[0]}² opened in the window, from labels"
    return compared(what, ours, plain, beside="napari's labels and shapes", goal=Goal(most=3000))


def rows(options: Options) -> Iterator[Row]:
    if not has_display():
        return
    LiveTissue.begin = lambda self, scene: None  # type: ignore[method-assign]  # rendering is measured elsewhere
    side, count = options.of(4096, 512), options.of(10_000, 150)
    polygons = random_nuclei((side, side), count, seed=1)
    viewer, heart, answers = open_viewer(), Heart(), Answers()
    session = session_of(viewer)
    heart.watch(lambda: session.documents.current is not None and len(session.scene) > 0)
    settle(0.5)
    yield opening(session, polygons, rasterize(polygons, (side, side)))
    settle(0.3)
    for zoom in (1.0, 3.0, 0.0):
        fly(session, heart, zoom)
        session.edit("select")
        edit(session, answers, options.of(20, 2))
    for kind in EDITS:
        yield answers.row(f"answer in the window, {count:,} nuclei: {kind}", kind)
    yield answers.row(f"answer in the window, {count:,} nuclei: all edits", *EDITS)
    viewer.close()


if __name__ == "__main__":
    main(rows, __doc__)
