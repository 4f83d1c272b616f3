"""The measures of a session's nuclei, kept true in a thread: after an edit only what it touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.measures import NucleusTable, measure_nuclei
from napari_sharpgan.scene import Edit, Piece, Window
from napari_sharpgan.scene.windows import area, gathered, grown
from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._place import shape_of
from napari_sharpgan.widgets._run import Background

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_sharpgan.widgets.session import Session

RESTS = 150  # ms without an edit before it is measured what edits touched
MOST_WINDOWS = 64
LARGEST_SHARE = 0.5  # of the canvas; of more all nuclei are measured

Pixels = NDArray[Any]


@dataclass
class _Waiting:
    """What was touched and is not measured yet."""

    everything: bool = True
    windows: list[Window] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return self.everything or bool(self.windows or self.gone)


@dataclass(frozen=True)
class _Part:
    """A part of the canvas: nuclei that lie whole in ``labels``, and the pixels there."""

    keys: list[int]
    labels: Pixels
    pixels: Pixels | None
    corner: tuple[int, int]  # its first pixel

    def measured(self, pixels: Pixels | None, options: dict[str, Any]) -> NucleusTable:
        """Return the measures of its nuclei, with centroids on the whole canvas."""
        found = measure_nuclei(self.labels, pixels, keys=self.keys, **options)
        row, column = self.corner
        moved = {"row": found["row"] + row, "column": found["column"] + column}
        return NucleusTable(found.keys, {**found.columns, **moved})


class MeasuredNuclei(QObject):  # type: ignore[misc]
    """Follow the scene of a session, and an image, with a table of measures.

    Parameters
    ----------
    session : Session
        Whose nuclei are measured.

    Attributes
    ----------
    changed : Qt signal
        Says that ``table`` is another one; None while nothing is known.
    failed : Qt signal
        The error with which measuring ended.
    table : NucleusTable or None
        The measures.
    micrometers_per_pixel : float or None
        Size of a pixel that the table is made with.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.image: Image | None = None
        self.table: NucleusTable | None = None
        self.micrometers_per_pixel: float | None = None
        self._is_wanted = self._is_busy = False
        self._waiting = _Waiting()
        self._round = 0  # goes up with the scene and the image: what was begun for others is not shown
        self._followed = Connections()
        self.destroyed.connect(self._followed.close)
        self._timer = QTimer(self, interval=RESTS, singleShot=True)
        self._timer.timeout.connect(self._begin)
        self._background = Background(self)
        self._background.done.connect(self._take)
        self._background.failed.connect(self._fail)
        session.tissue.rendered.connect(self._after_rendering)
        session.scene_replaced.connect(self._start_anew)
        self._start_anew()

    # What others ask for

    @property
    def is_wanted(self) -> bool:
        """Whether anybody looks; else what changes waits."""
        return self._is_wanted

    @is_wanted.setter
    def is_wanted(self, wanted: bool) -> None:
        self._is_wanted = wanted
        if wanted and self._waiting:
            self._timer.start(0)

    @property
    def is_current(self) -> bool:
        """Whether the table is that of the nuclei as they are."""
        return self.table is not None and not self._waiting and not self._is_busy

    def measure_in(self, image: Image | None) -> None:
        """Measure stain, contrast and sharpness in this image as well, which has the canvas's shape."""
        if image is not self.image:
            self.image = image
            self._start_anew()

    # What changes

    def _start_anew(self) -> None:
        """Follow the scene that there is now, and the image; nothing is known of them yet."""
        self._followed.close()
        self._round += 1
        self._waiting = _Waiting()
        scene, image = self._session.scene, self.image
        self._followed.add(self._after_edit, scene.edited)
        if image is not None:
            self._followed.add(self._after_other_pixels, image.events.data, image.events.contrast_limits)
        document = self._session.documents.current
        self.micrometers_per_pixel = None if document is None else document.facts.micrometers_per_pixel
        self.table = None
        self.changed.emit()
        self._soon()

    def _after_edit(self, edit: Edit) -> None:
        self._waiting.gone.update(edit.removed)
        self._wait(edit.windows)

    def _after_rendering(self, windows: Sequence[Window]) -> None:
        if self.image is not None and self.image is self._session.layers.tissue:
            self._wait([grown(window, 1, self._session.scene.shape) for window in windows])

    def _after_other_pixels(self, event: Any) -> None:
        if event.type == "data" or _is_stretched(self.image):
            self._waiting.everything = True
            self._soon()

    def _wait(self, windows: Sequence[Window]) -> None:
        """Let windows be measured, or everything if that is not much more."""
        waiting = self._waiting
        if not waiting.everything:
            waiting.windows = list(gathered([*waiting.windows, *windows]))
            rows, columns = self._session.scene.shape
            share = sum(map(area, waiting.windows)) / (rows * columns)
            waiting.everything = len(waiting.windows) > MOST_WINDOWS or share > LARGEST_SHARE
        if waiting:
            self._soon()

    def _soon(self) -> None:
        if self._is_wanted:
            self._timer.start(RESTS)

    # How it goes

    def _begin(self) -> None:
        """Measure what waits in the thread, unless it is at it."""
        if self._is_busy or not self._is_wanted or not self._waiting:
            return
        waiting, self._waiting = self._waiting, _Waiting(everything=False)
        self._is_busy = True
        before = None if waiting.everything else self.table
        if before is None:
            labels, pixels = self._session.scene.labels, self._pixels()
            self._submit(lambda look: measure_nuclei(labels.copy(), look(pixels), **self._options))
            return
        parts = [self._part(window) for window in waiting.windows]
        gone = {key for key in waiting.gone if key not in self._session.scene.polygons}
        options = self._options
        self._submit(lambda look: _updated(before, parts, gone, look, options))

    def _submit(self, job: Callable[[Callable[[Pixels | None], Pixels | None]], NucleusTable]) -> None:
        number, levels = self._round, _levels_of(self.image)
        self._background.submit(lambda: (number, job(levels)))

    @property
    def _options(self) -> dict[str, Any]:
        return {"micrometers_per_pixel": self.micrometers_per_pixel}

    def _pixels(self) -> Pixels | None:
        """Return the pixels of the image, at its first level."""
        image = self.image
        return None if image is None else image.data[0] if image.multiscale else image.data

    def _part(self, window: Window) -> _Part:
        """Return what is needed to measure the nuclei in a window."""
        piece, pixels = self._session.scene.piece(window), self._pixels()
        rows, columns = _place_of(piece, window)
        crop = None if pixels is None else np.array(pixels[rows, columns])
        keys = self._session.scene.keys_in(window)
        return _Part(keys, piece.labels, crop, (rows.start, columns.start))

    def _take(self, result: tuple[int, NucleusTable]) -> None:
        self._is_busy = False
        number, table = result
        if number == self._round:
            self.table = table
            self.changed.emit()
        self._go_on()

    def _fail(self, error: BaseException) -> None:
        self._is_busy = False
        self.table = None
        self._waiting.everything = False
        self.failed.emit(error)
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            self._soon()


