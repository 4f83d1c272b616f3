"""The newest sample of a training as a layer, beside the real tile that it should look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.widgets._connections import Connections

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

REAL, SAMPLE = "real tile", "training sample"
GAP = 32  # px of a tile between the scene and the tiles, and between the tiles


class SampleLayers(QObject):  # type: ignore[misc]
    """Two layers right of all others, the real tile above the sample; the camera stays where it is.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where they are added, below all others.
    """

    taken_away = Signal()  # the user removed one of them

    def __init__(self, viewer: ViewerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._own: dict[str, Image] = {}
        self._waiting: list[Image] = []  # to be put into the viewer
        self._is_busy = False
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._insert)
        self._connections = Connections()
        self._connections.add(self._after_removal, viewer.layers.events.removed)
        self._connections.add(self._place, viewer.canvas.grid.events.enabled)
        self.destroyed.connect(self._connections.close)

    @property
    def sample(self) -> Image | None:
        """The layer of the sample, while it is there."""
        return self._own.get(SAMPLE)

    def show(self, real: NDArray[np.uint8], sample: NDArray[np.uint8]) -> None:
        """Show a sample; in layers that are there only the pixels are swapped."""
        pictures = {SAMPLE: sample, REAL: real}
        if self._own and all(self._own[name].data.shape == pictures[name].shape for name in pictures):
            for name, layer in self._own.items():
                if layer.data is not pictures[name]:
                    layer.data = pictures[name]
            return
        self.remove()
        self._add(pictures)

    def remove(self) -> None:
        """Take the layers out of the viewer."""
        self._is_busy = True
        for layer in self._own.values():
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        self._own, self._waiting = {}, []
        self._is_busy = False

    def set_visible(self, visible: bool) -> None:
        """Show or hide them; that is quicker than to add and to remove them."""
        for layer in self._own.values():
            layer.visible = visible

    def fly_there(self) -> None:
        """Let the camera show the tiles, and nothing but them."""
        if not self._own:
            return
        boxes = np.array([layer.extent.world[:, -2:] for layer in self._own.values()])
        first, last = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
        camera, canvas = self._viewer.scene.camera, np.array(self._viewer.canvas.size)
        camera.center = (*camera.center[:-2], *((first + last) / 2))
        camera.zoom = 0.95 * float((canvas / np.maximum(last - first, 1e-9)).min())

    def _add(self, pictures: dict[str, NDArray[np.uint8]]) -> None:
        from napari.layers import Image

        scale = self._scale()
        for name, pixels in pictures.items():
            self._own[name] = Image(pixels, name=name, rgb=True, scale=scale)
        self._place()
        self._waiting = list(self._own.values())
        self._insert()

    def _insert(self) -> None:
        """Put one layer below all others, the next in another turn of the event loop: each takes a while."""
        if not self._waiting:
            return
        layers = self._viewer.layers
        chosen = list(layers.selection), layers.selection.active
        layers.insert(0, self._waiting.pop(0))
        if chosen[0]:  # adding a layer would put it into the hands of a person who draws in another
            layers.selection = set(chosen[0])
            layers.selection.active = chosen[1]
        self._later.start()

    def _others(self) -> list[Any]:
        return [layer for layer in self._viewer.layers if layer not in self._own.values()]

    def _scale(self) -> NDArray[np.float64]:
        """Return the size of a pixel: that of the other pictures."""
        from napari.layers import Image, Labels

        kinds = Image, Labels
        return next((np.asarray(o.scale)[-2:] for o in self._others() if isinstance(o, kinds)), np.ones(2))

    def _place(self, _event: Any = None) -> None:
        """Put the tiles right of all other layers, or, in napari's grid, each at the place of the scene."""
        if not self._own:
            return
        others = [layer.extent.world[:, -2:] for layer in self._others() if _has_extent(layer)]
        corner = np.min([box[0] for box in others], axis=0) if others else np.zeros(2)
        real, sample = self._own[REAL], self._own[SAMPLE]
        gap = GAP * np.asarray(real.scale)
        if others and not self._viewer.canvas.grid.enabled:
            corner = np.array([corner[0], max(box[1][1] for box in others) + gap[1]])
        real.translate = corner
        below = 0.0 if self._viewer.canvas.grid.enabled else real.data.shape[0] * real.scale[0] + gap[0]
        sample.translate = corner + np.array([below, 0.0])

    def _after_removal(self, event: Any) -> None:
        if not self._is_busy and event.value in self._own.values():
            self.remove()
            self.taken_away.emit()


def _has_extent(layer: Any) -> bool:
    return bool(np.isfinite(layer.extent.world).all())
