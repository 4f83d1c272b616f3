"""The knife on the nuclei layer: a line is drawn, and nuclei that it crosses fall apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_warning
from numpy.typing import NDArray
from vispy.scene.visuals import Line  # type: ignore[import-untyped]

from napari_sharpgan.scene.steps import LOCKED
from napari_sharpgan.scene.tools import split
from napari_sharpgan.widgets._brush import place

if TYPE_CHECKING:
    from napari.layers import Shapes

    from napari_sharpgan.widgets.session import Session

MISSED = "Nothing was cut: the line crosses no nucleus from side to side."
MISSED_SELECTED = "Nothing was cut: with nuclei selected only these are; press Escape twice to select none."
COLOR, WIDTH = "white", 2  # of the line while it is drawn


class Knife:
    """What the mouse does to the layer while the knife is taken up.

    Parameters
    ----------
    session : Session
        Whose scene is cut.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, layer: Shapes, event: Any) -> Iterator[None]:
        """Draw a line from a press of the left button until it is let go, and cut along it."""
        if event.button != 1:
            return
        path = [place(layer, event)]
        line = self._line(layer)
        yield
        while event.type == "mouse_move":
            path.append(place(layer, event))
            if line is not None:
                line.set_data(np.array(path)[:, ::-1])
            yield
        path.append(place(layer, event))
        if line is not None:
            line.parent = None
        if (path[0] != path[-1]).any() or len(path) > 2:
            self._cut(np.array(path))

    def _cut(self, path: NDArray[np.float64]) -> None:
        scene, selected = self._session.scene, self._session.selected
        if split(scene, path, selected or None):
            return
        under = {key for point in path if (key := scene.key_at(*point)) is not None}
        if any(scene.info[key].is_locked for key in under & set(selected or under)):
            show_warning(LOCKED)
        else:
            self._session.viewer.status = MISSED_SELECTED if selected else MISSED

    def _line(self, layer: Shapes) -> Any:
        """Return a line on the canvas, in rows and columns of the layer; None where there is no canvas."""
        canvas = self._session.viewer.window._qt_viewer.canvas
        shown = canvas.layer_to_visual.get(layer)
        if shown is None:
            return None
        line = Line(pos=np.zeros((2, 2)), color=COLOR, width=WIDTH, parent=shown.node, method="gl")
        line.order = 10
        return line
