"""A set of labeled synthetic tiles: as many as one asks for, made by as many as one has."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data.tile_sets import MANIFEST, Finished, Shard, read_finished, read_manifest
from napari_sharpgan.rendering import Renderer, synthetic_note
from napari_sharpgan.synthesis.formats import TILE_FORMATS, NotedTile
from napari_sharpgan.synthesis.manifest import explained, keep_finished, note_finished, write_manifest
from napari_sharpgan.synthesis.plan import TilePlan
from napari_sharpgan.synthesis.workers import HERE, Stopped, Workers, is_stopping, run_jobs

LOCK = ".lock"
# Names that `written_whole` gives to manifests and to files of tiles, which are numbers.
HALF_WRITTEN = (".manifest*-*", "*/.[0-9]*-*", "*.zarr/*/c/**/.[0-9]*-*")
MOST_NUCLEI = int(np.iinfo(np.uint16).max)


@dataclass(frozen=True)
class TilesStep:
    """``done`` of ``total`` tiles are there, ``made`` of them were made by this call."""

    done: int
    made: int
    total: int


def synthesize_tiles(
    out: str | Path,
    plan: TilePlan,
    count: int,
    *,
    source: Mapping[str, Any] | None = None,
    workers: Workers = HERE,
    device: str = "auto",
    should_stop: ShouldStop = never,
) -> Generator[TilesStep, None, int]:
    """Make a set of labeled synthetic tiles, or what is missing of it.

    Parameters
    ----------
    out : path
        The folder of the set; its parent must exist. On a cluster all workers must see it there.
    plan : TilePlan
        What the tiles follow from.
    count : int
        How many there are to be; it may grow from call to call.
    source : mapping, optional
        What the models of the plan were made from, JSON; kept in the manifest.
    workers : Workers
        Who makes them; the bytes are the same for any number.
    device : str
        "auto", "cuda", "mps" or "cpu".
    should_stop : callable
        Asked between tiles and shards. Finished shards stay.

    Yields
    ------
    TilesStep
        At the beginning, and after each shard.

    Returns
    -------
    int
        How many tiles are there; fewer than asked for if it was stopped.

    Raises
    ------
    ValueError
        If ``out`` holds something else, tiles of another plan, more tiles, or is being written.
    OSError
        If ``out`` cannot be written to.
    """
    out = Path(out)
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    with _locked(out):
        jobs, finished = _begin(out, plan, count, dict(source or {}))
        done = sum(one.count for one in finished)
        made = 0
        yield TilesStep(done, made, count)
        for _, one in run_jobs(MakeShard(str(out.resolve()), plan, device), jobs, workers, should_stop):
            with explained(out):
                note_finished(out, one)
            finished.append(one)
            made += one.count
            yield TilesStep(done + made, made, count)
        if done + made == count:
            _clean(out)
            write_manifest(out, plan.to_json(), dict(source or {}), count, finished)
    return done + made


@dataclass(frozen=True)
class MakeShard:
    """Makes the tiles of a shard and writes them.

    Parameters
    ----------
    out : str
        Absolute path of the set.
    plan : TilePlan
        What the tiles follow from.
    device : str
        Where they are rendered.
    """

    out: str
    plan: TilePlan
    device: str

    def __call__(self, shard: Shard) -> Finished:
        """Return what is to be noted of the shard."""
        renderer, settings = self.plan.renderer(self.device), self.plan.settings
        kind, out = TILE_FORMATS[settings.format], Path(self.out)
        if not out.is_dir():
            raise FileNotFoundError(f"the folder {out} is not there where the tiles are made")
        with explained(out):
            counts: list[int] = []
            tiles = _counted(self._tiles(shard, renderer), counts)
            kind.write(tiles, shard, settings.size, settings.shard, out)
            sha256 = kind.sha256(shard, out)
        return Finished(shard.number, shard.first, shard.count, sha256, _how(renderer), sum(counts))

    def _tiles(self, shard: Shard, renderer: Renderer) -> Iterator[NotedTile]:
        """Draw one tile after another."""
        for number in range(shard.first, shard.first + shard.count):
            if is_stopping():
                raise Stopped
            tile = self.plan.tile(number, renderer)
            if tile.labels.max() > MOST_NUCLEI:
                raise ValueError(
                    f"tile {number} has {tile.labels.max():,} nuclei, expected at most {MOST_NUCLEI:,}: take "
                    "smaller tiles or a lower density"
                )
            yield NotedTile(number, tile.tissue, tile.labels.astype(np.uint16), self.plan.note(tile))


def _counted(tiles: Iterator[NotedTile], counts: list[int]) -> Iterator[NotedTile]:
    """Yield tiles, and note how many nuclei each has."""
    for tile in tiles:
        counts.append(tile.count)
        yield tile


def _how(renderer: Renderer) -> str:
    """Return device, engine and number format of a renderer, which all workers on one machine share."""
    engine = renderer.engine
    return f"{renderer.device.type} {engine.name} {'bfloat16' if engine.bfloat16 else 'float32'}"


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Make the folder if it is not there, and keep others from it."""
    if not out.parent.is_dir():
        raise FileNotFoundError(f"the folder {out.parent} does not exist, so {out.name} cannot be made")
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"{out} is a file; expected a new folder or one with a set of tiles")
    if out.is_dir() and not (out / MANIFEST).is_file() and any(not _is_ours(path) for path in out.iterdir()):
        raise ValueError(f"{out} holds other files; expected a new folder or one with a set of tiles")
    out.mkdir(exist_ok=True)
    try:
        with FileLock(out / LOCK, timeout=0, thread_local=False):
            yield
    except Timeout as error:
        raise ValueError(f"another process is making the tiles in {out}; wait for it or stop it") from error


