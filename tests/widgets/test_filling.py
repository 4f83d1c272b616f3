"""Many nuclei come into a scene in turns of the event loop, and are one step all the same."""

import numpy as np
import pytest
from qtpy.QtCore import QObject

from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._filling import FIRST, Filling

SQUARE = np.array([[0, 0], [0, 3], [3, 3], [3, 0]], float)
MANY = [SQUARE + 4 * np.array(divmod(place, 40)) for place in range(3 * FIRST)]


@pytest.fixture
def scene():
    scene = Scene((160, 160))
    scene.add(SQUARE + 100)
    return scene


class Hand:
    is_busy = is_outdated = False


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def filling(qtbot, hand):
    parent = QObject()
    made = Filling(parent, is_busy=lambda: hand.is_busy, is_outdated=lambda: hand.is_outdated)
    made.parent_kept = parent
    return made


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("live", [False, True])
def test_they_come_in_turns_and_go_in_one_step(qtbot, scene, filling, keep, live):
    sizes = []
    scene.edited.connect(lambda edit: sizes.append(len(scene)))
    with qtbot.waitSignal(filling.ended):
        filling.begin(scene, MANY, keep=keep, live=live)
        assert len(scene) == FIRST + keep
        assert filling.is_on
    assert not filling.is_on
    assert len(scene) == len(MANY) + keep
    assert len(set(sizes)) >= 3
    for outline, polygon in zip(list(scene.polygons.values())[keep:], MANY, strict=True):
        np.testing.assert_array_equal(outline, polygon)
    scene.undo()
    assert list(scene.polygons) == [1]
    scene.redo()
    assert len(scene) == len(MANY) + keep


def test_an_undo_that_comes_between_takes_back_all_of_them(scene, filling):
    filling.begin(scene, MANY, keep=False, live=False)
    filling.finish()
    assert len(scene) == len(MANY)
    scene.undo()
    assert list(scene.polygons) == [1]


def test_they_wait_while_a_hand_draws(qtbot, scene, filling, hand):
    filling.begin(scene, MANY, keep=False, live=False)
    hand.is_busy = True
    qtbot.wait(60)
    assert len(scene) == FIRST
    hand.is_busy = False
    qtbot.waitUntil(lambda: len(scene) == len(MANY))


def test_a_stage_of_a_gesture_ends_when_a_newer_one_is_known(qtbot, scene, filling, hand):
    with qtbot.waitSignal(filling.ended):
        filling.begin(scene, MANY, keep=False, live=True)
        hand.is_outdated = True
    assert len(scene) == FIRST


def test_few_come_at_once(qtbot, scene, filling):
    with qtbot.waitSignal(filling.ended):
        filling.begin(scene, MANY[:5], keep=False, live=False)
        assert len(scene) == 5
        assert not filling.is_on
    filling.begin(scene, [], keep=False, live=False)
    assert len(scene) == 0
