import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_sharpgan.formats import read_nuclei
from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.widgets import _live_tissue
from napari_sharpgan.widgets.session import session_of

pytestmark = pytest.mark.gui
NAMES = ["tissue", "distance map", "contour map", "labels", "nuclei"]


def names(window):
    return [layer.name for layer in window.viewer.layers]


def test_an_empty_viewer_gets_the_sample_with_its_layers_in_order(window):
    assert names(window) == NAMES
    assert len(window.session.scene) == 99
    assert window.viewer.layers.selection.active is window.session.layers.nuclei
    assert window.session.layers.tissue.data.any()


def test_a_viewer_has_one_session_also_through_the_proxy_that_docks_get(window):
    from napari.utils._proxies import PublicOnlyProxy

    assert session_of(PublicOnlyProxy(window.viewer)) is session_of(window.viewer) is window.session


def test_two_viewers_have_two_scenes(open_window):
    one, other = open_window(), open_window()
    one.sampled()
    other.sampled()
    one.session.scene.clear()
    one.rendered()
    assert len(one.session.scene) == one.session.layers.nuclei.nshapes == 0
    assert len(other.session.scene) == other.session.layers.nuclei.nshapes == 99


def test_a_viewer_with_an_image_is_left_alone_until_something_is_asked_for(open_window):
    image = Image(np.zeros((120, 150, 3), np.uint8), name="H&E", scale=(2, 2), translate=(10, 20))
    window = open_window(image)
    window.turn(0.3)
    assert names(window) == ["H&E"]
    window.session.edit("add_polygon")
    assert names(window) == ["H&E", *NAMES]
    assert window.session.scene.shape == (120, 150)
    for layer in window.session.layers.own:
        np.testing.assert_array_equal(layer.scale, (2, 2))
        np.testing.assert_array_equal(layer.translate, (10, 20))
    assert image.visible
    assert not window.session.layers.tissue.visible, "she draws on her image"


def test_a_volume_is_no_canvas(open_window):
    window = open_window()
    with pytest.raises(ValueError, match=r"expected a 2-D image.*stack of shape"):
        window.session.from_image(Image(np.zeros((3, 20, 20)), name="stack"))


def test_labels_become_nuclei_in_the_place_of_their_layer(open_window, real_data):
    labels = read_nuclei(real_data / "cpm15" / "image12_mask.txt").labels
    layer = Labels(labels, scale=(0.5, 0.5), translate=(3, 4))
    window = open_window(layer)
    window.session.from_labels(layer.data, layer)
    scene, layers = window.session.scene, window.session.layers
    assert len(scene) == 131
    window.until(lambda: layers.nuclei.nshapes == 131)
    np.testing.assert_array_equal(scene.labels != 0, labels != 0)
    np.testing.assert_array_equal(layers.tissue.translate, (3, 4))
    window.rendered()
    before = layers.tissue.data.copy()
    scene.remove(scene.key_at(*np.argwhere(scene.labels)[0]))
    window.rendered()
    assert (layers.tissue.data != before).any()


def test_removed_layers_do_no_harm_and_come_back_when_they_are_needed(window):
    session = window.session
    for layer in [session.layers.nuclei, session.layers.maps[0], session.layers.tissue]:
        window.viewer.layers.remove(layer)
    session.scene.remove(next(iter(session.scene.polygons)))
    session.undo()
    window.rendered()
    session.edit("select")
    assert names(window) == NAMES
    assert session.layers.nuclei.nshapes == len(session.scene) == 99


@pytest.mark.parametrize("name", ["tissue", "nuclei"])
def test_a_layer_that_is_removed_while_the_others_come_comes_back_too(open_window, told, name):
    window = open_window()
    window.until(lambda: name in names(window))
    window.viewer.layers.remove(name)
    window.sampled()
    window.rendered()
    window.session.edit("select")
    assert names(window) == NAMES
    assert told == []


def test_renamed_layers_follow_still(window):
    window.session.layers.nuclei.name = "mine"
    window.session.layers.nuclei.selected_data = {0, 1}
    window.session.layers.nuclei.remove_selected()
    assert len(window.session.scene) == 97


def test_the_stages_of_a_slider_are_one_step_and_the_newest_wish_wins(window):
    session = window.session
    before = {key: outline.copy() for key, outline in session.scene.polygons.items()}
    for seed in range(5):
        session.generate(NucleiConfig(count=20, seed=seed), keep=False, live=True)
    window.until(lambda: not session.is_generating)
    newest = session.scene.labels.copy()
    session.generate(NucleiConfig(count=20, seed=4), keep=False)
    window.until(lambda: not session.is_generating)
    np.testing.assert_array_equal(newest != 0, session.scene.labels != 0)
    session.undo()
    assert set(session.scene.polygons) == set(before)
    window.until(lambda: session.layers.nuclei.nshapes == len(before))


def test_what_is_added_lies_on_top_in_one_step(window):
    session = window.session
    session.generate(NucleiConfig(count=15, seed=1), keep=True)
    window.until(lambda: len(session.scene) > 99)
    assert len(session.scene) == session.layers.nuclei.nshapes > 105
    session.undo()
    assert len(session.scene) == 99


