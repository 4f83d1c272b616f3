import numpy as np
import pytest
from napari.layers import Shapes

from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._outlines import FEW, OutlineLink

SQUARE = np.array([[10, 10], [10, 20], [20, 20], [20, 10]], float)
TRIANGLE = np.array([[40, 40], [40, 52], [52, 40]], float)
BOWTIE = np.array([[30, 30], [30, 40], [41, 30], [41, 41]], float)  # its lower half is the larger


@pytest.fixture
def scene():
    scene = Scene((80, 90))
    scene.add_many([SQUARE, TRIANGLE])
    return scene


@pytest.fixture
def layer(scene):
    layer = Shapes(ndim=2, edge_width=1)
    layer.link = OutlineLink(scene, layer)
    return layer


def same(scene, layer):
    """The layer shows just the nuclei of the scene, in the order that its keys say, as polygons."""
    assert layer.nshapes == len(scene) == len(layer.features)
    assert set(layer.shape_type) <= {"polygon"}
    assert set(layer.link.keys) == set(scene.polygons)
    for key, outline in zip(layer.link.keys, layer.data, strict=True):
        np.testing.assert_array_equal(outline, scene.polygons[key].astype(np.float32))
    return True


@pytest.fixture
def before(scene):
    return len(scene._steps._history._done)  # steps before the test begins


def new_steps(scene, before):
    scene.commit()
    return len(scene._steps._history._done) - before


def test_a_nucleus_drawn_freehand_grows_with_the_mouse_and_is_one_step(scene, layer, mouse, before):
    assert same(scene, layer)
    layer.mode = "add_polygon_lasso"
    mouse.press((50, 10))
    covered = []
    for point in [(50, 30), (70, 30), (70, 10)]:
        mouse.move(point)
        covered.append(int((scene.labels == 3).sum()))
    assert covered[0] == 0 < covered[1] < covered[2]
    mouse.release((70, 10))
    assert same(scene, layer)
    assert scene.key_at(60, 20) == 3
    assert new_steps(scene, before) == 1
    scene.undo()
    assert len(scene) == 2
    assert same(scene, layer)
    scene.redo()
    assert scene.key_at(60, 20) == 3
    assert same(scene, layer)


def test_a_nucleus_is_drawn_point_by_point(scene, layer, mouse, before):
    layer.mode = "add_polygon"
    for point in [(50, 10), (50, 30), (70, 30)]:
        mouse.click(point)
    mouse.move((70, 10), down=False)
    assert scene.key_at(69, 11) == 3, "the point under the cursor is one of the nucleus"
    mouse.double_click((70, 20))
    assert same(scene, layer)
    assert scene.key_at(60, 25) == 3
    assert new_steps(scene, before) == 1


def test_a_drawing_of_two_points_leaves_nothing_not_even_a_step(scene, layer, mouse, before):
    layer.mode = "add_polygon"
    mouse.click((50, 10))
    mouse.click((50, 30))
    mouse.move((70, 30), down=False)
    assert len(scene) == 3, "with the point under the cursor it is a triangle"
    layer._finish_drawing()  # the Escape key
    assert len(scene) == 2
    assert same(scene, layer)
    assert new_steps(scene, before) == 0


def test_a_tool_changed_amid_drawing_keeps_what_is_drawn(scene, layer, mouse):
    layer.mode = "add_polygon"
    for point in [(50, 10), (50, 30), (70, 30)]:
        mouse.click(point)
    layer.mode = "select"
    assert len(scene) == 3
    assert same(scene, layer)


def test_a_tool_changed_after_one_point_takes_it_out_and_says_so(scene, layer, mouse, told):
    layer.mode = "add_polygon"
    mouse.click((50, 10))
    layer.mode = "select"
    assert len(scene) == 2
    assert same(scene, layer)
    assert len(told) == 1
    assert "three points" in told[0]


def test_a_dragged_vertex_moves_the_nucleus_at_once_and_is_one_step(scene, layer, mouse, before):
    layer.mode = "direct"
    layer.selected_data = {0}
    mouse.move((20, 20), down=False)
    mouse.press((20, 20))
    mouse.move((25, 25))
    assert scene.key_at(23, 23) == 1
    mouse.move((30, 30))
    assert scene.key_at(28, 28) == 1
    mouse.release((30, 30))
    assert same(scene, layer)
    assert new_steps(scene, before) == 1
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[1], SQUARE)
    assert same(scene, layer)


def test_a_dragged_nucleus_moves_at_once_and_is_one_step(scene, layer, mouse, before):
    layer.mode = "select"
    mouse.move((15, 15), down=False)
    mouse.press((15, 15))
    mouse.move((18, 40))
    mouse.move((20, 50))
    assert scene.key_at(20, 50) == 1
    assert scene.key_at(12, 12) is None
    mouse.release((20, 50))
    assert same(scene, layer)
    assert new_steps(scene, before) == 1


