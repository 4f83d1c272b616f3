"""The live document: nuclei with stable keys, undo and redo, and rasters that are always true."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psygnal import Signal

from napari_sharpgan._checks import check_labels, check_shape, choose
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.nuclei import polygonize
from napari_sharpgan.scene.edit import Edit
from napari_sharpgan.scene.meeting import MEETINGS
from napari_sharpgan.scene.nucleus import (
    Changes,
    Nucleus,
    Parts,
    accepted,
    checked,
    kept,
    notes_of,
    numbered,
    plain,
)
from napari_sharpgan.scene.painting import painted
from napari_sharpgan.scene.rasters import Outline, Piece, Rasters, read_only
from napari_sharpgan.scene.steps import Steps
from napari_sharpgan.scene.windows import Window, union


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
        self._steps = Steps(self._rasters, self._tell)
        self._nuclei = self._steps.nuclei

    @classmethod
    def from_labels(cls, labels: ArrayLike) -> Scene:
        """Return a scene of the nuclei in a label image (H, W); in rising order they get the keys from 1."""
        labels = check_labels(labels)
        scene = cls(labels.shape)
        scene._steps.begin(labels, map(Nucleus, map(kept, polygonize(labels))))
        return scene

    @classmethod
    def of(cls, shape: tuple[int, int], nuclei: Mapping[int, Nucleus]) -> Scene:
        """Return a scene of these nuclei, under their keys from 1; there is nothing to undo yet.

        Raises
        ------
        ValueError
            If an outline has fewer than three distinct points, is not finite, or encloses no area.
        """
        scene = cls(shape)
        scene._steps.apply(checked(nuclei))
        return scene

    # What the scene holds

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the canvas."""
        return self._rasters.shape

    @property
    def labels(self) -> NDArray[np.int32]:
        """Key of the topmost nucleus at each pixel, 0 off nuclei; a live read-only view (H, W)."""
        return read_only(self._rasters.labels)

    @property
    def distance(self) -> NDArray[np.float32]:
        """`distance_map` of the labels, in pixels; a live read-only view (H, W)."""
        return read_only(self._rasters.distance)

    @property
    def contour(self) -> NDArray[np.bool_]:
        """`contour_map` of the labels; a live read-only view (H, W)."""
        return read_only(self._rasters.contour)

    @property
    def polygons(self) -> Mapping[int, Outline]:
        """Outline (N, 2) of each nucleus by key, in drawing order; a live read-only view."""
        return Parts(self._nuclei, lambda nucleus: nucleus.outline)

    @property
    def info(self) -> Mapping[int, NucleusInfo]:
        """What is said of each nucleus (class, name, lock, …) by key; a live read-only view."""
        return Parts(self._nuclei, lambda nucleus: nucleus.info)

    @property
    def nuclei(self) -> Changes:
        """Outline and info of each nucleus by key, at this moment."""
        return dict(self._nuclei)

    @property
    def revision(self) -> int:
        """A number that is another one after each step, undo and redo."""
        return self._steps.revision

    @property
    def meeting(self) -> str:
        """What happens where a nucleus that is drawn, moved or painted meets others, a name in ``MEETINGS``.

        "overlap": later keys lie on top; "keep existing": others are cut out of it; "overwrite": it is cut
        out of others without a lock. It happens when the nucleus is dropped.
        """
        return self._steps.meeting

    @meeting.setter
    def meeting(self, name: str) -> None:
        choose("meeting", name, MEETINGS)
        self._steps.meeting = name

    def __len__(self) -> int:
        """Return the number of nuclei."""
        return len(self._nuclei)

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

    @property
    def next_key(self) -> int:
        """The key that the next new nucleus gets."""
        return self._steps.last_key + 1

    def keys_in(self, window: Window) -> list[int]:
        """Return the keys of the nuclei whose boxes share pixels with a window of the canvas."""
        return self._rasters.over(window)

    # Edits: each is one step of undo

    def add(self, polygon: ArrayLike) -> int:
        """Put a nucleus on top and return its key; see `add_many`."""
        outline, note = accepted(polygon, live=False)
        key = self.next_key
        self._steps.edit({key: Nucleus(outline)}, notes={key: note}, meets=True)
        return key

    def add_many(self, polygons: Iterable[ArrayLike], *, meets: bool = False) -> list[int]:
        """Put nuclei on top in one step and return their keys.

        Parameters
        ----------
        polygons : iterable of (N, 2) arrays
            Outlines, rows before columns. One that crosses itself is repaired.
        meets : bool
            Whether the rule ``meeting`` holds for them. Else they overlap as they are.

        Raises
        ------
        ValueError
            If an outline has fewer than three distinct points, is not finite, or encloses no area; then
            nothing is added.
        """
        new = numbered(polygons, self.next_key)
        self._steps.edit(plain(new), notes=notes_of(new), meets=meets)
        return list(new)

    def draw(self, polygon: ArrayLike) -> int:
        """Put a nucleus on top that is still being drawn, and return its key.

        `drag` shows how it grows, `move` or `commit` ends it; all of it is one step.
        """
        key = self.next_key
        outline, _ = accepted(polygon, live=True)
        self._steps.edit({key: Nucleus(outline)}, gesture=frozenset([key]), live=True)
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
        KeyError, ValueError
            If the scene has no such nucleus, or an outline cannot be one (see `add_many`); nothing is moved.
        """
        self._reshape(polygons, live=False)

    def drag(self, key: int, polygon: ArrayLike) -> None:
        """Show a nucleus with another outline while a drag lasts; see `drag_many`."""
        self.drag_many({key: polygon})

    def drag_many(self, polygons: Mapping[int, ArrayLike]) -> None:
        """Show nuclei with other outlines while a drag lasts.

        The rasters follow at once; an outline that crosses itself is filled by the even-odd rule until it is
        dropped. All stages of a drag are one step, ended by `move_many` of the same nuclei, `commit`, or any
        other edit.
        """
        self._reshape(polygons, live=True)

    def remove(self, key: int) -> None:
        """Take a nucleus away."""
        self.remove_many([key])

    def remove_many(self, keys: Iterable[int]) -> None:
        """Take nuclei away in one step; of one that is still being drawn not even the step stays."""
        gone = [self._known(key) for key in keys]
        self._steps.edit(dict.fromkeys(gone), gesture=frozenset(gone))

    def clear(self) -> None:
        """Take all nuclei away in one step, but locked ones."""
        self._steps.finish()
        self.remove_many(list(self._nuclei))

    def replace_all(self, polygons: Iterable[ArrayLike], *, live: bool = False) -> list[int]:
        """Take all nuclei away, but locked ones, put others in their place, and return their keys.

        Parameters
        ----------
        polygons : iterable of (N, 2) arrays
            Outlines, as for `add_many`.
        live : bool
            Whether this is a stage of a gesture that goes on, such as moving a slider. All stages are one
            step, ended by a call that is not live, `commit`, or any other edit.
        """
        self._steps.finish()
        new = numbered(polygons, self.next_key, live=live)
        gone = {key: None for key, nucleus in self._nuclei.items() if not nucleus.info.is_locked}
        self._steps.edit({**gone, **plain(new)}, notes=notes_of(new), gesture="replace all", live=live)
        return list(new)

    def change(
        self, nuclei: Changes, *, gesture: Hashable = None, live: bool = False, meets: bool = False
    ) -> None:
        """Make any changes in one step: what tools are made of.

        Parameters
        ----------
        nuclei : mapping of int to Nucleus or None
            What each nucleus becomes; None takes it away. New ones have keys from `next_key` on.
        gesture : hashable, optional
            What this is a stage of; edits of one gesture are one step, ended by one that is not ``live``.
        live : bool
            Whether the gesture goes on.
        meets : bool
            Whether the rule ``meeting`` holds for what changed.

        Raises
        ------
        ValueError
            If an outline cannot be one (see `add_many`); nothing is changed.
        """
        self._steps.finish()
        taken, notes = dict(nuclei), dict[int, str | None]()
        for key, nucleus in nuclei.items():
            if nucleus is not None and nucleus.outline is not getattr(self._nuclei.get(key), "outline", None):
                outline, notes[key] = accepted(nucleus.outline, live=live)
                taken[key] = Nucleus(outline, nucleus.info)
        self._steps.edit(taken, notes=notes, gesture=gesture, live=live, meets=meets)

    def paint(self, window: Window, values: ArrayLike, *, live: bool = False) -> None:
        """Give a window of the label image other values, as a brush in a view of it does.

        Pixels go from nucleus to nucleus, hidden ones included, so that ``labels`` shows the values, but for
        locked nuclei. A label that no nucleus has begins a new one, with the next key.

        Parameters
        ----------
        window : tuple of (slice, slice)
            Rows and columns, inside the canvas.
        values : integers of the shape of the window
            0 is background.
        live : bool
            Whether the stroke goes on; all of it is one step, ended by `commit` or any other edit.
        """
        self._steps.finish()
        new = check_labels(values, "the painted labels")
        labels = [int(label) for label in np.unique(new[new != self.labels[window]]) if label]
        unknown = [label for label in labels if label not in self._nuclei]
        numbers = {label: label for label in labels if label in self._nuclei}
        numbers |= {label: self.next_key + place for place, label in enumerate(unknown)}
        changes = painted(self._rasters, self._nuclei, window, new, numbers)
        self._steps.edit(changes, gesture="paint", live=live)

    def inform(self, info: Mapping[int, NucleusInfo]) -> None:
        """Say other things of nuclei, in one step: class, name, lock, …; locks do not hinder that."""
        self._steps.edit(
            {self._known(key): self._nuclei[key]._replace(info=said) for key, said in info.items()}
        )

    def one_step(self) -> AbstractContextManager[None]:
        """Make all edits of a ``with`` block one step; views still see each of them at once."""
        return self._steps.one_step()

    def commit(self) -> None:
        """End the step that is going on: a drag, say.

        What was dragged is repaired if it crosses itself. If it encloses no area any more it is put back,
        or taken away if it is new. Then the rule ``meeting`` holds for it.
        """
        self._steps.commit()

    # Undo and redo

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._steps.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self._steps.can_redo

    def undo(self) -> bool:
        """Take the last step back, one that is going on included; with none do nothing and return False."""
        return run_to_end(self.replay(back=True))

    def redo(self) -> bool:
        """Do the step again that was undone last; with none do nothing and return False."""
        return run_to_end(self.replay(back=False))

    def replay(self, *, back: bool, many: int | None = None) -> Generator[None, None, bool]:
        """Undo or redo so many nuclei at a time, with pauses; return whether there was a step.

        All is true in each pause; an edit, undo, redo or `commit` in one does what is left first.
        """
        return self._steps.replay(back=back, many=many)

    # What edits are made of

    def _reshape(self, polygons: Mapping[int, ArrayLike], *, live: bool) -> None:
        """Give nuclei that exist other outlines."""
        new = {self._known(key): accepted(polygon, live=live) for key, polygon in polygons.items()}
        told = {key: self._nuclei[key]._replace(outline=outline) for key, (outline, _) in new.items()}
        self._steps.edit(told, notes=notes_of(new), gesture=frozenset(new), live=live, meets=not live)

    def _known(self, key: int) -> int:
        self._steps.finish()
        if key not in self._nuclei:
            raise KeyError(f"the scene has no nucleus with key {key}")
        return int(key)

    def _tell(self, edit: Edit) -> None:
        self.edited.emit(edit)
        if edit.windows:
            self.changed.emit(union(edit.windows))
