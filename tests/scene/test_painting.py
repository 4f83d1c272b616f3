"""What is painted into the label image is what the scene then shows, whatever lies hidden."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.scene import Scene
from tests.scene.test_locks_and_meetings import box

ALL = (slice(0, 12), slice(0, 20))


def crowded():
    """Nuclei that overlap, also with nuclei that are wholly hidden."""
    scene = Scene((48, 56))
    scene.add_many(random_nuclei(scene.shape, 12, max_overlap=0.9, seed=3))
    hidden = scene.add(box(20, 20))
    scene.add(box(18, 18, 9, 9))
    assert not (scene.labels == hidden).any()
    return scene


def test_painting_and_erasing_is_shown_and_undone(scene):
    key = scene.add(box(0, 0))
    values = scene.labels[0:6, 0:8].copy()
    values[0, 4:7], values[3, :] = key, 0
    scene.paint((slice(0, 6), slice(0, 8)), values)
    np.testing.assert_array_equal(scene.labels[0:6, 0:8], values)
    scene.undo()
    assert (scene.labels[0:4, 0:4] == key).all()
    assert np.count_nonzero(scene.labels) == 16


def test_a_new_label_begins_a_nucleus_with_the_next_key(scene):
    scene.add(box(0, 0))
    values = scene.labels.copy()
    values[8:10, 8:12] = 77
    scene.paint(ALL, values)
    assert list(scene.polygons) == [1, 2]
    assert np.count_nonzero(scene.labels == 2) == 8


def test_painting_keeps_what_is_said_and_the_rest_of_a_drawn_outline(scene):
    drawn = np.array([[1.2, 2.3], [1.4, 8.7], [7.9, 9.1], [8.2, 2.2]])
    key = scene.add(drawn)
    scene.inform({key: NucleusInfo(class_name="Tumor")})
    values = scene.labels.copy()
    values[2:4, 12:14] = key
    values[2:4, 9:12] = key
    scene.paint(ALL, values)
    assert scene.info[key].class_name == "Tumor"
    after = {tuple(np.round(point, 2)) for point in scene.polygons[key]}
    assert {(7.9, 9.1), (8.2, 2.2)} <= after


def test_a_stroke_is_one_step(scene):
    scene.add(box(0, 0))
    for column in range(5, 15):
        values = scene.labels.copy()
        values[6, column] = 1
        scene.paint(ALL, values, live=True)
    scene.commit()
    assert np.count_nonzero(scene.labels == 1) == 26
    scene.undo()
    assert np.count_nonzero(scene.labels == 1) == 16


def test_erasing_shows_background_not_what_lay_hidden():
    scene = crowded()
    values = scene.labels.copy()
    values[16:30, 16:30] = 0
    scene.paint((slice(0, 48), slice(0, 56)), values)
    np.testing.assert_array_equal(scene.labels, values)


def test_locked_nuclei_are_not_painted_over(scene):
    scene.add(box(0, 0))
    scene.inform({1: NucleusInfo(is_locked=True)})
    values = np.zeros((12, 20), np.int32)
    values[2:6, 2:6] = 9
    scene.paint(ALL, values)
    assert np.count_nonzero(scene.labels == 1) >= 12
    np.testing.assert_array_equal(scene.polygons[1], box(0, 0))


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_painting_is_shown_exactly_and_undone(data):
    scene = crowded()
    first = scene.labels.copy()
    keys = list(scene.polygons)
    for _ in range(data.draw(st.integers(1, 3))):
        top, left = data.draw(st.integers(0, 40)), data.draw(st.integers(0, 48))
        height, width = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8))
        window = slice(top, top + height), slice(left, left + width)
        values = scene.labels[window].copy()
        mask = np.random.default_rng(data.draw(st.integers(0, 99))).random(values.shape) < 0.6
        values[mask] = data.draw(st.sampled_from([0, *keys]))
        wanted = scene.labels.copy()
        known = [key for key in np.unique(values).tolist() if key in scene.polygons or key == 0]
        values[~np.isin(values, known)] = 0
        wanted[window] = values
        scene.paint(window, values)
        np.testing.assert_array_equal(scene.labels, wanted)
        drawn = np.array([0, *scene.polygons], np.int32)
        np.testing.assert_array_equal(
            scene.labels, drawn[rasterize(list(scene.polygons.values()), scene.shape)]
        )
    while scene.can_undo and len(scene) and not np.array_equal(scene.labels, first):
        scene.undo()
    np.testing.assert_array_equal(scene.labels, first)
