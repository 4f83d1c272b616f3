"""How an edit goes: gestures become steps, locks and the rule of meeting hold, views are told."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

from numpy.typing import NDArray

from napari_sharpgan.scene.edit import Edit
from napari_sharpgan.scene.history import History
from napari_sharpgan.scene.meeting import MEETINGS
from napari_sharpgan.scene.nucleus import Changes, Nucleus, dropped
from napari_sharpgan.scene.rasters import Rasters

LOCKED = "A locked nucleus was left as it is; unlock it to change it."


class Steps:
    """The nuclei of a scene and the steps that made them; every edit goes through here.

    Parameters
    ----------
    rasters : Rasters
        What follows the outlines.
    tell : callable
        Gets an `Edit` for whatever was done.

    Attributes
    ----------
    nuclei : dict of int to Nucleus
        By key, in drawing order.
    last_key : int
        The largest key that was ever given.
    meeting : str
        See `Scene.meeting`.
    revision : int
        See `Scene.revision`.
    """

    def __init__(self, rasters: Rasters, tell: Callable[[Edit], None]) -> None:
        self.nuclei: dict[int, Nucleus] = {}
        self.last_key = 0
        self.meeting = "overlap"
        self.revision = 0
        self._rasters, self._tell = rasters, tell
        self._history = History()
        self._gesture: Hashable = None  # what the step that is going on belongs to; the same continues it
        self._dragged: set[int] = set()  # keys whose outline was not yet dropped, so it may cross itself
        self._held_back: set[int] = set()  # keys of locked nuclei that the gesture would have changed
        self._nesting = 0
        self._rest: dict[int, Nucleus | None] = {}  # what an undo or redo in parts has still to change

    def begin(self, labels: NDArray[Any], nuclei: Iterable[Nucleus]) -> None:
        """Begin with the nuclei 1, 2, 3, … of a label image."""
        self.nuclei.update(enumerate(nuclei, start=1))
        self.last_key = len(self.nuclei)
        self._rasters.begin(labels)

    def edit(
        self,
        changes: Changes,
        *,
        notes: Mapping[int, str | None] | None = None,
        gesture: Hashable = None,
        live: bool = False,
        meets: bool = False,
    ) -> None:
        """Make changes, as a part of the step that is going on or as one of their own."""
        self.finish()
        if not self._nesting and (gesture is None or gesture != self._gesture):
            self.commit()
        self._gesture = gesture
        locked = {key for key in changes if self._is_hindered(key, changes[key])}
        self._held_back |= locked
        free = {key: nucleus for key, nucleus in changes.items() if key not in locked}
        if live:
            self._dragged.update(free)
        else:
            self._dragged.difference_update(free)
        close = not (live or self._nesting)
        said = dict(notes or {})
        if close and self._held_back:
            said |= dict.fromkeys(self._held_back & self.nuclei.keys(), LOCKED)
            self._held_back = set()
        self._change(free, notes=said, live=live, close=close, met=free if meets and not live else ())

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """Make all edits of a ``with`` block one step."""
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
        """End the step that is going on; see `Scene.commit`."""
        self.finish()
        held_back, self._held_back = self._held_back, set()
        notes: dict[int, str | None] = dict.fromkeys(held_back & self.nuclei.keys(), LOCKED)
        if not self._history.is_open:
            self._gesture = None
            if notes:
                self._tell(Edit(notes=_said(notes)))
            return
        changes: dict[int, Nucleus | None] = {}
        for key in sorted(self._dragged & self.nuclei.keys()):
            held, before = self.nuclei[key], self._history.before(key)
            outline, note = dropped(held.outline, before and before.outline)
            if note:
                changes[key], notes[key] = (
                    outline if outline is None else held._replace(outline=outline),
                    note,
                )
        self._change(changes, notes=notes, close=True, met=self._dragged)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return self._history.can_redo

    def replay(self, *, back: bool, many: int | None) -> Generator[None, None, bool]:
        """Undo or redo a step in parts and return whether there was any; see `Scene.replay`."""
        self.commit()
        changes = self._history.undo() if back else self._history.redo()
        in_order = sorted(changes.items(), key=_comes)  # so that there are never more than before or after
        rest = self._rest = dict(in_order)
        is_any = bool(rest)
        self.revision += is_any
        while rest:
            part = {key: rest.pop(key) for key in list(islice(rest, many))}
            self._tell(self.apply(part))
            if rest:
                yield
        return is_any

    def finish(self) -> None:
        """Do at once what is left of an undo or redo in parts."""
        if part := dict(self._rest):
            self._rest.clear()
            self._tell(self.apply(part))

    def _is_hindered(self, key: int, nucleus: Nucleus | None) -> bool:
        """Return whether a lock forbids that a nucleus becomes this one."""
        held = self.nuclei.get(key)
        if held is None or not held.info.is_locked:
            return False
        return nucleus is None or nucleus.outline is not held.outline

    def _change(
        self,
        changes: Changes,
        *,
        notes: Mapping[int, str | None],
        live: bool = False,
        close: bool = False,
        met: Iterable[int] = (),
    ) -> None:
        """Make changes, remember what was before, close the step if asked to, and then tell the views."""
        edits = [replace(self._noted(changes), notes=_said(notes), live=live)]
        rule = MEETINGS[self.meeting]
        if rule is not None and (there := [key for key in met if key in self.nuclei]):
            outlines, why = rule(self.nuclei, there, self._rasters.near)
            cut = {
                key: None if outline is None else self.nuclei[key]._replace(outline=outline)
                for key, outline in outlines.items()
            }
            if cut:
                edits.append(replace(self._noted(cut), notes=why))
        if close:
            self.revision += self._history.close(self.nuclei)
            self._dragged.clear()
            self._gesture = None
        for edit in edits:
            self._tell(edit)

    def _noted(self, changes: Changes) -> Edit:
        """Make changes, with what was before taken into the step that is going on."""
        for key in changes:
            self._history.note(key, self.nuclei.get(key))
        return self.apply(changes)

    def apply(self, changes: Changes) -> Edit:
        """Set nuclei and rasters; return what that did."""
        held = self.nuclei
        new = {key: nucleus for key, nucleus in changes.items() if nucleus is not None}
        there = [key for key in sorted(new) if key in held]
        edit = Edit(
            added=tuple(sorted(key for key in new if key not in held)),
            moved=tuple(key for key in there if new[key].outline is not held[key].outline),
            removed=tuple(sorted(key for key in changes if key in held and key not in new)),
            informed=tuple(key for key in there if new[key].info != held[key].info),
        )
        for key in edit.removed:
            del held[key]
        in_order = not edit.added or edit.added[0] > next(reversed(held), 0)
        held.update(sorted(new.items()))
        if not in_order:
            ordered = sorted(held.items())
            held.clear()
            held.update(ordered)
        self.last_key = max(self.last_key, next(reversed(held), 0))
        drawn = {key: new[key].outline for key in (*edit.added, *edit.moved)}
        return replace(edit, windows=tuple(self._rasters.draw(drawn | dict.fromkeys(edit.removed))))


def _comes(change: tuple[int, Nucleus | None]) -> bool:
    """Return whether a nucleus does not go."""
    return change[1] is not None


def _said(notes: Mapping[int, str | None]) -> dict[int, str]:
    """Return the notes that are there."""
    return {key: note for key, note in notes.items() if note}
