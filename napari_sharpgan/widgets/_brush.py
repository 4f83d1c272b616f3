"""The brush on the nuclei layer: it adds, with Alt held it erases; maps and tissue follow at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei import brush_outline, subtract_from_outline
from napari_sharpgan.scene import Window
from napari_sharpgan.scene.tools import Stroke

if TYPE_CHECKING:
    from napari.layers import Shapes

    from napari_sharpgan.widgets.session import Session

POINT = 0.5  # px around the mouse that lie in a nucleus to which it adds
NOTHING_HIT = "Nothing was erased: only the selected nucleus is; press Escape twice to select none."


class Brush:
    """What the mouse does to the layer while the brush or the eraser is taken up.

    Parameters
    ----------
    session : Session
        Whose scene is painted.
    radius : callable
        Returns the radius of the brush in px.
    erase : bool
        Whether it erases without Alt too.
    """

    def __init__(self, session: Session, radius: Callable[[], float], *, erase: bool = False) -> None:
        self._session, self._radius, self._erase = session, radius, erase

    def __call__(self, layer: Shapes, event: Any) -> Iterator[None]:
        """Paint from a press of the left button until it is let go; a step made meanwhile ends it."""
        if event.button != 1:
            return
        scene, point = self._session.scene, place(layer, event)
        erase = self._erase or "Alt" in event.modifiers
        stroke = Stroke(scene, self._radius(), self._key(point, erase), erase=erase)
        revision = scene.revision
        stroke.to(point)
        yield
        while event.type == "mouse_move":
            if scene.revision != revision:
                return
            here = place(layer, event)
            if (here != point).any():
                stroke.to(here)
                point = here
            yield
        if scene.revision != revision:
            return
        stroke.end()
        if erase and stroke.key is not None and scene.revision == revision:
            self._session.viewer.status = NOTHING_HIT

    def _key(self, point: NDArray[np.float64], erase: bool) -> int | None:
        """Return the nucleus that a stroke from here is for; None for a new one, or for all."""
        scene, selected = self._session.scene, self._session.selected
        disk = brush_outline([point], self._radius() if erase else POINT)
        near = set(scene.keys_in(box(scene.shape, disk)))
        for key in reversed([key for key in selected if key in near]):
            outline = scene.polygons[key]
            left = subtract_from_outline(outline, disk)
            if left is None or not np.array_equal(left, outline):
                return key
        if erase:
            return selected[0] if len(selected) == 1 else None
        return scene.key_at(*point)


def box(shape: tuple[int, int], points: NDArray[np.float64]) -> Window:
    """Return the window of a canvas (H, W) around points."""
    low = np.clip(np.floor(points.min(axis=0)), 0, shape).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, low, shape).astype(int)
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))


def place(layer: Shapes, event: Any) -> NDArray[np.float64]:
    """Return where the mouse is, (row, column) of the canvas."""
    return np.asarray(layer.world_to_data(event.position), float)[-2:]
