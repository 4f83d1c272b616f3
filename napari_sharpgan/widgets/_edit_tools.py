"""What a person edits nuclei with: tools that the mouse takes up, and what is done to selected nuclei."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning
from qtpy.QtCore import QObject, Signal

from napari_sharpgan.scene import MEETINGS
from napari_sharpgan.scene.classes import CLASSES, NucleusClass, classes_of, classify, lock
from napari_sharpgan.scene.steps import LOCKED
from napari_sharpgan.scene.tools import fill, lighten, merge, smooth
from napari_sharpgan.widgets._brush import Brush
from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._knife import Knife
from napari_sharpgan.widgets._remembered import remember, remembered

if TYPE_CHECKING:
    from napari_sharpgan.scene import Edit
    from napari_sharpgan.widgets.session import Session

SIZES = 1, 100  # px: the smallest and the largest brush, across
FIRST_SIZE = 12
RESTING = "pan_zoom"  # the mode of the layer while one of our tools is taken up
KEEP = "keep existing"
NONE_SELECTED = "Select nuclei first: click one with Move, more of them with Shift held, or press A for all."
TOO_FEW = "Select at least two nuclei to merge: click them with Shift held."


class EditTools(QObject):  # type: ignore[misc]
    """The tools of one session.

    Parameters
    ----------
    session : Session
        Whose scene is edited.

    Attributes
    ----------
    taken : Qt signal
        Emits the name of the tool that was taken up: "brush", "eraser", "knife", or a mode of napari's.
    selection_changed, classes_changed, size_changed, meeting_changed : Qt signals
        Say that there is something new to show.
    """

    taken = Signal(str)
    selection_changed = Signal()
    classes_changed = Signal()
    size_changed = Signal(int)
    meeting_changed = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._layer: Any = None
        self._labels: Any = None
        self._own: dict[str, Callable[..., Any]] = {
            "brush": Brush(session, self._radius),
            "eraser": Brush(session, self._radius, erase=True),
            "knife": Knife(session),
        }
        self.active = ""
        self._taking = False
        self._followed = Connections()
        self._size = int(remembered("nuclei/brush", str(FIRST_SIZE)))
        self._classes = dict(CLASSES) | _remembered_classes()

    def follow(self) -> None:
        """Take hold of the layers and the scene that the session has now."""
        if self._layer is not None:
            self._drop()
        self._followed.close()
        self._layer, self._labels = self._session.layers.nuclei, self._session.layers.labels
        self._followed.add(self._on_mode, self._layer.events.mode)
        self._followed.add(self._on_selection, self._layer.selected_data.events.items_changed)
        self._followed.add(self._on_label, self._labels.events.selected_label)
        self._followed.add(self._on_preserve, self._labels.events.preserve_labels)
        self._followed.add(self._on_edited, self._session.scene.edited)
        self.meeting = remembered("nuclei/meeting", "overlap")
        self._say(str(self._layer.mode))
        self.selection_changed.emit()
        self.classes_changed.emit()

    # Tools that the mouse takes up

    def take(self, tool: str) -> None:
        """Take up a tool: one of ours, or one of napari's modes of the layer."""
        self._session.show_outlines()
        self._drop()
        self._taking = True
        try:
            self._layer.mode = RESTING if tool in self._own else tool
        finally:
            self._taking = False
        if tool in self._own:
            self._hold(tool)
        self._say(tool)

    def escape(self) -> None:
        """Go back to selecting; from there, select nothing."""
        layer = self._layer
        if self._session.is_drawing:
            self._session.finish()
        elif self.active != "select":
            self.take("select")
        else:
            layer.selected_data = set()

    def hold_view(self) -> Iterator[None]:
        """Let the mouse move the view until the generator goes on."""
        before = self.active
        self.take(RESTING)
        yield
        self.take(before)

    @property
    def size(self) -> int:
        """How wide the brush is, in px."""
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = max(SIZES[0], min(size, SIZES[1]))
        remember("nuclei/brush", str(self._size))
        if self.active in ("brush", "eraser"):
            self._show_circle()
        self.size_changed.emit(self._size)

    def resize(self, direction: int) -> None:
        """Make the brush a step wider or narrower."""
        self.size += direction * max(1, self._size // 10)

    # What is done to the selected nuclei

    def merge(self) -> None:
        """Make one nucleus of the selected ones."""
        keys = self._session.selected
        if len(keys) < 2:
            show_warning(TOO_FEW)
            return
        self._warn_of_locks(keys)
        merged = merge(self._session.scene, keys)
        if merged is not None:
            self._session.select([merged])

    def fill(self) -> None:
        """Close the holes of the selected nuclei."""
        self._reshape(fill)

    def smooth(self) -> None:
        """Smooth the selected nuclei."""
        self._reshape(smooth)

    def lighten(self) -> None:
        """Give the selected nuclei fewer points."""
        self._reshape(lighten)

    def delete(self) -> None:
        """Take the selected nuclei away."""
        if not self._session.is_drawing and (keys := self._some()):
            self._session.scene.remove_many(keys)

    def toggle_lock(self) -> None:
        """Lock the selected nuclei, or unlock them if all of them are locked."""
        if keys := self._some():
            lock(self._session.scene, keys, not self.all_locked)

    def classify(self, number: int) -> None:
        """Give the selected nuclei a class by its number from 1; 0 takes their class away."""
        kinds = list(self.classes.values())
        if number <= len(kinds) and (keys := self._some()):
            classify(self._session.scene, keys, kinds[number - 1] if number else None)

    # What docks show

    @property
    def all_locked(self) -> bool:
        """Whether there are selected nuclei and all of them are locked."""
        keys, info = self._session.selected, self._session.scene.info
        return bool(keys) and all(info[key].is_locked for key in keys)

    @property
    def classes(self) -> dict[str, NucleusClass]:
        """Classes that a nucleus can get, by name: QuPath's, the user's own, then others in the scene."""
        return classes_of(self._session.scene, self._classes)

    def add_class(self, kind: NucleusClass) -> None:
        """Keep a class of the user's own."""
        self._classes[kind.name] = kind
        own = {k.name: k.color for k in self._classes.values() if CLASSES.get(k.name) != k}
        remember("nuclei/classes", json.dumps(own))
        self.classes_changed.emit()

    @property
    def meeting(self) -> str:
        """What happens where nuclei meet, see `Scene.meeting`; it is remembered."""
        return self._session.scene.meeting

    @meeting.setter
    def meeting(self, name: str) -> None:
        known = name if name in MEETINGS else "overlap"
        self._session.scene.meeting = known
        remember("nuclei/meeting", known)
        if self._labels is not None:
            self._labels.preserve_labels = known == KEEP
        self.meeting_changed.emit(known)

    # How it goes

    def _hold(self, tool: str) -> None:
        """Let the mouse do to the layer what a tool of ours does."""
        layer = self._layer
        layer.mouse_drag_callbacks.append(self._own[tool])
        layer.mouse_pan = False
        if tool == "knife":
            layer.cursor = "cross"
        else:
            self._show_circle()

    def _drop(self) -> None:
        """Let go of a tool of ours."""
        layer = self._layer
        for callback in self._own.values():
            if callback in layer.mouse_drag_callbacks:
                layer.mouse_drag_callbacks.remove(callback)
                layer.mouse_pan = str(layer.mode) == RESTING
                layer.cursor = "standard"

    def _show_circle(self) -> None:
        self._layer.cursor_size = self._size * min(abs(self._layer.scale))
        self._layer.cursor = "circle"

    def _say(self, tool: str) -> None:
        self.active = tool
        self.taken.emit(tool)

    def _radius(self) -> float:
        return self._size / 2

    def _some(self) -> list[int]:
        """Return the selected nuclei; say so if there are none."""
        keys = self._session.selected
        if not keys:
            show_warning(NONE_SELECTED)
        return keys

    def _reshape(self, how: Callable[..., None]) -> None:
        if keys := self._some():
            self._warn_of_locks(keys)
            how(self._session.scene, keys)

    def _warn_of_locks(self, keys: list[int]) -> None:
        if any(self._session.scene.info[key].is_locked for key in keys):
            show_warning(LOCKED)

    def _on_mode(self) -> None:
        """Let go of a tool of ours when another mode is chosen by napari's own buttons."""
        if not self._taking:
            self._drop()
            self._say(str(self._layer.mode))

    def _on_selection(self) -> None:
        keys = self._session.selected
        if len(keys) == 1:
            self._labels.selected_label = keys[0]
        self.selection_changed.emit()

    def _on_label(self) -> None:
        """Select the nucleus whose label was picked."""
        label = int(self._labels.selected_label)
        if self._session.viewer.layers.selection.active is self._labels and label in self._session.scene.info:
            self._session.select([label])

    def _on_preserve(self) -> None:
        keeps = bool(self._labels.preserve_labels)
        if keeps != (self.meeting == KEEP):
            self.meeting = KEEP if keeps else "overlap"

    def _on_edited(self, edit: Edit) -> None:
        info = self._session.scene.info
        if edit.informed or any(info[key].class_name for key in edit.added if key in info):
            self.classes_changed.emit()
        if edit.informed:
            self.selection_changed.emit()


def _remembered_classes() -> dict[str, NucleusClass]:
    """Return the user's own classes; what cannot be read is none."""
    try:
        own = json.loads(remembered("nuclei/classes", "{}"))
        return {name: NucleusClass(name, tuple(color)) for name, color in own.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
