"""A run folder: config, events, checkpoints; started once, gone on with as often as needed."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from napari_sharpgan._files import written_whole
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.rendering import save_generator
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.events import EVENTS, cut_events
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import SETTLING_CROPS, GanStep, GanTrainer, settled, train_gan

CONFIG = "config.json"
CHECKPOINTS = "checkpoints"
LAST, RESUME, BEST = "last.safetensors", "last.resume", "best.safetensors"


AfterStep = Callable[[GanTrainer, GanStep], Mapping[str, Any]]


def nothing_more(_trainer: GanTrainer, _step: GanStep) -> Mapping[str, Any]:
    """Add no facts to an event."""
    return {}


@dataclass(frozen=True)
class SavePolicy:
    """When a run writes a checkpoint: each ``seconds``, and each ``steps`` if that is not 0."""

    seconds: float = 60.0
    steps: int = 0


def read_config(folder: Path) -> GanConfig | None:
    """Return the config of a run folder, or None if there is none yet."""
    path = folder / CONFIG
    if not path.is_file():
        return None
    try:
        return GanConfig(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is no config of a training: {error}") from error


def generator_path(folder: Path) -> Path:
    """Return where a run writes the generator to render with."""
    return folder / CHECKPOINTS / BEST


def train_run(
    trainer: GanTrainer,
    folder: Path,
    *,
    save: SavePolicy | None = None,
    should_stop: ShouldStop = never,
    after_step: AfterStep = nothing_more,
) -> Generator[GanStep, None, Path]:
    """Train in a run folder, going on from its last checkpoint if it has one.

    Parameters
    ----------
    trainer : GanTrainer
        Fresh; it is restored from the folder.
    folder : Path
        Made if missing. Holds ``config.json``, ``events.jsonl`` (one object a step with ``step``, ``time`` of
        the clock, ``seconds`` that the step took, ``images_per_second`` and every loss as ``loss_…``) and
        ``checkpoints/``: ``last.safetensors`` (the generator's float32 weights), ``last.resume`` (all that a
        resume needs) and ``best.safetensors`` (averaged, settled, float16: the one to render with).
    save : SavePolicy, optional
        When to write checkpoints; the last step always does.
    after_step : callable
        Gets the trainer and the step that it did, and returns more facts for the step's event. It is called
        before the event is written, and again, at the same step, when a kill took the steps since the last
        checkpoint: it must then do the same.

    Returns
    -------
    Path
        The generator to render with.
    """
    with writing(folder):
        (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
        _keep_config(trainer.config, folder)
    resume(trainer, folder)
    yield from _train_and_save(trainer, folder, save or SavePolicy(), should_stop, after_step)
    return export(trainer, folder)


def _train_and_save(
    trainer: GanTrainer, folder: Path, policy: SavePolicy, should_stop: ShouldStop, after_step: AfterStep
) -> Generator[GanStep, None, None]:
    """Train, with an event a step and a checkpoint when one is due and at the end."""
    saved_at, saved_step = time.monotonic(), trainer.step
    with writing(folder):
        cut_events(folder / EVENTS, trainer.step)
        events = (folder / EVENTS).open("a")
    with events:
        for step in train_gan(trainer, should_stop=should_stop):
            more = after_step(trainer, step)
            with writing(folder):
                events.write(_line(step, more))
                events.flush()
            due = time.monotonic() - saved_at >= policy.seconds
            if due or (policy.steps and step.step % policy.steps == 0):
                save_checkpoint(trainer, folder)
                saved_at, saved_step = time.monotonic(), step.step
            yield step
    if saved_step != trainer.step or not (folder / CHECKPOINTS / LAST).is_file():
        save_checkpoint(trainer, folder)


def _line(step: GanStep, more: Mapping[str, Any]) -> str:
    """Return the event of a step as a line of JSON."""
    losses = {f"loss_{name}": value for name, value in step.losses.items()}
    facts = {"time": round(time.time(), 3), "seconds": round(step.seconds, 4)}
    rate = round(step.images_per_second, 3)
    return json.dumps({"step": step.step, **facts, "images_per_second": rate, **losses, **more}) + "\n"


def save_checkpoint(trainer: GanTrainer, folder: Path) -> None:
    """Write the generator's weights, then what a resume needs; each file whole or not at all.

    In this order a kill between the two leaves a resume that does the last steps again and writes both anew.
    """
    with writing(folder):
        save_generator(trainer.generator, folder / CHECKPOINTS / LAST, card={"step": trainer.step})
        with written_whole(folder / CHECKPOINTS / RESUME) as temporary:
            torch.save(trainer.state(), temporary)


def export(trainer: GanTrainer, folder: Path) -> Path:
    """Write the averaged generator with settled statistics, in float16: the one to render with."""
    path = generator_path(folder)
    card = {"step": trainer.step, "config": asdict(trainer.config)}
    generator = settled(trainer, SETTLING_CROPS)
    with writing(folder):
        save_generator(generator, path, half=True, card=card)
    return path


def resume(trainer: GanTrainer, folder: Path) -> None:
    """Restore the last checkpoint of a run, if it has one."""
    path = folder / CHECKPOINTS / RESUME
    if not path.is_file():
        return
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True, map_location=trainer.device)
        trainer.restore(state)
    except (RuntimeError, pickle.UnpicklingError, KeyError, EOFError, ValueError) as error:
        raise ValueError(
            f"{path} cannot be gone on from; it is cut short or of another run: {error}"
        ) from error


def check_run(config: GanConfig, folder: Path) -> None:
    """Refuse to go on with a run under other settings than it was begun with."""
    before = read_config(folder)
    now = asdict(config)
    changed = {} if before is None else {k: v for k, v in asdict(before).items() if v != now[k]}
    if changed:
        told = ", ".join(f"{name} {value} (now {now[name]})" for name, value in changed.items())
        raise ValueError(f"the run in {folder} was begun with {told}; keep that or choose another folder")


def _keep_config(config: GanConfig, folder: Path) -> None:
    """Write the config of a new run."""
    check_run(config, folder)
    if not (folder / CONFIG).is_file():
        with written_whole(folder / CONFIG) as temporary:
            temporary.write_text(json.dumps(asdict(config), indent=1) + "\n")
