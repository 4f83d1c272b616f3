import numpy as np
import pytest

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.nuclei import random_nuclei
from napari_sharpgan.scene import Scene, tools
from tests.scene.test_locks_and_meetings import LOCK, box, sizes

TUMOR = NucleusInfo(class_name="Tumor")


def test_merging_keeps_key_and_words_of_the_largest(scene):
    small, large = scene.add_many([box(0, 0), box(0, 4, 4, 6)])
    scene.inform({large: TUMOR})
    assert tools.merge(scene, [small, large]) == large
    assert sizes(scene) == {large: 40}
    assert scene.info[large] == TUMOR
    scene.undo()
    assert sizes(scene) == {small: 16, large: 24}


def test_merging_what_lies_apart_gives_one_nucleus_of_two_parts(scene):
    keys = scene.add_many([box(0, 0), box(6, 10)])
    assert tools.merge(scene, keys) in keys
    assert list(sizes(scene).values()) == [32]


def test_one_nucleus_or_locked_ones_are_not_merged(scene):
    first, second = scene.add_many([box(0, 0), box(0, 4)])
    assert tools.merge(scene, [first]) is None
    scene.inform({second: LOCK})
    assert tools.merge(scene, [first, second]) is None
    assert sizes(scene) == {first: 16, second: 16}


def test_a_line_splits_all_that_it_crosses_in_one_step(scene):
    first, second, other = scene.add_many([box(0, 0, 4, 6), box(5, 0, 4, 6), box(0, 12)])
    scene.inform({first: TUMOR})
    keys = tools.split(scene, [[-2, 3.5], [14, 3.5]])
    assert keys == [first, second, 4, 5]
    assert sizes(scene) == {first: 16, second: 16, other: 16, 4: 8, 5: 8}
    assert scene.info[4].class_name == "Tumor"
    scene.undo()
    assert sizes(scene) == {first: 24, second: 24, other: 16}


def test_only_the_chosen_are_split_and_locked_ones_never(scene):
    first, second = scene.add_many([box(0, 0, 4, 6), box(5, 0, 4, 6)])
    line = [[-2, 2.5], [14, 2.5]]
    assert tools.split(scene, line, [second]) == [second, 3]
    scene.inform({first: LOCK})
    assert tools.split(scene, line, [first]) == []


def test_a_line_that_crosses_nothing_does_nothing(scene):
    scene.add(box(0, 0))
    assert tools.split(scene, [[8, 8], [9, 18]]) == []
    scene.undo()
    assert len(scene) == 0


def test_a_stroke_begins_a_nucleus_and_is_one_step(scene, edits):
    stroke = tools.Stroke(scene, 1.4)
    for column in range(3, 15):
        stroke.to([6, column])
    stroke.end()
    assert list(scene.polygons) == [stroke.key] == [1]
    assert scene.labels[6, 2:15].all()
    assert edits[0].live
    assert not scene.labels[3].any()
    scene.undo()
    assert not scene.labels.any()
    assert not scene.can_undo


def test_a_stroke_adds_to_a_nucleus_and_keeps_its_words(scene):
    key = scene.add(box(2, 2))
    scene.inform({key: TUMOR})
    stroke = tools.Stroke(scene, 1.0, key)
    stroke.to([4, 5])
    stroke.to([4, 12])
    stroke.end()
    assert scene.labels[4, 2:13].all()
    assert scene.info[key] == TUMOR


def test_erasing_takes_from_one_or_from_all(scene):
    first, second = scene.add_many([box(0, 0, 8, 8), box(0, 8, 8, 8)])
    stroke = tools.Stroke(scene, 1.0, first, erase=True)
    stroke.to([3, 6])
    stroke.to([3, 12])
    stroke.end()
    assert sizes(scene)[second] == 64
    assert sizes(scene)[first] < 64
    stroke = tools.Stroke(scene, 20.0, erase=True)
    stroke.to([4, 8])
    stroke.end()
    assert len(scene) == 0
    scene.undo()
    assert sizes(scene)[second] == 64


def test_a_stroke_does_not_touch_locked_nuclei(scene):
    key = scene.add(box(0, 0, 8, 8))
    scene.inform({key: LOCK})
    stroke = tools.Stroke(scene, 2.0, erase=True)
    stroke.to([4, 4])
    stroke.end()
    assert sizes(scene) == {key: 64}


def test_painting_new_nuclei_keeps_existing_ones(scene):
    scene.add(box(0, 0, 8, 8))
    scene.meeting = "keep existing"
    stroke = tools.Stroke(scene, 2.0)
    stroke.to([4, 6])
    stroke.to([4, 14])
    stroke.end()
    assert sizes(scene)[1] == 64
    assert scene.labels[4, 10] == 2


@pytest.mark.parametrize("tool", [tools.fill, tools.smooth, tools.lighten])
def test_tools_of_many_are_one_step_and_leave_locked_ones(tool):
    labels = np.zeros((60, 60), np.int32)
    labels[5:25, 5:25] = 1
    labels[10:15, 10:15] = 0
    labels[30:50, 30:50] = 2
    labels[35:40, 35:40] = 0
    scene = Scene.from_labels(labels)
    scene.inform({2: LOCK})
    before = scene.labels.copy()
    tool(scene, [1, 2])
    np.testing.assert_array_equal(scene.labels == 2, before == 2)
    if tool is tools.fill:
        assert np.count_nonzero(scene.labels == 1) == 400
    else:
        assert len(scene.polygons[1]) != len(Scene.from_labels(labels).polygons[1])
    scene.undo()
    np.testing.assert_array_equal(scene.labels, before)


def test_lighter_outlines_cover_nearly_the_same_pixels():
    drawn = Scene((200, 200))
    drawn.add_many(random_nuclei(drawn.shape, 20, max_overlap=0, seed=1))
    scene = Scene.from_labels(drawn.labels)
    before = scene.labels.copy()
    tools.lighten(scene, scene.polygons)
    for key in scene.polygons:
        both = np.count_nonzero((scene.labels == key) & (before == key))
        either = np.count_nonzero((scene.labels == key) | (before == key))
        assert both / either > 0.9
    assert np.mean([len(outline) for outline in scene.polygons.values()]) < 45
