"""How napari draws our layers, made less work for it: only this file touches its insides of drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from vispy.gloo import gl  # type: ignore[import-untyped]
from vispy.gloo.glir import GlirProgram  # type: ignore[import-untyped]
from vispy.visuals.line.dash_atlas import DashAtlas  # type: ignore[import-untyped]

from napari_sharpgan.scene import Window
from napari_sharpgan.scene.windows import area
from napari_sharpgan.widgets._mesh import SpareMesh

if TYPE_CHECKING:
    from napari.components import ViewerModel

SHOWN_IN_LIST = ("thumbnail", "visible", "name", "loaded", "locked")  # what a row of the layer list shows
SOFTWARE = ("llvmpipe", "softpipe", "swrast")  # renderers of Mesa without a graphics card
PART = 4  # the windows of an edit are uploaded by themselves up to this part of the picture


def spare_list(viewer: ViewerModel) -> None:
    """Let the layer list be painted only when something changed that it shows.

    napari paints a row at each event of its layer, which are several for each move of the mouse, and with
    that lays the whole window together anew.
    """
    try:
        model = viewer.window._qt_viewer.layers.model().sourceModel()
        process = model._process_event
    except AttributeError:  # a viewer without a window
        return

    def process_shown(event: Any) -> None:
        if event.type in SHOWN_IN_LIST:
            process(event)

    viewer.layers.events.disconnect(process)
    viewer.layers.events.connect(process_shown)


def spare_shaders(viewer: ViewerModel, layer: Any) -> None:
    """Let a Shapes layer keep its shaders when its data change, and leave out triangles that are not seen.

    vispy compiles the shaders of a mesh anew for each change of its data.
    """
    node = _node(viewer, layer)
    if node is None:
        return
    try:
        faces, meshes = node.shape_faces, (node.shape_faces, node.shape_highlights)
        kept = [_kept(mesh._build_color_transform) for mesh in meshes]
        SpareMesh(faces)
    except AttributeError:  # napari draws shapes in another way
        return
    for mesh, build in zip(meshes, kept, strict=True):
        mesh._build_color_transform = build
    layer.events.set_data()


def spare_views(viewer: ViewerModel, layer: Any) -> None:
    """Let a Shapes layer be edited without a look at how far all layers reach.

    napari looks at that before and after shapes are added or taken out, and slices all layers anew where one
    reaches beyond the canvas.
    """
    try:
        layer.events.data.disconnect(viewer._on_layers_change)
    except AttributeError:  # napari has another way to look
        return


def spare_text(viewer: ViewerModel, layer: Any) -> None:
    """Let a layer draw its text only if it has any: to draw none takes vispy a tenth of a second at first."""
    try:
        node, text = _node(viewer, layer).text, layer.text
        changed = text.events.string
    except AttributeError:  # a layer that has no text, no window, or napari writes it in another way
        return

    def follow(_: Any = None) -> None:
        node.visible = getattr(text.string, "constant", None) != ""

    changed.connect(follow)
    follow()


def spare_programs(viewer: ViewerModel) -> None:
    """Let OpenGL programs of layers that are gone stay where Mesa draws in software, which else may crash.

    Mesa 22.3 does, once programs were deleted and the next pictures are drawn by one other program only: all
    layers of a napari removed but for one image.
    """
    try:
        parser = viewer.window._qt_viewer.canvas._scene_canvas.context.shared.parser
        parser._classmap["Program"] = _KeptProgram
    except AttributeError:  # a viewer without a window, or vispy makes programs in another way
        return


def spare_dashes() -> None:
    """Let vispy make its patterns of dashes, which it remembers: with the first line they take longer."""
    DashAtlas()


@contextmanager
def held_picture(viewer: ViewerModel) -> Iterator[None]:
    """Let the canvas show what it shows, in the turns of the event loop that a ``with`` block lasts."""
    try:
        canvas = viewer.window._qt_viewer.canvas.native
    except AttributeError:  # a viewer without a window
        yield
        return
    was_free = canvas.updatesEnabled()  # or another block lasts still
    canvas.setUpdatesEnabled(False)
    try:
        yield
    finally:
        with suppress(RuntimeError):  # the window was closed meanwhile
            canvas.setUpdatesEnabled(was_free)


def show(viewer: ViewerModel, layer: Any, windows: Sequence[Window]) -> None:
    """Show what changed in windows of the picture of an Image layer; if it is hidden that costs nothing."""
    if not layer.visible:
        return
    picture, upload = layer.data, _upload(viewer, layer)
    if upload is None or PART * sum(map(area, windows)) > picture.shape[0] * picture.shape[1]:
        layer.refresh(thumbnail=False, highlight=False, extent=False)
        return
    for rows, columns in windows:
        part = np.ascontiguousarray(picture[rows, columns])
        upload(part, offset=(rows.start, columns.start), copy=False)
    layer.events.refresh()


class _KeptProgram(GlirProgram):  # type: ignore[misc]
    """A program that software does not delete; it is small."""

    def delete(self) -> None:
        if not any(name in str(gl.glGetParameter(gl.GL_RENDERER)).lower() for name in SOFTWARE):
            super().delete()


def _node(viewer: ViewerModel, layer: Any) -> Any:
    """Return what draws a layer, or None where there is no window."""
    try:
        return viewer.window._qt_viewer.canvas.layer_to_visual[layer].node
    except (AttributeError, KeyError):
        return None


def _upload(viewer: ViewerModel, layer: Any) -> Any:
    """Return what changes parts of the texture that holds a layer's picture as it is, or None without."""
    try:
        node = _node(viewer, layer)
        is_flat = list(layer._slice_input.displayed) == [0, 1] and viewer.dims.ndisplay == 2
        is_same = node._texture.shape[:2] == layer.data.shape[:2]
        is_waiting, upload = node._need_texture_upload, node._texture.scale_and_set_data
    except AttributeError:  # no window, or napari draws images in another way
        return None
    return upload if is_same and is_flat and not is_waiting else None


def _kept(build: Callable[[NDArray[Any]], Any]) -> Callable[[NDArray[Any]], Any]:
    """Return a function that gives the same transform again for colors; numbers have one that changes."""
    made: list[Any] = []

    def transform(colors: NDArray[Any]) -> Any:
        if colors.ndim == 2 and colors.shape[1] == 1:
            return build(colors)
        if not made:
            made.append(build(colors))
        return made[0]

    return transform
