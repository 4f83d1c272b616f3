from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.scene import Scene
from napari_sharpgan.scene.found_nuclei import FoundNuclei, take_found

LOCK = NucleusInfo(is_locked=True)
WHOLE = slice(0, 12), slice(0, 20)


def box(top, left, height=4, width=4):
    edges = np.array([[0, 0], [0, width], [height, width], [height, 0]])
    return np.array([top, left]) + edges - 0.5


def found(*boxes, shape=(12, 20)):
    """A label image of boxes (top, left, height, width), numbered from 1."""
    labels = np.zeros(shape, np.uint16)
    for number, (top, left, height, width) in enumerate(boxes, start=1):
        labels[top : top + height, left : left + width] = number
    return labels


def take(scene, labels, *where, **how):
    return take_found(scene, FoundNuclei.of(labels, *where), **how)


def same_regions(first, second):
    """Whether two label images have the same regions, whatever their numbers."""
    pairs = np.unique(np.stack([first.ravel(), second.ravel()], 1), axis=0)
    return all(len(np.unique(pairs[:, side])) == len(pairs) for side in (0, 1))


def test_on_an_empty_canvas_what_was_found_comes_pixel_by_pixel(scene, edits):
    labels = found((0, 0, 3, 3), (0, 3, 3, 4), (8, 10, 4, 10))
    labels[9, 14] = 0  # a hole
    taken = take(scene, labels, WHOLE)
    np.testing.assert_array_equal(scene.labels, labels)
    assert (taken.added, taken.replaced, taken.stayed, taken.left_out) == ((1, 2, 3), 0, 0, 0)
    scene.undo()
    assert len(scene) == 0
    assert not scene.can_undo


def test_all_go_but_locked_ones_win_where_they_meet_and_one_undo_brings_all_back(scene):
    scene.add_many([box(0, 0), box(0, 8), box(6, 2)])
    scene.inform({2: LOCK})
    before = scene.labels.copy()
    # the first covers 2 of 4 columns and more of the locked one; the second 1 of 5 columns; the third none
    taken = take(scene, found((0, 9, 4, 4), (4, 0, 4, 4), (0, 4, 4, 5)), WHOLE)
    assert sorted(scene.polygons) == [2, 4, 5]
    assert (taken.added, taken.replaced, taken.stayed, taken.left_out) == ((4, 5), 2, 1, 1)
    expected = np.zeros((12, 20), int)
    expected[0:4, 8:12], expected[4:8, 0:4], expected[0:4, 4:8] = 2, 4, 5
    np.testing.assert_array_equal(scene.labels, expected)
    scene.undo()
    np.testing.assert_array_equal(scene.labels, before)
    assert scene.info[2] == LOCK
    scene.redo()
    np.testing.assert_array_equal(scene.labels, expected)


def test_half_of_it_in_others_is_too_much_and_a_pixel_less_is_not(scene):
    scene.add(box(0, 0, 4, 4))
    assert take(scene, found((0, 2, 4, 4)), WHOLE, replace=False).left_out == 1
    scene.remove(1)
    outline = box(0, 0, 4, 4)
    scene.add(np.array([*outline[:2], [2.5, 3.5], [2.5, 2.5], [3.5, 2.5], outline[3]]))  # without a corner
    taken = take(scene, found((0, 2, 4, 4)), WHOLE, replace=False)
    assert (len(taken.added), taken.left_out) == (1, 0)


