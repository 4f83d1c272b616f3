"""What a report tells of a run, read from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_sharpgan.inference import card_of
from napari_sharpgan.run_folders.events import EVENTS, Event, read_events
from napari_sharpgan.run_folders.names import BEST, CHECKPOINTS
from napari_sharpgan.training.looks import PREFIX, SAMPLE
from napari_sharpgan.training.record import RunRecord, read_record
from napari_sharpgan.training.report.words import WORDS, Words


@dataclass(frozen=True)
class RunFacts:
    """A run, whether it goes on, has ended, was stopped or was killed.

    Parameters
    ----------
    folder : Path
        The run folder; its name is the run's.
    record : RunRecord
        Settings, code and data.
    events : list of dict
        One a step.
    best_step : int or None
        The step of the best network, if there is one.
    """

    folder: Path
    record: RunRecord
    events: list[Event]
    best_step: int | None

    @classmethod
    def of(cls, folder: Path) -> RunFacts:
        """Read a run folder."""
        record = read_record(folder)
        if record is None:
            raise ValueError(f"no run was begun in {folder}: it holds no config.json; choose a run folder")
        step = _step_of(folder / CHECKPOINTS / BEST, record.kind)
        return cls(folder, record, read_events(folder / EVENTS), step)

    @property
    def name(self) -> str:
        """The name of the run."""
        return self.folder.absolute().name

    @property
    def words(self) -> Words:
        """What is said of such a run."""
        return WORDS[self.record.kind]

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.events[-1]["step"]) if self.events else 0

    @property
    def looks(self) -> list[Event]:
        """The events of steps at which held-out images were scored."""
        return [event for event in self.events if PREFIX + "score" in event]

    @property
    def best(self) -> Event | None:
        """The event of the best network, if it was scored."""
        looks = self.looks
        of_file = [event for event in looks if event["step"] == self.best_step]
        return of_file[0] if of_file else min(looks, key=lambda look: look[PREFIX + "score"], default=None)

    @property
    def kept_step(self) -> int | None:
        """The step of the best network, as its file says, else the scores."""
        return self.best_step if self.best is None else int(self.best["step"])

    @property
    def samples(self) -> list[Event]:
        """The events of steps that have a picture."""
        return [event for event in self.events if isinstance(event.get(SAMPLE), str)]

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """Return steps and values of a fact of the events, where they have it."""
        pairs = [(event["step"], event[name]) for event in self.events if _is_number(event.get(name))]
        return [step for step, _ in pairs], [value for _, value in pairs]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _step_of(path: Path, kind: str) -> int | None:
    """Return the step of a network, or None if there is none that can be read."""
    if not path.is_file():
        return None
    try:
        step = card_of(path, kind).get("step")
    except ValueError:
        return None
    return step if isinstance(step, int) else None
