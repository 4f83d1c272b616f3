import json

import pytest

from napari_sharpgan.run_folders.control import claimed
from napari_sharpgan.widgets._run_follower import RunFollower, clock, in_words


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


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (61.4, "61 s"), (600, "10 min"), (5640, "1 h 34 min"), (36000, "10 h 0 min")],
)
def test_times_are_said_as_exactly_as_one_wants_to_know(seconds, said):
    assert clock(seconds) == said


def test_progress_is_said_in_one_line():
    event = {"step": 1401, "images_per_second": 9.13}
    assert in_words(event, 7700, 0.88) == "step 1,401 of 7,700 · 9.1 images/s · 1 h 32 min left"
    assert in_words({"step": 5}, 5, 0.88) == "step 5 of 5"
