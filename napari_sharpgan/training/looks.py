"""What is seen of a training while it goes on: sample pictures, scores, the best network so far."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from napari_sharpgan.formats import write_image
from napari_sharpgan.inference import round_to_half
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.events import EVENTS, add_to_last_event, read_events
from napari_sharpgan.run_folders.names import BEST, CHECKPOINTS, MASKS, REAL, SAMPLES
from napari_sharpgan.training.held_out import Look, Picture
from napari_sharpgan.training.trainer import SETTLING_CROPS, Config, Trainer, TrainStep, settled

PREFIX = "held_out_"  # of the names of scores in an event
SAMPLE = "sample"  # the name, in an event, of the picture of its step
APART = 25  # steps between looks: a look takes as long as several steps
FEWEST = 4  # looks, in a run too short for that


class Examiner(Protocol):
    """Held-out images, as a run looks at them: their windows, and what a network makes of them."""

    def real(self) -> Picture:
        """Return the real tissue of the windows, side by side."""

    def nuclei(self, config: Any) -> Picture:
        """Return the nuclei of the windows, as the network is told of them."""

    def look(self, network: Any, device: torch.device, precision: str = "auto") -> Look:
        """Return what a network makes of the images, and its ``score``: lower is better."""

    def note(self, step: int) -> dict[str, Any] | None:
        """Return what is noted in a picture of a look."""


class Looks:
    """Look at held-out images now and then, and keep the best network of a run folder.

    A look settles a copy of the averaged network, writes what it makes of the fixed windows to
    ``samples/``, and writes the network to ``checkpoints/best.safetensors`` if its score is lower than all
    before. Nothing that training goes by is touched: weights, batches and random numbers are bit for bit
    those of a run without looks. A look at a step says and writes the same whenever it is made, so after a
    kill the folder ends as that of an unbroken run.

    Parameters
    ----------
    folder : Path
        The run folder.
    images : Examiner or None
        What to look at. None looks at nothing; the best network is then the newest.
    """

    def __init__(self, folder: Path, images: Examiner | None) -> None:
        self.folder = folder
        self.images = images
        self._best: float | None = None

    def begin(self, config: Config) -> None:
        """Write what the pictures of this run show: the real tissue and its nuclei."""
        if self.images is None or not config.samples:
            return
        folder = self.folder / SAMPLES
        with writing(self.folder):
            folder.mkdir(exist_ok=True)
            write_image(self.images.real(), folder / REAL)
            write_image(self.images.nuclei(config), folder / MASKS)

    def __call__(self, trainer: Trainer, step: TrainStep) -> Mapping[str, Any]:
        """Look, if the step is one to look at, and return facts for its event."""
        return self._look(trainer) if is_due(trainer.config, step.step) else {}

    def finish(self, trainer: Trainer) -> Path:
        """Return the best network at the end of a run.

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

    def _look(self, trainer: Trainer) -> dict[str, Any]:
        """Settle, look, score; write the picture and, if it is the best, the network."""
        network = settled(trainer, SETTLING_CROPS)
        round_to_half(network)
        if self.images is None or not trainer.config.samples:
            self._keep(network, trainer, {})
            return {}
        look = self.images.look(network, trainer.device, trainer.config.precision)
        scores = {PREFIX + name: value for name, value in look.scores.items()}
        score = look.scores.get("score", -math.inf)
        if score < self._best_before():
            self._keep(network, trainer, scores)
            self._best = score if look.scores else math.inf  # without scores the newest is the best
        name = f"{trainer.step:06}.png"
        with writing(self.folder):
            write_image(look.picture, self.folder / SAMPLES / name, self.images.note(trainer.step))
        return scores | {SAMPLE: name}

    def _best_before(self) -> float:
        """Return the lowest score so far: after a resume, of the events that are left."""
        if self._best is None:
            scores = [event.get(PREFIX + "score", math.inf) for event in read_events(self.folder / EVENTS)]
            there = (self.folder / CHECKPOINTS / BEST).is_file()
            self._best = min(scores, default=math.inf) if there else math.inf
        return self._best

    def _keep(self, network: nn.Module, trainer: Trainer, scores: dict[str, float]) -> None:
        """Write the network that others use, in float16."""
        card = {"step": trainer.step, **scores, "config": asdict(trainer.config)}
        with writing(self.folder):
            trainer.save(network, self.folder / CHECKPOINTS / BEST, card=card, best=True)


def is_due(config: Config, step: int) -> bool:
    """Return whether a step is one to look at: ``samples`` of them, evenly spread, and the last.

    They are fewer in a short run, so that it trains more than it looks: `APART` steps lie between two, as
    long as that leaves `FEWEST` looks.
    """
    if not config.samples:
        return False
    apart = min(APART, math.ceil(config.steps / FEWEST))
    return step == config.steps or step % max(apart, math.ceil(config.steps / config.samples)) == 0
