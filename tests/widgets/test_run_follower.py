import json
import time

import pytest

from napari_sharpgan.run_folders.control import claimed, go_on, is_paused, pause
from napari_sharpgan.widgets._run_follower import RunFollower, in_words


def write(folder, steps, seconds=2.0):
    with (folder / "events.jsonl").open("a") as file:
        file.writelines(json.dumps({"step": step, "time": 100 + seconds * step}) + "\n" for step in steps)


@pytest.fixture
def follower(tmp_path, qapp):
    follower = RunFollower(tmp_path)
    yield follower
    follower.deleteLater()


def test_it_tells_steps_as_they_come(follower, tmp_path, qtbot):
    seen = []
    follower.stepped.connect(seen.extend)
    write(tmp_path, [1, 2])
    qtbot.waitUntil(lambda: len(seen) == 2)
    write(tmp_path, [3])
    qtbot.waitUntil(lambda: [event["step"] for event in seen] == [1, 2, 3])
    assert follower.step == 3
    assert follower.seconds_a_step == pytest.approx(2)


def test_a_pause_does_not_count_as_a_slow_step(follower, tmp_path):
    write(tmp_path, range(1, 10))
    write(tmp_path, range(1000, 1010))
    follower.look()
    assert follower.seconds_a_step == pytest.approx(2)


def test_it_catches_up_with_a_long_run(follower, tmp_path, qtbot):
    write(tmp_path, range(1, 20_001))
    qtbot.waitUntil(lambda: follower.step == 20_000, timeout=30_000)


def test_it_tells_the_end_of_a_process_that_another_window_started(tmp_path, qtbot):
    with claimed(tmp_path):
        follower = RunFollower(tmp_path)
        assert follower.is_running
    with qtbot.waitSignal(follower.ended) as ended:
        pass
    assert ended.args == [None]
    assert not follower.is_running
    follower.deleteLater()


def test_progress_is_said_in_one_line():
    event = {"step": 1401, "images_per_second": 9.13}
    assert in_words(event, 7700, 0.88) == "step 1,401 of 7,700 · 9.1 images/s · 1 h 32 min left"
    assert in_words({"step": 5}, 5, 0.88) == "step 5 of 5"


def test_a_process_that_was_paused_by_someone_else_is_told(tmp_path, qtbot):
    with claimed(tmp_path):
        follower = RunFollower(tmp_path)
        with qtbot.waitSignal(follower.turned):
            pause(tmp_path)
        assert follower.is_paused
        with qtbot.waitSignal(follower.turned):
            go_on(tmp_path)
        assert not follower.is_paused
    follower.deleteLater()


def test_a_pause_and_its_end_are_known_at_once(tmp_path, qapp):
    with claimed(tmp_path):
        follower = RunFollower(tmp_path)
        follower.pause()
        assert follower.is_paused
        assert is_paused(tmp_path)
        follower.go_on()
        assert not follower.is_paused
        assert not is_paused(tmp_path)
    follower.deleteLater()


def test_a_process_starts_until_an_event_of_its_own_comes(follower, tmp_path, qtbot):
    write(tmp_path, range(1, 5))
    follower.look()
    follower.start(["doctor", "--help"])  # stands for a training that takes long to begin
    assert follower.is_starting
    follower.look()
    assert follower.is_starting
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write(json.dumps({"step": 3, "time": time.time() + 1}) + "\n")
    follower.look()
    assert not follower.is_starting
    with qtbot.waitSignal(follower.ended, timeout=120_000) as ended:
        pass
    assert ended.args == [0]
