"""What a data folder holds, before any time is spent on training."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_sharpgan._checks import few
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import LAYOUTS, Found, Manifest, Tile, name_in, read_tile, search, tile_set_in
from napari_sharpgan.training.known_sets import known_sets
from napari_sharpgan.training.survey_of_sets import survey_tiles
from napari_sharpgan.training.surveyed import Survey, SurveyStep, read_all


def survey(
    folder: Path, *, validation: float = 0.1, should_stop: ShouldStop = never
) -> Generator[SurveyStep, None, Survey]:
    """Read the training images of a data folder, yielding once an image, or look at a set of tiles.

    Parameters
    ----------
    folder : Path
        See `napari_sharpgan.data.find_pairs`; for a set of tiles see `survey_tiles`.
    validation : float
        Share of the images to hold out; see `napari_sharpgan.data.search` and `TileSet.divided`.
    should_stop : callable
        Asked after each image; the survey is empty then.

    Raises
    ------
    OSError, TypeError, ValueError
        If there is nothing to train on, not one nucleus, or any image cannot be used: one sentence says how
        many, which and why.
    """
    folder = Path(folder)
    tile_set = tile_set_in(folder)
    if tile_set is not None:
        return (yield from survey_tiles(tile_set, validation, should_stop))
    found = search(folder, validation)
    tiles = yield from _read(folder, found, should_stop)
    train, held_out = tiles[: len(found.train)], tiles[len(found.train) :]
    nuclei = sum(tile.file.nuclei for tile in tiles)
    if tiles and not nuclei:
        raise ValueError(
            f"{folder} holds {len(tiles)} images but not one nucleus; expected one number a nucleus"
        )
    images = [image for image, _ in found.train + found.validation]
    diameters = np.concatenate([np.zeros(0), *(tile.facts.diameters for tile in tiles)])
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
    """Read all images; an error tells all that cannot be used."""
    pairs = found.train + found.validation
    results = yield from read_all([partial(read_tile, folder, *pair) for pair in pairs], should_stop)
    problems = dict(found.problems)
    for result, (image, _) in zip(results, pairs, strict=False):  # none if it was stopped
        if isinstance(result, Exception):
            name = name_in(folder, image)
            problems[name] = _reason(result, name)
    if problems:
        total = len(pairs) + len(found.problems)
        told = few([f"{name} ({reason})" for name, reason in problems.items()])
        raise ValueError(
            f"{len(problems):,} of {total:,} images in {folder} cannot be used: {told}; mend or remove them"
        )
    return [result for result in results if not isinstance(result, Exception)]


def _notes(found: Found, tiles: Sequence[Tile]) -> list[str]:
    """Return what is worth knowing of the images, a sentence each."""
    named = {
        "left out for want of labels": [image.name for image in found.without_labels],
        "without a nucleus": [tile.file.image for tile in tiles if not tile.file.nuclei],
        "labeled with one number for all nuclei, which count as one": [
            tile.file.image for tile in tiles if tile.file.nuclei == 1 and _parts(tile.sample.labels) > 1
        ],
        "gray, without color": [tile.file.image for tile in tiles if tile.facts.is_gray],
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
