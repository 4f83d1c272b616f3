"""The tools that edit nuclei, with a real mouse and real keys in a real window."""

import numpy as np
import pytest

from napari_sharpgan.nuclei import rasterize
from napari_sharpgan.scene.classes import CLASSES
from napari_sharpgan.scene.steps import LOCKED

pytestmark = pytest.mark.gui

SQUARE = np.array([[200, 200], [200, 280], [280, 280], [280, 200]])
ASIDE = SQUARE + np.array([0, 100])


@pytest.fixture
def cleared(window, monkeypatch, tmp_path):
    """The window with two square nuclei, 1 and 2, and a brush of 20 px; what is set is forgotten again."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path))
    window.session.new_canvas((512, 512))
    window.session.scene.add_many([SQUARE, ASIDE])
    window.session.tools.size = 20
    window.turn(0.1)
    return window


def area(scene, key):
    return int((scene.labels == key).sum())


def shown(window):
    """What the nuclei layer shows, as a label image without keys."""
    return rasterize(window.session.layers.nuclei.data, window.session.scene.shape) > 0


def assert_layers_agree(window):
    scene = window.session.scene
    np.testing.assert_array_equal(window.session.layers.labels.data, scene.labels)
    np.testing.assert_array_equal(shown(window), scene.labels > 0)


def test_the_brush_adds_to_the_nucleus_where_it_begins_while_the_button_is_down(cleared):
    window, scene = cleared, cleared.session.scene
    before = scene.labels.copy()
    window.key("B")
    assert window.viewer.cursor.style == "circle"
    assert window.viewer.cursor.size == 20
    window.press((240, 210))
    window.move((240, 180), (240, 150))
    assert scene.key_at(240, 145) == 1, "the button is down"
    assert window.session.layers.labels.data[240, 145] == 1
    window.rendered()
    assert window.session.layers.tissue.data[240, 150].any()
    window.release((240, 150))
    assert len(scene) == 2
    assert_layers_agree(window)
    window.key("Z", "Control")
    np.testing.assert_array_equal(scene.labels, before)
    window.key("Z", "Control", "Shift")
    assert scene.key_at(240, 145) == 1


def test_the_brush_begins_a_nucleus_on_background_and_erases_with_alt(cleared):
    window, scene = cleared, cleared.session.scene
    window.key("B")
    window.drag((100, 100), (100, 120), (100, 140))
    assert scene.key_at(100, 120) == 3
    window.held = "Alt"
    window.drag((100, 95), (100, 120), (100, 150))
    window.held = ""
    assert len(scene) == 2, "all of it was erased"
    window.key("Z", "Control")
    assert scene.key_at(100, 120) == 3
    window.key("Z", "Control")
    assert list(scene.polygons) == [1, 2]
    assert_layers_agree(window)


def test_the_eraser_takes_from_the_selected_nucleus_only(cleared):
    window, scene = cleared, cleared.session.scene
    whole = area(scene, 1), area(scene, 2)
    window.session.select([1])
    window.key("E")
    window.drag((240, 240), (240, 290), (240, 340))
    assert area(scene, 1) < whole[0]
    assert area(scene, 2) == whole[1]
    window.session.select([])
    window.drag((210, 240), (210, 290), (210, 340))
    assert area(scene, 2) < whole[1]


def test_a_stroke_ends_with_an_undo_amid_it(cleared):
    window, scene = cleared, cleared.session.scene
    window.key("B")
    window.press((100, 100))
    window.move((100, 120))
    window.key("Z", "Control")
    window.move((100, 140))
    window.release((100, 140))
    assert list(scene.polygons) == [1, 2]
    assert_layers_agree(window)


def test_brackets_size_the_brush_and_escape_ends_it(cleared):
    window = cleared
    window.key("B")
    window.key("BracketRight")
    assert window.viewer.cursor.size == 22
    window.key("BracketLeft")
    window.key("BracketLeft")
    assert window.viewer.cursor.size == 18
    window.key("Escape")
    assert window.session.tools.active == window.session.layers.nuclei.mode == "select"
    assert window.viewer.cursor.style != "circle"
    window.drag((240, 240), (240, 240))
    assert window.session.selected == [1], "the mouse selects again"
    window.key("Escape")
    assert window.session.selected == []


def test_space_moves_the_view_and_gives_the_tool_back(cleared):
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    window, scene = cleared, cleared.session.scene
    window.key("B")
    before = scene.labels.copy()
    QTest.keyPress(window.native, Qt.Key.Key_Space)
    window.drag((100, 100), (100, 120), (100, 140))
    QTest.keyRelease(window.native, Qt.Key.Key_Space)
    np.testing.assert_array_equal(scene.labels, before)
    assert window.session.tools.active == "brush"


def test_the_knife_cuts_what_it_crosses_and_only_the_selected_if_there_are_any(cleared):
    window, scene = cleared, cleared.session.scene
    whole = scene.labels.copy()
    window.key("K")
    window.drag((240, 180), (240, 240), (240, 290), (240, 400))
    assert len(scene) == 4
    assert scene.key_at(220, 240) != scene.key_at(260, 240)
    assert_layers_agree(window)
    window.key("Z", "Control")
    np.testing.assert_array_equal(scene.labels, whole)
    window.session.select([2])
    window.drag((240, 180), (240, 240), (240, 290), (240, 400))
    assert len(scene) == 3
    assert scene.key_at(220, 240) == scene.key_at(260, 240) == 1


def test_a_knife_that_crosses_nothing_says_so(cleared):
    window = cleared
    window.key("K")
    window.drag((100, 100), (100, 150))
    assert "crosses no nucleus" in window.viewer.status
    assert len(window.session.scene) == 2


def test_the_selected_are_merged_filled_smoothed_and_lightened_by_keys(cleared):
    window, scene = cleared, cleared.session.scene
    between = scene.add(SQUARE + np.array([0, 50]))
    window.session.select([1, 2, between])
    window.key("M")
    assert len(scene) == 1
    (key,) = scene.polygons
    assert window.session.selected == [key]
    window.session.tools.size = 12
    window.key("E")
    window.drag((240, 240), (240, 240))
    assert scene.key_at(240, 240) is None
    window.key("H")
    assert scene.key_at(240, 240) == key
    points = len(scene.polygons[key])
    window.key("S", "Shift")
    assert len(scene.polygons[key]) != points
    window.key("F", "Shift")
    assert len(scene.polygons[key]) < 60
    assert_layers_agree(window)
    for _ in range(6):
        window.key("Z", "Control")
    assert list(scene.polygons) == [1, 2]


@pytest.mark.parametrize(
    ("key", "selected", "sentence"), [("M", [1], "at least two nuclei"), ("H", [], "Select nuclei first")]
)
def test_what_needs_selected_nuclei_says_so(cleared, told, key, selected, sentence):
    cleared.session.select(selected)
    cleared.key(key)
    assert len(told) == 1
    assert sentence in told[0]
    assert len(cleared.session.scene) == 2


def test_a_locked_nucleus_stays_and_is_told_of_once(cleared, told):
    window, scene = cleared, cleared.session.scene
    before = scene.labels.copy()
    window.session.select([1])
    window.key("L")
    assert scene.info[1].is_locked
    window.key("E")
    window.drag((240, 190), (240, 240), (240, 260))
    assert told == [LOCKED]
    window.key("Delete")
    assert told == [LOCKED] * 2
    window.key("K")
    window.drag((240, 180), (240, 240), (240, 290))
    assert told == [LOCKED] * 3
    np.testing.assert_array_equal(scene.labels, before)
    assert_layers_agree(window)
    window.key("L")
    window.key("Delete")
    assert list(scene.polygons) == [2]


def test_a_class_is_one_key_and_one_step(cleared):
    window, scene = cleared, cleared.session.scene
    window.session.select([1, 2])
    window.key("3")
    assert {info.class_name for info in scene.info.values()} == {"Immune cells"}
    assert scene.info[1].class_color == CLASSES["Immune cells"].color
    window.session.select([1])
    window.key("0")
    assert scene.info[1].class_name == ""
    window.key("Z", "Control")
    window.key("Z", "Control")
    assert {info.class_name for info in scene.info.values()} == {""}


def test_where_nuclei_meet_is_as_chosen_and_remembered(cleared):
    window, session = cleared, cleared.session
    session.tools.meeting = "overwrite"
    window.key("B")
    window.drag((240, 270), (240, 290), (240, 320))
    assert session.scene.key_at(240, 320) == 1
    assert rasterize([session.scene.polygons[2]], (512, 512))[240, 320] == 0, "it was cut"
    assert_layers_agree(window)
    session.tools.meeting = "keep existing"
    assert session.layers.labels.preserve_labels
    session.new_canvas((64, 64))
    assert session.scene.meeting == "keep existing"


def test_napari_s_own_modes_let_go_of_our_tools(cleared):
    window, layer = cleared, cleared.session.layers.nuclei
    window.key("B")
    layer.mode = "direct"
    assert window.session.tools.active == "direct"
    assert window.viewer.cursor.style != "circle"
    before = window.session.scene.labels.copy()
    window.drag((100, 100), (100, 120))
    np.testing.assert_array_equal(window.session.scene.labels, before)
