"""What a set of tiles holds: counts and hashes by its own record, the rest by a look at each shard."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import partial

import numpy as np

from napari_sharpgan._checks import few
from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.data import Facts, Manifest, TileSamples, TileSet, facts_of
from napari_sharpgan.data.tile_sets import MANIFEST, Shard
from napari_sharpgan.data.tile_sets.tile_set import MEND
from napari_sharpgan.training.surveyed import Survey, SurveyStep, read_all


def survey_tiles(
    tiles: TileSet, validation: float, should_stop: ShouldStop
) -> Generator[SurveyStep, None, Survey]:
    """Look at a set of tiles, yielding once a shard.

    How many tiles and nuclei there are, and the hashes, are taken from the record of the set. That all
    images and labels of each shard are there, and that its last tile can be read, is of the right size and
    fit to train on, is looked at: of a file that was cut off the end is missing. Diameters are those of these
    tiles.

    Parameters
    ----------
    tiles : TileSet
        The set.
    validation : float
        Share to hold out; see `TileSet.divided`.
    should_stop : callable
        Asked after each shard; the survey is empty then.

    Raises
    ------
    ValueError
        If any shard cannot be used, or there is no nucleus.
    """
    results = yield from read_all(
        [partial(_look, tiles, one.as_shard) for one in tiles.finished], should_stop
    )
    problems = [
        f"shard {one.shard} ({result})"
        for one, result in zip(tiles.finished, results, strict=False)  # none if it was stopped
        if isinstance(result, Exception)
    ]
    if problems:
        raise ValueError(
            f"{len(problems):,} of {len(results):,} shards in {tiles.folder} cannot be used: "
            f"{few(problems)}; {MEND}"
        )
    looked = [result for result in results if not isinstance(result, Exception)]
    train, held_out = tiles.divided(validation) if looked else (TileSamples(tiles, []),) * 2
    return _surveyed(train, held_out, looked)


def _look(tiles: TileSet, shard: Shard) -> Facts:
    """Check a shard, and measure its last tile."""
    return facts_of(tiles.checked(shard))


def _surveyed(train: TileSamples, held_out: TileSamples, looked: Sequence[Facts]) -> Survey:
    """Return what was found; ``looked`` is one tile of each shard."""
    tiles = train.tiles
    diameters = np.concatenate([np.zeros(0), *(facts.diameters for facts in looked)])
    a_tile = len(diameters) / max(1, len(looked))
    nuclei = {one.shard: a_tile * one.count if one.nuclei is None else one.nuclei for one in tiles.finished}
    whole = {one.shard: one.count for one in tiles.finished}
    counts = [
        [round(nuclei[shard.number] * shard.count / whole[shard.number]) for shard in part.shards]
        for part in (train, held_out)
    ]
    if looked and not any(map(sum, counts)):
        raise ValueError(
            f"{tiles.folder} holds {tiles.count:,} tiles but not one nucleus; expected one number a nucleus"
        )
    area = tiles.side**2
    return Survey(
        train=train,
        validation=held_out,
        layouts=(f"set of tiles ({tiles.format})",),
        nuclei=sum(map(sum, counts)),
        crops_per_epoch=max(1, round(len(train) * area / 256**2)),
        pixels=(len(train) + len(held_out)) * area,
        diameter=float(np.median(diameters)) if len(diameters) else 0.0,
        notes=tuple(_notes(tiles, looked)),
        manifest=Manifest(str(tiles.folder.resolve()), train.files(counts[0]), held_out.files(counts[1])),
    )


def _notes(tiles: TileSet, looked: Sequence[Facts]) -> Iterator[str]:
    """Yield what is worth knowing of a set, a sentence each."""
    if tiles.count < tiles.total:
        yield f"the set is not finished: {tiles.count:,} of its {tiles.total:,} tiles are there"
    if any(one.nuclei is None for one in tiles.finished):
        yield "the nuclei are estimated"
    if tiles.side < 256:
        yield f"tiles are {tiles.side} × {tiles.side}, and mirrored at the borders"
    if looked and all(facts.is_gray for facts in looked):
        yield "tiles are gray, without color"
    yield f"hashes and counts are those of {MANIFEST}, and the last tile of each shard was read"
