"""A run folder: config, events, checkpoints; started once, gone on with as often as needed."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.events import EVENTS, cut_events
from napari_sharpgan.run_folders.names import BEST, CHECKPOINTS, LAST
from napari_sharpgan.training.checkpoints import remove_leftovers, resume, save_checkpoint
from napari_sharpgan.training.kinds import KINDS, kind_of
from napari_sharpgan.training.looks import Examiner, Looks
from napari_sharpgan.training.plan import RunPlan
from napari_sharpgan.training.record import read_record
from napari_sharpgan.training.report import write_report
from napari_sharpgan.training.trainer import Trainer, TrainStep, train_steps


@dataclass(frozen=True)
class SavePolicy:
    """When a run writes a checkpoint: each ``seconds``, and each ``steps`` if that is not 0."""

    seconds: float = 60.0
    steps: int = 0


def generator_path(folder: Path) -> Path:
    """Return where a run writes its best network: the generator to render with, the segmenter to use."""
    return folder / CHECKPOINTS / BEST


def train_run(
    trainer: Trainer,
    folder: Path,
    *,
    plan: RunPlan | None = None,
    save: SavePolicy | None = None,
    should_stop: ShouldStop = never,
    held_out: Examiner | None = None,
) -> Generator[TrainStep, None, Path]:
    """Train in a run folder, going on from its last checkpoint if it has one.

    Parameters
    ----------
    trainer : Trainer
        Fresh; it is restored from the folder.
    folder : Path
        Made if missing. Holds ``config.json``, ``events.jsonl`` (one object a step with ``step``, ``time`` of
        the clock, ``seconds`` that the step took, ``images_per_second`` and every loss as ``loss_…``) and
        ``checkpoints/``: ``last.safetensors`` (the network's float32 weights), ``last.resume`` (all that a
        resume needs), ``previous.resume`` (the one before) and ``best.safetensors`` (averaged, settled,
        float16: the one to use). See `Looks` for ``samples/``. ``report.html`` is written at the end,
        also of a run that is stopped.
    plan : RunPlan, optional
        What a new run keeps in ``config.json``; by default the trainer's settings, without a data folder.
    save : SavePolicy, optional
        When to write checkpoints; the last step always does.
    held_out : Examiner, optional
        What is looked at ``samples`` times (of the settings), for ``samples/``, the ``held_out_…`` facts of
        events and the best network; without it that is the newest. See `Looks`.

    Returns
    -------
    Path
        The best network.
    """
    with writing(folder):
        (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder)
    (plan or RunPlan(folder, trainer.config, before=read_record(folder))).keep()
    if not resume(trainer, folder) and trainer.config.start:
        KINDS[kind_of(trainer.config)].start_from(trainer, trainer.config.start)
    looks = Looks(folder, held_out)
    looks.begin(trainer.config)
    yield from _train_and_save(trainer, folder, save or SavePolicy(), should_stop, looks)
    path = looks.finish(trainer)
    write_report(folder)
    return path


def _train_and_save(
    trainer: Trainer, folder: Path, policy: SavePolicy, should_stop: ShouldStop, looks: Looks
) -> Generator[TrainStep, None, None]:
    """Train, with an event a step and a checkpoint when one is due and at the end."""
    saved_at, saved_step = time.monotonic(), trainer.step
    with writing(folder):
        cut_events(folder / EVENTS, trainer.step)
        events = (folder / EVENTS).open("ab", buffering=0)
    with events:
        for step in train_steps(trainer, should_stop=should_stop):
            more = looks(trainer, step)  # before the event, so that a checkpoint has all looks behind it
            with writing(folder):
                _append(events, _line(step, more))
            due = time.monotonic() - saved_at >= policy.seconds
            if due or (policy.steps and step.step % policy.steps == 0):
                save_checkpoint(trainer, folder)
                saved_at, saved_step = time.monotonic(), step.step
            yield step
    if saved_step != trainer.step or not (folder / CHECKPOINTS / LAST).is_file():
        save_checkpoint(trainer, folder)


def _append(file: FileIO, line: bytes) -> None:
    """Write a line; what does not fit is not kept for later, so that closing the file cannot fail again."""
    written = 0
    while written < len(line):
        written += file.write(line[written:])


def _line(step: TrainStep, more: Mapping[str, Any]) -> bytes:
    """Return the event of a step as a line of JSON."""
    losses = {f"loss_{name}": value for name, value in step.losses.items()}
    facts = {"time": round(time.time(), 3), "seconds": round(step.seconds, 4)}
    rate = round(step.images_per_second, 3)
    return (
        json.dumps({"step": step.step, **facts, "images_per_second": rate, **losses, **more}).encode() + b"\n"
    )
