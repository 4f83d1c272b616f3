import os
from dataclasses import replace

import numpy as np
import pytest

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.scene import Scene, history, steps
from napari_sharpgan.scene.steps import LOCKED

LOCK = NucleusInfo(is_locked=True)


def box(top, left, height=4, width=4):
    """An outline along pixel edges: rows top to top + height − 1, and the like for columns."""
    edges = np.array([[0, 0], [0, width], [height, width], [height, 0]])
    return np.array([top, left]) + edges - 0.5


def sizes(scene):
    keys, counts = np.unique(scene.labels[scene.labels > 0], return_counts=True)
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))


def test_what_is_said_of_a_nucleus_is_a_step_like_others(scene, edits, windows):
    key = scene.add(box(0, 0))
    scene.inform({key: NucleusInfo(class_name="Tumor")})
    assert edits[-1].informed == (key,)
    assert edits[-1].moved == ()
    assert len(windows) == 1
    scene.undo()
    assert scene.info[key] == NucleusInfo()
    scene.redo()
    assert scene.info[key].class_name == "Tumor"
    scene.move(key, box(2, 2))
    assert scene.info[key].class_name == "Tumor"


@pytest.mark.parametrize("edit", ["move", "drag", "remove", "clear", "replace_all"])
def test_a_locked_nucleus_stays_as_it_is(scene, edits, edit):
    key = scene.add(box(0, 0))
    scene.inform({key: LOCK})
    before = scene.labels.copy()
    if edit in ("move", "drag"):
        getattr(scene, edit)(key, box(3, 3))
    elif edit == "replace_all":
        scene.replace_all([])
    else:
        getattr(scene, edit)(*([key] if edit == "remove" else []))
    scene.commit()
    np.testing.assert_array_equal(scene.labels, before)
    if edit != "replace_all":
        assert edits[-1].notes == {key: LOCKED}


def test_unlocked_neighbors_of_a_locked_nucleus_go_with_the_drag(scene):
    locked, free = scene.add_many([box(0, 0), box(0, 6)])
    scene.inform({locked: LOCK})
    scene.drag_many({locked: box(5, 0), free: box(5, 6)})
    scene.move_many({locked: box(6, 0), free: box(6, 6)})
    np.testing.assert_array_equal(scene.polygons[locked], box(0, 0))
    np.testing.assert_array_equal(scene.polygons[free], box(6, 6))
    scene.undo()
    np.testing.assert_array_equal(scene.polygons[free], box(0, 6))


def test_undo_passes_locks(scene):
    key = scene.add(box(0, 0))
    scene.inform({key: LOCK})
    scene.undo()
    scene.undo()
    assert len(scene) == 0


def test_keep_existing_cuts_the_others_out_of_what_is_drawn(scene):
    old = scene.add(box(0, 0))
    scene.meeting = "keep existing"
    new = scene.draw(box(0, 2))
    scene.drag(new, box(0, 2))
    assert sizes(scene) == {old: 8, new: 16}
    scene.commit()
    assert sizes(scene) == {old: 16, new: 8}
    scene.undo()
    assert sizes(scene) == {old: 16}
    scene.redo()
    assert sizes(scene) == {old: 16, new: 8}


def test_a_nucleus_that_lies_in_others_is_not_kept(scene, edits):
    scene.add(box(0, 0, 8, 8))
    scene.meeting = "keep existing"
    key = scene.add(box(2, 2))
    assert list(scene.polygons) == [1]
    assert edits[-1].removed == (key,)
    assert "other nuclei" in edits[-1].notes[key]


def test_overwrite_cuts_what_is_moved_out_of_the_others_but_not_of_locked_ones(scene):
    free, locked, mover = scene.add_many([box(0, 0), box(0, 4), box(6, 2)])
    scene.inform({locked: LOCK})
    scene.meeting = "overwrite"
    scene.move(mover, box(0, 2))
    assert sizes(scene) == {free: 8, locked: 16, mover: 8}
    assert scene.labels[0, 2] != free
    scene.undo()
    assert sizes(scene) == {free: 16, locked: 16, mover: 16}


def test_overwriting_all_of_a_nucleus_takes_it_away_and_says_so(scene, edits):
    small = scene.add(box(2, 2, 2, 2))
    scene.meeting = "overwrite"
    scene.add(box(0, 0, 8, 8))
    assert small not in scene.polygons
    assert "drawn over" in edits[-1].notes[small]
    scene.undo()
    assert list(scene.polygons) == [small]


def test_generated_nuclei_overlap_as_they_are(scene):
    scene.meeting = "keep existing"
    scene.add_many([box(0, 0), box(0, 2)])
    assert sizes(scene) == {1: 8, 2: 16}


def test_an_unknown_meeting_is_refused(scene):
    with pytest.raises(ValueError, match="overlap"):
        scene.meeting = "collide"


def test_a_scene_of_nuclei_keeps_keys_and_words():
    scene = Scene((12, 20))
    scene.add_many([box(0, 0), box(5, 5)])
    scene.remove(1)
    scene.inform({2: replace(LOCK, class_name="Tumor")})
    again = Scene.of(scene.shape, scene.nuclei)
    np.testing.assert_array_equal(again.labels, scene.labels)
    assert again.info[2] == scene.info[2]
    assert again.next_key == 3
    assert not again.can_undo


def test_large_steps_lie_on_the_disk_and_are_undone_all_the_same(monkeypatch):
    monkeypatch.setattr(steps, "History", lambda: history.History(held=2000))
    scene = Scene((12, 20))
    scene.add(box(0, 0))
    scene.inform({1: NucleusInfo(class_name="Tumor", class_color=(1, 2, 3))})
    for left in range(40):
        scene.replace_all([box(0, left % 16), box(5, left % 16)])
    assert len(os.listdir(scene._steps._history._folder.name)) > 40
    for _ in range(41):
        scene.undo()
    assert list(scene.polygons) == [1]
    while scene.redo():
        pass
    np.testing.assert_array_equal(scene.labels, _painted(39))
    scene.replace_all([])
    assert dict(scene.info) == {}


def _painted(left):
    labels = np.zeros((12, 20), np.int32)
    labels[0:4, left % 16 : left % 16 + 4] = 80
    labels[5:9, left % 16 : left % 16 + 4] = 81
    return labels
