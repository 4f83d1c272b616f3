"""Real mouse events in a real window: what is drawn is seen in maps and tissue while the button is down."""

import gc
import time

import numpy as np
import pytest

from napari_sharpgan.nuclei import NucleiConfig

pytestmark = pytest.mark.gui

FREE = np.array([[230, 230], [230, 290], [290, 290], [290, 230], [240, 230]])
MAPS = "distance map", "contour map", "tissue"


@pytest.fixture
def cleared(window):
    """The window with an empty canvas of the sample's size."""
    window.session.new_canvas((512, 512))
    window.rendered()
    window.turn(0.2)
    return window


def seen(window):
    """Return how maps and tissue look now."""
    return {name: window.look(name).astype(int) for name in MAPS}


def changed(before, after, part=np.s_[:]):
    """Return which of the pictures changed in a part of the canvas."""
    return {name for name in MAPS if (before[name] != after[name])[part].any()}


def arrays(scene):
    return [np.array(array) for array in (scene.labels, scene.distance, scene.contour)]


def assert_equal(one, other):
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_nucleus_drawn_freehand_is_seen_before_the_button_is_let_go(cleared):
    window, scene = cleared, cleared.session.scene
    blank, empty = seen(window), arrays(scene)
    window.session.edit("add_polygon_lasso")
    window.press(FREE[0])
    window.move(*FREE[1:4])
    assert window.session.layers.nuclei._is_creating, "the button is down"
    window.rendered()
    halfway = seen(window)
    inside, outside = np.s_[245:275, 245:275], np.s_[:100, :100]
    assert changed(blank, halfway) == set(MAPS)
    assert changed(blank, halfway, inside) >= {"distance map", "tissue"}
    assert changed(blank, halfway, outside) <= {"tissue"}
    window.move(FREE[4])
    window.release(FREE[4])
    window.rendered()
    assert len(scene) == 1
    assert scene.key_at(260, 260) == 1
    assert changed(blank, seen(window)) == set(MAPS)
    drawn = arrays(scene)
    window.key("Z", "Control")
    assert len(scene) == 0
    assert not scene.can_undo
    assert_equal(arrays(scene), empty)
    window.rendered()
    assert changed(blank, seen(window)) == set()
    window.key("Z", "Control", "Shift")
    assert_equal(arrays(scene), drawn)


def test_a_dragged_vertex_is_seen_before_the_button_is_let_go(cleared):
    window, scene = cleared, cleared.session.scene
    scene.add(FREE[:4])
    window.rendered()
    before, original = seen(window), arrays(scene)
    window.session.edit("direct")
    window.session.layers.nuclei.selected_data = {0}
    window.press((290, 290))
    window.move((310, 310), (340, 340))
    window.rendered()
    far = np.s_[300:330, 300:330]
    assert changed(before, seen(window), far) >= {"distance map", "tissue"}
    assert scene.key_at(320, 320) == 1
    window.move((350, 350))
    window.release((350, 350))
    window.rendered()
    assert scene.key_at(335, 335) == 1
    np.testing.assert_allclose(scene.polygons[1][2], (350, 350), atol=1)
    window.key("Z", "Control")
    assert_equal(arrays(scene), original)
    window.key("Z", "Control")
    assert len(scene) == 0, "the drag was one step"


def test_a_dragged_nucleus_is_seen_before_the_button_is_let_go(cleared):
    window, scene = cleared, cleared.session.scene
    scene.add(FREE[:4])
    window.rendered()
    before, original = seen(window), arrays(scene)
    window.session.edit("select")
    window.press((260, 260))
    window.move((262, 300), (262, 360), (262, 400))
    window.rendered()
    there = np.s_[245:275, 380:420]
    assert changed(before, seen(window), there) >= {"distance map", "tissue"}
    window.release((262, 400))
    assert scene.key_at(262, 400) == 1
    assert scene.key_at(260, 240) is None
    window.key("Z", "Control")
    assert_equal(arrays(scene), original)
    window.key("Z", "Control")
    assert len(scene) == 0, "the drag was one step"


def test_the_delete_key_takes_away_what_is_selected(window):
    scene = window.session.scene
    key, outline = next(iter(scene.polygons.items()))
    before = arrays(scene)
    window.session.edit("select")
    window.session.layers.nuclei.selected_data = {0}
    window.key("Delete")
    assert key not in scene.polygons
    window.key("Z", "Control")
    np.testing.assert_array_equal(scene.polygons[key], outline)
    assert_equal(arrays(scene), before)


def test_undo_amid_drawing_throws_away_the_drawing_only(cleared):
    window, scene = cleared, cleared.session.scene
    scene.add(FREE[:4] - 150)
    window.session.edit("add_polygon_lasso")
    window.press(FREE[0])
    window.move(*FREE[1:4])
    assert len(scene) == 2
    window.key("Z", "Control")
    window.move(FREE[4])
    window.release(FREE[4])
    assert len(scene) == 1
    assert window.session.layers.nuclei.nshapes == 1


def test_tissue_is_that_of_the_scene_after_many_edits(window):
    from napari_sharpgan.rendering import render

    session, scene = window.session, window.session.scene
    rng = np.random.default_rng(3)
    for key in list(scene.polygons)[:6]:
        for _ in range(4):
            scene.drag(key, scene.polygons[key] + rng.normal(0, 9, 2))
            window.turn(0.01)
        scene.commit()
    window.rendered()
    whole = render(scene.labels, session.tissue.settings["generator"])
    np.testing.assert_allclose(session.layers.tissue.data.astype(int), whole.astype(int), atol=2)


@pytest.mark.parametrize("gesture", ["add_polygon_lasso", "select", "rendering"])
def test_a_window_may_be_closed_amid_anything(window, gesture):
    session = window.session
    if gesture == "rendering":
        session.tissue.render_everything()
    else:
        session.edit(gesture)
        window.press(FREE[0])
        window.move(*FREE[1:4])
    window.viewer.close()
    window.turn(0.3)


@pytest.fixture
def fresh_heap():
    """Let the collector pass over what hundreds of tests before left in memory, which no user has."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.timed
@pytest.mark.usefixtures("fresh_heap")
def test_the_window_answers_with_1000_nuclei_while_it_renders_and_one_is_dragged(window):
    from qtpy.QtCore import QTimer

    session = window.session
    session.new_canvas((2048, 2048))
    session.generate(NucleiConfig(count=1000, seed=1), keep=False)
    window.until(lambda: len(session.scene) > 0)
    window.turn(0.5)
    beats = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: beats.append(time.thread_time()))  # of this thread, however busy others are
    timer.start()
    session.edit("select")
    session.tissue.render_everything()
    middle = next(iter(session.scene.polygons.values())).mean(axis=0)
    window.press(middle)
    for step in range(60):
        window.move(middle + np.array([step, step / 2]))
    window.release(middle + np.array([60, 30]))
    timer.stop()
    assert np.percentile(np.diff(beats), 99) <= 0.1
    assert np.diff(beats).max() <= 0.25
