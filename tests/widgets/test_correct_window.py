"""A pathologist corrects five nuclei of a real tile with a real mouse, saves, opens, and finds the same."""

import numpy as np
import pytest
from napari.layers import Labels
from scipy.ndimage import distance_transform_edt

from napari_sharpgan.formats import read_nuclei, write_nuclei

pytestmark = pytest.mark.gui

ROOM = 22  # px: how far the nucleus that is drawn keeps from the others


@pytest.fixture
def corrected(open_window, real_data, monkeypatch, tmp_path):
    """A window with the mask of CPM-15 image 12 as nuclei, and nothing remembered of before."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    mask = Labels(read_nuclei(real_data / "cpm15" / "image12_mask.txt").labels, name="mask")
    window = open_window(mask)
    window.session.from_labels(mask.data, mask)
    window.session.tissue.live = False
    mask.visible = False
    window.turn(0.1)
    return window


def look_at(window, point):
    """Bring a place so near that a screen's pixel is a fraction of the canvas's."""
    camera = window.viewer.scene.camera
    camera.center, camera.zoom = (*camera.center[:-2], *point), 6
    window.turn(0.05)


def middle(scene, key):
    """The pixel of a nucleus that lies deepest in it."""
    inside = np.pad(scene.labels == key, 1)
    depth = distance_transform_edt(inside)
    return np.array(np.unravel_index(depth.argmax(), depth.shape)) - 1


def large(scene, count):
    """Keys of large nuclei that do not lie at the border of the canvas."""
    labels = scene.labels
    sizes = np.bincount(labels.ravel())
    border = {*labels[:60].flat, *labels[-60:].flat, *labels[:, :60].flat, *labels[:, -60:].flat}
    return [int(key) for key in np.argsort(-sizes) if key and key not in border][:count]


def draw(window):
    """Draw a nucleus freehand where there is room."""
    scene = window.session.scene
    room = distance_transform_edt(np.pad(scene.labels == 0, 1))[1:-1, 1:-1]
    room[:60] = room[-60:] = room[:, :60] = room[:, -60:] = 0
    center = np.array(np.unravel_index(room.argmax(), room.shape))
    radius = min(room.max() - 2, ROOM) / 2
    turn = np.linspace(0, 2 * np.pi, 24)
    ring = center + radius * np.column_stack([np.sin(turn), np.cos(turn)])
    look_at(window, center)
    window.key("P", "Shift")
    window.drag(*ring)
    return scene.key_at(*center)


def reshape(window, key):
    """Drag a point of a nucleus outward."""
    scene = window.session.scene
    look_at(window, middle(scene, key))
    window.session.select([key])
    window.key("D")
    corner = scene.polygons[key][scene.polygons[key][:, 0].argmin()]
    window.drag(corner, corner - (4, 0), corner - (8, 0))


def split(window, key):
    """Cut a nucleus from side to side."""
    scene = window.session.scene
    columns = np.nonzero(scene.labels == key)[1]
    across = int(middle(scene, key)[0])
    window.session.select([key])
    look_at(window, middle(scene, key))
    window.key("K")
    window.drag((across, columns.min() - 3), (across, columns.mean()), (across, columns.max() + 3))


def merge(window, key):
    """Merge a nucleus with the one that lies nearest."""
    scene = window.session.scene
    away = distance_transform_edt(scene.labels != key)
    away[(scene.labels == 0) | (scene.labels == key)] = np.inf
    other = int(scene.labels.flat[away.argmin()])
    look_at(window, middle(scene, key))
    window.key("Escape")
    window.key("S")
    window.drag(middle(scene, key), middle(scene, key))
    window.held = "Shift"
    window.drag(middle(scene, other), middle(scene, other))
    window.held = ""
    assert window.session.selected == sorted([key, other])
    window.key("M")
    return other


def test_five_corrected_nuclei_are_found_again_in_the_file(corrected, tmp_path):
    window, scene = corrected, corrected.session.scene
    reshaped, cut, merged, gone = large(scene, 4)
    count, original = len(scene), scene.labels.copy()

    drawn = draw(window)
    assert drawn == count + 1

    before = scene.labels.copy()
    reshape(window, reshaped)
    assert (scene.labels == reshaped).sum() > (before == reshaped).sum()

    split(window, cut)
    pieces = [cut, max(scene.polygons)]
    assert len(scene) == count + 2
    assert (np.isin(scene.labels, pieces) == (before == cut)).mean() > 0.9999

    other = merge(window, merged)
    assert len({merged, other} & set(scene.polygons)) == 1
    assert len(scene) == count + 1

    look_at(window, middle(scene, gone))
    window.key("Escape")
    window.key("S")
    window.drag(middle(scene, gone), middle(scene, gone))
    window.key("Delete")
    assert gone not in scene.polygons
    window.key("Z", "Control")
    assert gone in scene.polygons
    window.key("Z", "Control", "Shift")
    assert len(scene) == count

    path = tmp_path / "corrected.geojson"
    write_nuclei(window.session.outlines, path)
    found = read_nuclei(path)
    assert len(found.polygons) == len(scene)
    np.testing.assert_array_equal(found.to_labels(scene.shape), scene.labels)

    for _ in range(5):
        window.key("Z", "Control")
    np.testing.assert_array_equal(scene.labels, original)
