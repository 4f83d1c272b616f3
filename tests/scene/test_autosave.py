"""Nothing is lost: copies while edits go on, and what is left of them after a process was killed."""

import resource
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import replace

import numpy as np
import pytest

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.scene import Nucleus, Scene
from napari_sharpgan.scene.autosave import COPIES, Autosave, autosaves, copies, prune
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.recovery import SKIPPED, discard, dismiss, found, recover
from napari_sharpgan.scene.unsaved import Unsaved

SQUARE = np.array([[1.0, 1], [1, 5], [5, 5], [5, 1]])
WORK = Facts(title="tile_07.png", by_hand=True)


@pytest.fixture(autouse=True)
def _own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.01)


@pytest.fixture
def keeper(scene):
    made = Autosave(scene, lambda: WORK, every=0.01)
    yield made
    made.close()


def left_by(scene, facts=WORK, **how):
    """Return what a session that edited a scene leaves behind."""
    keeper = Autosave(scene, lambda: facts, every=0)
    keeper.hold()
    keeper.close(**how)
    return next(left for left in found() if left.folder == keeper.folder)


# ---- copies


def test_an_edit_is_on_the_disk_a_moment_later_and_is_whole(scene, keeper):
    scene.add(SQUARE)
    until(lambda: keeper.folder.is_dir() and copies(keeper.folder))
    keeper.close()
    (left,) = found()
    assert (left.count, left.facts.title) == (1, "tile_07.png")
    assert abs(left.time - time.time()) < 30
    again, facts, note = recover(left)
    np.testing.assert_array_equal(again.labels, scene.labels)
    assert facts == WORK
    assert note == ""


def test_all_that_the_scene_knows_comes_back(scene):
    info = NucleusInfo(class_name="Tumor", class_color=(200, 0, 0), is_locked=True, measurements={"a": 0.5})
    facts = Facts(source="a.geojson", micrometers_per_pixel=0.25, place={"scale": [2.0, 2.0]}, by_hand=True)
    made = Scene.of((30, 40), {3: Nucleus(SQUARE, info), 8: Nucleus(SQUARE + 0.25)})
    again, known, _ = recover(left_by(made, facts))
    assert again.shape == (30, 40)
    assert list(again.polygons) == [3, 8]
    np.testing.assert_array_equal(again.polygons[8], SQUARE + 0.25)
    assert replace(again.info[3], id="") == info
    assert known == facts


def test_a_copy_follows_every_kind_of_edit_key_by_key_in_drawing_order(scene, keeper):
    def again():
        until(lambda: keeper._waiting is None)
        scene.commit()

    keys = scene.add_many([SQUARE, SQUARE + 2, SQUARE + 4])
    again()
    scene.remove(keys[0])
    scene.drag(keys[1], SQUARE + 1)
    again()
    scene.inform({keys[1]: NucleusInfo(class_name="Tumor", id=str(uuid.uuid4()))})
    added = scene.add(SQUARE + 6)
    again()
    scene.undo()
    scene.undo()
    scene.undo()
    scene.undo()
    assert list(scene.polygons) == keys
    again()
    scene.redo()
    scene.redo()
    keeper.close()
    held, kept = scene.nuclei, recover(found()[0])[0].nuclei
    assert added not in held
    assert list(kept) == list(held) == keys[1:]
    for key in held:
        np.testing.assert_array_equal(kept[key].outline, held[key].outline)


def test_every_nucleus_has_a_uuid_that_stays(scene):
    own = str(uuid.uuid4())
    scene.add_many([SQUARE, SQUARE + 3])
    scene.inform({2: NucleusInfo(id=own)})
    first = recover(left_by(scene))[0]
    second = recover(left_by(first, Facts(by_hand=True)))[0]
    assert first.info[2].id == own
    assert uuid.UUID(first.info[1].id).version == 5
    assert [n.id for n in first.info.values()] == [n.id for n in second.info.values()]


def test_nothing_is_written_before_there_is_work_by_hand(scene):
    unsaved = Unsaved(scene)
    keeper = Autosave(scene, lambda: Facts(by_hand=unsaved.by_hand), every=0)
    with unsaved.by_machine():
        scene.replace_all([SQUARE])
    time.sleep(0.1)
    assert not keeper.folder.exists()
    scene.move(1, SQUARE + 2)
    until(lambda: keeper.folder.is_dir() and copies(keeper.folder))
    keeper.close()
    assert found()[0].is_offered


def test_only_the_last_copies_of_a_document_stay(scene, keeper):
    for step in range(6):
        scene.add(SQUARE + step)
        until(lambda: keeper.folder.is_dir() and keeper._waiting is None)
        time.sleep(0.03)
    keeper.close()
    assert len(copies(keeper.folder)) == COPIES
    assert found()[0].count == 6


def test_edits_that_never_pause_are_written_as_they_go(scene):
    keeper = Autosave(scene, lambda: WORK, every=0.1)
    key, start, longest = scene.add(SQUARE), time.monotonic(), 0.0
    while time.monotonic() - start < 1:
        scene.drag(key, SQUARE + (time.monotonic() - start))
        if keeper._disk._number:
            longest = max(longest, keeper._disk._number)
    keeper.close()
    assert 2 <= longest <= 11, "throttled, not only put off"


