"""The nuclei layer and the scene: what is done to one is done to the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_warning
from psygnal import Signal

from napari_sharpgan.scene import Edit, Nucleus, Scene, Window
from napari_sharpgan.widgets._promotion import promoted
from napari_sharpgan.widgets._shapes_layer import (
    end_gesture,
    forget,
    is_drawing,
    is_gesture,
    is_pressed,
    see_anew,
    take_out,
)
from napari_sharpgan.widgets._shown import TURN, ShownNuclei

if TYPE_CHECKING:
    from napari.layers import Shapes

    from napari_sharpgan.measures import NucleusTable

FEW = 32  # up to so many nuclei follow an edit at once, more in turns of the event loop of their own
HELD = 64  # nuclei that stay shapes after they were edited, wherever they lie
REFUSED = "A nucleus needs three points that enclose an area; what had less was taken out again."
EDITING = ("select", "direct", "vertex_insert", "vertex_remove")  # modes in which a click meets a shape


class OutlineLink:
    """Keep a Shapes layer and a scene the same, also while the mouse is down.

    Up to a thousand nuclei all are shapes. Of more only those are that are in sight, if they are few enough,
    and those that are selected or were just edited; a click on any other makes it a shape.

    The keys of the shapes stand in a list of our own, in the order of the layer: its features are copied from
    the selected shape to new ones, and are not removed with shapes that vanish while they are drawn. The
    features *key* and *class* are written from it.

    Parameters
    ----------
    scene : Scene
        The document.
    layer : Shapes
        Its view. Shapes that are no nuclei (a line, two points) are refused and taken out again.
    later : callable, optional
        Calls a function in a moment. With it what is much is done in turns of the event loop of its own, a
        part in each; without it at once.
    view : callable, optional
        Returns the window of the canvas that is in sight; without it, that is all of it.

    Attributes
    ----------
    crowded : psygnal signal
        Emits whether too many nuclei are in sight to be shapes, when that changes.
    is_crowded : bool
        Whether that is so.
    """

    crowded = Signal(bool)

    def __init__(
        self,
        scene: Scene,
        layer: Shapes,
        later: Callable[[Callable[[], None]], None] | None = None,
        view: Callable[[], Window | None] | None = None,
    ) -> None:
        self._scene, self._layer = scene, layer
        self._later = later or (lambda build: build())
        self._view = view or (lambda: None)
        self._shown = ShownNuclei(scene, layer)
        self._recent: deque[int] = deque(maxlen=HELD)  # keys that were just edited
        self._drawn: int | None = None  # key of the nucleus that is being drawn, the last one
        self._busy = False  # whether a change of one is being done to the other
        self._meanwhile: list[Edit] = []  # what the scene did while it was busy
        self._notes: list[str] = []  # what had to be done to outlines that were given to the scene
        self._is_waiting = False  # for a turn of its own
        self._is_closed = False
        self.is_crowded = False
        layer.events.data.connect(self._on_data)
        layer.events.set_data.connect(self._on_refresh)
        layer.events.features.connect(self._on_features)
        layer.selected_data.events.items_changed.connect(self._on_selection)
        layer.mouse_drag_callbacks.insert(0, self._on_press)
        scene.edited.connect(self._on_edited)
        with self._quietly():
            take_out(layer, range(layer.nshapes))
        self.look()

    def close(self) -> None:
        """Let go of both."""
        self._is_closed = True
        self._shown.stale.clear()
        self._layer.events.data.disconnect(self._on_data)
        self._layer.events.set_data.disconnect(self._on_refresh)
        self._layer.events.features.disconnect(self._on_features)
        self._layer.selected_data.events.items_changed.disconnect(self._on_selection)
        self._layer.mouse_drag_callbacks.remove(self._on_press)
        self._scene.edited.disconnect(self._on_edited)

    # What others ask for

    @property
    def keys(self) -> Sequence[int]:
        """Keys of the nuclei that are shapes now, in the order of the layer."""
        return tuple(self._shown.keys)

    @property
    def selected(self) -> set[int]:
        """Keys of the nuclei that are selected in the layer."""
        return self._shown.selected

    def select(self, keys: Iterable[int]) -> None:
        """Select nuclei, those that are no shapes yet too."""
        self._catch_up()
        wanted = [key for key in keys if key in self._scene.polygons]
        with self._quietly():
            self._shown.add([key for key in wanted if key not in self._shown.places()])
            places = self._shown.places()
            self._layer.selected_data = {places[key] for key in wanted}
        self._go_on_if_partial()

    def look(self) -> None:
        """Make shapes of the nuclei that are in sight now: call it when the camera has come to rest."""
        if not self._is_waiting:
            self._is_waiting = True
            self._later(self._go_on)

    def color_by(
        self,
        values: Mapping[int, float] | None,
        colormap: Any = "viridis",
        limits: tuple[float, float] | None = None,
        *,
        by_class: bool = True,
    ) -> None:
        """Color outlines by a number of each nucleus, or by their classes again; see `OutlineColors`."""
        self._shown.colors.color_by(values, colormap, limits, by_class=by_class)
        self._shown.paint(self._shown.keys)

    def describe(self, table: NucleusTable | None) -> None:
        """Let the feature table say the measures of the nuclei that are shapes, now and later."""
        with self._quietly():
            self._shown.describe(table)

    @property
    def is_gesture(self) -> bool:
        """Whether a nucleus is being drawn or dragged in the layer."""
        return is_gesture(self._layer)

    def finish(self) -> None:
        """End a drawing or a drag that is going on where it is, as if the mouse had been let go."""
        self._catch_up()
        if is_gesture(self._layer):
            end_gesture(self._layer)
            self._scene.commit()
            self._go_on_if_partial()

    def give_up(self) -> bool:
        """End a drawing or a drag that is going on; return whether a drawing was thrown away by it."""
        self._catch_up()
        if not is_gesture(self._layer):
            return False
        drawing = is_drawing(self._layer)
        with self._quietly():
            if drawing:
                drawn = self._throw_away()
                self._scene.remove_many([] if drawn is None else [drawn])
            else:
                dragged = self._shown.selected
                end_gesture(self._layer)
                self._shown.redraw(dragged)  # locked ones were not moved
        self._go_on_if_partial()
        return drawing

    # From the layer to the scene

    def _on_data(self, event: Any) -> None:
        """Do to the scene what was done to the layer, once a gesture is over."""
        self._catch_up()
        action = str(getattr(event.action, "value", event.action))
        if self._busy or action not in ("added", "removed", "changed"):
            return
        with self._quietly():
            indices = [int(index) for index in event.data_indices]
            missing = len(self._shown.keys) - self._layer.nshapes
            if action == "added":
                self._take_in()
            elif action == "changed" and missing == 0:
                self._drop(indices)
            elif missing == len(indices) and action == "removed":
                self._remove(indices)
            elif missing == 1 and any(event.vertex_indices):  # one of the last three vertices was deleted
                forget(self._layer, indices)
                self._remove(indices)
            else:
                self._replace()
        self._go_on_if_partial()

    def _on_refresh(self) -> None:
        """Follow a gesture while it lasts: the layer refreshes at each move of the mouse."""
        self._catch_up()
        if self._busy:
            return
        if is_drawing(self._layer):
            if self._layer.nshapes == len(self._shown.keys) + (self._drawn is None):
                with self._quietly():
                    self._draw()
        elif self._shown.is_even and self._layer.selected_data:
            with self._quietly():
                self._drag([int(index) for index in self._layer.selected_data])

    def _on_features(self) -> None:
        """Take in what was pasted: of that the layer says nothing else."""
        self._catch_up()
        if not self._busy and not is_drawing(self._layer):
            with self._quietly():
                if self._layer.nshapes > len(self._shown.keys):
                    self._take_in()
                self._shown.write_features(anew=True)

    def _on_selection(self) -> None:
        """Light up what is selected."""
        if not self._busy and self._shown.is_even:
            self._shown.light()

    def _on_press(self, layer: Shapes, event: Any) -> Iterator[None]:
        """Make a shape of the nucleus under the mouse before napari looks for one."""
        self._catch_up()
        self._shown.see()
        if str(layer.mode) in EDITING:
            key = self._scene.key_at(*layer.world_to_data(event.position)[-2:])
            if key is not None and key not in self._shown.keys:
                with self._quietly():
                    self._shown.add([key])
                    self._recent.append(key)
        see_anew(layer)
        yield
        while event.type == "mouse_move":
            yield
        self._go_on_if_partial()
        see_anew(layer)

    def _draw(self) -> None:
        """Show the nucleus that is being drawn, as soon as it has three points."""
        index = self._layer.nshapes - 1
        outline = self._shown.outlines([index]).get(index)
        if outline is None:
            return
        if self._drawn is None:
            self._drawn = self._scene.draw(outline)
            self._shown.keys = [*self._shown.keys, self._drawn]
        elif self._shown.differs(self._drawn, outline):
            self._scene.drag(self._drawn, outline)

    def _drag(self, indices: list[int]) -> None:
        """Show the selected nuclei as the layer does, if a gesture changed any of them."""
        outlines = {self._shown.keys[i]: outline for i, outline in self._shown.outlines(indices).items()}
        if any(self._shown.differs(key, outline) for key, outline in outlines.items()):
            self._scene.drag_many(outlines)

    def _drop(self, indices: list[int]) -> None:
        """End a gesture: the scene keeps what is a nucleus, and the layer shows what the scene keeps."""
        keys = [self._shown.keys[index] for index in indices]
        self._drag(indices)
        self._scene.commit()
        self._shown.redraw(keys)
        self._recent.extend(keys)

    def _take_in(self) -> None:
        """Take in the shapes at the end of the layer; what was being drawn is finished, or was given up."""
        drawn, self._drawn = self._drawn, None
        keys = self._shown.keys
        if drawn is not None and self._layer.nshapes < len(keys):
            self._shown.keys = [key for key in keys if key != drawn]
            self._scene.remove(drawn)
            forget(self._layer)  # napari has taken it out, but for its features
        elif drawn is not None:
            self._drop([keys.index(drawn)])
        new = range(len(self._shown.keys), self._layer.nshapes)
        kept, refused = self._shown.repaired(new)
        if refused:
            take_out(self._layer, refused)
            show_warning(REFUSED)
        if kept:
            self._notes += [note for _, note in kept if note]
            added = self._scene.add_many(outline for outline, _ in kept)
            self._shown.keys = [*self._shown.keys, *added]
            self._shown.redraw(added)
            self._recent.extend(added)
        self._shown.paint([*self._shown.keys[new.start :], *([] if drawn is None else [drawn])])

    def _remove(self, indices: list[int]) -> None:
        """Take nuclei out of the scene whose shapes are gone; the scene gives locked ones back."""
        keys = [self._shown.keys[index] for index in indices]
        gone = set(keys)
        self._shown.keys = [key for key in self._shown.keys if key not in gone]
        self._scene.remove_many(keys)

    def _replace(self) -> None:
        """Take in all of a layer whose data was set as a whole, in the place of what it showed."""
        outlines = self._shown.outlines(range(self._layer.nshapes)).values()
        new = {self._scene.next_key + place: Nucleus(outline) for place, outline in enumerate(outlines)}
        self._scene.change({**dict.fromkeys(self._shown.keys), **new}, gesture="replace", live=True)
        self._scene.commit()
        self._drawn, self._shown.keys = None, []
        take_out(self._layer, range(self._layer.nshapes))

    # From the scene to the layer

    def _on_edited(self, edit: Edit) -> None:
        """Do to the layer what an edit, an undo or a redo did to the scene."""
        if self._busy:
            self._meanwhile.append(edit)
            return
        with self._quietly():
            drawn = self._throw_away() if is_drawing(self._layer) else None
            self._follow([edit] if drawn is None else [Edit(added=(drawn,)), edit])
        if edit.added or edit.removed or self._shown.stale:
            self._go_on_if_partial()

    def _follow(self, edits: Sequence[Edit]) -> None:
        """Show the nuclei that edits changed as the scene has them; say what had to be done to outlines."""
        notes = {key: note for edit in edits for key, note in edit.notes.items()}
        keys = {key for edit in edits for key in (*edit.added, *edit.moved, *edit.removed)} | notes.keys()
        if len(keys) > FEW:
            self._shown.spoil(keys)
        else:
            self._shown.redraw(keys)
            self._recent.extend(keys)
        informed = {key for edit in edits for key in edit.informed}
        if informed:
            self._shown.paint(informed)
            self._shown.write_features(anew=True)
        for note in dict.fromkeys([*self._notes, *notes.values()]):
            show_warning(note)
        self._notes = []

    def _catch_up(self) -> None:
        """Do at once what was put off, where a shape would else be taken for what it is no more."""
        if self._shown.stale and not self._busy:
            with self._quietly():
                self._shown.catch_up()

    def _throw_away(self) -> int | None:
        """End a drawing and take its shape out; return the key of the nucleus that it was, if any yet."""
        end_gesture(self._layer)
        drawn, self._drawn = self._drawn, None
        if drawn is not None:
            self._shown.keys = self._shown.keys[:-1]
        take_out(self._layer, range(len(self._shown.keys), self._layer.nshapes))
        return drawn

    # A part in each turn

    def _go_on_if_partial(self) -> None:
        if self._shown.stale or not self._shown.is_whole:
            self.look()

    def _go_on(self) -> None:
        """Do a part of what is to be done so that the right nuclei are shapes; later turns do the rest."""
        self._is_waiting = False
        if self._is_closed or self._busy or is_gesture(self._layer) or is_pressed(self._layer):
            return  # the end of the gesture calls again
        with self._quietly():
            is_behind = bool(self._shown.stale)
            if is_behind:
                self._shown.catch_up(TURN)
            goal = promoted(self._scene, self._view(), [*self._shown.selected, *self._recent])
            is_partial = is_behind or self._shown.approach(goal)
        if goal.is_crowded != self.is_crowded:
            self.is_crowded = goal.is_crowded
            self.crowded.emit(self.is_crowded)
        if is_partial:
            self.look()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Do a thing without hearing of it from the other side; then follow what the scene did beside it."""
        self._busy = True
        try:
            yield
            edits = [edit for edit in self._meanwhile if not edit.live]
            if edits or self._notes:
                self._follow(edits)
            if self._shown.is_even:
                self._shown.light()
                self._shown.write_features()
        finally:
            self._meanwhile = []
            self._busy = False
