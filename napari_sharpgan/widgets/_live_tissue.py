"""Tissue that follows a scene: only the windows that an edit reaches, the newest edit first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.light import LightCanvas, LightRenderer, is_enough
from napari_sharpgan.light.provenance import synthetic_note
from napari_sharpgan.scene import Piece, Scene, Window
from napari_sharpgan.widgets._load_torch import load_torch_libraries
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._waiting import Waiting

if TYPE_CHECKING:
    from napari_sharpgan.rendering import Renderer
    from napari_sharpgan.widgets.session import Session

FIRST: dict[str, Any] = {"generator": None, "device": "auto", "stain": None}
LIGHT_RESTS = 50  # ms after a dock is made, in which it is painted
TORCH_RESTS = 100  # ms after a canvas is shown; its import would hold up the thread that makes the dock

Place = tuple[int, int]


@dataclass(frozen=True)
class Made:
    """A renderer, what it was made of, its device in words, and what keeps the tissue of a canvas with it.

    ``note`` is the provenance of its pictures, but for the variation; its hash is of the weights that were
    read, whose file may be another by now.
    """

    renderer: Renderer | LightRenderer
    wanted: dict[str, Any]
    words: str
    canvas: Callable[..., LightCanvas]
    note: dict[str, Any]


class LiveTissue(QObject):  # type: ignore[misc]
    """Render the windows of a scene in the background, a few at a time.

    Parameters
    ----------
    session : Session
        Whose scene is rendered into whose tissue layer.
    """

    rendered = Signal(object)  # the windows of the picture that changed
    progressed = Signal(int, float)  # windows still to render; seconds that the last one took
    ready = Signal(str)  # the device in words, once a generator is loaded
    failed = Signal(str)  # one sentence
    chosen = Signal(dict)  # generator, device and stain that are wanted from now on
    settled = Signal()  # nothing is loaded or rendered any more: it is done, was canceled or failed

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._background = Background(self)
        self._background.done.connect(self._after_job)
        self._background.failed.connect(self._after_error)
        self._scene: Scene | None = None
        self._made: Made | None = None
        self._canvas: LightCanvas | None = None
        self._pending: dict[Place, None] = {}  # the newest last
        self._left: set[Place] = set()  # not rendered as they should be: it was canceled, or failed
        self._places: Sequence[Place] = ()  # that the job renders; none while it loads
        self._busy = False
        self._live = True
        self.seed = 0
        self._wanted = dict(FIRST)
        self._stale = True  # whether the renderer is not the one that is wanted
        self.trouble = ""  # why the wanted one could not be had, or did not render; one sentence
        self._waiting = Waiting(self)
        self._is_coming = False  # whether layers of a scene are still to come
        self._rest = QTimer(self, interval=TORCH_RESTS, singleShot=True)
        self._rest.timeout.connect(self._next)

    # What docks ask for

    @property
    def live(self) -> bool:
        """Whether tissue follows every edit."""
        return self._live

    @live.setter
    def live(self, live: bool) -> None:
        self._live = live
        self._next()

    @property
    def is_ready(self) -> bool:
        """Whether a generator is loaded."""
        return self._made is not None

    @property
    def device_words(self) -> str:
        """The device in words; empty until a generator is loaded."""
        return "" if self._made is None else self._made.words

    @property
    def is_done(self) -> bool:
        """Whether nothing waits to be rendered."""
        return self._canvas is not None and not (self._busy or self._pending)

    @property
    def is_busy(self) -> bool:
        """Whether something is loaded or rendered; ``settled`` tells when it ends."""
        return self._busy

    @property
    def is_whole(self) -> bool:
        """Whether all of the picture is the scene as it is, by one renderer and in one variation."""
        return self.is_done and not self._left

    @property
    def note(self) -> dict[str, Any]:
        """Provenance of a picture that is whole: of what rendered it, whatever is wanted since."""
        if self._made is None:
            raise ValueError("no generator is loaded yet, so there is no tissue")
        return self._made.note | {"seed": self.seed}

    @property
    def settings(self) -> dict[str, Any]:
        """Generator, device and stain that are wanted, if they can be had."""
        return dict(self._wanted)

    def choose(self, **settings: Any) -> None:
        """Take another ``generator`` (name or path), ``device`` or ``stain``; render everything with it."""
        self._wanted |= settings
        self._stale = True
        self.chosen.emit(self.settings)
        self._next()

    def vary(self, seed: int) -> None:
        """Take another variation of the noise, and render everything with it."""
        self.seed = seed
        if self._canvas is not None:
            self._canvas.seed = seed
        self.render_everything()

    def render_everything(self) -> None:
        """Render all windows, also while not live."""
        if self._canvas is not None:
            self._pending = dict.fromkeys(reversed(list(self._canvas.grid)))
        self._next(asked=True)

    def finish(self) -> None:
        """Render all windows that wait or were left, also while not live."""
        self._pending = dict.fromkeys(self._left) | self._pending
        self._left.clear()
        self._next(asked=True)

    def cancel(self) -> None:
        """Leave the windows that wait as they are."""
        self._leave(self._pending)
        self.progressed.emit(0, 0.0)

    # How it goes

    def expect(self) -> None:
        """Take note that a scene is coming, for which the generator is loaded if that takes little time."""
        self._is_coming = True
        self._waiting.begin()
        QTimer.singleShot(LIGHT_RESTS, self._prepare)

    def expect_no_more(self) -> None:
        """Take note that all of the scene is there, or that none is coming after all."""
        self._is_coming = False
        self._end_waiting()

    def when_there(self, owner: QObject, call: Callable[[], object]) -> None:
        """Do something of an owner, such as loading torch, once tissue that is coming is there."""
        self._waiting.do(owner, call)

    def _prepare(self) -> None:
        if self._stale and not self._busy and _is_light(self._wanted):
            self._load()

    @property
    def is_quick(self) -> bool:
        """Whether a generator is there, or comes without torch."""
        return self._made is not None or self._busy or _is_light(self._wanted)

    def begin(self, scene: Scene) -> None:
        """Render another scene from now on."""
        self._scene = scene
        self._canvas = None
        if self.is_quick:
            self._next()
        else:
            QTimer.singleShot(0, self._rest.start)  # counted from when the event loop turns again

    def _leave(self, places: Iterable[Place]) -> None:
        """Let nothing wait; these windows are not rendered as they should be."""
        self._left.update(places)
        self._pending.clear()

    def _end_waiting(self) -> None:
        if not self._is_coming and (self.is_done or self._scene is None):
            self._waiting.end()

    def follow(self, windows: Iterable[Window]) -> None:
        """Render what these windows of the scene reach."""
        if self._canvas is None:
            return  # everything will be rendered once there is a generator
        for window in windows:
            for place in self._canvas.grid.touching(window):
                self._pending.pop(place, None)
                self._pending[place] = None
        self._next()

    def _next(self, *, asked: bool = False) -> None:
        """Start the next job, unless one is going on."""
        if self._busy or self._scene is None:
            return
        if self._stale:
            self._load()
        elif self._made is None:
            return  # it cannot be loaded, and that was said
        elif self._canvas is None:
            self._set_canvas(self._made, self._scene)
        elif self._pending and (self._live or asked):
            # few, so that a newer edit need not wait long
            share = min(len(self._pending), self._made.renderer.batch_size)
            places = [self._pending.popitem()[0] for _ in range(share)]
            pieces = {place: self._scene.piece(self._canvas.grid.extent(place)) for place in places}
            self._left.difference_update(places)
            self._start(partial(_render, self._canvas, pieces), places)

    def _load(self) -> None:
        self._stale = False
        self._start(partial(_load, **self._wanted))

    def _start(self, job: Any, places: Sequence[Place] = ()) -> None:
        self._busy, self._places = True, places
        self._background.submit(job)

    def _set_canvas(self, made: Made, scene: Scene) -> None:
        """Begin a picture of the whole scene, with what is shown until it is rendered."""
        self._canvas = made.canvas(scene.shape, made.renderer, seed=self.seed)
        before = self._session.layers.tissue.data
        if np.shape(before) == self._canvas.image.shape:
            self._canvas.image[:] = before
        self._session.layers.show_tissue(self._canvas.image)
        self._left.clear()
        self._pending = dict.fromkeys(reversed(list(self._canvas.grid)))
        self._next(asked=True)

    def _after_job(self, result: Any) -> None:
        """Take in what a job came to, and start the next."""
        self._busy = False
        if isinstance(result, _Rendered):
            if result.canvas is self._canvas:
                self.rendered.emit(result.windows)
                self.progressed.emit(len(self._pending), result.seconds)
        else:
            self._made, self._canvas, self.trouble = result, None, ""
            self.ready.emit(self.device_words)
        self._next(asked=not self._live)
        self._end_waiting()
        self._tell_if_settled()

    def _after_error(self, error: BaseException) -> None:
        """Keep what could be rendered with before, unless something newer is wanted; say what went wrong."""
        self._busy = False
        if self._places:
            self._leave([*self._pending, *self._places])  # they would fail again
        elif not self._stale:
            self._wanted = dict(FIRST if self._made is None else self._made.wanted)
        self.trouble = str(error)
        self.failed.emit(self.trouble)
        self._waiting.end()
        self._next()
        self._tell_if_settled()

    def _tell_if_settled(self) -> None:
        if not self._busy:
            self.settled.emit()


class _Rendered:
    """A job's windows are in the picture of ``canvas``."""

    def __init__(self, canvas: LightCanvas, windows: Sequence[Window], seconds: float) -> None:
        self.canvas, self.windows, self.seconds = canvas, windows, seconds


