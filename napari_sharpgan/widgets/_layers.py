"""The layers of a scene: the only code that adds them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pint
from napari.layers import Image, Labels, Shapes
from numpy.typing import NDArray

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.scene import Scene, Window
from napari_sharpgan.widgets._drawing import (
    held_picture,
    show,
    spare_dashes,
    spare_list,
    spare_programs,
    spare_shaders,
    spare_text,
    spare_views,
)
from napari_sharpgan.widgets._place import place_of
from napari_sharpgan.widgets._shapes_layer import take_out

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

TISSUE, DISTANCE, CONTOUR, LABELS, NUCLEI = "tissue", "distance map", "contour map", "labels", "nuclei"
NAMES = TISSUE, DISTANCE, CONTOUR, LABELS, NUCLEI
OUTLINE_COLOR = "#c8f031"  # yellow-green: stands out on pink and on violet
MOST_LEFT = 2**22  # pixels of canvases that were closed, after which their memory is collected at rest,
FAR_TOO_MUCH = 2**24  # or, of so many, as soon as the next canvas is there
Steps = Generator[Callable[[], object] | None, Any, None]
LARGEST_DISTANCE = 20.0  # px, at which the distance map is brightest: the rim of a large nucleus


def prepare_pictures() -> Any:
    """Import what napari does for image layers, off the window's thread; return units for `take_units`."""
    for name in ("scipy.ndimage", "napari.components.histogram"):
        import_module(name)
    return pint.UnitRegistry(on_redefinition="raise")


def prepare_tables() -> None:
    """Import what napari does for layers with tables and colors of labels, off the window's thread."""
    for name in ("pandas", "skimage.color.colorconv"):
        import_module(name)


def take_units(units: Any) -> None:
    """Let these be napari's units, if it has none: making them takes the first layer a tenth of a second."""
    current = pint.application_registry.get()  # type: ignore[no-untyped-call]
    if units is not None and isinstance(current, pint.registry.LazyRegistry):
        pint.set_application_registry(units)  # type: ignore[no-untyped-call]


