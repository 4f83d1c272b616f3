from types import SimpleNamespace

import pytest

from napari_sharpgan.widgets._run_state import RunState, state_of


def follower(**facts):
    idle = {"is_running": False, "is_stopping": False, "is_paused": False, "is_starting": False, "step": 3}
    return SimpleNamespace(**(idle | facts))


@pytest.mark.parametrize(
    ("facts", "steps", "state"),
    [
        ({}, None, RunState.NEW),
        ({}, 5, RunState.RESTING),
        ({}, 3, RunState.FINISHED),
        ({"is_running": True, "is_starting": True}, 5, RunState.STARTING),
        ({"is_running": True}, 5, RunState.TRAINING),
        ({"is_running": True, "is_paused": True}, 5, RunState.PAUSED),
        ({"is_running": True, "is_paused": True, "is_stopping": True}, 5, RunState.STOPPING),
    ],
)
def test_a_run_is_in_one_state(facts, steps, state):
    assert state_of(follower(**facts), steps) is state


def test_without_a_folder_a_run_is_new():
    assert state_of(None, None) is RunState.NEW


def test_only_what_trains_or_begins_to_can_be_stopped():
    stoppable = {state for state in RunState if state.can_stop}
    assert stoppable == {RunState.STARTING, RunState.TRAINING, RunState.PAUSED}