def _is_ours(path: Path) -> bool:
    """Return whether a process that was killed before it had written the manifest has left a file."""
    return path.name == LOCK or path.match(HALF_WRITTEN[0])


def _begin(
    out: Path, plan: TilePlan, count: int, source: dict[str, Any]
) -> tuple[Iterator[Shard], list[Finished]]:
    """Refuse what does not fit, make ready, and return the shards to make and those that are there."""
    kept, facts = read_manifest(out), plan.to_json()
    if kept and kept["plan"] != facts:
        raise ValueError(f"{out} holds tiles of {_difference(kept['plan'], facts)}; choose another folder")
    if kept and kept["tiles"] > count:
        raise ValueError(f"{out} is a set of {kept['tiles']:,} tiles; expected a count of at least that")
    kind, full = TILE_FORMATS[plan.settings.format], plan.settings.shard
    finished = [
        one
        for one in read_finished(out)
        if one.as_shard == _shard(one.shard, full, count) and kind.is_there(one.as_shard, out)
    ]
    with explained(out):
        if kept.get("tiles") != count or len(finished) < -(-count // full):
            write_manifest(out, facts, source, count)
        keep_finished(out, finished)
        note = synthetic_note(plan.settings.generator or None, seed=plan.settings.seed)
        kind.prepare(out, plan.settings.size, full, count, note)
        _clean(out)
    there = {one.shard for one in finished}
    numbers = (number for number in range(-(-count // full)) if number not in there)
    return (_shard(number, full, count) for number in numbers), finished


def _shard(number: int, full: int, count: int) -> Shard:
    """Return a shard of a set; the last one may be shorter."""
    return Shard(number, number * full, min(full, count - number * full))


def _clean(out: Path) -> None:
    """Remove what processes that were killed had not finished writing."""
    for pattern in HALF_WRITTEN:
        for path in out.glob(pattern):
            path.unlink(missing_ok=True)


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say what is other in a plan."""
    if before.get("software") != now["software"]:
        return f"another version ({before.get('software')}, here {now['software']})"
    if before.get("weights_sha256") != now["weights_sha256"]:
        return "another generator"
    old, new = before.get("settings", {}), now["settings"]
    changed = [f"{name} {old.get(name)}, asked for {new[name]}" for name in new if old.get(name) != new[name]]
    return f"other settings ({'; '.join(changed)})" if changed else "other nuclei or stains"
