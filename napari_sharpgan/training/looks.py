"""What is seen of a training while it goes on: sample pictures, scores, the best generator so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from napari_sharpgan.formats import write_image
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.models import TissueGenerator
from napari_sharpgan.rendering import save_generator, training_note
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.events import EVENTS, add_to_last_event, read_events
from napari_sharpgan.run_folders.names import BEST, CHECKPOINTS, MASKS, REAL, SAMPLES
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import SETTLING_CROPS, GanStep, GanTrainer, settled
from napari_sharpgan.training.held_out import HeldOutImages

PREFIX = "held_out_"  # of the names of scores in an event
SAMPLE = "sample"  # the name, in an event, of the picture of its step
APART = 25  # steps between looks: a look takes as long as several steps
FEWEST = 4  # looks, in a run too short for that


class Looks:
    """Look at held-out images now and then, and keep the best generator of a run folder.

    A look settles a copy of the averaged generator, writes what it makes of the fixed windows to
    ``samples/``, and writes the generator to ``checkpoints/best.safetensors`` if its score is lower than all
    before. Nothing that training goes by is touched: weights, batches and random numbers are bit for bit
    those of a run without looks. A look at a step says and writes the same whenever it is made, so after a
    kill the folder ends as that of an unbroken run.

    Parameters
    ----------
    folder : Path
        The run folder.
    images : HeldOutImages or None
        What to look at. None looks at nothing; the best generator is then the newest.
    """

    def __init__(self, folder: Path, images: HeldOutImages | None) -> None:
        self.folder = folder
        self.images = images
        self._best: float | None = None

    def begin(self, config: GanConfig) -> None:
        """Write what the pictures of this run show: the real tissue, and what the generator sees."""
        if self.images is None or not config.samples:
            return
        folder = self.folder / SAMPLES
        with writing(self.folder):
            folder.mkdir(exist_ok=True)
            write_image(self.images.real(), folder / REAL)
            write_image(self.images.masks(CONDITION_MAPS[config.condition]), folder / MASKS)

    def __call__(self, trainer: GanTrainer, step: GanStep) -> Mapping[str, Any]:
        """Look, if the step is one to look at, and return facts for its event."""
        return self._look(trainer) if is_due(trainer.config, step.step) else {}

    def finish(self, trainer: GanTrainer) -> Path:
        """Return the best generator at the end of a run.

        A run that was stopped at a step that was not looked at is looked at now. The event of that step is
        there already, since nobody knew that it would be the last; it is written again, with the facts.
        """
        events = self.folder / EVENTS
        path = self.folder / CHECKPOINTS / BEST
        last = next(reversed(read_events(events)), {})
        looked = last.get("step") == trainer.step and SAMPLE in last
        if not (looked and path.is_file()):
            facts = self._look(trainer)
            if facts and last.get("step") == trainer.step:
                with writing(self.folder):
                    add_to_last_event(events, facts)
        return path

    def _look(self, trainer: GanTrainer) -> dict[str, Any]:
        """Settle, render, score; write the picture and, if it is the best, the generator."""
        generator = _as_saved(settled(trainer, SETTLING_CROPS))
        if self.images is None or not trainer.config.samples:
            self._keep(generator, trainer, {})
            return {}
        look = self.images.look(generator, trainer.device, trainer.config.precision)
        scores = {PREFIX + name: value for name, value in look.scores.items()}
        score = look.scores.get("score", -math.inf)
        if score < self._best_before():
            self._keep(generator, trainer, scores)
            self._best = score if look.scores else math.inf  # without scores the newest is the best
        name = f"{trainer.step:06}.png"
        with writing(self.folder):
            note = training_note(trainer.step, self.images.names)
            write_image(look.picture, self.folder / SAMPLES / name, note)
        return scores | {SAMPLE: name}

    def _best_before(self) -> float:
        """Return the lowest score so far: after a resume, of the events that are left."""
        if self._best is None:
            scores = [event.get(PREFIX + "score", math.inf) for event in read_events(self.folder / EVENTS)]
            there = (self.folder / CHECKPOINTS / BEST).is_file()
            self._best = min(scores, default=math.inf) if there else math.inf
        return self._best

    def _keep(self, generator: TissueGenerator, trainer: GanTrainer, scores: dict[str, float]) -> None:
        """Write the generator to render with, in float16."""
        card = {"step": trainer.step, **scores, "config": asdict(trainer.config)}
        with writing(self.folder):
            save_generator(
                generator,
                self.folder / CHECKPOINTS / BEST,
                discriminator=trainer.discriminator,
                half=True,
                card=card,
            )


def is_due(config: GanConfig, step: int) -> bool:
    """Return whether a step is one to look at: ``samples`` of them, evenly spread, and the last.

    They are fewer in a short run, so that it trains more than it looks: `APART` steps lie between two, as
    long as that leaves `FEWEST` looks.
    """
    if not config.samples:
        return False
    apart = min(APART, math.ceil(config.steps / FEWEST))
    return step == config.steps or step % max(apart, math.ceil(config.steps / config.samples)) == 0


@torch.no_grad()
def _as_saved(generator: TissueGenerator) -> TissueGenerator:
    """Round weights and statistics to float16, so that what is scored is what is saved."""
    for value in (*generator.parameters(), *generator.buffers()):
        if value.is_floating_point():
            value.copy_(value.half())
    return generator
