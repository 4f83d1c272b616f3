"""Many nuclei come and go in turns of the event loop, and a person acts amid that, in a real window."""

import time

import numpy as np
import pytest
from qtpy.QtCore import QTimer

from napari_sharpgan.formats import Nuclei, read_nuclei, write_nuclei
from napari_sharpgan.nuclei import NucleiConfig, rasterize
from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets import _filling, _outlines, _shown
from napari_sharpgan.widgets._filling import FIRST
from napari_sharpgan.widgets._generating import Drawn, Wish

pytestmark = pytest.mark.gui

SQUARE = np.array([[0, 0], [0, 7], [7, 7], [7, 0]], float)
FEW = [SQUARE + np.array([100, 60 * column + 100]) for column in range(5)]
MANY = [SQUARE + 10 * np.array(divmod(place, 40)) + (120, 90) for place in range(200)]
CENTER = SQUARE.mean(axis=0)


@pytest.fixture
def slow(monkeypatch):
    """Turns in which next to nothing is done, so that a person can act in between."""
    monkeypatch.setattr(_filling, "TURN", 0.0)
    monkeypatch.setattr(_filling, "AT_ONCE", 1)
    for module in (_shown, _outlines):
        monkeypatch.setattr(module, "TURN", 0.0)


@pytest.fixture
def canvas(open_window, tmp_path, monkeypatch):
    """A window with a few nuclei on a canvas of 512 × 512, which are seen at about a pixel each."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    window = open_window()
    window.session.new_canvas((512, 512))
    window.session.scene.add_many(FEW)
    window.session.edit("select")
    window.turn(0.2)
    return window


def are_amid(window):
    return window.session._filling.is_on


def rest(window):
    """Wait until nothing comes or goes any more, and see that all shows what the scene has."""
    session, scene = window.session, window.session.scene
    window.until(lambda: not are_amid(window))
    link, layers = session._outlines, session.layers
    window.until(lambda: set(link.keys) == set(scene.polygons) and not link._shown.stale)
    window.turn(0.05)
    assert layers.nuclei.nshapes == len(scene) == len(layers.nuclei.features)
    assert layers.nuclei.features["key"].tolist() == list(link.keys)
    for key, outline in zip(link.keys, layers.nuclei.data, strict=True):
        np.testing.assert_array_equal(outline, scene.polygons[key].astype(np.float32))
    keys = np.array([0, *scene.polygons])
    np.testing.assert_array_equal(keys[rasterize(list(scene.polygons.values()), scene.shape)], scene.labels)
    np.testing.assert_array_equal(layers.labels.data, scene.labels)


def outlines(scene):
    return [outline.tolist() for outline in scene.polygons.values()]


def listed(polygons):
    return [polygon.tolist() for polygon in polygons]


def begin(window, going, path):
    """Let many nuclei come or go, and return when some have; return the nuclei that there will be."""
    session = window.session
    if going == "open":
        write_nuclei(Nuclei(polygons=MANY, shape=(512, 512)), path)
        session.documents.open(path)
        window.until(lambda: are_amid(window))
        return MANY
    session._filling.begin(session.scene, MANY, keep=True, live=False)
    if going in ("undo", "redo"):
        rest(window)
        session.undo()
    if going == "redo":
        rest(window)
        session.redo()
    assert len(FEW) < len(session.scene) < len(FEW) + len(MANY)
    assert are_amid(window)
    return FEW if going == "undo" else FEW + MANY


def act(window, deed, there, path):
    """Do what a person does, and see that the nuclei that are to be there are, but for what was done."""
    session, place = window.session, there[0].mean(axis=0)
    if deed == "drag":
        window.drag(place, place - 2, place - np.array([20, 10]))
    elif deed == "delete":
        window.drag(place)
        window.key("Delete")
    elif deed == "save":
        session.documents.save(path)
        window.until(lambda: not session.documents.is_busy)
        assert sorted(listed(read_nuclei(path).polygons)) == sorted(listed(there))
        return
    rest(window)
    assert outlines(session.scene)[deed == "drag" :] == listed(there[1:])
    assert outlines(session.scene)[0] != there[0].tolist()
    window.key("Z", "Control")


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("going", ["fill", "undo", "redo", "open"])
def test_what_a_person_does_amid_many_neither_loses_nor_doubles_any(canvas, tmp_path, going):
    scene = canvas.session.scene
    for deed in ("drag", "delete", "save"):
        there = begin(canvas, going, tmp_path / "many.geojson")
        act(canvas, deed, there, tmp_path / "saved.geojson")
        rest(canvas)
        assert outlines(canvas.session.scene) == listed(there)
        if going != "undo":
            canvas.key("Z", "Control")
    begin(canvas, going, tmp_path / "many.geojson")
    canvas.key("Z", "Control")
    rest(canvas)
    left = {"fill": FEW, "undo": [], "redo": FEW, "open": MANY}[going]
    assert outlines(canvas.session.scene) == listed(left)
    assert (canvas.session.scene is scene) == (going != "open")


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("going", ["fill", "undo", "open"])
def test_a_window_may_be_closed_amid_many(canvas, tmp_path, going):
    begin(canvas, going, tmp_path / "many.geojson")
    canvas.viewer.close()
    canvas.turn(0.3)


@pytest.mark.usefixtures("slow")
def test_a_nucleus_is_dragged_before_it_has_an_outline(canvas):
    session = canvas.session
    session._filling.begin(session.scene, MANY, keep=True, live=False)
    canvas.until(lambda: not are_amid(canvas))
    key, outline = list(session.scene.polygons.items())[len(FEW) + 120]
    center = outline.mean(axis=0)
    assert key not in session._outlines.keys
    canvas.drag(center, center + 3, center + np.array([12, 15]))
    rest(canvas)
    np.testing.assert_allclose(session.scene.polygons[key], outline + np.array([12, 15]), atol=1.5)
    canvas.key("Z", "Control")
    rest(canvas)
    assert outlines(session.scene) == listed(FEW + MANY)


@pytest.mark.usefixtures("slow")
def test_what_a_slider_draws_is_one_step_however_long_it_takes_to_come(canvas, monkeypatch):
    session, scene = canvas.session, canvas.session.scene
    monkeypatch.setattr(session._generating._slider_timer, "start", lambda: QTimer.singleShot(0, end))
    end = session._generating._end_slide
    session.generate(NucleiConfig(count=200, seed=1), keep=False, live=True)
    canvas.until(lambda: not session.is_generating)
    assert len(scene) > len(FEW) + FIRST
    rest(canvas)
    canvas.key("Z", "Control")
    rest(canvas)
    assert outlines(scene) == listed(FEW)


@pytest.mark.usefixtures("slow")
def test_nuclei_that_were_drawn_for_a_canvas_do_not_replace_those_of_one_that_is_opening(canvas, tmp_path):
    session, path = canvas.session, tmp_path / "many.geojson"
    begin(canvas, "open", path)
    session._generating._take(Drawn(session.scene, [SQUARE], Wish(NucleiConfig(count=1), False, False)))
    rest(canvas)
    assert outlines(session.scene) == listed(MANY)


def test_after_an_opening_that_failed_another_one_works(canvas, monkeypatch):
    session = canvas.session
    with monkeypatch.context() as patch:
        patch.setattr(session.layers, "show_steps", lambda *_, **__: iter([1 / 0 for _ in "x"]))
        with pytest.raises(ZeroDivisionError):
            session.new_canvas((64, 64))
    session.new_canvas((128, 128))
    session.scene.add(SQUARE)
    rest(canvas)
    assert session.scene.shape == (128, 128)


def test_the_layers_do_not_follow_a_scene_that_was_put_aside(canvas):
    session, before = canvas.session, canvas.session.scene
    session.new_canvas((64, 64))
    followed = []
    session.layers.refresh_maps = followed.append
    session.tools.selection_changed.connect(lambda: followed.append("tools"))
    before.add(SQUARE + 300)
    assert not followed


def test_another_canvas_is_shown_in_the_same_layers_if_it_lies_there(canvas):
    session, labels = canvas.session, np.kron(np.arange(1, 101).reshape(10, 10), np.ones((20, 20), int))
    layers, shown = session.layers.own, session.scene
    session.layers.labels.opacity, session.layers.maps[0].visible = 0.9, True
    session.from_labels(np.pad(labels, 30))
    canvas.rendered()
    rest(canvas)
    assert session.layers.own == layers
    assert session.layers.labels.opacity == 0.9
    np.testing.assert_array_equal(session.layers.maps[0].data, session.scene.distance)
    np.testing.assert_array_equal(session.layers.maps[1].data, session.scene.contour)
    assert session.layers.tissue.data.shape == (260, 260, 3)
    center = np.asarray(canvas.viewer.scene.camera.center)[-2:]
    np.testing.assert_allclose(center, (129.5, 129.5))
    key = session.scene.add(SQUARE)
    canvas.drag(CENTER, CENTER + 2, CENTER + np.array([0, 12]))
    rest(canvas)
    np.testing.assert_allclose(session.scene.polygons[key], SQUARE + np.array([0, 12]), atol=1.5)
    assert outlines(shown) == listed(FEW)
    session.layers.tissue.translate = (3, 4)
    session.new_canvas((64, 64))
    assert not set(session.layers.own) & set(layers)
    assert [layer.name for layer in canvas.viewer.layers] == [layer.name for layer in session.layers.own]


def turns(window, act, done):
    """Return the turns of the event loop, in processor time of its thread, until something is done."""
    from qtpy.QtCore import QTimer

    beats, heart = [time.thread_time()], QTimer(interval=2)
    heart.timeout.connect(lambda: beats.append(time.thread_time()))
    heart.start()
    QTimer.singleShot(0, act)
    window.until(done)
    window.turn(0.1)
    heart.stop()
    return np.diff(beats)


@pytest.mark.slow
@pytest.mark.timed
def test_no_turn_is_long_while_a_thousand_nuclei_come_go_and_come_back(canvas, tmp_path):
    session = canvas.session
    shape = (1400, 1400)
    session.new_canvas(shape)
    canvas.turn(0.3)

    def are_there(count):
        return lambda: session.layers.nuclei.nshapes == len(session.scene) == count and not are_amid(canvas)

    def fill():
        session.generate(NucleiConfig(count=1000, seed=1), keep=False)

    filled = turns(canvas, fill, are_there(1000))
    gone = turns(canvas, session.undo, are_there(0))
    back = turns(canvas, session.redo, are_there(1000))
    session.documents.save_now(tmp_path / "a.tif")
    session.new_canvas(shape)
    canvas.turn(0.3)
    opened = turns(canvas, lambda: session.documents.open(tmp_path / "a.tif"), are_there(1000))
    every = np.concatenate([filled, gone, back, opened])
    assert np.percentile(every, 99) <= 0.1
    assert every.max() <= 0.25
    assert isinstance(session.scene, Scene)
