"""What a survey finds, and the reading of many files at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.data import Manifest, Sample, joined

NUCLEUS = 6.3  # micrometers: median diameter of nuclei in a section, see `Survey.magnification`
MICROMETERS = {10: 1.0, 20: 0.5, 40: 0.25, 80: 0.125}  # of a pixel, by magnification
READERS = min(8, os.cpu_count() or 1)  # threads

Read = TypeVar("Read")


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
    train : sequence of Sample
        Images with their labels to train on: a list, or what reads the tiles of a set from the disk.
    validation : sequence of Sample
        Those that are held out to score the generator on.
    layouts : tuple of str
        Names, out of ``data.LAYOUTS``, of the layouts that they lie in, or that of a set of tiles.
    nuclei : int
        How many nuclei all of them hold.
    crops_per_epoch : int
        One crop for each 256² pixels of the images to train on.
    pixels : int
        Area of all images.
    diameter : float
        Median diameter of the nuclei, in pixels; 0 without nuclei.
    notes : tuple of str
        What is worth knowing: images that are left out or without nuclei, known sets, a sentence each.
    manifest : Manifest
        The files.
    """

    train: Sequence[Sample]
    validation: Sequence[Sample]
    layouts: tuple[str, ...]
    nuclei: int
    crops_per_epoch: int
    pixels: int
    diameter: float
    notes: tuple[str, ...]
    manifest: Manifest

    @property
    def samples(self) -> Sequence[Sample]:
        """All images, those to train on first."""
        return joined([self.train, self.validation])

    @property
    def magnification(self) -> int:
        """About which magnification the images have: 10, 20, 40 or 80; 0 without nuclei.

        A nucleus is about 8 µm across, and 6.3 in the median of a section, which cuts most of them beside the
        middle; a pixel is 0.25 µm at 40×. So the median is 25 pixels at 40× and 12.6 at 20×. The nearest is
        taken, on a scale of ratios: from 17.8 pixels on it is 40×. Public sets have medians of 19 (MoNuSeg),
        21 (TNBC) and 25 (CPM-15, images 08 to 15) at 40×, and of 13 at 20× (CPM-15, images 01 to 07).
        """
        if not self.diameter:
            return 0
        return min(MICROMETERS, key=lambda power: abs(np.log(self.diameter * MICROMETERS[power] / NUCLEUS)))

    def __str__(self) -> str:
        """Say it in a sentence, and the notes in one each."""
        count = len(self.train) + len(self.validation)
        images = "1 image" if count == 1 else f"{count:,} images"
        nuclei = "1 nucleus" if self.nuclei == 1 else f"{self.nuclei:,} nuclei"
        facts = (
            f"{images} with {nuclei}, {self.diameter:.0f} px across in the median "
            f"(about {self.magnification}×), {self.pixels / 1e6:.1f} megapixels; "
            f"{len(self.train):,} to train on ({self.crops_per_epoch:,} "
            f"crop{'' if self.crops_per_epoch == 1 else 's'} an epoch), "
            f"{len(self.validation):,} held out; layout {' and '.join(self.layouts)}"
        )
        return ". ".join([facts, *self.notes])


def read_all(
    jobs: Sequence[Callable[[], Read]], should_stop: ShouldStop
) -> Generator[SurveyStep, None, list[Read | Exception]]:
    """Carry out jobs in several threads, yielding once a job.

    Returns
    -------
    list
        What each gave, or the OSError, TypeError or ValueError that it raised; empty if it was stopped.
    """
    with ThreadPoolExecutor(READERS, thread_name_prefix="survey") as threads:
        tasks = [threads.submit(job) for job in jobs]
        try:
            for done, _ in enumerate(as_completed(tasks), 1):
                if should_stop():
                    return []
                yield SurveyStep(done, len(tasks))
        finally:
            for task in tasks:
                task.cancel()
    results: list[Read | Exception] = []
    for task in tasks:
        try:
            results.append(task.result())
        except (OSError, TypeError, ValueError) as error:
            results.append(error)
    return results
