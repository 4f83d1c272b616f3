"""What a data folder holds, before any time is spent on training."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_sharpgan._checks import few
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import LAYOUTS, Found, Manifest, Sample, Tile, name_in, read_tile, search
from napari_sharpgan.training.known_sets import known_sets

NUCLEUS = 6.3  # micrometers: median diameter of nuclei in a section, see `Survey.magnification`
MICROMETERS = {10: 1.0, 20: 0.5, 40: 0.25, 80: 0.125}  # of a pixel, by magnification
READERS = min(8, os.cpu_count() or 1)  # threads


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

    train: list[Sample]
    validation: list[Sample]
    layouts: tuple[str, ...]
    nuclei: int
    crops_per_epoch: int
    pixels: int
    diameter: float
    notes: tuple[str, ...]
    manifest: Manifest

    @property
    def samples(self) -> list[Sample]:
        """All images, those to train on first."""
        return [*self.train, *self.validation]

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


def survey(
    folder: Path, *, validation: float = 0.1, should_stop: ShouldStop = never
) -> Generator[SurveyStep, None, Survey]:
    """Read the training images of a data folder, yielding once an image.

    Parameters
    ----------
    folder : Path
        See `napari_sharpgan.data.find_pairs`.
    validation : float
        Share of the images to hold out; see `napari_sharpgan.data.search`.
    should_stop : callable
        Asked after each image; the survey is empty then.

    Raises
    ------
    OSError, TypeError, ValueError
        If there is nothing to train on, not one nucleus, or any image cannot be used: one sentence says how
        many, which and why.
    """
    folder = Path(folder)
    found = search(folder, validation)
    tiles = yield from _read(folder, found, should_stop)
    train, held_out = tiles[: len(found.train)], tiles[len(found.train) :]
    nuclei = sum(tile.file.nuclei for tile in tiles)
    if tiles and not nuclei:
        raise ValueError(
            f"{folder} holds {len(tiles)} images but not one nucleus; expected one number a nucleus"
        )
    images = [image for image, _ in found.train + found.validation]
    diameters = np.concatenate([np.zeros(0), *(tile.diameters for tile in tiles)])
    return Survey(
        train=[tile.sample for tile in train],
        validation=[tile.sample for tile in held_out],
        layouts=tuple(name for name, layout in LAYOUTS.items() if any(map(layout, images))),
        nuclei=nuclei,
        crops_per_epoch=max(1, round(_pixels(train) / 256**2)),
        pixels=_pixels(tiles),
        diameter=float(np.median(diameters)) if len(diameters) else 0.0,
        notes=(*_notes(found, tiles), *known_sets(folder, tiles)),
        manifest=Manifest(
            str(folder.resolve()),
            tuple(tile.file for tile in train),
            tuple(tile.file for tile in held_out),
        ),
    )


def _read(folder: Path, found: Found, should_stop: ShouldStop) -> Generator[SurveyStep, None, list[Tile]]:
    """Read all images in several threads; an error tells all that cannot be used."""
    pairs = found.train + found.validation
    problems = dict(found.problems)
    with ThreadPoolExecutor(READERS, thread_name_prefix="survey") as threads:
        jobs = [threads.submit(read_tile, folder, *pair) for pair in pairs]
        try:
            for done, _ in enumerate(as_completed(jobs), 1):
                if should_stop():
                    return []
                yield SurveyStep(done, len(jobs))
        finally:
            for job in jobs:
                job.cancel()
    for job, (image, _) in zip(jobs, pairs, strict=True):
        error = job.exception()
        if error is not None and not isinstance(error, OSError | TypeError | ValueError):
            raise error
        if error is not None:
            name = name_in(folder, image)
            problems[name] = _reason(error, name)
    if problems:
        total = len(pairs) + len(found.problems)
        told = few([f"{name} ({reason})" for name, reason in problems.items()])
        raise ValueError(
            f"{len(problems):,} of {total:,} images in {folder} cannot be used: {told}; mend or remove them"
        )
    return [job.result() for job in jobs]


def _notes(found: Found, tiles: Sequence[Tile]) -> list[str]:
    """Return what is worth knowing of the images, a sentence each."""
    named = {
        "left out for want of labels": [image.name for image in found.without_labels],
        "without a nucleus": [tile.file.image for tile in tiles if not tile.file.nuclei],
        "labeled with one number for all nuclei, which count as one": [
            tile.file.image for tile in tiles if tile.file.nuclei == 1 and _parts(tile.sample.labels) > 1
        ],
        "gray, without color": [tile.file.image for tile in tiles if tile.is_gray],
        "smaller than 256 × 256, and mirrored at the borders": [
            tile.file.image for tile in tiles if min(tile.file.rows, tile.file.columns) < 256
        ],
    }
    return [
        f"{len(names):,} {'image is' if len(names) == 1 else 'images are'} {what} ({few(names)})"
        for what, names in named.items()
        if names
    ]


def _reason(error: BaseException, name: str) -> str:
    """Return what is wrong with an image, without its name, which stands before it."""
    text = str(error)
    for start in (f"{name}: ", f"{name.rpartition('/')[2]} "):
        text = text.removeprefix(start)
    return text


def _parts(labels: NDArray[np.int32]) -> int:
    """Return of how many parts the nuclei consist, seen as one."""
    return int(ndimage.label(labels)[1])


def _pixels(tiles: Sequence[Tile]) -> int:
    return sum(tile.file.rows * tile.file.columns for tile in tiles)
