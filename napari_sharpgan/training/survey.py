"""What a data folder holds, before any time is spent on training."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import LAYOUTS, Sample, read_sample, split_pairs


@dataclass(frozen=True)
class SurveyStep:
    """``done`` of ``total`` images are read."""

    done: int
    total: int


@dataclass(frozen=True)
class Survey:
    """What was found.

    Parameters
    ----------
    train : list of Sample
        Images with their labels to train on.
    validation : list of Sample
        Those that are held out to score the generator on.
    layouts : tuple of str
        Names, out of ``data.LAYOUTS``, of the layouts that they lie in.
    nuclei : int
        How many nuclei all of them hold.
    crops_per_epoch : int
        One crop for each 256² pixels.
    """

    train: list[Sample]
    validation: list[Sample]
    layouts: tuple[str, ...]
    nuclei: int
    crops_per_epoch: int

    @property
    def samples(self) -> list[Sample]:
        """All images, those to train on first."""
        return [*self.train, *self.validation]

    def __str__(self) -> str:
        """Say it in one sentence."""
        images = "1 image" if len(self.samples) == 1 else f"{len(self.samples):,} images"
        return (
            f"{images} with {self.nuclei:,} nuclei, {self.crops_per_epoch:,} crops an epoch; "
            f"layout {' and '.join(self.layouts)}"
        )


def survey(
    folder: Path, *, validation: float = 0.1, should_stop: ShouldStop = never
) -> Generator[SurveyStep, None, Survey]:
    """Read the training images of a data folder, yielding once an image.

    Parameters
    ----------
    folder : Path
        See `napari_sharpgan.data.find_pairs`.
    validation : float
        Share of the images to hold out; see `napari_sharpgan.data.split_pairs`.
    should_stop : callable
        Asked before each image.

    Raises
    ------
    OSError, TypeError, ValueError
        If a file is missing or broken, an image and its labels do not fit, or there is not one nucleus.
    """
    train, held_out = split_pairs(Path(folder), validation)
    pairs = train + held_out
    samples = []
    for image, labels in pairs:
        if should_stop():
            break
        samples.append(read_sample(image, labels))
        yield SurveyStep(len(samples), len(pairs))
    nuclei = sum(len(np.unique(sample.labels[sample.labels > 0])) for sample in samples)
    if samples and not nuclei:
        raise ValueError(
            f"{folder} holds {len(samples)} images but not one nucleus; expected one number a nucleus"
        )
    layouts = (name for name, layout in LAYOUTS.items() if any(layout(image) for image, _ in pairs))
    train_samples, validation_samples = samples[: len(train)], samples[len(train) :]
    pixels = sum(sample.labels.size for sample in train_samples)
    return Survey(train_samples, validation_samples, tuple(layouts), nuclei, max(1, round(pixels / 256**2)))
