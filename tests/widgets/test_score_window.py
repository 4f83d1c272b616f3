"""A pathologist corrects live nuclei with a real mouse and sees in the Score dock what became of them."""

import numpy as np
import pytest
from napari.layers import Image, Labels
from scipy.ndimage import distance_transform_edt

from napari_sharpgan.formats import read_image, read_nuclei
from napari_sharpgan.metrics import Outcome
from napari_sharpgan.metrics.evaluation import score_instances
from napari_sharpgan.widgets._score_view import key_of
from napari_sharpgan.widgets.score_dock import ScoreDock

pytestmark = pytest.mark.gui

CORNER = np.s_[:300, :300]
ORANGE = (0xD5, 0x5E, 0x00)
TRUE, PREDICTED = 0, 1


@pytest.fixture
def mask(real_data):
    """The true nuclei of a part of a tile, numbered from 1 on as those of a scene are."""
    labels = read_nuclei(real_data / "cpm15" / "image12_mask.txt").labels[CORNER]
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


@pytest.fixture
def window(open_window, real_data, mask, monkeypatch, tmp_path):
    """A window with real tissue, its mask, and a copy of the mask as live nuclei; and the Score dock."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    tile = Image(read_image(real_data / "cpm15" / "image12.png")[CORNER], name="H&E")
    window = open_window(tile, Labels(mask, name="mask"), size=(1200, 800))
    window.session.from_labels(mask, window.viewer.layers["mask"])
    window.session.tissue.live = False
    window.session.layers.tissue.visible = False
    window.dock = ScoreDock(window.viewer)
    window.viewer.window.add_dock_widget(window.dock, name="Score")
    window.turn(0.1)
    return window


def pq(window):
    return None if window.dock.result is None else window.dock.result.scored.scores["pq"]


def largest_inside(mask):
    """The largest nucleus that the border does not cut, and its pixel that lies deepest."""
    border = {*mask[:30].flat, *mask[-30:].flat, *mask[:, :30].flat, *mask[:, -30:].flat}
    sizes = np.bincount(mask.ravel())
    key = next(int(key) for key in np.argsort(-sizes) if key and key not in border)
    depth = distance_transform_edt(mask == key)
    return key, np.array(np.unravel_index(depth.argmax(), depth.shape))


def test_numbers_and_errors_follow_what_the_mouse_corrects(window, mask):
    dock, scene, camera = window.dock, window.session.scene, window.viewer.scene.camera
    dock.main.click()
    window.until(lambda: pq(window) == 1)
    errors = window.viewer.layers["errors"]
    assert set(np.unique(errors.data)) == {0, Outcome.MATCHED}

    key, middle = largest_inside(mask)
    dock.tables.outcomes.choose(key_of(key, PREDICTED))
    assert window.session.selected == [key], "a click on its row selects a live nucleus"
    rows, columns = np.nonzero(mask == key)
    box = np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2
    window.until(lambda: np.allclose(camera.center[-2:], box), 5)

    window.session.select([])
    window.key("S")
    window.drag(middle, middle)
    window.key("Delete")
    assert key not in scene.polygons
    window.until(lambda: dock.legend._words["missed"].text() == "missed <b>1</b>", 10)
    assert pq(window) == score_instances(mask, scene.labels)["pq"] < 1
    np.testing.assert_array_equal(errors.data == Outcome.MISSED, mask == key)
    dock.go_to_next_error()
    assert dock.tables.outcomes.chosen == key_of(key, TRUE)
    assert window.session.selected == []

    window.session.layers.nuclei.visible = False
    errors.opacity = 1
    window.turn(0.4)
    shot = window.viewer.screenshot(flash=False, canvas_only=True)
    x, y = window.on_screen(middle)
    scale = shot.shape[0] / window.native.size().height()
    np.testing.assert_allclose(shot[round(y * scale), round(x * scale), :3], ORANGE, atol=3)

    window.session.layers.nuclei.visible = True
    window.viewer.layers.selection.active = window.session.layers.nuclei
    window.key("Z", "Control")
    window.until(lambda: pq(window) == 1, 10)
    assert not (errors.data == Outcome.MISSED).any()


def test_edits_behind_another_dock_are_scored_when_they_are_looked_at(window, mask):
    dock, scene = window.dock, window.session.scene
    dock.errors.setChecked(False)
    dock.main.click()
    window.until(lambda: pq(window) == 1)
    assert "errors" not in window.viewer.layers, "a layer that nobody wants is not made"
    holder = dock.parent()
    holder.hide()
    scene.remove(int(mask.max()))
    window.turn(0.4)
    assert pq(window) == 1
    holder.show()
    window.until(lambda: pq(window) < 1, 10)
