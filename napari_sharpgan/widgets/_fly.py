"""Take the camera to a nucleus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QEasingCurve, QObject, QVariantAnimation

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Labels

SMALLEST, LARGEST = 1 / 6, 1 / 3  # part of the canvas that a nucleus takes after a flight
DURATION = 250  # ms


class Flight(QObject):  # type: ignore[misc]
    """The flights of a viewer's camera; a new one takes over from where the one before has come to."""

    def __init__(self, viewer: ViewerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve(QEasingCurve.Type.InOutCubic))
        self._animation.valueChanged.connect(self._move)

    def to_label(self, layer: Labels, label: int) -> bool:
        """Fly to a label of a layer with two dimensions, and return whether it is there."""
        box = box_of_label(np.asarray(layer.data), label)
        if box is None:
            return False
        self._animation.stop()
        camera = self._viewer.scene.camera
        end, zoom = view_of_box(self._viewer, layer, box)
        self._from = (np.array(camera.center[-2:]), camera.zoom)
        self._to = (end, zoom)
        self._animation.start()
        return True

    def _move(self, part: float) -> None:
        (start, first), (end, last) = self._from, self._to
        camera = self._viewer.scene.camera
        camera.zoom = first * (last / first) ** part
        camera.center = (*camera.center[:-2], *(start + part * (end - start)))


def box_of_label(labels: np.ndarray[Any, Any], label: int) -> np.ndarray[Any, Any] | None:
    """Return the first and the last row and column of a label, ((row, column), (row, column)), or None."""
    found = labels == label
    rows, columns = (np.flatnonzero(found.any(axis)) for axis in (1, 0))
    return np.array([[rows[0], columns[0]], [rows[-1], columns[-1]]]) if rows.size else None


def view_of_box(
    viewer: ViewerModel, layer: Labels, box: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], float]:
    """Return center (2,) and zoom of a camera that sees a box of a layer well; a zoom that is fine stays."""
    (top, left), (bottom, right) = box + np.array([[-0.5], [0.5]])  # from centers of pixels to their rims
    corners = [(top, left), (top, right), (bottom, left), (bottom, right)]
    world = np.zeros((4, viewer.dims.ndim))
    world[:, -2:] = [layer.data_to_world(corner) for corner in corners]
    shown = world[:, list(viewer.dims.displayed)[-2:]]
    extent = float(np.ptp(shown, axis=0).max())
    canvas = min(viewer.canvas.size)
    zoom = np.clip(viewer.scene.camera.zoom, SMALLEST * canvas / extent, LARGEST * canvas / extent)
    return shown.mean(axis=0), float(zoom)
