"""The live document: nuclei with stable keys, undo and redo, and rasters that are always true."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psygnal import Signal

from napari_sharpgan._checks import check_labels, check_shape
from napari_sharpgan.nuclei import polygonize
from napari_sharpgan.scene.edit import Edit, accepted, dropped, kept
from napari_sharpgan.scene.history import Changes, History
from napari_sharpgan.scene.rasters import Outline, Piece, Rasters
from napari_sharpgan.scene.windows import Window, union

Accepted = tuple[Outline, str | None]  # an outline, and a note if it is not the one that was given


class Scene:
    """Nuclei on a canvas, with label image, distance map and contour map true after every edit.

    Each nucleus has a key: a whole number from 1 that it keeps through moves, undo and redo, and that no
    other nucleus of the scene ever gets. It is also the nucleus's value in the label image. Later keys lie on
    top. Outlines may reach beyond the canvas, or lie outside it.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the canvas.

    Attributes
    ----------
    changed : psygnal signal
        Emits one window ``(slice, slice)`` after each edit that changed pixels; it holds all of them.
    edited : psygnal signal
        Emits an `Edit` after each edit, before ``changed``: by it a view follows key by key.

    Examples
    --------
    >>> scene = Scene((4, 6))
    >>> key = scene.add([[0, 1], [0, 3], [2, 3], [2, 1]])
    >>> scene.labels[0]
    array([0, 1, 1, 1, 0, 0], dtype=int32)
    >>> scene.undo(), scene.undo()
    (True, False)
    """

    changed = Signal(tuple)
    edited = Signal(Edit)

    def __init__(self, shape: tuple[int, int]) -> None:
        self._rasters = Rasters(check_shape(shape))
        self._outlines: dict[int, Outline] = {}
        self._last_key = 0
        self._history = History()
        self._gesture: Hashable = None  # what the step that is going on belongs to; the same continues it
        self._dragged: set[int] = set()  # keys whose outline was not yet dropped, so it may cross itself
        self._nesting = 0

    @classmethod
    def from_labels(cls, labels: ArrayLike) -> Scene:
        """Return a scene of the nuclei in a label image (H, W); in rising order they get the keys from 1."""
        labels = check_labels(labels)
        scene = cls(labels.shape)
        scene._apply({key: kept(polygon) for key, polygon in enumerate(polygonize(labels), start=1)})
        return scene

    # What the scene holds

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the canvas."""
        return self._rasters.shape

    @property
    def labels(self) -> NDArray[np.int32]:
        """Key of the topmost nucleus at each pixel, 0 off nuclei; a live read-only view (H, W)."""
        return _view(self._rasters.labels)

    @property
    def distance(self) -> NDArray[np.float32]:
        """`distance_map` of the labels, in pixels; a live read-only view (H, W)."""
        return _view(self._rasters.distance)

    @property
    def contour(self) -> NDArray[np.bool_]:
        """`contour_map` of the labels; a live read-only view (H, W)."""
        return _view(self._rasters.contour)

    @property
    def polygons(self) -> Mapping[int, Outline]:
        """Outline (N, 2) of each nucleus by key, in drawing order; a live read-only view."""
        return MappingProxyType(self._outlines)

    def __len__(self) -> int:
        """Return the number of nuclei."""
        return len(self._outlines)

    def key_at(self, row: float, column: float) -> int | None:
        """Return the key of the topmost nucleus on the pixel that holds a point, or None."""
        place = int(np.floor(row + 0.5)), int(np.floor(column + 0.5))
        inside = all(0 <= index < side for index, side in zip(place, self.shape, strict=True))
        return int(self._rasters.labels[place]) or None if inside else None

    def piece(self, window: Window) -> Piece:
        """Return a copy of the labels around a window, with all of each nucleus that has pixels in it.

        Maps of the piece are true inside the window: what a map says of a pixel hangs on its nucleus and on
        the pixels beside it. With ``normalize="image"`` a map hangs on the whole image instead.

        Parameters
        ----------
        window : tuple of (slice, slice)
            Rows and columns, inside the canvas.
        """
        return self._rasters.piece(window)

    # Edits: each is one step of undo

    def add(self, polygon: ArrayLike) -> int:
        """Put a nucleus on top and return its key; see `add_many`."""
        key = self._last_key + 1
        self._edit({key: accepted(polygon, live=False)})
        return key

    def add_many(self, polygons: Iterable[ArrayLike]) -> list[int]:
        """Put nuclei on top in one step and return their keys.

        Parameters
        ----------
        polygons : iterable of (N, 2) arrays
            Outlines, rows before columns. One that crosses itself is repaired.

        Raises
        ------
        ValueError
            If an outline has fewer than three distinct points, is not finite, or encloses no area; then
            nothing is added.
        """
        new = self._numbered(polygons)
        self._edit(new)
        return list(new)

    def draw(self, polygon: ArrayLike) -> int:
        """Put a nucleus on top that is still being drawn, and return its key.

        `drag` shows how it grows, `move` or `commit` ends it; all of it is one step.
        """
        key = self._last_key + 1
        self._edit({key: accepted(polygon, live=True)}, gesture=frozenset([key]), live=True)
        return key

    def move(self, key: int, polygon: ArrayLike) -> None:
        """Give a nucleus another outline, also at the end of its drag; see `move_many`."""
        self.move_many({key: polygon})

    def move_many(self, polygons: Mapping[int, ArrayLike]) -> None:
        """Give nuclei other outlines in one step; they keep their places in the drawing order.

        Parameters
        ----------
        polygons : mapping of int to (N, 2) array
            The outline by key. One that crosses itself is repaired. If just these nuclei are being dragged,
            this ends their drag and makes one step of it.

        Raises
        ------
        KeyError
            If the scene has no such nucleus; then nothing is moved.
        ValueError
            If an outline has fewer than three distinct points, is not finite, or encloses no area; then
            nothing is moved.
        """
        self._edit(self._reshaped(polygons), gesture=frozenset(polygons))

    def drag(self, key: int, polygon: ArrayLike) -> None:
        """Show a nucleus with another outline while a drag lasts; see `drag_many`."""
        self.drag_many({key: polygon})

    def drag_many(self, polygons: Mapping[int, ArrayLike]) -> None:
        """Show nuclei with other outlines while a drag lasts.

        The rasters follow at once; an outline that crosses itself is filled by the even-odd rule until it is
        dropped. All stages of a drag are one step, ended by `move_many` of the same nuclei, `commit`, or any
        other edit.

        Parameters
        ----------
        polygons : mapping of int to (N, 2) array
            The outline by key.
        """
        self._edit(self._reshaped(polygons, live=True), gesture=frozenset(polygons), live=True)

    def remove(self, key: int) -> None:
        """Take a nucleus away."""
        self.remove_many([key])

    def remove_many(self, keys: Iterable[int]) -> None:
        """Take nuclei away in one step; of one that is still being drawn not even the step stays."""
        gone = [self._known(key) for key in keys]
        self._edit({}, gone=gone, gesture=frozenset(gone))

    def clear(self) -> None:
        """Take all nuclei away in one step."""
        self.remove_many(list(self._outlines))

    def replace_all(self, polygons: Iterable[ArrayLike], *, live: bool = False) -> list[int]:
        """Take all nuclei away, put others in their place, and return their keys.

        Parameters
        ----------
        polygons : iterable of (N, 2) arrays
            Outlines, rows before columns. One that crosses itself is repaired.
        live : bool
            Whether this is a stage of a gesture that goes on, such as moving a slider. All stages are one
            step, ended by a call that is not live, `commit`, or any other edit.
        """
        new = self._numbered(polygons, live=live)
        self._edit(new, gone=self._outlines, gesture="replace all", live=live)
        return list(new)

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """Make all edits of a ``with`` block one step; views still see each of them at once."""
        if not self._nesting:
            self.commit()
        self._nesting += 1
        try:
            yield
        finally:
            self._nesting -= 1
            if not self._nesting:
                self.commit()

    def commit(self) -> None:
        """End the step that is going on, a drag for example.

        What was dragged is repaired if it crosses itself. If it encloses no area any more it is put back,
        or taken away if it is new.
        """
        if not self._history.is_open:
            return
        ends = {
            key: dropped(self._outlines[key], self._history.before(key))
            for key in sorted(self._dragged)
            if key in self._outlines
        }
        notes = {key: note for key, (_, note) in ends.items() if note}
        self._change({key: ends[key][0] for key in notes}, notes=notes, close=True)

    # Undo and redo

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self._history.can_redo

    def undo(self) -> bool:
        """Take the last step back, one that is going on included; with none do nothing and return False."""
        self.commit()
        return self._replay(self._history.undo())

    def redo(self) -> bool:
        """Do the step again that was undone last; with none do nothing and return False."""
        self.commit()
        return self._replay(self._history.redo())

    # How an edit goes

    def _numbered(self, polygons: Iterable[ArrayLike], *, live: bool = False) -> dict[int, Accepted]:
        """Return new outlines under the next keys."""
        new = {}
        for index, polygon in enumerate(polygons):
            try:
                new[self._last_key + 1 + index] = accepted(polygon, live=live)
            except ValueError as error:
                raise ValueError(f"polygons[{index}]: {error}") from error
        return new

    def _reshaped(self, polygons: Mapping[int, ArrayLike], *, live: bool = False) -> dict[int, Accepted]:
        """Return other outlines of nuclei that exist."""
        return {self._known(key): accepted(polygon, live=live) for key, polygon in polygons.items()}

    def _known(self, key: int) -> int:
        if key not in self._outlines:
            raise KeyError(f"the scene has no nucleus with key {key}")
        return int(key)

    def _edit(
        self,
        outlines: Mapping[int, Accepted],
        *,
        gone: Iterable[int] = (),
        gesture: Hashable = None,
        live: bool = False,
    ) -> None:
        """Make changes, as a part of the step that is going on or as one of their own."""
        changes = {**dict.fromkeys(gone), **{key: outline for key, (outline, _) in outlines.items()}}
        if not self._nesting and (gesture is None or gesture != self._gesture):
            self.commit()
        self._gesture = gesture
        if live:
            self._dragged.update(changes)
        else:
            self._dragged.difference_update(changes)
        notes = {key: note for key, (_, note) in outlines.items() if note}
        self._change(changes, notes=notes, live=live, close=not (live or self._nesting))

    def _change(
        self, changes: Changes, *, notes: Mapping[int, str], live: bool = False, close: bool = False
    ) -> None:
        """Make changes, remember what was before, close the step if asked to, and then tell the views."""
        for key in changes:
            self._history.note(key, self._outlines.get(key))
        edit = self._apply(changes)
        if close:
            self._history.close(self._outlines)
            self._dragged.clear()
            self._gesture = None
        self._tell(replace(edit, notes=notes, live=live))

    def _replay(self, changes: Changes) -> bool:
        """Make the changes of an undo or redo; return whether there were any."""
        if changes:
            self._tell(self._apply(changes))
        return bool(changes)

    def _apply(self, changes: Changes) -> Edit:
        """Set outlines and rasters; return what that did."""
        held = self._outlines
        new = {key: outline for key, outline in changes.items() if outline is not None}
        edit = Edit(
            added=tuple(sorted(key for key in new if key not in held)),
            moved=tuple(sorted(key for key in new if key in held)),
            removed=tuple(sorted(key for key in changes if key in held and key not in new)),
        )
        for key in edit.removed:
            del held[key]
        in_order = not edit.added or edit.added[0] > next(reversed(held), 0)
        held.update(sorted(new.items()))
        if not in_order:
            ordered = sorted(held.items())
            held.clear()
            held.update(ordered)
        self._last_key = max(self._last_key, next(reversed(held), 0))
        return replace(edit, windows=tuple(self._rasters.draw(changes)))

    def _tell(self, edit: Edit) -> None:
        self.edited.emit(edit)
        if edit.windows:
            self.changed.emit(union(edit.windows))


def _view(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view that shows later changes too."""
    view = array.view()
    view.flags.writeable = False
    return view
