"""The layers of a scene: the only code that adds them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._place import place_of

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Labels, Shapes

TISSUE, DISTANCE, CONTOUR, LABELS, NUCLEI = "tissue", "distance map", "contour map", "labels", "nuclei"
OUTLINE_COLOR = "#c8f031"  # yellow-green: stands out on pink and on violet
LARGEST_DISTANCE = 20.0  # px, at which the distance map is brightest: the rim of a large nucleus


class SceneLayers:
    """Tissue, distance map, contour map, labels and nuclei, from bottom to top.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where they are added.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._own: dict[str, Any] = {}

    @property
    def nuclei(self) -> Shapes:
        """The outlines."""
        return self._own[NUCLEI]

    @property
    def labels(self) -> Labels:
        """The label image."""
        return self._own[LABELS]

    @property
    def tissue(self) -> Image:
        """The synthetic tissue."""
        return self._own[TISSUE]

    @property
    def own(self) -> list[Any]:
        """All layers of the scene, from bottom to top, also those that the user took out of the viewer."""
        return list(self._own.values())

    @property
    def maps(self) -> list[Any]:
        """Distance map, contour map and label image."""
        return [self._own[name] for name in (DISTANCE, CONTOUR, LABELS)]

    def put_back(self) -> None:
        """Put layers that the user took out of the viewer where they were."""
        layers = self._viewer.layers
        for below, layer in zip([None, *self.own], self.own, strict=False):
            if layer not in layers:
                layers.insert(0 if below is None else layers.index(below) + 1, layer)

    def show(self, scene: Scene, like: Any = None) -> None:
        """Show a scene in fresh layers, in the place of those of the scene before.

        Parameters
        ----------
        scene : Scene
            Its maps are shown themselves, not copies; its labels are copied, since they are painted on.
        like : layer or mapping, optional
            A layer whose place in the world they take over, or that place; see `place_of`.
        """
        shown = {name: layer.visible for name, layer in self._own.items()}
        with _uncollected():
            for layer in self._own.values():
                if layer in self._viewer.layers:
                    self._viewer.layers.remove(layer)
        place = place_of(like)
        tissue = np.zeros((*scene.shape, 3), np.uint8)
        contour = scene.contour.view(np.uint8)
        limits = {"contrast_limits": (0, LARGEST_DISTANCE)}
        add, look = self._viewer.add_image, {"blending": "additive", **place}
        self._own = {
            TISSUE: add(tissue, name=TISSUE, rgb=True, **place),
            DISTANCE: add(scene.distance, name=DISTANCE, colormap="magma", visible=False, **limits, **place),
            CONTOUR: add(
                contour, name=CONTOUR, colormap="cyan", visible=False, contrast_limits=(0, 1), **look
            ),
            LABELS: self._viewer.add_labels(
                scene.labels.copy(), name=LABELS, visible=False, opacity=0.5, **place
            ),
            NUCLEI: self._add_nuclei(place),
        }
        for name, visible in shown.items():
            self._own[name].visible = visible
        self._viewer.layers.selection.active = self.nuclei
        self._viewer.reset_view()

    def show_tissue(self, image: NDArray[np.uint8]) -> None:
        """Show a picture (H, W, 3) in the tissue layer; later changes of the array need `refresh_tissue`."""
        self.tissue.data = image

    def refresh_tissue(self) -> None:
        """Show what changed in the picture."""
        _refresh(self.tissue)

    def refresh_thumbnails(self) -> None:
        """Draw the small pictures in the layer list anew, which is too slow for every stage of a drag."""
        for layer in self.own:
            layer.refresh(data_displayed=False, highlight=False, extent=False)

    def refresh_maps(self) -> None:
        """Show what changed in the maps; hidden ones cost nothing and are true when they are shown."""
        for name in (DISTANCE, CONTOUR):
            _refresh(self._own[name])

    def _add_nuclei(self, place: dict[str, Any]) -> Shapes:
        layer = self._viewer.add_shapes(
            ndim=2,
            name=NUCLEI,
            shape_type="polygon",
            edge_color=OUTLINE_COLOR,
            face_color="transparent",
            edge_width=1.0,
            **place,
        )
        layer.mode = "select"
        return layer


def _refresh(layer: Any) -> None:
    layer.refresh(thumbnail=False, highlight=False, extent=False)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare what is in memory the collection that napari makes for each layer that is removed.

    With 10,000 nuclei each takes a quarter of a second. What the layers leave is collected later, as all is.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