def _is_light(wanted: dict[str, Any]) -> bool:
    """Return whether to render without torch."""
    return is_enough(wanted["generator"], wanted["device"])


def _load(**wanted: Any) -> Made:
    """Load a generator, off the window's thread; torch too, if it is needed."""
    while True:
        note = partial(synthetic_note, wanted["generator"], stain=wanted["stain"])
        made = _make(wanted, note())
        if note() == made.note:  # else a training wrote other weights meanwhile
            return made


def _make(wanted: dict[str, Any], note: dict[str, Any]) -> Made:
    """Make a renderer of what is wanted."""
    if _is_light(wanted):
        light = LightRenderer(wanted["generator"], stain=wanted["stain"])
        return Made(light, wanted, light.words, LightCanvas, note)
    load_torch_libraries()
    from napari_sharpgan.rendering import Renderer, TissueCanvas

    renderer = Renderer(**wanted)
    return Made(renderer, wanted, renderer.engine.words, TissueCanvas, note)


def _render(canvas: LightCanvas, pieces: dict[Place, Piece]) -> _Rendered:
    """Render the windows that these pieces of the label image belong to."""
    start = time.perf_counter()
    maps = {
        place: canvas.renderer.condition_map(piece.labels)[piece.inside] for place, piece in pieces.items()
    }
    windows = canvas.update(maps)
    return _Rendered(canvas, windows, time.perf_counter() - start)
