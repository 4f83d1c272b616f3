"""Many nuclei into a scene in one step of undo, a part in each turn of the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QObject, QTimer, Signal
from qtpy.QtWidgets import QApplication

from napari_sharpgan.scene import Nucleus, Scene

FIRST = 100  # nuclei of the first part
FEWEST, MOST = 40, 1000  # nuclei of each later part
TURN = 0.03  # seconds of work that a part is to take
REPLAYED = 50  # nuclei of a part of an undo or redo, of which a turn takes as many as there is time for;
AT_ONCE = 4  # the first turn takes so many parts, so that of a step of few nuclei nothing is left
WAIT = 50  # ms until it is tried again while a nucleus is being drawn or dragged
SOON = 1  # ms until what is wanted soon is done, in a turn of its own: of 0 ms there are two in a turn
HELD = 250  # ms that it waits while nuclei come in turns, each of which is a turn's work
OVER = object()
NAMES = ["MouseButtonPress", "MouseButtonDblClick", "KeyPress", "ShortcutOverride", "Shortcut", "Drop"]
DEEDS = [getattr(QEvent.Type, name) for name in NAMES]  # events with which a person does something

Outlines = Sequence[NDArray[np.float64]]


def parts(scene: Scene, polygons: Outlines, *, keep: bool, live: bool) -> Iterator[None]:
    """Put nuclei into a scene, pausing after each part but the last; all parts are one step.

    Parameters
    ----------
    scene : Scene
        The document, which is true after each part.
    polygons : sequence of (N, 2) arrays
        Outlines.
    keep : bool
        Put them on top of what is there instead of in its place.
    live : bool
        A stage of a gesture that goes on; see `Scene.replace_all`.
    """
    gone = [] if keep else [key for key, info in scene.info.items() if not info.is_locked]
    if len(gone) + len(polygons) <= FIRST and not keep:
        scene.replace_all(polygons, live=live)
        return

    def take(keys: Sequence[int]) -> None:
        scene.change(dict.fromkeys(keys), gesture="replace all", live=live)

    def put(outlines: Outlines) -> None:
        keys = range(scene.next_key, scene.next_key + len(outlines))
        new = dict(zip(keys, map(Nucleus, outlines), strict=True))
        scene.change(new, gesture="replace all", live=live)

    with nullcontext() if live else scene.one_step():
        yield from _in_parts([(take, gone), (put, polygons)])


def _in_parts(deeds: Sequence[tuple[Callable[[Any], None], Sequence[Any]]]) -> Iterator[None]:
    """Do each deed to its things, so many at a time as take a turn's work, pausing in between."""
    is_first = True
    for do, things in deeds:
        done, count = 0, FIRST
        while done < len(things):
            if not is_first:
                yield
            is_first, start = False, time.thread_time()
            do(things[done : done + count])
            took = max(time.thread_time() - start, 1e-3)
            done, count = done + count, round(np.clip(count * TURN / took, FEWEST, MOST))


class Filling(QObject):  # type: ignore[misc]
    """Put nuclei into scenes, one lot after another; or take a step of many back.

    A person who presses a key or a button of the mouse meanwhile finds it done, but for a stage of a gesture.

    Parameters
    ----------
    parent : QObject
        With what it ends.
    is_busy : callable
        Returns whether a hand draws or drags, so that the next part has to wait.
    is_outdated : callable
        Returns whether a stage of a gesture need not be finished, because a newer one is known.
    """

    ended = Signal()  # all that `begin` was given are in the scene

    def __init__(
        self, parent: QObject, *, is_busy: Callable[[], bool], is_outdated: Callable[[], bool]
    ) -> None:
        super().__init__(parent)
        self._is_busy, self._is_outdated = is_busy, is_outdated
        self._parts: Iterator[Any] | None = None
        self._machine: Callable[[], AbstractContextManager[None]] = nullcontext
        self._live = self._are_many = self._is_edit = self._is_told = False
        self._has_waited = self._is_at_it = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)
        self._held: list[Callable[[], None]] = []
        self._release = QTimer(self, singleShot=True)
        self._release.timeout.connect(self._do_held)

    @property
    def is_on(self) -> bool:
        """Whether nuclei come, or go, that are too many for one turn."""
        return self._parts is not None and self._are_many

    def begin(
        self,
        scene: Scene,
        polygons: Outlines,
        *,
        keep: bool,
        live: bool,
        machine: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Put nuclei into a scene, the first part at once; ``machine`` is entered around each edit."""
        self.finish()
        self._live, self._are_many, self._machine = live, len(polygons) > FIRST, machine
        self._is_edit = True
        self._start(parts(scene, polygons, keep=keep, live=live), is_told=True)

    def replay(self, scene: Scene, *, back: bool) -> None:
        """Undo or redo the last step of a scene, all that one turn has time for at once."""
        self.finish()
        self._live, self._are_many, self._machine = False, False, nullcontext
        self._is_edit = True
        self._start(scene.replay(back=back, many=REPLAYED), is_told=False, least=AT_ONCE)

    def run(self, steps: Iterator[Any]) -> None:
        """Do any work in steps, one a turn, the first at once."""
        self.finish()
        self._live, self._are_many, self._machine = False, True, nullcontext
        self._is_edit = False
        self._start(steps, is_told=False)

    def later(self, build: Callable[[], None]) -> None:
        """Do a thing soon; while nuclei come or go in turns, when that is over or has gone on for a while."""
        self._held.append(build)
        if not self._release.isActive():
            self._release.start(SOON)

    def finish(self) -> None:
        """Do at once what is left, unless that is not wanted any more; a step that asks for it goes on."""
        while self._parts is not None and not self._is_at_it:
            if self._live and self._is_outdated():
                self._end()
            else:
                self._next()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Finish before a key or a button of the mouse is acted on, and an edit before a window is closed."""
        if event.type() in DEEDS or (self._is_edit and event.type() == QEvent.Type.Close):
            self.finish()
        return False

    def _start(self, steps: Iterator[Any], *, is_told: bool, least: int = 1) -> None:
        self._parts, self._is_told = steps, is_told
        self._next(least)
        self._are_many = self._parts is not None
        if self._parts is not None and not self._live:
            QApplication.instance().installEventFilter(self)

    def _do_held(self) -> None:
        if self.is_on and not self._has_waited:
            self._has_waited = True
            self._release.start(HELD)
            return
        held, self._held, self._has_waited = self._held, [], False
        for build in held:
            build()

    def _turn(self) -> None:
        if self._live and self._is_outdated():
            self._end()
        elif self._is_busy():
            self._timer.start(WAIT)
        elif self._parts is not None:
            self._next()

    def _next(self, least: int = 1) -> None:
        """Do parts for a turn."""
        steps, start, done, is_over = self._parts, time.thread_time(), 0, False
        assert steps is not None
        self._is_at_it = True
        try:
            with self._machine():
                while not is_over and (done < least or time.thread_time() - start < TURN / 2):
                    is_over = next(steps, OVER) is OVER
                    done += 1
        except BaseException:
            self._end()
            raise
        finally:
            self._is_at_it = False
        if is_over:
            self._end()
        else:
            self._timer.start(0)

    def _end(self) -> None:
        self._parts = None
        self._timer.stop()
        if self._has_waited:
            self._release.start(SOON)
        QApplication.instance().removeEventFilter(self)
        if self._is_told:
            self.ended.emit()
