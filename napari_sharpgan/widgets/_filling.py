"""Many nuclei into a scene in one step of undo, a part in each turn of the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.scene import Nucleus, Scene

FIRST = 100  # nuclei of the first part
FEWEST, MOST = 40, 1000  # nuclei of each later part
TURN = 0.03  # seconds of work that a part is to take
WAIT = 50  # ms until it is tried again while a nucleus is being drawn or dragged

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
    step: AbstractContextManager[None] = nullcontext() if live or len(polygons) <= FIRST else scene.one_step()
    done, count = 0, FIRST
    with step:
        while done < len(polygons) or not done:
            start, part = time.thread_time(), polygons[done : done + count]
            if not (done or keep):
                scene.replace_all(part, live=live)
            elif live:
                keys = range(scene.next_key, scene.next_key + len(part))
                new = dict(zip(keys, map(Nucleus, part), strict=True))
                scene.change(new, gesture="replace all", live=True)
            else:
                scene.add_many(part)
            took = max(time.thread_time() - start, 1e-3)
            done, count = done + count, round(np.clip(count * TURN / took, FEWEST, MOST))
            if done < len(polygons):
                yield


class Filling(QObject):  # type: ignore[misc]
    """Put nuclei into scenes, one lot after another.

    Parameters
    ----------
    parent : QObject
        With what it ends.
    is_busy : callable
        Returns whether a hand draws or drags, so that the next part has to wait.
    is_outdated : callable
        Returns whether a stage of a gesture need not be finished, because a newer one is known.
    """

    ended = Signal()  # all are in the scene

    def __init__(
        self, parent: QObject, *, is_busy: Callable[[], bool], is_outdated: Callable[[], bool]
    ) -> None:
        super().__init__(parent)
        self._is_busy, self._is_outdated = is_busy, is_outdated
        self._parts: Iterator[None] | None = None
        self._machine: Callable[[], AbstractContextManager[None]] = nullcontext
        self._live = self._are_many = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)

    @property
    def is_on(self) -> bool:
        """Whether nuclei come that are too many for one turn."""
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
        self._parts = parts(scene, polygons, keep=keep, live=live)
        self._next()

    def finish(self) -> None:
        """Put what is left into the scene at once."""
        while self._parts is not None:
            self._next()

    def _turn(self) -> None:
        if self._live and self._is_outdated():
            self._end()
        elif self._is_busy():
            self._timer.start(WAIT)
        elif self._parts is not None:
            self._next()

    def _next(self) -> None:
        """Put in one part."""
        assert self._parts is not None
        with self._machine():
            is_over = next(self._parts, "over") == "over"
        if is_over:
            self._end()
        else:
            self._timer.start(0)

    def _end(self) -> None:
        self._parts = None
        self._timer.stop()
        self.ended.emit()