def test_a_document_that_is_open_is_not_found_by_another(scene, keeper):
    scene.add(SQUARE)
    until(lambda: keeper.folder.is_dir() and copies(keeper.folder))
    assert found() == []
    keeper.close()
    assert len(found()) == 1


def test_copies_that_are_not_wanted_any_more_are_gone(scene):
    keeper = Autosave(scene, lambda: WORK, every=0)
    scene.add(SQUARE)
    keeper.close(keep=False)
    assert list(autosaves().iterdir()) == []


def test_what_was_put_aside_or_dismissed_stays_in_the_list_but_is_not_offered(scene):
    aside, crashed = left_by(scene, seen=True), left_by(scene)
    assert [left.is_offered for left in found()] == [True, False]
    dismiss(crashed)
    assert not any(left.is_offered for left in found())
    discard(aside)
    assert [left.folder for left in found()] == [crashed.folder]


def test_the_oldest_of_too_many_are_forgotten(scene):
    folders = [left_by(scene).folder for _ in range(4)]
    prune(2)
    assert [left.folder for left in found()] == folders[:1:-1]


# ---- trouble


@pytest.mark.parametrize("harm", [b"", b"no zip", "cut", "flip"])
def test_of_a_broken_copy_the_one_before_is_taken_and_that_is_said(scene, keeper, harm):
    for step in range(2):
        scene.add(SQUARE + step)
        until(lambda count=step + 1: keeper.folder.is_dir() and len(copies(keeper.folder)) >= count)
    keeper.close()
    newest = copies(keeper.folder)[0]
    whole = newest.read_bytes()
    middle = len(whole) // 2
    newest.write_bytes(
        {"cut": whole[:-40], "flip": whole[:middle] + b"XXXXXXXX" + whole[middle + 8 :]}.get(harm, harm)
    )
    (left,) = found()
    again, _, note = recover(left)
    assert note == SKIPPED
    assert 1 <= len(again) < 3


def test_when_no_copy_can_be_read_there_is_one_sentence_or_nothing(scene):
    left = left_by(scene)
    for path in copies(left.folder):
        path.write_bytes(b"")
    assert found() == []
    with pytest.raises(ValueError, match=r"no copy of the nuclei of .*tile_07.png.* can be read"):
        recover(left)


def test_a_folder_that_cannot_be_written_to_is_said_once_and_edits_go_on(monkeypatch, scene, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "file"))
    said = []
    keeper = Autosave(scene, lambda: WORK, failed=said.append, every=0)
    for step in range(5):
        scene.add(SQUARE + step)
        time.sleep(0.02)
    keeper.close()
    assert len(scene) == 5
    assert len(said) == 1
    assert "are not autosaved now" in said[0]


def test_a_full_disk_is_said_once_and_written_to_again_when_there_is_room(monkeypatch, scene):
    monkeypatch.setattr("napari_sharpgan.scene.autosave.RETRY", 0.01)
    said = []
    keeper = Autosave(scene, lambda: WORK, failed=said.append, every=0.01)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        scene.add(SQUARE)
        until(lambda: said)
        time.sleep(0.1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    until(lambda: copies(keeper.folder))
    keeper.close()
    assert len(said) == 1
    assert recover(found()[0])[0].labels.any()


# ---- killed

EDITS = """
import itertools, sys, time
import numpy as np
from napari_sharpgan.scene import Scene

def edited(scene):
    '''Edit without end; yield the number of each edit when it is done.'''
    rng = np.random.default_rng(5)
    square = np.array([[0.0, 0], [0, 9], [9, 9], [9, 0]])
    keys = scene.add_many([square + 4 * n for n in range(12)])
    for number in itertools.count():
        scene.move(keys[number % 12], square + rng.uniform(0, 55, 2))
        yield number
"""
KILLED = """
from napari_sharpgan.scene.autosave import Autosave
from napari_sharpgan.scene.facts import Facts

scene = Scene((64, 64))
keeper = Autosave(scene, lambda: Facts(by_hand=True))
for number in edited(scene):
    print(number, time.time(), flush=True)
    time.sleep(0.0005)
"""


def test_kill_9_amid_a_thousand_edits_loses_at_most_the_last_second():
    process = subprocess.Popen([sys.executable, "-c", EDITS + KILLED], stdout=subprocess.PIPE, text=True)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if len(lines) == 1300:
            process.send_signal(signal.SIGKILL)
            break
    killed = time.time()
    lines += process.stdout.readlines()
    process.wait()
    done = {int(number): float(at) for number, at in (line.split() for line in lines if line.endswith("\n"))}
    again = recover(found()[0])[0]
    space = {}
    exec(EDITS, space)  # the same edits in the same order
    scene = Scene((64, 64))
    states = {}
    for number in space["edited"](scene):
        states[scene.labels.tobytes()] = number
        if number > max(done):
            break
    kept = states[again.labels.tobytes()]
    assert kept > 100
    lost = [at for number, at in done.items() if number > kept]
    assert killed - min(lost, default=killed) <= 1.0
