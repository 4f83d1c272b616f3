"""What a run is doing, and what one can ask of it then."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from napari_sharpgan.widgets._training_process import STOPPED

if TYPE_CHECKING:
    from napari_sharpgan.widgets._run_follower import RunFollower


class RunState(Enum):
    """What a run is doing; each with the words of the button that leads on, and what that button does."""

    NEW = "Start", "Start to train, in a process of its own that goes on when this window closes."
    STARTING = "Pause", "The process loads PyTorch and reads the images; it can be paused at its first step."
    TRAINING = "Pause", "Let it wait after this step; the processor is free meanwhile."
    PAUSED = "Go on", "Let it take its next step."
    SAVING = "Pause", "All steps are done; it writes the generator and the report."
    STOPPING = "Pause", "It saves what it has learned, and ends."
    RESTING = "Go on", "Start a process that goes on from the last checkpoint."
    FINISHED = "New run", "Begin another run on this data."

    @property
    def words(self) -> str:
        """What stands on the button."""
        return self.value[0]

    @property
    def help(self) -> str:
        """What the button does."""
        return self.value[1]

    @property
    def can_stop(self) -> bool:
        """Whether there is a process that can be told to save and end."""
        return self in (RunState.STARTING, RunState.TRAINING, RunState.PAUSED)


def state_of(follower: RunFollower | None, steps: int | None) -> RunState:
    """Return what a run is doing.

    Parameters
    ----------
    follower : RunFollower or None
        Of its folder.
    steps : int or None
        How many steps it has; None if it was not begun yet.
    """
    if follower is not None and follower.is_running:
        if follower.is_stopping:
            return RunState.STOPPING
        if follower.is_paused:
            return RunState.PAUSED
        if follower.is_starting:
            return RunState.STARTING
        return RunState.SAVING if steps is not None and follower.step >= steps else RunState.TRAINING
    if follower is None or steps is None:
        return RunState.NEW
    return RunState.FINISHED if follower.step >= steps else RunState.RESTING


class Ending(Enum):
    """How a process ended, in words with a place for the step."""

    FINISHED = "Finished: {step}"
    STOPPED = "Stopped and saved at {step}"
    CANCELED = "Stopped before its first step"
    KILLED = "The training process was killed after {step}; Go on continues from its last checkpoint"
    FAILED = ""  # its own last words tell


def ending(status: int | None, follower: RunFollower, *, is_complete: bool) -> Ending:
    """Return how a process ended.

    Parameters
    ----------
    status : int or None
        Its exit status; None if another window started it.
    follower : RunFollower
        Of its folder.
    is_complete : bool
        Whether all steps are done.
    """
    if status == 0 or (status is None and is_complete and not follower.left_its_name):
        return Ending.FINISHED
    if follower.was_stopped or status in STOPPED:
        return Ending.STOPPED if follower.step else Ending.CANCELED
    if (status is None and follower.left_its_name) or (status is not None and status < 0):
        return Ending.KILLED
    return Ending.STOPPED if status is None else Ending.FAILED
