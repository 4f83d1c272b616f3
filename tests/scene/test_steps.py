import numpy as np
import pytest

from napari_sharpgan.scene.history import LONGEST


def square(top, left, side=2):
    """An outline whose pixels are rows top to top + side and the like for columns."""
    return np.array([[top, left], [top, left + side], [top + side, left + side], [top + side, left]])


BOWTIE = np.array(
    [[0.5, 0.5], [0.5, 8.5], [8.5, 0.5], [6.5, 6.5]]
)  # crosses itself between its two triangles


def test_a_drag_is_one_step(scene, edits):
    key = scene.add(square(0, 0))
    for left in range(1, 9):
        scene.drag(key, square(0, left))
        assert scene.key_at(0, left + 2) == key
    scene.move(key, square(0, 9))
    assert [edit.live for edit in edits] == [False] + [True] * 8 + [False]
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[key], square(0, 0))
    scene.redo()
    np.testing.assert_array_equal(scene.polygons[key], square(0, 9))


def test_undo_takes_back_a_drag_that_is_going_on(scene):
    key = scene.add(square(0, 0))
    scene.drag(key, square(4, 4))
    assert scene.undo()
    np.testing.assert_array_equal(scene.polygons[key], square(0, 0))
    assert scene.can_redo


def test_drags_of_two_nuclei_are_two_steps(scene):
    first, second = scene.add_many([square(0, 0), square(0, 5)])
    scene.drag(first, square(4, 0))
    scene.drag(second, square(4, 5))
    scene.commit()
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[first], square(4, 0))
    np.testing.assert_array_equal(scene.polygons[second], square(0, 5))


def test_a_drag_that_comes_back_is_no_step(scene):
    key = scene.add(square(0, 0))
    scene.undo()
    scene.redo()
    scene.drag(key, square(3, 3))
    scene.move(key, square(0, 0))
    scene.undo()
    assert len(scene) == 0


def test_drawing_is_one_step(scene, edits):
    key = scene.draw([[0, 0], [0, 1], [0, 4]])  # a line so far
    scene.drag(key, [[0, 0], [0, 4], [4, 4]])
    assert scene.key_at(1, 3) == key
    scene.move(key, square(0, 0, side=4))
    assert [edit.live for edit in edits] == [True, True, False]
    scene.undo()
    assert len(scene) == 0
    assert not scene.can_undo


def test_what_was_drawn_as_a_line_is_not_kept(scene, edits):
    key = scene.draw([[0, 0], [0, 1], [0, 4]])
    scene.commit()
    assert edits[-1].removed == (key,)
    assert edits[-1].notes[key].startswith("Not kept: a polygon must enclose an area")
    assert len(scene) == 0
    assert not scene.can_undo


def test_a_slider_is_one_step(scene):
    before = scene.add(square(0, 0))
    for left in range(5):
        scene.replace_all([square(0, left), square(5, left)], live=True)
    scene.commit()
    scene.undo()
    assert list(scene.polygons) == [before]
    scene.redo()
    assert len(scene) == 2


def test_edits_in_a_block_are_one_step(scene):
    with scene.one_step():
        key = scene.add(square(0, 0))
        scene.add(square(5, 5))
        scene.move(key, square(0, 9))
    scene.undo()
    assert len(scene) == 0
    assert not scene.can_undo


def test_a_block_that_fails_can_be_undone(scene):
    def fails():
        with scene.one_step():
            scene.add(square(0, 0))
            scene.remove(99)

    with pytest.raises(KeyError):
        fails()
    assert len(scene) == 1
    scene.undo()
    assert len(scene) == 0


def test_a_crossing_outline_is_filled_even_odd_until_it_is_dropped(scene, edits):
    key = scene.add(square(0, 0))
    scene.drag(key, BOWTIE)
    both = np.count_nonzero(scene.labels)
    scene.move(key, BOWTIE)
    assert 0 < np.count_nonzero(scene.labels) < both
    assert "crossed itself" in edits[-1].notes[key]
    assert edits[-1].moved == (key,)
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[key], square(0, 0))


def test_a_commit_repairs_what_was_dragged(scene, edits):
    key = scene.add(square(0, 0))
    scene.drag(key, BOWTIE)
    scene.commit()
    assert edits[-1].moved == (key,)
    assert "crossed itself" in edits[-1].notes[key]
    repaired = scene.polygons[key].copy()
    scene.undo()
    scene.redo()
    np.testing.assert_array_equal(scene.polygons[key], repaired)


def test_a_nucleus_dragged_to_a_line_is_put_back(scene, edits):
    key = scene.add(square(0, 0))
    scene.drag(key, [[0, 0], [0, 5], [0, 9]])
    scene.commit()
    np.testing.assert_array_equal(scene.polygons[key], square(0, 0))
    assert edits[-1].notes[key].startswith("Put back as it was: a polygon must enclose an area")


def test_an_empty_history_does_nothing(scene, edits, windows):
    assert not scene.undo()
    assert not scene.redo()
    assert edits == windows == []


def test_undoes_five_hundred_steps_and_more(scene):
    for number in range(600):
        scene.add(square(number % 9, number % 17))
    assert sum(scene.undo() for _ in range(700)) == 600
    assert not scene.labels.any()


def test_the_history_is_bounded(scene):
    key = scene.add(square(0, 0))
    for number in range(LONGEST + 5):
        scene.move(key, square(number % 2, 3))
    assert sum(scene.undo() for _ in range(2 * LONGEST)) == LONGEST


def test_a_new_edit_ends_redo(scene):
    scene.add(square(0, 0))
    scene.undo()
    scene.add(square(5, 5))
    assert not scene.can_redo
    assert not scene.redo()


def test_an_undo_in_parts_is_true_after_each_and_one_step(scene, edits):
    scene.add(square(0, 0))
    keys = scene.add_many([square(0, left) for left in range(3, 18, 3)])
    edits.clear()
    left = [len(scene) for _ in scene.replay(back=True, many=2)]
    assert left == [4, 2]
    assert list(scene.polygons) == [1]
    assert [edit.removed for edit in edits] == [(2, 3), (4, 5), (6,)]
    for _ in scene.replay(back=False, many=2):
        assert set(np.unique(scene.labels)) - {0} == set(scene.polygons)
    assert list(scene.polygons) == [1, *keys]
    assert scene.undo()
    assert scene.undo()
    assert not scene.undo()


@pytest.mark.parametrize("deed", ["add", "clear", "paint", "undo", "redo", "commit", "replace_all"])
def test_what_is_done_amid_an_undo_in_parts_finds_it_done(scene, deed):
    scene.add(square(8, 0))
    scene.add_many([square(0, left) for left in range(0, 18, 3)])
    going = scene.replay(back=True, many=2)
    next(going)
    assert len(scene) == 5
    given = {
        "add": (square(4, 4),),
        "paint": ((slice(0, 1), slice(0, 1)), [[7]]),
        "replace_all": ([square(4, 4)],),
    }
    getattr(scene, deed)(*given.get(deed, ()))
    there = {"add": 2, "clear": 0, "paint": 2, "undo": 0, "redo": 7, "commit": 1, "replace_all": 1}
    assert len(scene) == there[deed]
    assert list(going) == []
    assert len(scene) == there[deed]
    while scene.undo():
        pass
    assert len(scene) == 0
