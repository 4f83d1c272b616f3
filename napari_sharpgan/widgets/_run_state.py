"""What a run is doing, and what one can ask of it then."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_sharpgan.widgets._run_follower import RunFollower


class RunState(Enum):
    """What a run is doing; each with the words of the button that leads on, and what that button does."""

    NEW = "Start", "Start to train, in a process of its own that goes on when this window closes."
    STARTING = "Pause", "The process loads PyTorch and reads the images; it can be paused at its first step."
    TRAINING = "Pause", "Let it wait after this step; the processor is free meanwhile."
    PAUSED = "Go on", "Let it take its next step."
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
        return RunState.STARTING if follower.is_starting else RunState.TRAINING
    if follower is None or steps is None:
        return RunState.NEW
    return RunState.FINISHED if follower.step >= steps else RunState.RESTING