def test_a_click_changes_nothing(scene, layer, mouse, before):
    outline = SQUARE + 1 / 3  # no float32
    scene.move(1, outline)
    layer.mode = "select"
    mouse.click((15, 15))
    layer.refresh()
    assert layer.selected_data == {0}
    np.testing.assert_array_equal(scene.polygons[1], outline)
    assert new_steps(scene, before) == 1


def test_a_nucleus_may_be_dragged_off_the_canvas_and_back(scene, layer, mouse):
    layer.mode = "select"
    mouse.drag((15, 15), (-100, 15), (-300, -300))
    assert 1 not in scene.labels
    assert len(scene) == 2
    assert same(scene, layer)
    layer.selected_data = set()  # its box has handles, which are near
    mouse.drag((-300, -300), (0, 0), (15, 15))
    assert scene.key_at(15, 15) == 1


def test_deleted_nuclei_come_back_by_undo(scene, layer):
    layer.selected_data = {0}
    layer.remove_selected()
    assert list(scene.polygons) == [2]
    assert same(scene, layer)
    scene.undo()
    assert list(scene.polygons) == [1, 2]
    assert same(scene, layer)
    assert scene.key_at(15, 15) == 1


def test_deleting_amid_a_drag_is_one_step_that_brings_all_back(scene, layer, mouse, before):
    layer.mode = "select"
    mouse.press((15, 15))
    mouse.move((15, 30))
    mouse.move((15, 40))
    layer.remove_selected()
    mouse.move((15, 50))
    mouse.release((15, 50))
    assert new_steps(scene, before) == 1
    assert same(scene, layer)
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[1], SQUARE)


def test_a_vertex_is_put_in_and_taken_out(scene, layer, mouse, before):
    layer.selected_data = {0}
    layer.mode = "vertex_insert"
    mouse.click((10, 15))
    assert len(scene.polygons[1]) == 5
    assert same(scene, layer)
    layer.mode = "vertex_remove"
    mouse.move((10, 15), down=False)
    mouse.press((10, 15))
    assert len(scene.polygons[1]) == 4
    assert same(scene, layer)
    assert new_steps(scene, before) == 2


def test_a_triangle_that_loses_a_vertex_is_removed_with_its_features(scene, layer, mouse):
    layer.features = {"mean": [1.0, 2.0]}
    scene.move(1, SQUARE[:3])
    layer.selected_data = {0}
    layer.mode = "vertex_remove"
    mouse.move((10, 10), down=False)
    mouse.press((10, 10))
    assert list(scene.polygons) == [2]
    assert same(scene, layer)
    assert layer.features["mean"].tolist() == [2.0]


def test_undo_keeps_the_features_of_the_nuclei(scene, layer):
    layer.features = {"mean": [1.0, 2.0]}
    scene.move(1, SQUARE + 5)
    scene.undo()
    assert layer.features["mean"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("mode", ["add_rectangle", "add_ellipse"])
def test_boxes_and_ellipses_become_polygons(scene, layer, mouse, mode, before):
    layer.mode = mode
    mouse.press((50, 10))
    mouse.move((60, 25))
    mouse.move((70, 40))
    assert scene.key_at(60, 25) == 3, "before the button is let go"
    mouse.release((70, 40))
    assert scene.key_at(60, 25) == 3
    assert same(scene, layer)
    assert new_steps(scene, before) == 1
    area = {"add_rectangle": 20 * 30, "add_ellipse": np.pi / 4 * 20 * 30}[mode]
    assert (scene.labels == 3).sum() == pytest.approx(area, rel=0.1)


def test_a_path_is_closed(scene, layer, mouse):
    layer.mode = "add_path"
    mouse.press((50, 10))
    for point in [(50, 30), (70, 30), (70, 10), (69, 10)]:
        mouse.move(point)
    mouse.release((69, 10))
    assert scene.key_at(60, 20) == 3
    assert same(scene, layer)


def test_a_line_is_no_nucleus(scene, layer, mouse, told, before):
    layer.mode = "add_line"
    mouse.drag((50, 10), (60, 20), (70, 30))
    assert len(scene) == 2
    assert same(scene, layer)
    assert len(told) == 1
    assert "three points" in told[0]
    assert new_steps(scene, before) == 0


def test_an_outline_that_crosses_itself_is_repaired_when_it_is_dropped(scene, layer, mouse, told):
    layer.mode = "direct"
    layer.selected_data = {0}
    mouse.move((20, 20), down=False)
    mouse.drag((20, 20), (15, 10), (13, 4))
    assert same(scene, layer)
    assert len(told) == 1
    assert "crossed itself" in told[0]


def test_a_nucleus_flattened_to_a_line_is_put_back(scene, layer, mouse, told, before):
    layer.mode = "direct"
    layer.selected_data = {1}
    mouse.move((52, 40), down=False)
    mouse.drag((52, 40), (46, 46), (40, 46))
    np.testing.assert_array_equal(scene.polygons[2], TRIANGLE)
    assert same(scene, layer)
    assert len(told) == 1
    assert "Put back" in told[0]
    assert new_steps(scene, before) == 0


def test_pasted_nuclei_are_nuclei_in_one_step(scene, layer, before):
    layer.mode = "select"
    layer.selected_data = {0, 1}
    layer._copy_data()
    layer._paste_data()
    assert len(scene) == 4
    assert same(scene, layer)
    assert new_steps(scene, before) == 1
    np.testing.assert_array_equal(scene.polygons[3], SQUARE)


def test_polygons_added_from_outside_are_nuclei_in_one_step(scene, layer, told, before):
    layer.add_polygons([SQUARE + 30, BOWTIE + 20, SQUARE[[0, 1, 0]]])
    assert len(scene) == 4
    assert same(scene, layer)
    assert new_steps(scene, before) == 1
    assert sorted(len(message) > 0 for message in told) == [True, True]


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_data_set_from_outside_replaces_the_nuclei_in_one_step(scene, layer, count, before):
    layer.data = [SQUARE + 12 * index for index in range(count)]
    assert len(scene) == count
    assert same(scene, layer)
    assert new_steps(scene, before) == 1
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[1], SQUARE)
    assert same(scene, layer)


