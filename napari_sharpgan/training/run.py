"""A run folder: config, events, checkpoints; started once, gone on with as often as needed."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from napari_sharpgan._files import written_whole
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.rendering import save_generator
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import GanStep, GanTrainer, settled, train_gan

CONFIG, EVENTS = "config.json", "events.jsonl"
CHECKPOINTS = "checkpoints"
LAST, RESUME, RENDERING = "last.safetensors", "last.resume", "rendering.safetensors"


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


def train_run(
    trainer: GanTrainer,
    folder: Path,
    *,
    save: SavePolicy | None = None,
    should_stop: ShouldStop = never,
) -> Generator[GanStep, None, Path]:
    """Train in a run folder, going on from its last checkpoint if it has one.

    Parameters
    ----------
    trainer : GanTrainer
        Fresh; it is restored from the folder.
    folder : Path
        Made if missing. Holds ``config.json``, ``events.jsonl`` (one object a step with ``step`` and every loss as
        ``loss_…``) and ``checkpoints/``: ``last.safetensors`` (the generator's float32 weights), ``last.resume``
        (all that a resume needs), ``rendering.safetensors`` (averaged, settled, float16: the one to render with).
    save : SavePolicy, optional
        When to write checkpoints; the last step always does.

    Returns
    -------
    Path
        The generator to render with.
    """
    policy = save or SavePolicy()
    (folder / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    _keep_config(trainer.config, folder)
    resume(trainer, folder)
    _cut_events(folder / EVENTS, trainer.step)
    saved_at, saved_step = time.monotonic(), trainer.step
    with (folder / EVENTS).open("a") as events:
        for step in train_gan(trainer, should_stop=should_stop):
            losses = {f"loss_{name}": value for name, value in step.losses.items()}
            events.write(json.dumps({"step": step.step, "time": round(time.time(), 3), **losses}) + "\n")
            events.flush()
            due = time.monotonic() - saved_at >= policy.seconds
            if due or (policy.steps and step.step % policy.steps == 0):
                save_checkpoint(trainer, folder)
                saved_at, saved_step = time.monotonic(), step.step
            yield step
    if saved_step != trainer.step or not (folder / CHECKPOINTS / LAST).is_file():
        save_checkpoint(trainer, folder)
    return export(trainer, folder)


def save_checkpoint(trainer: GanTrainer, folder: Path) -> None:
    """Write what a resume needs, then the generator's weights; each file whole or not at all."""
    with written_whole(folder / CHECKPOINTS / RESUME) as temporary:
        torch.save(trainer.state(), temporary)
    save_generator(trainer.generator, folder / CHECKPOINTS / LAST, card={"step": trainer.step})


def export(trainer: GanTrainer, folder: Path) -> Path:
    """Write the averaged generator with settled statistics, in float16: the one to render with."""
    path = folder / CHECKPOINTS / RENDERING
    card = {"step": trainer.step, "config": asdict(trainer.config)}
    save_generator(settled(trainer), path, half=True, card=card)
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
        raise ValueError(f"{path} can't be gone on from; it is cut short or not of this run: {error}") from error


def _keep_config(config: GanConfig, folder: Path) -> None:
    """Write the config of a new run; refuse to go on with an old one under other settings."""
    before = read_config(folder)
    if before is None:
        with written_whole(folder / CONFIG) as temporary:
            temporary.write_text(json.dumps(asdict(config), indent=1) + "\n")
        return
    changed = {k: v for k, v in asdict(before).items() if v != asdict(config)[k]}
    if changed:
        told = ", ".join(f"{name} {value}" for name, value in changed.items())
        raise ValueError(f"the run in {folder} was begun with {told}; go on with that or choose another folder")


def _cut_events(path: Path, step: int) -> None:
    """Keep the events up to ``step``: steps after the last checkpoint are done again."""
    if not path.is_file():
        return
    kept = []
    for line in path.read_text().splitlines():
        try:
            event = json.loads(line)
        except ValueError:  # cut in the middle by a kill
            continue
        if event["step"] <= step:
            kept.append(line + "\n")
    with written_whole(path) as temporary:
        temporary.write_text("".join(kept))