def fits(image: Any, shape: tuple[int, int]) -> bool:
    """Return whether nuclei on a canvas can be measured in an image layer."""
    return shape_of(image) == shape


def _updated(
    table: NucleusTable,
    parts: Sequence[_Part],
    gone: set[int],
    look: Callable[[Pixels | None], Pixels | None],
    options: dict[str, Any],
) -> NucleusTable:
    """Return a table with the nuclei of some parts measured anew."""
    for part in parts:
        if part.keys:
            fresh = part.measured(look(part.pixels), options)
            table = table.updated(fresh, gone=set(part.keys).difference(fresh.keys.tolist()))
    if gone:
        kept = ~np.isin(table.keys, list(gone))
        columns = {name: values[kept] for name, values in table.columns.items()}
        table = NucleusTable(table.keys[kept], columns)
    return table


def _place_of(piece: Piece, window: Window) -> Window:
    """Return where a piece around a window lies on the canvas."""
    corner = [side.start - inside.start for side, inside in zip(window, piece.inside, strict=True)]
    rows, columns = (
        slice(start, start + side) for start, side in zip(corner, piece.labels.shape, strict=True)
    )
    return rows, columns


def _is_stretched(image: Any) -> bool:
    """Return whether gray levels of an image are stretched between its contrast limits to be measured."""
    kind, (low, high) = np.dtype(image.dtype), image.contrast_limits
    return kind != np.uint8 and kind.kind != "b" and not (kind.kind == "f" and low >= 0 and high <= 1)


def _levels_of(image: Any) -> Callable[[Pixels | None], Pixels | None]:
    """Return a function that makes uint8 or levels of 0 to 1 of pixels of an image, in whole or in part."""
    if image is None:
        return lambda _: None
    limits = image.contrast_limits if _is_stretched(image) else (0.0, 1.0)

    def levels(pixels: Pixels | None) -> Pixels:
        array = np.array(pixels)
        if array.dtype == np.uint8:
            return array
        low, high = limits
        return np.clip((array.astype(np.float32) - low) / max(high - low, 1e-12), 0, 1)

    return levels