@pytest.mark.parametrize("count", [3, FEW + 5])
def test_many_or_few_changes_of_the_scene_are_shown(scene, layer, count):
    rng = np.random.default_rng(0)
    keys = scene.add_many([SQUARE + offset for offset in rng.uniform(0, 60, (count, 2))])
    assert same(scene, layer)
    scene.move_many({key: scene.polygons[key] + 3.3 for key in keys})
    assert same(scene, layer)
    scene.remove_many(keys[1:])
    assert same(scene, layer)
    while scene.undo():
        assert same(scene, layer)
    while scene.redo():
        assert same(scene, layer)
    assert len(scene) == 3


def test_giving_up_a_drawing_with_the_button_down_leaves_nothing(scene, layer, mouse, before):
    layer.mode = "add_polygon_lasso"
    mouse.press((50, 10))
    for point in [(50, 30), (70, 30), (70, 10)]:
        mouse.move(point)
    assert layer.link.give_up()
    assert len(scene) == 2
    assert same(scene, layer)
    mouse.move((75, 10))
    mouse.release((75, 10))
    assert len(scene) == 2
    assert same(scene, layer)
    assert new_steps(scene, before) == 0
    mouse.drag((50, 10), (50, 30), (70, 30), (70, 10))
    assert len(scene) == 3, "the next one is drawn as ever"
    assert same(scene, layer)


def test_finishing_a_drawing_with_the_button_down_keeps_it(scene, layer, mouse, before):
    layer.mode = "add_polygon_lasso"
    mouse.press((50, 10))
    for point in [(50, 30), (70, 30), (70, 10)]:
        mouse.move(point)
    layer.link.finish()
    mouse.move((75, 10))
    mouse.release((75, 10))
    assert len(scene) == 3
    assert same(scene, layer)
    assert new_steps(scene, before) == 1


def test_giving_up_a_drag_is_no_drawing_and_undo_takes_it_back(scene, layer, mouse):
    layer.mode = "select"
    mouse.press((15, 15))
    mouse.move((15, 30))
    assert not layer.link.give_up()
    scene.undo()
    mouse.move((15, 60))
    mouse.release((15, 60))
    np.testing.assert_array_equal(scene.polygons[1], SQUARE)
    assert same(scene, layer)


def test_an_undo_amid_drawing_that_nobody_announced_does_no_harm(scene, layer, mouse):
    layer.mode = "add_polygon_lasso"
    mouse.press((50, 10))
    for point in [(50, 30), (70, 30), (70, 10)]:
        mouse.move(point)
    scene.undo()
    mouse.move((75, 10))
    mouse.release((75, 10))
    assert len(scene) == 2
    assert same(scene, layer)


def test_a_link_that_was_closed_lets_go(scene, layer):
    layer.link.close()
    layer.add_polygons([SQUARE + 40])
    scene.remove(1)
    assert layer.nshapes == 3
    assert len(scene) == 1


def test_many_changes_may_be_shown_later_but_before_anything_is_done_to_the_layer(scene):
    layer, waiting = Shapes(ndim=2), []
    layer.link = OutlineLink(scene, layer, later=waiting.append)
    waiting.pop()()
    keys = scene.add_many([SQUARE + step for step in range(FEW + 1)])
    assert layer.nshapes == 2
    waiting.pop()()
    assert same(scene, layer)
    scene.move_many({key: scene.polygons[key] + 5 for key in keys})
    layer.refresh()
    assert same(scene, layer)
    scene.remove_many(list(scene.polygons)[1:])
    layer.refresh()
    assert same(scene, layer)
