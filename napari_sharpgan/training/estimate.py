"""How long a training will take and how much memory it wants, measured on a few of its steps."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import psutil
import torch

from napari_sharpgan.data import CropSource, Sample
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import device_name
from napari_sharpgan.run_folders.words import clock, gigabytes
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import GanTrainer
from napari_sharpgan.training.memory import keep_memory
from napari_sharpgan.training.shortage import fitting_into_memory
from napari_sharpgan.training.trainer import train_steps

WARM_UP, LEAST_STEPS, LEAST_SECONDS = 1, 2, 3.0


@dataclass(frozen=True)
class Estimate:
    """What a training will take.

    Parameters
    ----------
    images_per_second : float
        Measured over ``measured_steps`` steps.
    seconds : float
        For all steps; looks at held-out images and checkpoints come on top.
    memory : int
        Bytes at most: of the GPU on CUDA, else of the whole process.
    device : str
        In words.
    measured_steps : int
        Steps that were measured, without the one to warm up.
    """

    images_per_second: float
    seconds: float
    memory: int
    device: str
    measured_steps: int

    def __str__(self) -> str:
        """Say it in one sentence."""
        return (
            f"about {clock(self.seconds)} and {gigabytes(self.memory)} on {self.device}: "
            f"{self.images_per_second:.1f} images/s over {self.measured_steps} steps measured here"
        )

    def as_json(self) -> dict[str, Any]:
        """Return it in words and numbers."""
        return asdict(self)


def estimate(config: GanConfig, device: torch.device) -> Estimate:
    """Measure a few steps of a training on made-up images of nuclei; no data is read.

    The peak of a process's memory never falls, so off CUDA this wants a process of its own.

    Raises
    ------
    MemoryError
        If it does not fit; says what to lower.
    """
    keep_memory()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    with fitting_into_memory(config, device):
        trainer = GanTrainer(replace(config, steps=10**6), _crops(config), device=device)
        steps, seconds = _measured(trainer)
    speed = steps * config.batch_size / seconds
    return Estimate(speed, config.steps * seconds / steps, _peak_memory(device), device_name(device), steps)


def _measured(trainer: GanTrainer) -> tuple[int, float]:
    """Return how many steps were measured, and the seconds that they took with all that lies between them."""
    with closing(train_steps(trainer)) as task:
        for _ in range(WARM_UP):
            next(task)
        steps, began = 0, time.perf_counter()
        while steps < LEAST_STEPS or time.perf_counter() - began < LEAST_SECONDS:
            next(task)
            steps += 1
        return steps, time.perf_counter() - began


def _crops(config: GanConfig) -> CropSource:
    """Return images of random nuclei in two gray levels, as large as four crops."""
    side = 2 * config.crop
    labels = rasterize(random_nuclei((side, side), side * side // 2000, seed=config.seed), (side, side))
    gray = np.where(labels > 0, 90, 200).astype(np.uint8)
    sample = Sample("made up", np.repeat(gray[..., None], 3, axis=2), labels)
    condition = CONDITION_MAPS[config.condition]
    return CropSource([sample], condition, size=config.crop, stain_jitter=config.stain_jitter)


def _peak_memory(device: torch.device) -> int:
    """Return the most memory that was in use at once, in bytes."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
