"""The nuclei layer and the scene: what is done to one is done to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_warning
from numpy.typing import NDArray

from napari_sharpgan.nuclei import check_polygon, ellipse_outline, repair
from napari_sharpgan.scene import Edit, Scene
from napari_sharpgan.widgets._shapes_layer import (
    end_gesture,
    forget,
    is_drawing,
    is_gesture,
    reshape,
    take_out,
)

if TYPE_CHECKING:
    from napari.layers import Shapes

FEW = 32  # up to so many nuclei are changed one by one, more by building the layer anew
REFUSED = "A nucleus needs three points that enclose an area; what had less was taken out again."

Outline = NDArray[np.float64]


class OutlineLink:
    """Keep a Shapes layer and a scene the same, also while the mouse is down.

    The keys of the shapes stand in a list of our own, in the order of the layer: its features are copied from
    the selected shape to new ones, and are not removed with shapes that vanish while they are drawn.

    Parameters
    ----------
    scene : Scene
        The document.
    layer : Shapes
        Its view. Shapes that are no nuclei (a line, two points) are refused and taken out again.
    later : callable, optional
        Calls a function in a moment. With it the layer is built anew in a turn of the event loop of its own,
        since the scene took one already; without it is built at once.
    """

    def __init__(
        self, scene: Scene, layer: Shapes, later: Callable[[Callable[[], None]], None] | None = None
    ) -> None:
        self._scene, self._layer = scene, layer
        self._later = later or (lambda build: build())
        self._stale = False  # whether the layer is to be built anew
        self._keys: list[int] = []
        self._drawn: int | None = None  # key of the nucleus that is being drawn, the last one
        self._busy = False  # whether a change of one is being done to the other
        self._notes: dict[int, str] = {}  # what the scene had to do to outlines that were given to it
        layer.events.data.connect(self._on_data)
        layer.events.set_data.connect(self._on_refresh)
        layer.events.features.connect(self._on_features)
        scene.edited.connect(self._on_edited)
        with self._quietly():
            self._rebuild()

    def close(self) -> None:
        """Let go of both."""
        self._stale = False
        self._layer.events.data.disconnect(self._on_data)
        self._layer.events.set_data.disconnect(self._on_refresh)
        self._layer.events.features.disconnect(self._on_features)
        self._scene.edited.disconnect(self._on_edited)

    @property
    def is_gesture(self) -> bool:
        """Whether a nucleus is being drawn or dragged in the layer."""
        return is_gesture(self._layer)

    @property
    def selected(self) -> list[int]:
        """Keys of the nuclei that are selected in the layer, in drawing order."""
        self._catch_up()
        return [self._keys[index] for index in sorted(self._layer.selected_data) if index < len(self._keys)]

    def select(self, keys: Iterable[int]) -> None:
        """Select these nuclei in the layer, and no others."""
        self._catch_up()
        wanted = set(keys)
        self._layer.selected_data = {index for index, key in enumerate(self._keys) if key in wanted}

    def finish(self) -> None:
        """End a drawing or a drag that is going on where it is, as if the mouse had been let go."""
        self._catch_up()
        if is_gesture(self._layer):
            end_gesture(self._layer)
            self._scene.commit()

    def give_up(self) -> bool:
        """End a drawing or a drag that is going on; return whether a drawing was thrown away by it."""
        self._catch_up()
        if not is_gesture(self._layer):
            return False
        drawing = is_drawing(self._layer)
        with self._quietly():
            end_gesture(self._layer)
            if drawing:
                drawn, self._drawn = self._drawn, None
                if drawn is not None:
                    self._keys.pop()
                    self._scene.remove(drawn)
                take_out(self._layer, range(len(self._keys), self._layer.nshapes))
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
            missing = len(self._keys) - self._layer.nshapes
            if action == "added":
                self._take_in()
            elif action == "changed" and missing == 0:
                self._drop(indices)
            elif missing == len(indices) and action == "removed":
                self._remove(indices)
            elif missing == 1 and any(event.vertex_indices):  # one of the last three vertices was deleted
                self._remove(indices)
                forget(self._layer, indices)
            else:
                self._replace()

    def _on_refresh(self) -> None:
        """Follow a gesture while it lasts: the layer refreshes at each move of the mouse."""
        self._catch_up()
        if self._busy:
            return
        with self._quietly():
            if is_drawing(self._layer):
                if self._layer.nshapes == len(self._keys) + (self._drawn is None):
                    self._draw()
            elif self._layer.nshapes == len(self._keys):
                self._drag([int(index) for index in self._layer.selected_data])

    def _on_features(self) -> None:
        """Take in what was pasted: of that the layer says nothing else."""
        self._catch_up()
        if not self._busy and not is_drawing(self._layer) and self._layer.nshapes > len(self._keys):
            with self._quietly():
                self._take_in()

    def _draw(self) -> None:
        """Show the nucleus that is being drawn, as soon as it has three points."""
        index = self._layer.nshapes - 1
        outline = self._outlines([index]).get(index)
        if outline is None:
            return
        if self._drawn is None:
            self._drawn = self._scene.draw(outline)
            self._keys.append(self._drawn)
        elif self._differs(self._drawn, outline):
            self._scene.drag(self._drawn, outline)

    def _drag(self, indices: list[int]) -> None:
        """Show the selected nuclei as the layer does, if a gesture changed any of them."""
        outlines = {self._keys[index]: outline for index, outline in self._outlines(indices).items()}
        if any(self._differs(key, outline) for key, outline in outlines.items()):
            self._scene.drag_many(outlines)

    def _drop(self, indices: list[int]) -> None:
        """End a gesture: the scene keeps what is a nucleus, and the layer shows what the scene keeps."""
        self._drag(indices)
        self._scene.commit()
        self._show_as_kept(indices)

    def _take_in(self) -> None:
        """Take in the shapes at the end of the layer; what was being drawn is finished, or was given up."""
        drawn, self._drawn = self._drawn, None
        if drawn is not None and self._layer.nshapes < len(self._keys):
            self._keys.remove(drawn)
            self._scene.remove(drawn)
            take_out(self._layer, [])  # napari has, but for its features
        elif drawn is not None:
            self._drop([self._keys.index(drawn)])
        new = range(len(self._keys), self._layer.nshapes)
        kept, refused = {}, []
        outlines = self._outlines(new)
        for index in new:
            try:
                kept[index], note = repair(outlines[index])
            except (KeyError, ValueError):
                refused.append(index)
            else:
                self._notes |= {index: note} if note else {}
        if refused:
            take_out(self._layer, refused)
            show_warning(REFUSED)
        if kept:
            first = len(self._keys)
            self._keys += self._scene.add_many(kept.values())
            self._show_as_kept(range(first, len(self._keys)))

    def _remove(self, indices: list[int]) -> None:
        keys = [self._keys[index] for index in indices]
        gone = set(keys)
        self._keys = [key for key in self._keys if key not in gone]
        self._scene.remove_many(keys)

    def _replace(self) -> None:
        """Take in all of a layer whose data was set as a whole."""
        self._drawn = None
        self._scene.replace_all(self._outlines(range(self._layer.nshapes)).values(), live=True)
        self._scene.commit()
        self._rebuild()

    def _outlines(self, indices: Iterable[int]) -> dict[int, Outline]:
        """Return the outlines of shapes of the layer by index; none for those without three points."""
        data, kinds = self._layer.data, self._layer.shape_type
        outlines = {}
        for index in indices:
            points = np.asarray(data[index], float)
            try:
                outlines[index] = check_polygon(
                    ellipse_outline(points) if kinds[index] == "ellipse" else points
                )
            except ValueError:
                continue
        return outlines

    def _differs(self, key: int, outline: Outline) -> bool:
        """Return whether an outline of the layer, which keeps float32, is not the one of the scene."""
        return not np.array_equal(outline, self._scene.polygons[key].astype(np.float32))

    # From the scene to the layer

    def _on_edited(self, edit: Edit) -> None:
        """Do to the layer what an edit, an undo or a redo did to the scene."""
        if self._busy:
            self._notes |= edit.notes
            return
        with self._quietly():
            interrupted = is_drawing(self._layer)
            if interrupted:
                end_gesture(self._layer)
                self._drawn = None
            if interrupted or len(edit.added) + len(edit.moved) + len(edit.removed) > FEW:
                self._stale = True
            elif not self._stale:
                self._redraw(edit)
            _tell(edit.notes)
        if self._stale:
            self._later(self._catch_up)

    def _catch_up(self) -> None:
        """Build the layer anew if that was put off."""
        if self._stale and not self._busy:
            self._stale = False
            with self._quietly():
                self._rebuild()

    def _redraw(self, edit: Edit) -> None:
        """Take shapes out of the layer, reshape some and add others."""
        gone = set(edit.removed)
        if gone:
            take_out(self._layer, [index for index, key in enumerate(self._keys) if key in gone])
            self._keys = [key for key in self._keys if key not in gone]
        polygons = self._scene.polygons
        if edit.moved:
            reshape(self._layer, {self._keys.index(key): polygons[key] for key in edit.moved})
        if edit.added:
            self._layer.add_polygons([polygons[key] for key in edit.added])
            self._keys += edit.added

    def _rebuild(self) -> None:
        """Build the layer anew from the scene."""
        polygons = self._scene.polygons
        with self._layer.block_thumbnail_update():
            self._layer.data = []
            if polygons:
                self._layer.add_polygons(list(polygons.values()))
        forget(self._layer, range(len(polygons), len(self._layer.features)))
        self._keys = list(polygons)

    def _show_as_kept(self, indices: Iterable[int]) -> None:
        """Show nuclei as the scene keeps them, all as polygons; say what had to be done to them."""
        polygons, kinds, seen = self._scene.polygons, self._layer.shape_type, self._outlines(indices)
        gone = [index for index in indices if self._keys[index] not in polygons]
        other = {
            index: polygons[key]
            for index in indices
            if (key := self._keys[index]) in polygons
            and (index not in seen or kinds[index] != "polygon" or self._differs(key, seen[index]))
        }
        if other:
            reshape(self._layer, other)
        if gone:
            take_out(self._layer, gone)
            self._keys = [key for key in self._keys if key in polygons]
        _tell(self._notes)
        self._notes.clear()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False


def _tell(notes: Mapping[int, str]) -> None:
    """Tell the user what had to be done to outlines, each thing once."""
    for note in dict.fromkeys(notes.values()):
        show_warning(note)
