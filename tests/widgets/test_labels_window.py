"""Painting in the labels layer with napari's own tools, with a real mouse in a real window."""

import numpy as np
import pytest
from napari.layers import Labels

from napari_sharpgan.nuclei import rasterize
from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._labels_link import LabelsLink

SQUARE = np.array([[200, 200], [200, 280], [280, 280], [280, 200]])


@pytest.fixture
def painted(window, monkeypatch, tmp_path):
    """The window with two square nuclei, 1 and 2, and the labels chosen and seen."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path))
    session = window.session
    session.new_canvas((512, 512))
    session.scene.add_many([SQUARE, SQUARE + np.array([0, 100])])
    session.layers.labels.visible = True
    session.layers.labels.brush_size = 20
    window.viewer.layers.selection.active = session.layers.labels
    window.turn(0.1)
    return window


def assert_layers_agree(window):
    session = window.session
    np.testing.assert_array_equal(session.layers.labels.data, session.scene.labels)
    seen = rasterize(session.layers.nuclei.data, session.scene.shape)
    np.testing.assert_array_equal(seen > 0, session.scene.labels > 0)


@pytest.mark.gui
def test_paint_goes_to_the_nucleus_while_the_button_is_down_and_is_one_step(painted):
    window, scene, layer = painted, painted.session.scene, painted.session.layers.labels
    before = scene.labels.copy()
    layer.selected_label = 1
    layer.mode = "paint"
    window.press((240, 200))
    window.move((240, 180), (240, 150))
    assert scene.key_at(240, 145) == 1, "the button is down"
    window.release((240, 150))
    assert_layers_agree(window)
    window.key("Z", "Control")
    np.testing.assert_array_equal(scene.labels, before)
    assert_layers_agree(window)
    window.key("Z", "Control", "Shift")
    assert scene.key_at(240, 145) == 1
    assert_layers_agree(window)


@pytest.mark.gui
def test_a_label_that_is_none_is_the_next_nucleus_and_the_eraser_takes_it_away(painted):
    window, scene, layer = painted, painted.session.scene, painted.session.layers.labels
    layer.selected_label = 77
    assert layer.selected_label == 3
    layer.mode = "paint"
    window.drag((100, 100), (100, 130), (100, 160))
    assert list(scene.polygons) == [1, 2, 3]
    assert scene.key_at(100, 130) == 3
    window.key("M")
    assert layer.selected_label == 4
    layer.mode = "erase"
    layer.brush_size = 40
    window.drag((100, 90), (100, 130), (100, 170))
    assert list(scene.polygons) == [1, 2]
    window.key("Z", "Control")
    window.key("Z", "Control")
    assert list(scene.polygons) == [1, 2]
    assert_layers_agree(window)


@pytest.mark.gui
def test_fill_polygon_and_pick_are_edits_of_the_document(painted):
    window, scene, layer = painted, painted.session.scene, painted.session.layers.labels
    layer.mode = "pick"
    window.drag((240, 340), (240, 340))
    assert layer.selected_label == 2
    assert window.session.selected == [2]
    layer.mode = "fill"
    window.drag((240, 240), (240, 240))
    assert list(scene.polygons) == [2]
    window.key("Z", "Control")
    assert list(scene.polygons) == [1, 2]
    layer.paint_polygon([[100, 100], [100, 140], [140, 140]], scene.next_key)
    assert scene.key_at(110, 130) == 3
    assert_layers_agree(window)
    window.key("Z", "Control")
    assert list(scene.polygons) == [1, 2]
    assert_layers_agree(window)


@pytest.fixture
def link():
    """A scene of one nucleus and a layer of its labels."""
    scene = Scene((60, 80))
    scene.add([[10, 10], [10, 30], [30, 30], [30, 10]])
    layer = Labels(scene.labels.copy())
    return scene, layer, LabelsLink(scene, layer)


def test_every_edit_of_the_scene_is_seen_also_in_a_hidden_layer(link):
    scene, layer, _ = link
    for visible in (True, False):
        layer.visible = visible
        key = scene.add([[5, 25], [5, 50], [40, 50], [40, 25]])
        np.testing.assert_array_equal(layer.data, scene.labels)
        scene.remove(key)
        np.testing.assert_array_equal(layer.data, scene.labels)


def test_what_a_lock_forbids_is_not_seen(link):
    from napari_sharpgan.scene.classes import lock

    scene, layer, _ = link
    lock(scene, [1], True)
    before = scene.labels.copy()
    layer.selected_label = 0
    layer.brush_size = 8
    layer.paint((20, 20), 0)
    np.testing.assert_array_equal(layer.data, before)
    assert not scene.can_redo


def test_labels_that_are_set_as_a_whole_are_one_step_and_those_of_another_size_refused(link, told):
    scene, layer, _ = link
    before, values = scene.labels.copy(), np.zeros((60, 80), np.int32)
    values[40:50, 40:60] = 9
    layer.data = values
    assert list(scene.polygons) == [2]
    np.testing.assert_array_equal(layer.data, scene.labels)
    assert layer.data is not values
    layer.data = np.ones((3, 3), np.int32)
    assert layer.data.shape == (60, 80)
    assert len(told) == 1
    scene.undo()
    np.testing.assert_array_equal(layer.data, before)


def test_a_link_that_is_closed_follows_no_more(link):
    scene, layer, closed = link
    closed.close()
    scene.clear()
    assert layer.data.any()
    layer.paint((50, 50), 5)
    assert len(scene) == 0