def test_of_one_that_is_cut_in_two_the_larger_part_comes(scene):
    scene.add(box(2, 0, 1, 20))
    taken = take(scene, found((0, 5, 6, 3)), WHOLE, replace=False)
    rows, columns = np.nonzero(scene.labels == taken.added[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 5, 5, 7)
    assert not scene.can_redo


def test_to_add_leaves_all_that_is_there(scene):
    scene.add_many([box(0, 0), box(6, 6)])
    before = scene.labels.copy()
    taken = take(scene, found((0, 0, 5, 5), (0, 10, 4, 4)), WHOLE, replace=False)
    assert (taken.replaced, taken.stayed, taken.left_out, len(taken.added)) == (0, 2, 1, 1)
    np.testing.assert_array_equal(scene.labels[before > 0], before[before > 0])


def test_in_a_window_only_those_wholly_in_it_go_and_those_with_their_center_in_it_come(scene):
    scene.add_many([box(3, 6), box(3, 12), box(0, 0), box(8, 6)])  # inside; on its right edge; out; below
    view = slice(2, 9), slice(4, 14)
    place = slice(0, 11), slice(2, 18)
    labels = found((3, 11, 4, 5), (2, 8, 3, 3), (0, 4, 5, 4), (0, 16, 3, 3))
    taken = take(scene, labels[place], place, view)
    # the first lies on a nucleus that stays, the last has its center at column 17
    assert (taken.replaced, taken.left_out, taken.stayed) == (1, 1, 2)
    expected = np.zeros((12, 20), int)
    expected[3:7, 12:16], expected[0:4, 0:4], expected[8:12, 6:10] = 2, 3, 4
    expected[2:5, 8:11], expected[0:5, 4:8] = 5, 6
    assert same_regions(scene.labels, expected)


def test_the_edge_of_the_canvas_is_no_edge_of_a_window(scene):
    scene.add(box(-2, 15, 5, 9))  # reaches beyond the canvas
    taken = take(scene, found((0, 15, 3, 5)), WHOLE, (slice(0, 12), slice(10, 20)))
    assert (taken.replaced, len(taken.added)) == (1, 1)


def test_what_does_not_fit_the_window_is_refused_and_changes_nothing(scene):
    scene.add(box(0, 0))
    with pytest.raises(ValueError, match="must fill its window of"):
        take(scene, np.zeros((3, 3), int), (slice(0, 4), slice(0, 4)))
    with pytest.raises(TypeError, match="what was found"):
        take(scene, np.zeros((12, 20)), WHOLE)
    with pytest.raises(ValueError, match="beyond the canvas"):
        take(scene, np.ones((4, 4), int), (slice(0, 4), slice(18, 22)))
    assert len(scene) == 1


shapes = st.tuples(st.integers(0, 9), st.integers(0, 17), st.integers(2, 6), st.integers(2, 6), st.booleans())


@settings(max_examples=40, deadline=None)
@given(st.lists(shapes, max_size=6), st.lists(shapes, max_size=6), st.booleans(), st.integers(0, 8))
def test_whatever_is_found_locked_nuclei_keep_their_pixels_and_undo_is_exact(there, new, again, left):
    scene = Scene((12, 20))
    keys = scene.add_many([box(*one[:4]) for one in there])
    scene.inform(
        {key: replace(scene.info[key], is_locked=one[4]) for key, one in zip(keys, there, strict=True)}
    )
    locked = {key for key in keys if scene.info[key].is_locked}
    before, polygons = scene.labels.copy(), dict(scene.polygons)
    view = slice(1, 12), slice(left, 20)
    labels = found(*(one[:4] for one in new))
    taken = take(scene, labels, WHOLE, view, replace=again)
    kept = {key for key in keys if key in scene.polygons}
    assert kept >= locked
    assert len(scene) == len(kept) + len(taken.added)
    for key in kept:
        np.testing.assert_array_equal(scene.labels[before == key], key)
    for key in taken.added:
        assert len(np.unique(labels[scene.labels == key])) == 1
    if taken.added or taken.replaced:
        scene.undo()
    np.testing.assert_array_equal(scene.labels, before)
    assert scene.polygons.keys() == polygons.keys()


def test_of_those_that_stay_only_nuclei_with_pixels_in_the_window_are_counted(scene):
    scene.add(np.array([[-0.5, -0.5], [8.5, -0.5], [8.5, 8.5]]))  # below the diagonal
    scene.add(box(0, 10))
    view = slice(0, 3), slice(5, 12)
    assert 1 in scene.keys_in(view)
    taken = take(scene, np.zeros((3, 7), np.uint16), view)
    assert (taken.stayed, taken.replaced) == (1, 0)
