"""Many nuclei come into a scene in turns of the event loop, and are one step all the same."""

from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import QObject, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QWidget

from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets import _filling
from napari_sharpgan.widgets._filling import AT_ONCE, FIRST, REPLAYED, Filling

SQUARE = np.array([[0, 0], [0, 3], [3, 3], [3, 0]], float)
MANY = [SQUARE + 4 * np.array(divmod(place, 40)) for place in range(4 * FIRST)]
REST = len(MANY) - AT_ONCE * REPLAYED  # what the first turn of an undo leaves


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


def test_what_is_not_wanted_any_more_is_dropped_where_all_would_have_to_be_there(scene, filling, hand):
    filling.begin(scene, MANY, keep=False, live=True)
    hand.is_outdated = True
    filling.finish()
    assert len(scene) == FIRST
    assert not filling.is_on


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


@pytest.fixture
def short_turns(monkeypatch):
    """Turns that have time for one part only."""
    monkeypatch.setattr(_filling, "TURN", 0.0)


@pytest.mark.usefixtures("short_turns")
def test_those_in_the_place_of_many_others_go_and_come_in_turns_but_locked_ones_stay(qtbot, scene, filling):
    keys = scene.add_many(MANY)
    scene.inform({keys[5]: replace(scene.info[keys[5]], is_locked=True)})
    before, sizes = dict(scene.polygons), []
    scene.edited.connect(lambda edit: sizes.append((len(scene), len(edit.added) + len(edit.removed))))
    with qtbot.waitSignal(filling.ended):
        filling.begin(scene, MANY[::-1], keep=False, live=False)
    assert len(scene) == len(MANY) + 1
    assert keys[5] in scene.polygons
    assert max(count for _, count in sizes) <= FIRST
    assert max(size for size, _ in sizes) <= len(MANY) + 1, "never both"
    scene.undo()
    assert dict(scene.polygons) == before


@pytest.mark.usefixtures("short_turns")
def test_many_are_undone_and_redone_in_turns(qtbot, scene, filling):
    scene.add_many(MANY)
    sizes = []
    scene.edited.connect(lambda edit: sizes.append(len(scene)))
    filling.replay(scene, back=True)
    assert len(scene) == 1 + REST > 1
    assert filling.is_on
    qtbot.waitUntil(lambda: not filling.is_on)
    assert list(scene.polygons) == [1]
    assert len(sizes) == len(MANY) / REPLAYED
    filling.replay(scene, back=False)
    filling.replay(scene, back=True)
    filling.replay(scene, back=True)
    filling.finish()
    assert len(scene) == 0
    filling.replay(scene, back=False)
    assert list(scene.polygons) == [1]
    assert not filling.is_on


@pytest.mark.usefixtures("short_turns")
@pytest.mark.parametrize("deed", ["key", "press"])
@pytest.mark.parametrize("going", ["fill", "undo"])
def test_who_does_something_meanwhile_finds_it_done(qtbot, scene, filling, deed, going):
    seen = []

    class Canvas(QWidget):
        def keyPressEvent(self, event):
            seen.append(len(scene))

        def mousePressEvent(self, event):
            seen.append(len(scene))

    canvas = Canvas()
    qtbot.addWidget(canvas)
    if going == "fill":
        filling.begin(scene, MANY, keep=True, live=False)
    else:
        scene.add_many(MANY)
        filling.replay(scene, back=True)
    assert 1 < len(scene) < len(MANY) + 1
    if deed == "key":
        QTest.keyClick(canvas, Qt.Key.Key_A)
    else:
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton)
    assert seen == [len(MANY) + 1 if going == "fill" else 1]
    assert not filling.is_on


@pytest.mark.usefixtures("short_turns")
def test_what_is_to_be_done_later_waits_until_all_have_come(qtbot, scene, filling):
    sizes = []
    filling.begin(scene, MANY, keep=True, live=False)
    filling.later(lambda: sizes.append(len(scene)))
    qtbot.waitUntil(lambda: bool(sizes))
    assert sizes == [len(MANY) + 1]
    filling.later(lambda: sizes.append(0))
    qtbot.waitUntil(lambda: len(sizes) == 2)
