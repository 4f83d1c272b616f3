"""The nuclei layer and the scene: what is done to one is done to the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei import check_polygon
from napari_sharpgan.scene import Edit, Scene

if TYPE_CHECKING:
    from napari.layers import Shapes

FEW = 32  # up to so many nuclei are changed one by one, more by building the layer anew
ELLIPSE_POINTS = 32


class OutlineLink:
    """Keep a Shapes layer and a scene the same, also while the mouse is down.

    The keys of the shapes stand in a list of our own, in the order of the layer: its features are copied from the
    selected shape to new ones, and are not removed with shapes that vanish while they are drawn.

    Parameters
    ----------
    scene : Scene
        The document.
    layer : Shapes
        Its view. Shapes that are no nuclei (a line, two points) are refused and taken out again.
    """

    def __init__(self, scene: Scene, layer: Shapes) -> None:
        self._scene, self._layer = scene, layer
        self._keys: list[int] = []
        self._drawn: int | None = None  # key of the nucleus that is being drawn
        self._busy = False  # whether a change of one is being done to the other
        layer.events.data.connect(self._on_data)
        layer.events.set_data.connect(self._on_refresh)
        scene.edited.connect(self._on_edited)
        with self._quietly():
            self._rebuild()

    def close(self) -> None:
        """Let go of both."""
        self._layer.events.data.disconnect(self._on_data)
        self._layer.events.set_data.disconnect(self._on_refresh)
        self._scene.edited.disconnect(self._on_edited)

    def key_of(self, index: int) -> int:
        """Return the key of the nucleus at an index of the layer."""
        return self._keys[index]

    def index_of(self, key: int) -> int:
        """Return the index in the layer of the nucleus with a key."""
        return self._keys.index(key)

    # From the layer to the scene

    def _on_data(self, event: Any) -> None:
        """Do to the scene what was done to the layer, once a gesture is over."""
        action = str(getattr(event.action, "value", event.action))
        if self._busy or action not in ("added", "removed", "changed"):
            return
        with self._quietly():
            indices = [int(index) for index in event.data_indices]
            if action == "removed" and len(self._keys) - len(indices) == self._layer.nshapes:
                self._remove(indices)
            elif action == "changed" and self._layer.nshapes == len(self._keys):
                self._move(indices, live=False)
            elif action == "changed" and len(indices) == 1 and self._layer.nshapes == len(self._keys) - 1:
                self._remove(indices)  # its third-last vertex was deleted
            elif action == "added":
                self._add()
            else:
                self._replace()

    def _on_refresh(self) -> None:
        """Follow a gesture while it lasts: the layer refreshes at each move of the mouse."""
        if self._busy:
            return
        with self._quietly():
            if self._layer.nshapes == len(self._keys) + (self._drawn is None) and self._is_drawing():
                self._draw()
            elif self._layer.nshapes == len(self._keys):
                self._move([int(index) for index in self._layer.selected_data], live=True)

    def _is_drawing(self) -> bool:
        """Whether the last shape of the layer is one that is not finished yet."""
        return bool(self._layer._is_creating)  # napari has no public word for it

    def _draw(self) -> None:
        """Show the nucleus that is being drawn, as soon as it has an area."""
        outline = self._outline(self._layer.nshapes - 1)
        if outline is None:
            return
        if self._drawn is None:
            self._drawn = self._scene.draw(outline)
            self._keys.append(self._drawn)
        elif not np.array_equal(outline, self._scene.polygons[self._drawn]):
            self._scene.drag(self._drawn, outline)

    def _add(self) -> None:
        """Take in the shapes at the end of the layer; one that was being drawn is finished, or was given up."""
        drawn, self._drawn = self._drawn, None
        if drawn is not None:
            if self._layer.nshapes < len(self._keys):
                self._keys.remove(drawn)
                self._scene.remove(drawn)
            else:
                self._scene.move(drawn, self._outline(self._keys.index(drawn)))
        refused = []
        for index in range(len(self._keys), self._layer.nshapes):
            outline = self._outline(index)
            if outline is None:
                refused.append(index)
            else:
                self._keys.append(self._scene.add(outline))
        if refused:
            self._layer.remove(refused)
            _tell("a nucleus needs at least three distinct points; what had fewer was taken out again")
        self._follow_repairs()

    def _remove(self, indices: list[int]) -> None:
        keys = [self._keys[index] for index in indices]
        gone = set(keys)
        self._keys = [key for key in self._keys if key not in gone]
        self._scene.remove_many(keys)

    def _move(self, indices: list[int], *, live: bool) -> None:
        """Give nuclei the outlines that the layer shows; while a gesture lasts only those that differ."""
        outlines = {}
        for index in indices:
            outline, key = self._outline(index), self._keys[index]
            if outline is None or (live and np.array_equal(outline, self._scene.polygons[key])):
                continue
            outlines[key] = outline
        if outlines and live:
            self._scene.drag_many(outlines)
        elif outlines:
            self._scene.move_many(outlines)
            self._follow_repairs()

    def _replace(self) -> None:
        """Take in all of a layer whose data was set as a whole."""
        self._drawn = None
        outlines = [self._outline(index) for index in range(self._layer.nshapes)]
        self._scene.replace_all([outline for outline in outlines if outline is not None])
        self._rebuild()

    def _outline(self, index: int) -> NDArray[np.float64] | None:
        """Return the outline that a shape of the layer has, or None if it has no area."""
        points = np.asarray(self._layer.data[index], float)
        if self._layer.shape_type[index] == "ellipse":
            points = _ellipse(points)
        try:
            return check_polygon(points)
        except ValueError:
            return None

    # From the scene to the layer

    def _on_edited(self, edit: Edit) -> None:
        """Do to the layer what an edit, an undo or a redo did to the scene."""
        if self._busy:
            self._repaired = getattr(self, "_repaired", ()) + edit.repaired
            return
        with self._quietly():
            self._drawn = None
            touched = {*edit.moved, *edit.removed}
            if len(edit.added) + len(touched) > FEW:
                self._rebuild()
                return
            self._redraw(touched, [*edit.moved, *edit.added])

    def _redraw(self, old: set[int], new: list[int]) -> None:
        """Take shapes out of the layer and add others."""
        indices = [index for index, key in enumerate(self._keys) if key in old]
        if indices:
            self._layer.remove(indices)
            self._keys = [key for key in self._keys if key not in old]
        if new:
            self._layer.add_polygons([self._scene.polygons[key] for key in new])
            self._keys += new

    def _rebuild(self) -> None:
        """Build the layer anew from the scene."""
        polygons = self._scene.polygons
        self._layer.data = []
        if polygons:
            self._layer.add_polygons(list(polygons.values()))
        self._keys = list(polygons)

    def _follow_repairs(self) -> None:
        """Show outlines that crossed themselves as the scene repaired them, and say so."""
        repaired = [key for key in getattr(self, "_repaired", ()) if key in self._scene.polygons]
        self._repaired: tuple[int, ...] = ()
        if repaired:
            self._redraw(set(repaired), repaired)
            _tell("the outline crossed itself; its largest part was kept")

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False


def _ellipse(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points on the ellipse in a box of four corners."""
    center = corners.mean(axis=0)
    angles = np.linspace(0, 2 * np.pi, ELLIPSE_POINTS, endpoint=False)[:, None]
    across, down = (corners[1] - corners[0]) / 2, (corners[3] - corners[0]) / 2
    points: NDArray[np.float64] = center + np.cos(angles) * across + np.sin(angles) * down
    return points


def _tell(message: str) -> None:
    from napari.utils.notifications import show_warning

    show_warning(message)
