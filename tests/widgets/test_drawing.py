"""What napari does not have to draw anew when a nucleus is edited, and that all is seen all the same."""

import gc
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from napari.layers import Image, Shapes
from vispy.gloo import gl
from vispy.visuals.shaders.program import ModularProgram

from napari_sharpgan.widgets import _drawing, _layers
from napari_sharpgan.widgets._drawing import show, spare_shaders, spare_text

pytestmark = pytest.mark.gui
SQUARE = np.array([[200.0, 200], [200, 240], [240, 240], [240, 200]])


@pytest.fixture
def canvas(window):
    """The window with an empty canvas whose maps are all seen."""
    session = window.session
    session.tissue.live = False
    session.new_canvas((512, 512))
    for layer in session.layers.maps:
        layer.visible = True
    window.turn(0.3)
    return window


def shot(window):
    window.turn(0.1)
    return window.viewer.screenshot(flash=False, canvas_only=True).astype(int)


def test_what_is_uploaded_in_parts_is_seen_as_if_all_were_drawn_anew(canvas):
    scene, layers = canvas.session.scene, canvas.session.layers
    blank = shot(canvas)
    key = scene.add(SQUARE)
    scene.move(key, SQUARE + 30)
    scene.add(SQUARE - 100)
    parts = shot(canvas)
    assert (parts != blank).any()
    for layer in layers.own:
        layer.refresh()
    np.testing.assert_array_equal(shot(canvas), parts)
    scene.undo()
    scene.undo()
    scene.undo()
    np.testing.assert_array_equal(shot(canvas), blank)


def test_a_part_of_the_tissue_is_seen_and_a_picture_of_another_size_is_drawn_as_a_whole(canvas):
    layer, viewer = canvas.session.layers.tissue, canvas.viewer
    for other in canvas.session.layers.maps:
        other.visible = False
    blank = shot(canvas)
    layer.data[100:300, 100:300] = (0, 200, 0)
    show(viewer, layer, [(slice(100, 300), slice(100, 300))])
    parts = shot(canvas)
    assert (parts != blank).any()
    layer.refresh()
    np.testing.assert_array_equal(shot(canvas), parts)
    layer.data = np.zeros((300, 300, 3), np.uint8)
    layer.data[:50, :50] = 255
    show(viewer, layer, [(slice(0, 50), slice(0, 50))])
    assert (shot(canvas) == 255).all(axis=-1).any()


def test_an_edit_in_a_view_from_aside_or_turned_is_seen(canvas):
    scene, dims = canvas.session.scene, canvas.viewer.dims
    blank = shot(canvas)
    dims.ndisplay = 3
    canvas.turn(0.1)
    scene.add(SQUARE)
    canvas.turn(0.1)
    dims.ndisplay = 2
    dims.order = (1, 0)
    canvas.turn(0.1)
    scene.add(SQUARE - [100, 60])
    turned = shot(canvas)
    for layer in canvas.session.layers.own:
        layer.refresh()
    np.testing.assert_array_equal(shot(canvas), turned)
    assert (turned != blank).any()


def test_an_edit_compiles_no_shaders_and_leaves_the_layer_list_alone(canvas, monkeypatch):
    scene, viewer = canvas.session.scene, canvas.viewer
    built, told = [], []
    build = ModularProgram._build
    monkeypatch.setattr(ModularProgram, "_build", lambda self: (built.append(self), build(self)))
    viewer.window._qt_viewer.layers.model().dataChanged.connect(lambda *_: told.append(1))
    scene.add_many([SQUARE, SQUARE + 60])
    canvas.turn(0.1)
    built.clear()
    told.clear()
    for step in range(3):
        scene.drag(1, SQUARE + step)
        canvas.turn(0.05)
    assert (built, told) == ([], [])
    canvas.session.layers.labels.visible = False
    assert told


def test_what_a_user_removes_can_be_collected(canvas):
    layer = canvas.viewer.add_image(np.zeros((8, 8)))
    assert gc.get_freeze_count() > 0
    canvas.viewer.layers.remove(layer)
    assert gc.get_freeze_count() == 0
    canvas.session.new_canvas((64, 64))
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize("is_much", [True, False])
@pytest.mark.parametrize("are_fresh", [True, False])
def test_what_is_left_of_a_large_canvas_goes_with_it_or_once_all_is_at_rest(
    canvas, monkeypatch, is_much, are_fresh
):
    if is_much:
        monkeypatch.setattr(_layers, "FAR_TOO_MUCH", _layers.MOST_LEFT)
    session = canvas.session
    session._thumbnail_timer.setInterval(10**6 if is_much else 20)
    session.new_canvas((2049, 2049))
    canvas.turn(0.1)
    layers, gone = session.layers.own, [weakref.ref(session.scene)]
    if are_fresh:
        gone += [weakref.ref(layer) for layer in layers[:-1]]
        layers[0].translate = (1, 1)
    session.new_canvas((64, 64))
    assert (session.layers.own == layers) != are_fresh
    layers = None
    canvas.until(lambda: [one() for one in gone] == [None] * len(gone))
    assert gc.get_freeze_count() > 0


@pytest.mark.parametrize("renderers", [("llvmpipe", "softpipe", "swrast"), ("another",)])
def test_programs_of_layers_that_are_gone_stay_with_software_that_would_crash(canvas, monkeypatch, renderers):
    canvas.native.makeCurrent()
    is_software = any(name in gl.glGetParameter(gl.GL_RENDERER) for name in renderers)
    deleted = []
    monkeypatch.setattr(_drawing, "SOFTWARE", renderers)
    monkeypatch.setattr(gl, "glDeleteProgram", deleted.append)
    canvas.session.layers.tissue.translate = (1, 1)  # so that the next canvas has fresh layers
    canvas.session.new_canvas((64, 64))
    canvas.turn(0.2)
    canvas.session.layers._left = 2 * _layers.MOST_LEFT
    canvas.session.layers.collect(at_rest=True)
    canvas.native.update()
    canvas.turn(0.2)
    assert bool(deleted) != is_software


def test_text_of_outlines_is_drawn_when_a_person_wants_some(canvas):
    canvas.session.scene.add(SQUARE)
    nuclei = canvas.session.layers.nuclei
    canvas.until(lambda: nuclei.nshapes == 1)
    blank = shot(canvas)
    nuclei.text = {"string": "{key}", "size": 40, "color": "red"}
    lettered = shot(canvas)
    assert (np.abs(lettered - blank).max(axis=2) > 100).sum() > 50
    nuclei.text = None
    np.testing.assert_array_equal(shot(canvas), blank)
    nuclei.text = {"string": {"constant": "nucleus"}, "color": "red"}
    assert (shot(canvas) != blank).any()


def test_where_napari_draws_in_another_way_all_is_drawn_anew():
    shapes, image = Shapes(), Image(np.zeros((8, 8, 3), np.uint8))
    visuals = {layer: SimpleNamespace(node=SimpleNamespace(_texture=None)) for layer in (shapes, image)}
    canvas = SimpleNamespace(layer_to_visual=visuals)
    window = SimpleNamespace(_qt_viewer=SimpleNamespace(canvas=canvas))
    viewer = SimpleNamespace(window=window, dims=SimpleNamespace(ndisplay=2))
    spare_shaders(viewer, shapes)
    spare_text(viewer, shapes)
    drawn = []
    image.events.set_data.connect(drawn.append)
    show(viewer, image, [(slice(0, 1), slice(0, 1))])
    assert drawn
