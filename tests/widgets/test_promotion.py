"""Three thousand nuclei, of which only some are shapes."""

import numpy as np
import pytest
from napari.layers import Shapes

from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets import _outlines, _shown
from napari_sharpgan.widgets._outlines import HELD, OutlineLink
from napari_sharpgan.widgets._promotion import IN_SIGHT, MOST

ROWS, COLUMNS, STEP, SIDE = 50, 60, 12, 8
COUNT = ROWS * COLUMNS
HERE, THERE = (slice(0, 120), slice(0, 240)), (slice(300, 420), slice(480, 720))  # 10 × 20 nuclei each
ALL = (slice(0, ROWS * STEP), slice(0, COLUMNS * STEP))


def center(key):
    """Return the middle of a nucleus."""
    return STEP * np.array(divmod(key - 1, COLUMNS)) + (SIDE - 1) / 2


class Eye:
    """What is in sight."""

    window = HERE

    def __call__(self):
        return self.window


@pytest.fixture
def scene():
    labels = np.zeros((ROWS * STEP, COLUMNS * STEP), np.int32)
    blocks = labels.reshape(ROWS, STEP, COLUMNS, STEP)
    blocks[:, :SIDE, :, :SIDE] = np.arange(1, COUNT + 1).reshape(ROWS, 1, COLUMNS, 1)
    return Scene.from_labels(labels)


@pytest.fixture
def eye():
    return Eye()


@pytest.fixture
def layer(scene, eye):
    layer = Shapes(ndim=2, edge_width=1)
    layer.link = OutlineLink(scene, layer, view=eye)
    layer.mode = "select"
    return layer


def look(layer, eye, window):
    eye.window = window
    layer.link.look()


def shown(scene, layer):
    """Return the keys that are shapes, after seeing that shapes and features are those of their nuclei."""
    keys = list(layer.link.keys)
    assert layer.nshapes == len(keys) == len(set(keys)) == len(layer.features)
    assert len(keys) <= (MOST if len(scene) <= MOST else IN_SIGHT + HELD)
    assert layer.features["key"].tolist() == keys
    for key, outline in zip(keys, layer.data, strict=True):
        np.testing.assert_array_equal(outline, scene.polygons[key].astype(np.float32))
    return set(keys)


def in_window(scene, window):
    return set(scene.keys_in(window))


def test_a_thousand_nuclei_all_are_shapes_and_one_more_is_too_many(scene, layer, eye):
    eye.window = ALL
    scene.remove_many(range(MOST + 2, COUNT + 1))
    assert len(scene) == MOST + 1
    assert layer.link.is_crowded
    scene.remove(1)
    assert not layer.link.is_crowded
    assert shown(scene, layer) == set(scene.polygons)


def test_those_in_sight_are_shapes_and_follow_the_camera(scene, layer, eye):
    assert shown(scene, layer) == in_window(scene, HERE)
    assert len(layer.link.keys) == 200
    look(layer, eye, THERE)
    assert shown(scene, layer) >= in_window(scene, THERE)
    for row in range(0, 480, 60):
        look(layer, eye, (slice(row, row + 72), slice(0, 720)))
        assert not layer.link.is_crowded
        assert shown(scene, layer) >= in_window(scene, eye.window)


def test_too_many_in_sight_are_none_and_that_is_said_once(scene, layer, eye):
    said = []
    layer.link.crowded.connect(said.append)
    look(layer, eye, ALL)
    look(layer, eye, ALL)
    assert shown(scene, layer) == set()
    assert said == [True]
    look(layer, eye, THERE)
    assert shown(scene, layer) == in_window(scene, THERE)
    assert said == [True, False]


def test_shapes_come_and_go_a_few_at_a_time(scene, eye, monkeypatch):
    monkeypatch.setattr(_shown, "POINTS", 70 * len(scene.polygons[1]))
    layer, waiting = Shapes(ndim=2), []
    layer.link = OutlineLink(scene, layer, later=waiting.append, view=eye)
    before, turns = layer.nshapes, 0
    eye.window = (slice(0, 300), slice(240, 420))
    layer.link.look()
    while waiting:
        waiting.pop(0)()
        assert layer.nshapes - before <= 71
        turns += layer.nshapes != before
        before = layer.nshapes
    assert shown(scene, layer) >= in_window(scene, eye.window)
    assert turns >= 5, "some go, and the others come in parts"


