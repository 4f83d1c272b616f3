import time

import numpy as np
import pytest

from napari_sharpgan.maps import contour_map, distance_map
from napari_sharpgan.scene import Edit, Scene


def square(top, left, side=2):
    """An outline whose pixels are rows top to top + side and the like for columns."""
    return np.array([[top, left], [top, left + side], [top + side, left + side], [top + side, left]])


BOWTIE = np.array(
    [[0.5, 0.5], [0.5, 8.5], [8.5, 0.5], [6.5, 6.5]]
)  # crosses itself between its two triangles


def test_a_square_by_hand(scene):
    key = scene.add(square(1, 3))
    assert (np.argwhere(scene.labels == key) == [[r, c] for r in (1, 2, 3) for c in (3, 4, 5)]).all()
    diagonal = 2**0.5
    expected = [[diagonal, 1, diagonal], [1, 0, 1], [diagonal, 1, diagonal]]
    np.testing.assert_allclose(scene.distance[1:4, 3:6], expected, rtol=1e-6)
    np.testing.assert_array_equal(scene.contour[1:4, 3:6], [[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    assert np.count_nonzero(scene.labels) == np.count_nonzero(scene.contour) + 1 == 9
    assert (scene.labels.dtype, scene.distance.dtype, scene.contour.dtype) == (np.int32, np.float32, bool)


def test_later_nuclei_lie_on_top(scene):
    scene.add(square(0, 0))
    scene.add(square(1, 1))
    expected = [[1, 1, 1, 0], [1, 2, 2, 2], [1, 2, 2, 2], [0, 2, 2, 2]]
    np.testing.assert_array_equal(scene.labels[:4, :4], expected)


def test_a_moved_nucleus_keeps_its_place_in_the_order(scene):
    low, high = scene.add(square(0, 0)), scene.add(square(6, 6))
    scene.move(low, square(5, 5))
    assert scene.key_at(6, 6) == high
    assert list(scene.polygons) == [low, high]


def test_a_restored_nucleus_gets_back_its_place_in_the_order(scene):
    low, high = scene.add(square(0, 0)), scene.add(square(1, 1))
    scene.remove(low)
    scene.undo()
    assert list(scene.polygons) == [low, high]
    assert scene.key_at(1, 1) == high


def test_uncovering_a_nucleus_touches_all_of_it(scene, windows):
    low = scene.add(square(2, 2, side=8))
    high = scene.add(square(8, 8))
    half_covered = scene.distance.copy()
    scene.remove(high)
    changed = (scene.distance != half_covered) & (scene.labels == low)
    assert changed[2, 2]  # far from what was uncovered, but the centroid has moved
    outside = changed.copy()
    outside[windows[-1]] = False
    assert not outside.any()


def test_one_window_an_edit(scene, windows):
    key = scene.add(square(2, 2))
    scene.move(key, square(5, 9))
    scene.undo()
    scene.redo()
    scene.remove(key)
    assert len(windows) == 5
    assert windows[0] == (slice(1, 6), slice(1, 6))  # the nucleus and one pixel around it


def test_a_far_move_also_tells_two_small_windows():
    scene = Scene((1000, 1000))
    key = scene.add(square(1, 1))
    edits, windows = [], []
    scene.edited.connect(edits.append)
    scene.changed.connect(windows.append)
    scene.move(key, square(990, 990))
    assert edits[0].windows == (
        (slice(0, 5), slice(0, 5)),
        (slice(989, 994), slice(989, 994)),
    )
    assert windows == [(slice(0, 994), slice(0, 994))]


def test_edits_say_which_nuclei(scene, edits):
    first, second = scene.add_many([square(0, 0), square(0, 5)])
    scene.move(first, square(6, 6))
    scene.remove_many([second])
    scene.undo()
    scene.undo()
    assert [(edit.added, edit.moved, edit.removed) for edit in edits] == [
        ((first, second), (), ()),
        ((), (first,), ()),
        ((), (), (second,)),
        ((second,), (), ()),
        ((), (first,), ()),
    ]
    assert not any(edit.live or edit.notes for edit in edits)


def test_keys_are_kept_and_never_used_again(scene):
    first = scene.add(square(0, 0))
    scene.undo()
    second = scene.add(square(0, 0))
    assert second != first
    scene.remove(second)
    scene.undo()
    assert list(scene.polygons) == [second]
    scene.clear()
    assert scene.add(square(0, 0)) not in (first, second)


def test_maps_of_a_piece_are_true_inside_its_window():
    rng = np.random.default_rng(7)
    scene = Scene((60, 70))
    scene.add_many(square(top, left, side=9) for top, left in rng.uniform(-5, 65, (30, 2)))
    for top, left in rng.integers(0, 50, (40, 2)):
        window = slice(top, top + 9), slice(left, left + 12)
        piece = scene.piece(window)
        np.testing.assert_array_equal(piece.labels[piece.inside], scene.labels[window])
        np.testing.assert_array_equal(contour_map(piece.labels)[piece.inside], scene.contour[window])
        np.testing.assert_allclose(
            distance_map(piece.labels)[piece.inside], scene.distance[window], atol=1e-4
        )
        assert not np.shares_memory(piece.labels, scene.labels)


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        ([[0, 0], [1, 1]], "at least three distinct points, got 2"),
        ([[0, 0], [1, np.nan], [4, 4]], "finite points"),
        ([[0, 0, 0]] * 3, r"shape \(N, 2\)"),
        ([[0, 0], [0, 5], [0, 9]], "must enclose an area"),
    ],
)
def test_bad_outlines_are_refused_and_nothing_is_lost(scene, polygon, message):
    key = scene.add(square(0, 0))
    before = scene.labels.copy()
    for edit in (
        lambda: scene.add(polygon),
        lambda: scene.move(key, polygon),
        lambda: scene.add_many([square(5, 5), polygon]),
        lambda: scene.replace_all([polygon]),
    ):
        with pytest.raises(ValueError, match=message):
            edit()
    np.testing.assert_array_equal(scene.labels, before)
    assert len(scene) == 1


def test_a_bad_outline_of_many_is_named(scene):
    with pytest.raises(ValueError, match=r"polygons\[1\]: a polygon must have finite points"):
        scene.add_many([square(0, 0), square(0, 0) + np.inf])


def test_unknown_keys_are_refused(scene):
    key = scene.add(square(0, 0))
    for edit in (lambda: scene.move(7, square(0, 0)), lambda: scene.remove_many([key, 7])):
        with pytest.raises(KeyError, match="the scene has no nucleus with key 7"):
            edit()
    assert len(scene) == 1


def test_outlines_are_cut_at_the_canvas(scene):
    key = scene.add(square(-5, -5, side=7))
    assert np.argwhere(scene.labels == key).max() == 2
    np.testing.assert_array_equal(scene.polygons[key], square(-5, -5, side=7))
    np.testing.assert_allclose(scene.distance, distance_map(scene.labels), atol=1e-6)
    assert not scene.contour[0, 0]


def test_a_nucleus_outside_the_canvas_is_kept_but_not_seen(scene, edits, windows):
    key = scene.add(square(50, 50))
    assert edits == [Edit(added=(key,))]
    assert windows == []
    scene.move(key, square(0, 0))
    assert scene.key_at(0, 0) == key


def test_key_at_takes_points_of_the_canvas(scene):
    key = scene.add(square(2, 2))
    assert scene.key_at(1.5, 4.49) == key
    assert scene.key_at(1.49, 3) is None
    assert scene.key_at(-0.6, 3) is scene.key_at(3, 19.5) is None


def test_what_a_scene_shows_cannot_be_written_to(scene):
    outline = square(0, 0).astype(float)
    key = scene.add(outline)
    outline += 5
    np.testing.assert_array_equal(scene.polygons[key], square(0, 0))
    for array in (scene.labels, scene.distance, scene.contour, scene.polygons[key]):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
    with pytest.raises(TypeError):
        scene.polygons[key] = outline


def test_a_view_of_the_labels_lives(scene):
    labels = scene.labels
    scene.add(square(0, 0))
    assert labels[0, 0] == 1


@pytest.mark.parametrize("shape", [(0, 5), (4,), (3, 2.5)])
def test_refuses_a_canvas_of_no_size(shape):
    with pytest.raises(ValueError, match="shape must be two whole numbers"):
        Scene(shape)


def test_from_labels_numbers_the_nuclei_anew():
    labels = np.zeros((9, 9), int)
    labels[1:4, 1:4], labels[4:8, 4:8], labels[2, 2] = 70, 5, 0
    scene = Scene.from_labels(labels)
    np.testing.assert_array_equal(scene.labels, np.select([labels == 5, labels == 70], [1, 2]))
    assert not scene.can_undo
    assert scene.add(square(0, 6)) == 3


def test_from_labels_refuses_what_is_no_label_image():
    with pytest.raises(TypeError, match="labels must hold integers"):
        Scene.from_labels(np.zeros((4, 4)))


def test_a_nucleus_with_a_hole_keeps_it_when_moved():
    labels = np.zeros((12, 12), int)
    labels[1:6, 1:6], labels[3, 3] = 1, 0
    scene = Scene.from_labels(labels)
    scene.move(1, scene.polygons[1] + [4, 3])
    np.testing.assert_array_equal(scene.labels, np.roll(labels, (4, 3), (0, 1)))


def test_real_nuclei_come_in_and_stay_true(real_data):
    numbers = np.array((real_data / "cpm15" / "image12_mask.txt").read_text().split(), int)
    labels = numbers[2:].reshape(numbers[1], numbers[0])
    scene = Scene.from_labels(labels)
    assert len(scene) == 131
    assert np.unique(labels).size == 132
    np.testing.assert_array_equal(scene.contour, contour_map(labels))
    np.testing.assert_allclose(scene.distance, distance_map(labels), atol=1e-4)
    rng = np.random.default_rng(4)
    for key in rng.choice(131, 40, replace=False) + 1:
        scene.move(int(key), scene.polygons[key] + rng.uniform(-30, 30, 2))
    np.testing.assert_array_equal(scene.contour, contour_map(scene.labels))
    np.testing.assert_allclose(scene.distance, distance_map(scene.labels), atol=1e-4)
    while scene.undo():
        pass
    np.testing.assert_allclose(scene.distance, distance_map(labels), atol=1e-4)


def test_one_of_ten_thousand_nuclei_moves_in_a_millisecond():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    blob = 11 * np.column_stack((np.sin(angles), np.cos(angles)))
    scene = Scene((4096, 4096))
    scene.add_many(blob + center for center in rng.uniform(0, 4096, (10_000, 2)))
    times = []
    for key in rng.choice(10_000, 200, replace=False).tolist():
        outline = scene.polygons[key + 1] + rng.uniform(-5, 5, 2)
        start = time.process_time()
        scene.move(key + 1, outline)
        times.append(time.process_time() - start)
    start = time.process_time()
    distance, contour = distance_map(scene.labels), contour_map(scene.labels)
    whole = time.process_time() - start
    assert np.median(times) < min(1e-3, whole / 500)
    np.testing.assert_allclose(scene.distance, distance, atol=1e-4)
    np.testing.assert_array_equal(scene.contour, contour)