def test_settings_that_cannot_be_are_told_in_one_sentence(window, told):
    window.session._generating._after_error(ValueError("count must be at least -1, got -3"))
    assert told == ["count must be at least -1, got -3"]


def test_a_generator_that_is_missing_is_one_sentence_and_drawing_goes_on(window, told):
    session = window.session
    settings = session.tissue.settings
    session.tissue.choose(generator="no-such-generator")
    window.until(lambda: told)
    assert len(told) == 1
    assert "no generator 'no-such-generator'" in told[0]
    assert session.tissue.settings == settings, "it goes on with the one before"
    before = session.layers.tissue.data.copy()
    session.scene.clear()
    window.rendered()
    assert (session.layers.tissue.data != before).any()


def test_tissue_waits_while_it_is_not_live(window):
    session = window.session
    before = session.layers.tissue.data.copy()
    session.tissue.live = False
    session.scene.clear()
    window.turn(0.3)
    np.testing.assert_array_equal(session.layers.tissue.data, before)
    session.tissue.live = True
    window.rendered()
    assert (session.layers.tissue.data != before).any()


def test_numbers_come_a_moment_after_an_edit(window):
    counted = []
    window.session.counted.connect(counted.append)
    window.session.scene.clear()
    window.until(lambda: any(str(numbers).startswith("0 nuclei") for numbers in counted))


def test_a_session_ends_with_its_window(open_window):
    window = open_window()
    session = window.session
    ended = []
    session.destroyed.connect(lambda: ended.append(True))
    pools = [session._generating._drawing._pool, session._counts._pool, session.tissue._background._pool]
    window.viewer.close()
    window.until(lambda: ended)
    for pool in pools:
        with pytest.raises(RuntimeError, match="after shutdown"):
            pool.submit(print)


def test_what_a_slider_did_is_a_step_once_it_rests(window, monkeypatch):
    session = window.session
    session._generating._slider_timer.setInterval(20)
    for seed in (1, 2):
        session.generate(NucleiConfig(count=20, seed=seed), keep=False, live=True)
        window.until(lambda: not session.is_generating)
        window.turn(0.1)
    session.undo()
    assert len(session.scene) <= 20
    session.undo()
    assert len(session.scene) == 99


def test_the_sample_comes_after_the_dock_that_asked_or_at_once_for_who_needs_it(open_window):
    window = open_window()
    assert names(window) == [], "the dock is there first"
    scene = window.session.scene
    window.sampled()
    assert names(window) == NAMES
    assert window.session.scene is scene
    assert len(scene) == 99
    window = open_window()
    assert window.session.layers.nuclei in window.viewer.layers
    assert names(window) == NAMES
    assert len(window.session.scene) == 99
    window.until(lambda: window.session.layers.nuclei.nshapes == 99)


def test_with_the_generator_that_comes_with_us_its_tissue_begins_before_it_is_whole(open_window, monkeypatch):
    pytest.importorskip("openvino", reason="the extra 'fast' is not installed")
    monkeypatch.setattr(_live_tissue, "FIRST", {"generator": None, "device": "cpu", "stain": None})
    window, begun = open_window(), {}
    session = window.session

    def note(event):
        begun[event.value.name] = session.tissue._scene is session.scene

    window.viewer.layers.events.inserted.connect(note)
    window.until(lambda: session.is_rendered)
    assert begun == dict.fromkeys(NAMES[:3], False) | dict.fromkeys(NAMES[3:], True)
    assert names(window) == NAMES
    assert np.ptp(window.session.layers.tissue.data) > 100


@pytest.mark.parametrize("moved", [True, False])
def test_a_view_that_a_person_moved_while_the_sample_comes_stays_and_else_all_is_seen(open_window, moved):
    window = open_window()
    camera = window.viewer.scene.camera
    window.until(lambda: window.viewer.layers)
    assert not window.session._sample._is_over
    if moved:
        camera.center, camera.zoom = (0, 130, 180), 3.0
    window.viewer.add_image(np.zeros((512, 2048), np.uint8), name="mine")
    window.sampled()
    if moved:
        assert (camera.center, camera.zoom) == ((0, 130, 180), 3.0)
    else:
        assert camera.center == (0, 255.5, 1023.5)


def test_the_view_stays_when_a_canvas_begins_on_an_image_because_one_draws(open_window):
    window = open_window(Image(np.zeros((300, 400, 3), np.uint8), name="H&E"))
    camera = window.viewer.scene.camera
    camera.center, camera.zoom = (0, 130, 180), 3.0
    window.session.edit("add_polygon")
    assert window.session.scene.shape == (300, 400)
    assert (camera.center, camera.zoom) == ((0, 130, 180), 3.0)


def test_an_image_that_is_opened_before_the_sample_has_come_stays_alone(open_window):
    window = open_window()
    window.viewer.add_image(np.zeros((40, 50)), name="mine")
    window.turn(0.3)
    window.until(lambda: window.session._sample._is_over)
    assert names(window) == ["mine"]
    window.session.ensure_canvas()
    assert window.session.scene.shape == (40, 50)