def test_polygons_are_made_in_turns_of_their_own_and_those_of_nuclei_edited_meanwhile_anew(
    scene, eye, monkeypatch
):
    for module in (_shown, _outlines):
        monkeypatch.setattr(module, "TURN", 0.0)  # one in each turn
    layer, waiting = Shapes(ndim=2), []
    layer.link = OutlineLink(scene, layer, later=waiting.append, view=eye)
    eye.window = (slice(0, 24), slice(0, 36))
    layer.link.look()
    for _ in range(4):
        waiting.pop(0)()
    assert layer.nshapes == 0, "they are put there together"
    scene.move(1, scene.polygons[1] + 2)
    scene.remove(2)
    while waiting:
        waiting.pop(0)()
    assert shown(scene, layer) == in_window(scene, eye.window)


def test_what_is_selected_stays_selected_and_a_shape_wherever_the_camera_goes(scene, layer, eye):
    layer.link.select([5, 130])
    look(layer, eye, ALL)
    assert shown(scene, layer) == {5, 130}
    assert layer.link.selected == {5, 130}
    look(layer, eye, THERE)
    assert layer.link.selected == {5, 130}
    assert shown(scene, layer) == in_window(scene, THERE) | {5, 130}


def test_a_nucleus_far_away_is_selected_by_its_key(scene, layer):
    layer.link.select([COUNT, COUNT + 7])
    assert layer.link.selected == {COUNT}
    assert COUNT in shown(scene, layer)


def test_a_nucleus_that_is_no_shape_is_dragged_by_one_stroke_and_undone(scene, layer, eye, mouse):
    look(layer, eye, ALL)
    key, steps = 1530, scene.revision
    before, target = scene.polygons[key], center(key) + 4
    mouse.drag(center(key), center(key) + 2, target)
    assert layer.link.selected == {key}
    assert shown(scene, layer) == {key}
    np.testing.assert_allclose(scene.polygons[key].mean(axis=0), before.mean(axis=0) + 4, atol=1e-3)
    assert scene.revision == steps + 1
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[key], before)
    assert shown(scene, layer) == {key}


def test_nothing_is_swapped_while_the_button_is_down(scene, layer, eye, mouse):
    mouse.press(center(3))
    keys = layer.link.keys
    look(layer, eye, THERE)
    assert layer.link.keys == keys
    mouse.release(center(3))
    look(layer, eye, THERE)
    assert shown(scene, layer) >= in_window(scene, THERE) | {3}
    assert layer.link.selected == {3}


def test_what_is_deleted_comes_back_as_a_shape(scene, layer, eye):
    layer.link.select([4, 70])
    layer.remove_selected()
    assert len(scene) == COUNT - 2
    assert shown(scene, layer) == in_window(scene, HERE)
    look(layer, eye, THERE)
    scene.undo()
    assert shown(scene, layer) >= {4, 70}


def test_a_nucleus_added_out_of_sight_is_a_shape_at_once(scene, layer, eye):
    key = scene.add(scene.polygons[COUNT] - 6)
    assert key in shown(scene, layer)


def test_many_edits_out_of_sight_leave_the_layer_alone(scene, layer):
    before = layer.link.keys
    scene.move_many({key: scene.polygons[key] + 1 for key in range(2000, 2100)})
    scene.remove_many(range(2000, 2100))
    assert layer.link.keys == before


def test_data_set_from_outside_replaces_what_was_shown_only(scene, layer):
    gone = set(layer.link.keys)
    layer.data = [scene.polygons[1] + 1, scene.polygons[2] + 1]
    assert len(scene) == COUNT - len(gone) + 2
    assert shown(scene, layer) >= {COUNT + 1, COUNT + 2}
    scene.undo()
    assert len(scene) == COUNT
    assert shown(scene, layer) >= in_window(scene, HERE)


def test_a_box_picks_shapes_although_a_thread_kept_where_others_lay(window):
    scene, layer = window.session.scene, window.session.layers.nuclei
    stale = layer._data_view._bounding_boxes  # as napari's thread has it that asks what is under the mouse
    scene.add([[200.0, 200], [200, 212], [212, 212], [212, 200]])
    window.turn(0.1)
    layer._data_view.__dict__["_bounding_boxes"] = stale
    window.session.edit("select")
    window.press((4, 4))
    layer._data_view.__dict__["_bounding_boxes"] = stale
    window.move((100, 100), (230, 230))
    layer._data_view.__dict__["_bounding_boxes"] = stale
    window.release((230, 230))
    assert max(scene.polygons) in window.session.selected
