"""What the camera sees of a canvas, and how outlines are seen when they are too many to be shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QObject, QTimer

from napari_sharpgan.scene import Window
from napari_sharpgan.widgets._outlines import OutlineLink
from napari_sharpgan.widgets._promotion import IN_SIGHT

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image, Labels

RESTS = 100  # ms without a move, after which the camera has come to rest
CROWDED = "Over {most:,} nuclei are in sight: zoom in to edit their outlines, or click one."


class Overview(QObject):  # type: ignore[misc]
    """Tell an `OutlineLink` when the camera has come to rest; show contours where it has no outlines.

    Parameters
    ----------
    viewer : napari Viewer
        Whose camera it is.
    parent : QObject
        With what it ends.
    """

    def __init__(self, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._link: OutlineLink | None = None
        self._contour: Image | None = None
        self._is_ours = False  # whether it was us who let the contours be seen
        self._timer = QTimer(self, interval=RESTS, singleShot=True)
        self._timer.timeout.connect(self._look)
        camera = viewer.scene.camera.events
        for event in (camera.center, camera.zoom, viewer.canvas.events.size):
            event.connect(self._move)

    def follow(self, link: OutlineLink, contour: Image) -> None:
        """Follow another scene from now on; ``contour`` is the layer of its contour map."""
        self._link, self._contour, self._is_ours = link, contour, False
        link.crowded.connect(self._show_contours)
        self._show_contours(link.is_crowded)

    def window(self, layer: Labels) -> Window:
        """Return the window of a layer as large as the canvas that is in sight, of at least one pixel."""
        camera, size = self._viewer.scene.camera, self._viewer.canvas.viewbox_size(self._viewer.layers)
        center, half = np.asarray(camera.center)[-2:], np.asarray(size) / 2 / camera.zoom
        corners = np.array([layer.world_to_data(center + sign * half)[-2:] for sign in (-1, 1)])
        shape = np.array(layer.data.shape[:2])
        first = np.clip(np.floor(corners.min(axis=0)), 0, shape - 1).astype(int)
        last = np.clip(np.ceil(corners.max(axis=0)), first + 1, shape).astype(int)
        return slice(int(first[0]), int(last[0])), slice(int(first[1]), int(last[1]))

    def _move(self) -> None:
        self._timer.start()

    def _look(self) -> None:
        if self._link is not None:
            self._link.look()

    def _show_contours(self, is_crowded: bool) -> None:
        """Let the contour map be seen as long as outlines are not, unless it is seen anyway."""
        if self._contour is None:
            return
        if is_crowded:
            self._viewer.status = CROWDED.format(most=IN_SIGHT)
            self._is_ours = not self._contour.visible
            self._contour.visible = True
        elif self._is_ours:
            self._is_ours, self._contour.visible = False, False
