from types import SimpleNamespace

import pytest

from napari_sharpgan.widgets._run_state import Ending, RunState, ending, state_of


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
        ({"is_running": True}, 3, RunState.SAVING),
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


@pytest.mark.parametrize(
    ("status", "facts", "is_complete", "how"),
    [
        (0, {}, True, Ending.FINISHED),
        (None, {}, True, Ending.FINISHED),
        (130, {}, False, Ending.STOPPED),
        (143, {}, False, Ending.STOPPED),
        (None, {}, False, Ending.STOPPED),
        (-2, {"was_stopped": True}, False, Ending.STOPPED),
        (130, {"step": 0}, False, Ending.CANCELED),
        (-9, {"left_its_name": True}, False, Ending.KILLED),
        (-9, {}, False, Ending.KILLED),
        (None, {"left_its_name": True}, False, Ending.KILLED),
        (2, {"left_its_name": True}, False, Ending.FAILED),
        (1, {}, True, Ending.FAILED),
    ],
)
def test_it_is_known_how_a_process_ended(status, facts, is_complete, how):
    told = {"was_stopped": False, "left_its_name": False, "step": 3} | facts
    assert ending(status, SimpleNamespace(**told), is_complete=is_complete) is how
