"""Colors of outlines, and what the layer shows of locks and of the rule for nuclei that meet."""

from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Shapes

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._outline_colors import LOCKED, PLAIN, SELECTED
from napari_sharpgan.widgets._outlines import OutlineLink

SQUARE = np.array([[10, 10], [10, 20], [20, 20], [20, 10]], float)
OTHER = SQUARE + np.array([0, 20])
TUMOR = NucleusInfo(class_name="Tumor", class_color=(200, 0, 0))
RED = np.array([200 / 255, 0, 0, 1])


@pytest.fixture
def scene():
    scene = Scene((80, 90))
    scene.add_many([SQUARE, OTHER, SQUARE + np.array([40, 0])])
    return scene


@pytest.fixture
def layer(scene):
    layer = Shapes(ndim=2, edge_width=1)
    layer.link = OutlineLink(scene, layer)
    layer.mode = "select"
    return layer


def color(layer, key):
    return layer.edge_color[layer.link.keys.index(key)]


def outline(layer, key):
    return layer.data[layer.link.keys.index(key)]


def same(scene, layer):
    assert (
        layer.nshapes == len(scene) == len(layer.features) == len(layer.edge_color) == len(layer.face_color)
    )
    assert layer.features["key"].tolist() == list(layer.link.keys)
    for key in layer.link.keys:
        np.testing.assert_array_equal(outline(layer, key), scene.polygons[key].astype(np.float32))
        assert layer.features["class"][layer.link.keys.index(key)] == scene.info[key].class_name
    return True


def test_a_class_gives_its_color_to_its_nuclei_only(scene, layer):
    np.testing.assert_allclose(layer.edge_color, [PLAIN] * 3, atol=1e-6)
    scene.inform({2: TUMOR})
    np.testing.assert_allclose(color(layer, 2), RED, atol=1e-6)
    np.testing.assert_allclose(color(layer, 1), PLAIN, atol=1e-6)
    assert layer.features["class"].tolist() == ["", "Tumor", ""]
    scene.undo()
    np.testing.assert_allclose(color(layer, 2), PLAIN, atol=1e-6)
    assert layer.features["class"].tolist() == ["", "", ""]


def test_its_own_color_goes_before_that_of_the_class(scene, layer):
    scene.inform({1: replace(TUMOR, color=(0, 0, 255))})
    np.testing.assert_allclose(color(layer, 1), [0, 0, 1, 1], atol=1e-6)


def test_a_locked_nucleus_is_dim_in_its_color(scene, layer):
    scene.inform({1: NucleusInfo(is_locked=True), 2: replace(TUMOR, is_locked=True)})
    np.testing.assert_allclose(color(layer, 1), [*PLAIN[:3], LOCKED], atol=1e-6)
    np.testing.assert_allclose(color(layer, 2), [*RED[:3], LOCKED], atol=1e-6)


def test_what_is_selected_is_white_until_it_is_not(scene, layer, mouse):
    scene.inform({1: TUMOR})
    mouse.click((15, 15))
    np.testing.assert_allclose(color(layer, 1), SELECTED)
    mouse.click((15, 35))
    np.testing.assert_allclose(color(layer, 1), RED, atol=1e-6)
    np.testing.assert_allclose(color(layer, 2), SELECTED)


def test_what_is_pasted_or_drawn_has_a_color_and_a_row_of_its_own(scene, layer, mouse):
    scene.inform({1: replace(TUMOR, is_locked=True)})
    layer.selected_data = {0}
    layer._copy_data()
    layer._paste_data()
    layer.mode = "add_rectangle"
    mouse.press((50, 30))
    mouse.move((55, 40))
    mouse.move((60, 50))
    mouse.release((60, 50))
    layer.selected_data = set()
    assert len(scene) == 5
    assert same(scene, layer)
    np.testing.assert_allclose(color(layer, 4), PLAIN, atol=1e-6)
    np.testing.assert_allclose(color(layer, 5), PLAIN, atol=1e-6)


def test_nuclei_are_colored_by_a_number_and_again_by_class(scene, layer):
    scene.inform({3: TUMOR})
    layer.link.color_by({1: 2.0, 2: 4.0, 3: float("nan")}, "gray", (2.0, 4.0))
    np.testing.assert_allclose(color(layer, 1), [0, 0, 0, 1], atol=0.01)
    np.testing.assert_allclose(color(layer, 2), [1, 1, 1, 1], atol=0.01)
    np.testing.assert_allclose(color(layer, 3), RED, atol=1e-6)
    scene.move(2, OTHER + 3)
    np.testing.assert_allclose(color(layer, 2), [1, 1, 1, 1], atol=0.01)
    layer.link.color_by(None)
    np.testing.assert_allclose(color(layer, 2), PLAIN, atol=1e-6)


def test_one_number_for_all_is_a_color_too(layer):
    layer.link.color_by({1: 3.0, 2: 3.0}, "gray")
    np.testing.assert_allclose(color(layer, 1), color(layer, 2))


def test_a_feature_table_that_is_set_keeps_key_and_class(scene, layer):
    layer.features = {"mean": [1.0, 2.0, 3.0]}
    assert same(scene, layer)
    layer.selected_data = {1}
    layer.remove_selected()
    assert same(scene, layer)
    assert layer.features["mean"].tolist() == [1.0, 3.0]


def test_a_dropped_nucleus_is_cut_at_those_that_are_there(scene, layer, mouse):
    scene.meeting = "keep existing"
    mouse.drag((15, 15), (15, 20), (15, 26))
    assert same(scene, layer)
    assert scene.polygons[1][:, 1].max() <= 30
    np.testing.assert_array_equal(scene.polygons[2], OTHER)
    scene.undo()
    assert same(scene, layer)


def test_a_dropped_nucleus_cuts_its_neighbor_which_is_seen(scene, layer, mouse):
    scene.meeting = "overwrite"
    mouse.drag((15, 15), (15, 20), (15, 26))
    assert same(scene, layer)
    assert scene.polygons[2][:, 1].min() > 30
    scene.undo()
    assert same(scene, layer)
    np.testing.assert_array_equal(outline(layer, 2), OTHER)


def test_a_neighbor_that_is_covered_leaves_the_layer_and_that_is_said(scene, layer, mouse, told):
    scene.meeting = "overwrite"
    scene.move(1, SQUARE[0] + (SQUARE - SQUARE[0]) * 2)
    mouse.drag((20, 15), (20, 25), (20, 32))
    assert set(scene.polygons) == {1, 3}
    assert same(scene, layer)
    assert any("Taken away" in message for message in told)


def test_a_locked_nucleus_that_is_dragged_goes_back_and_that_is_said_once(scene, layer, mouse, told):
    scene.inform({1: NucleusInfo(is_locked=True)})
    mouse.drag((15, 15), (25, 15), (35, 15))
    np.testing.assert_array_equal(outline(layer, 1), SQUARE)
    assert same(scene, layer)
    assert len(told) == 1
    assert "locked" in told[0]


def test_a_locked_nucleus_that_is_deleted_comes_back(scene, layer, told):
    scene.inform({1: NucleusInfo(is_locked=True)})
    layer.selected_data = {0, 1}
    layer.remove_selected()
    assert set(scene.polygons) == {1, 3}
    assert same(scene, layer)
    assert len(told) == 1


def test_locked_nuclei_stay_when_data_is_set_from_outside(scene, layer):
    scene.inform({1: NucleusInfo(is_locked=True)})
    layer.data = [SQUARE + 30]
    assert len(scene) == 2
    assert same(scene, layer)
