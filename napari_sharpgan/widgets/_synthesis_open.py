"""Show in the viewer what was synthesized in bulk: a slide, or the first tiles of a set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray

from napari_sharpgan.widgets._place import place_of

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

GAP = 24  # px between canvas and tiles
MARGIN = 0.9  # part of the canvas of the window that is filled


def show_slide(session: Session, path: Path) -> None:
    """Open a slide, in the place of an earlier look at it, and see all of it; the canvas is hidden."""
    viewer, canvas = session.viewer, session.layers.own
    for layer in [layer for layer in viewer.layers if layer not in canvas]:
        if layer.source.path == str(path):
            viewer.layers.remove(layer)
    opened = viewer.open(str(path), plugin="napari-sharpgan")
    for layer in canvas:
        layer.visible = False
    for layer in opened:
        layer.visible = isinstance(layer, Image)  # the tissue first; its nuclei are a click away
    _see(viewer, opened[0])


def show_tiles(session: Session, name: str, tissue: NDArray[np.uint8], labels: NDArray[np.uint32]) -> None:
    """Lay tiles on the right of the canvas, in the place of those of the same name, and look at them."""
    viewer, canvas = session.viewer, session.layers
    place: dict[str, Any] = {}
    if canvas.own:
        place = place_of(canvas.nuclei)
        corner = canvas.nuclei.data_to_world((0, session.scene.shape[1] + GAP))
        place["translate"] = [float(value) for value in corner[-2:]]
        place.pop("affine", None)
    labels_name = f"labels of {name}"
    for layer in [layer for layer in viewer.layers if layer.name in (name, labels_name)]:
        if layer not in canvas.own:
            viewer.layers.remove(layer)
    active = viewer.layers.selection.active
    image = viewer.add_image(tissue, name=name, rgb=True, **place)
    viewer.add_labels(labels, name=labels_name, visible=False, opacity=0.5, **place)
    viewer.layers.selection.active = active  # so that mouse and keys edit the nuclei still
    _see(viewer, image)


def _see(viewer: Any, layer: Any) -> None:
    """Let the camera see all of a layer."""
    low, high = np.asarray(layer.extent.world)[:, -2:]
    camera = viewer.scene.camera
    camera.center = (*camera.center[:-2], *((low + high) / 2))
    camera.zoom = MARGIN * float(np.min(np.asarray(viewer.canvas.size) / np.maximum(high - low, 1e-9)))