class SceneLayers:
    """Tissue, distance map, contour map, labels and nuclei, from bottom to top.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where they are added.
    missed : callable
        Is called when somebody asks for a layer before there is one, and may show a scene.
    """

    def __init__(self, viewer: ViewerModel, missed: Callable[[], None]) -> None:
        self._viewer, self._missed = viewer, missed
        self._own: dict[str, Any] = {}
        self._coming: list[Any] = []  # layers of a scene whose others are not there yet
        self._is_showing = False
        self._left = 0  # pixels of canvases that were closed since their layers were collected
        spare_list(viewer)
        spare_programs(viewer)
        viewer.layers.events.removing.connect(self._on_removing)

    @property
    def nuclei(self) -> Shapes:
        """The outlines."""
        return self._layer(NUCLEI)

    @property
    def labels(self) -> Labels:
        """The label image."""
        return self._layer(LABELS)

    @property
    def tissue(self) -> Image:
        """The synthetic tissue, also while the other layers of its scene are just coming."""
        return self._coming[0] if self._coming else self._layer(TISSUE)

    @property
    def own(self) -> list[Any]:
        """All layers of the scene, from bottom to top, also those that the user took out of the viewer."""
        return list(self._own.values())

    def __contains__(self, layer: Any) -> bool:
        """Whether a layer is one of the scene, also of one that is just coming."""
        return layer in self._own.values() or layer in self._coming

    @property
    def maps(self) -> list[Any]:
        """Distance map, contour map and label image."""
        return [self._layer(name) for name in (DISTANCE, CONTOUR, LABELS)]

    def _layer(self, name: str) -> Any:
        if not self._own:
            self._missed()
        return self._own[name]

    def put_back(self) -> None:
        """Put layers that the user took out of the viewer where they were."""
        layers = self._viewer.layers
        for below, layer in zip([None, *self.own], self.own, strict=False):
            if layer not in layers:
                layers.insert(0 if below is None else layers.index(below) + 1, layer)

    def show(self, scene: Scene, like: Any = None) -> None:
        """Show a scene in the layers of the one before, or in fresh ones if those are elsewhere.

        Parameters
        ----------
        scene : Scene
            Its maps are shown themselves, not copies; its labels are copied, since they are painted on.
        like : layer or mapping, optional
            A layer whose place in the world they take over, or that place; see `place_of`.
        """
        run_to_end(self.show_steps(scene, like))

    def show_steps(
        self,
        scene: Scene,
        like: Any = None,
        *,
        fit: bool = True,
        begun: Callable[[], object] = lambda: None,
    ) -> Steps:
        """Do what `show` does in steps, about one a layer; they are ours when all are there.

        With ``fit`` the canvas is seen as a whole in the end, unless a person moves the view meanwhile;
        ``begun`` is called when its pictures are there. A function that is yielded does imports, which may be
        done off the window's thread before the next step.
        """
        place = place_of(like)
        with held_picture(self._viewer) if self._own else nullcontext():
            if self._lie_in(place):
                yield from self._refill(scene, begun)
            else:
                fit = yield from self._replace(scene, place, begun, fit=fit)
            self.nuclei.mode = "select"
            if self.nuclei in self._viewer.layers:  # nobody took it out meanwhile
                self._viewer.layers.selection.active = self.nuclei
            if fit:
                self._viewer.reset_view()

    def _lie_in(self, place: Mapping[str, Any]) -> bool:
        """Whether all layers of a scene are there, and lie in a place."""
        if not self._own or any(layer not in self._viewer.layers for layer in self.own):
            return False
        wanted = place_of(Image(np.zeros((1, 1)), **place))
        return all(place_of(layer) == wanted for layer in self.own)

    def _refill(self, scene: Scene, begun: Callable[[], object]) -> Steps:
        """Show another scene in the layers that there are, in far less time than in fresh ones."""
        with self._spared():
            take_out(self.nuclei, range(self.nuclei.nshapes))
        self.nuclei.features, self.labels.features = {}, {}
        self.labels.mode, self.labels.selected_label = "pan_zoom", 1
        yield None
        for name, picture in _pictures(scene):
            layer = self._own[name]
            layer.data = picture
            layer.scale = layer.scale  # napari keeps in mind how far a hidden layer reached before
            if name == TISSUE:
                begun()
            yield None

    def _replace(
        self, scene: Scene, place: Mapping[str, Any], begun: Callable[[], object], *, fit: bool
    ) -> Generator[Callable[[], object] | None, Any, bool]:
        """Show a scene in fresh layers; return whether all of it is to be seen."""
        shown = {name: layer.visible for name, layer in self._own.items()}
        with self._spared():
            for layer in self._own.values():
                if layer in self._viewer.layers:
                    self._viewer.layers.remove(layer)
                    yield None
        self._coming, left = [], self._view
        for layer in _made(scene, place):
            self._coming.append(layer)  # first, so that nobody takes it for one of the user's
            yield None
            fit = fit and self._view == left
            with held_picture(self._viewer):  # it is painted in the next turn
                self._viewer.add_layer(layer)
                spare_text(self._viewer, layer)
                left = self._view
                yield None
            if len(self._coming) == NAMES.index(LABELS):
                begun()
                yield prepare_tables
                spare_dashes()
                yield None
        fit = fit and self._view == left
        self._own, self._coming = dict(zip(NAMES, self._coming, strict=True)), []
        spare_shaders(self._viewer, self.nuclei)
        spare_views(self._viewer, self.nuclei)
        for name, visible in shown.items():
            if self._own[name].visible != visible:
                self._own[name].visible = visible
        return fit

    @property
    def _view(self) -> tuple[Any, ...]:
        """Where the camera is."""
        camera = self._viewer.scene.camera
        return camera.center, camera.zoom, camera.angles

    def show_tissue(self, image: NDArray[np.uint8]) -> None:
        """Show a picture (H, W, 3) in the tissue layer; later changes of the array need `refresh_tissue`."""
        self.tissue.data = image

    def refresh_tissue(self, windows: Sequence[Window]) -> None:
        """Show what changed in windows of the picture."""
        show(self._viewer, self.tissue, windows)

    def refresh_thumbnails(self) -> None:
        """Draw the small pictures in the layer list anew, which is too slow for every stage of a drag."""
        for layer in self.own:
            layer.refresh(data_displayed=False, highlight=False, extent=False)

    def refresh_maps(self, windows: Sequence[Window]) -> None:
        """Show what changed in windows of the maps; hidden ones are true when they are shown."""
        for name in (DISTANCE, CONTOUR):
            show(self._viewer, self._own[name], windows)

    @contextmanager
    def _spared(self) -> Iterator[None]:
        """Leave what a scene and layers that are removed leave to `collect`, and spare what is in memory.

        Collecting takes a quarter of a second: napari does it for each layer that is removed, and Python
        while nuclei are edited, of which each makes objects of its own.
        """
        gc.freeze()
        self._is_showing = True
        self._left += self.labels.data.size if self._own else 0
        try:
            yield
        finally:
            self._is_showing = False

    def collect(self, *, at_rest: bool) -> None:
        """Let the memory of canvases that were closed be used again, if it is much or far too much."""
        if self._left > (MOST_LEFT if at_rest else FAR_TOO_MUCH):
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._left = 0

    def _on_removing(self) -> None:
        """Let all be collected again, when a user removes a layer."""
        if not self._is_showing:
            gc.unfreeze()


def _pictures(scene: Scene) -> Iterator[tuple[str, NDArray[Any]]]:
    """Make what the layers but the outlines show, from bottom to top."""
    yield TISSUE, np.zeros((*scene.shape, 3), np.uint8)
    yield DISTANCE, scene.distance
    yield CONTOUR, scene.contour.view(np.uint8)
    yield LABELS, scene.labels.copy()


def _made(scene: Scene, place: Mapping[str, Any]) -> Iterator[Layer]:
    """Make one layer after the other, from bottom to top."""
    hidden = {"visible": False, **place}
    looks: dict[str, dict[str, Any]] = {
        TISSUE: {"rgb": True, **place},
        DISTANCE: {"colormap": "magma", "contrast_limits": (0, LARGEST_DISTANCE), **hidden},
        CONTOUR: {"colormap": "cyan", "blending": "additive", "contrast_limits": (0, 1), **hidden},
        LABELS: {"opacity": 0.5, **hidden},
    }
    for name, picture in _pictures(scene):
        yield (Labels if name == LABELS else Image)(picture, name=name, **looks[name])
    look = {"edge_color": OUTLINE_COLOR, "face_color": "transparent", "edge_width": 1.0}
    yield Shapes(ndim=2, name=NUCLEI, shape_type="polygon", **look, **place)
