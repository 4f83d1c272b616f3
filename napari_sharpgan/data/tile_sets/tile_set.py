"""A set of labeled tiles on the disk: samples by number, each read when it is asked for."""

from __future__ import annotations

import struct
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from napari_sharpgan._checks import choose
from napari_sharpgan.data.layouts import SPLIT, held_out_indices
from napari_sharpgan.data.manifest import DataFile
from napari_sharpgan.data.sample import LazySamples, Sample
from napari_sharpgan.data.tile_sets.readers import READERS, TileReader
from napari_sharpgan.data.tile_sets.readers.reader import name_of
from napari_sharpgan.data.tile_sets.record import (
    MANIFEST,
    Finished,
    Shard,
    read_finished,
    read_manifest,
)

MEND = "delete what is broken, and the same 'sharpgan synthesize' makes it again"
# What Pillow, tarfile and codecs say of files that are cut or broken.
_OF_LIBRARIES = RuntimeError, SyntaxError, tarfile.TarError, struct.error
_BROKEN = OSError, EOFError, ValueError, TypeError, KeyError, *_OF_LIBRARIES


@dataclass(frozen=True)
class TileSet:
    """What is there of a set of tiles.

    Parameters
    ----------
    folder : Path
        The set.
    format : str
        A name in `READERS`.
    side : int
        Height and width of a tile, in pixels.
    total : int
        Tiles that were asked for.
    finished : tuple of Finished
        The shards that are there, in order.
    reader : TileReader
        Reads the tiles.
    """

    folder: Path
    format: str
    side: int
    total: int
    finished: tuple[Finished, ...]
    reader: TileReader

    @property
    def count(self) -> int:
        """Tiles that are there."""
        return sum(one.count for one in self.finished)

    def read(self, shard: Shard, number: int) -> Sample:
        """Read a tile of a shard.

        Raises
        ------
        ValueError
            If a file is missing, cut off or broken, or the tile is of another size: one sentence.
        """
        try:
            return self._read(shard, number)
        except ValueError as error:
            raise ValueError(
                f"tile {number:,} in shard {shard.number} of {self.folder} cannot be used: {error}; {MEND}"
            ) from error

    def checked(self, shard: Shard) -> Sample:
        """Return the last tile of a shard of which all is there that is read: what is cut off lacks that.

        Raises
        ------
        ValueError
            What is wrong, in a few words.
        """
        last = shard.first + shard.count - 1
        pairs = (self.reader.pair(replace(shard, first=number)) for number in range(shard.first, last + 1))
        for name in dict.fromkeys(chain.from_iterable(pairs)):
            if not (self.folder / name).is_file():
                raise ValueError(f"{name} is missing")
        return self._read(shard, last)

    def _read(self, shard: Shard, number: int) -> Sample:
        """Read a tile; an error says what is wrong in a few words."""
        try:
            tissue, labels = self.reader.read(shard, number)
        except _BROKEN as error:
            where = " and ".join(dict.fromkeys(self.reader.pair(replace(shard, first=number))))
            is_missing = isinstance(error, FileNotFoundError)
            reason = "is missing" if is_missing else f"cannot be read ({_said(error)})"
            raise ValueError(f"{where} {reason}") from error
        sample = Sample(name_of(number), tissue, labels.astype(np.int32))
        if sample.labels.shape != (self.side, self.side):
            size = " × ".join(map(str, sample.labels.shape))
            raise ValueError(f"the tile is {size}, expected {self.side} × {self.side}")
        return sample

    def divided(self, share: float) -> tuple[TileSamples, TileSamples]:
        """Return the tiles to train on, and those to hold out.

        Parameters
        ----------
        share : float
            Of the shards, evenly spread, at least one of two; of a single shard that share of its tiles, the
            last ones. 0 holds out nothing.
        """
        shards = [one.as_shard for one in self.finished]
        if len(shards) == 1:
            train, held_out = _cut(shards[0], share)
        else:
            places = held_out_indices(len(shards), share)
            train = [shard for place, shard in enumerate(shards) if place not in places]
            held_out = [shards[place] for place in places]
        return TileSamples(self, train), TileSamples(self, held_out)


class TileSamples(LazySamples):
    """Some tiles of a set, by their place in it; each is read from the disk when it is asked for.

    Parameters
    ----------
    tiles : TileSet
        The set.
    shards : sequence of Shard
        Shards of it, or parts of such, in order.
    """

    one = "tile"

    def __init__(self, tiles: TileSet, shards: Sequence[Shard]) -> None:
        self.tiles = tiles
        self.shards = tuple(shards)
        self._ends = np.cumsum([shard.count for shard in shards], dtype=np.int64)

    @property
    def side(self) -> int:
        """Height and width of each, in pixels."""
        return self.tiles.side

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self._ends[-1]) if self.shards else 0

    def read(self, place: int) -> Sample:
        """Read a tile from the disk."""
        at = int(np.searchsorted(self._ends, place, side="right"))
        shard = self.shards[at]
        return self.tiles.read(shard, shard.first + shard.count - int(self._ends[at]) + place)

    def files(self, nuclei: Sequence[int]) -> tuple[DataFile, ...]:
        """Return what a run keeps of them: a shard, or part of one, as if it was an image.

        Parameters
        ----------
        nuclei : sequence of int
            How many each shard has.
        """
        hashes, side = {one.shard: one.sha256 for one in self.tiles.finished}, self.tiles.side
        return tuple(
            _listed(self.tiles.reader, shard, hashes[shard.number], side, count)
            for shard, count in zip(self.shards, nuclei, strict=True)
        )


def tile_set_in(folder: Path) -> TileSet | None:
    """Return the set of tiles that a folder is; None if it is something else.

    A ``split.json`` says which images are wanted, so with one it is a folder of images.

    Raises
    ------
    FileNotFoundError, ValueError
        If there are tiles but no manifest that says which, or no shard is finished.
    """
    folder = Path(folder)
    if (folder / SPLIT).is_file():
        return None
    try:
        kept = read_manifest(folder)
        found = _of(folder, kept) if kept else None
    except (ValueError, KeyError, TypeError) as error:
        if not _has_shards(folder):
            return None  # another program's file beside images
        raise ValueError(f"{folder / MANIFEST} does not say what tiles there are: {_said(error)}") from error
    if found is None and _has_shards(folder):
        raise FileNotFoundError(
            f"{folder} holds shards of tiles but no {MANIFEST}; expected the whole folder that "
            "'sharpgan synthesize' made"
        )
    if found is not None and not found.finished:
        raise ValueError(f"no shard of the tiles in {folder} is finished; expected at least one")
    return found


def _of(folder: Path, kept: Mapping[str, Any]) -> TileSet:
    """Return the set that a manifest is of."""
    settings = kept["plan"]["settings"]
    name, side, total = settings["format"], int(settings["size"]), int(kept["tiles"])
    reader = choose("format", name, READERS)(folder)
    finished = sorted(read_finished(folder), key=lambda one: one.shard)
    return TileSet(folder, name, side, total, tuple(finished), reader)


def _has_shards(folder: Path) -> bool:
    """Return whether a folder holds tiles that are no files of their own."""
    places = folder, folder / "shards"
    is_zarr = (folder / "tiles.zarr").is_dir() or (folder.name == "tiles.zarr" and folder.is_dir())
    return is_zarr or any(any(place.glob("*.tar")) for place in places)


def _cut(shard: Shard, share: float) -> tuple[list[Shard], list[Shard]]:
    """Return a shard, and the last of its tiles that are held out, if any."""
    count = len(held_out_indices(shard.count, share))
    if not count:
        return [shard], []
    kept = shard.count - count
    return [replace(shard, count=kept)], [replace(shard, first=shard.first + kept, count=count)]


def _listed(reader: TileReader, shard: Shard, sha256: str, side: int, nuclei: int) -> DataFile:
    """Return what a run keeps of a shard, or of a part of one."""
    numbers = f"tiles {shard.first} to {shard.first + shard.count - 1}"
    image, labels = (f"{name} ({numbers})" for name in reader.pair(shard))
    return DataFile(image, labels, sha256, sha256, side, side, nuclei, shard.count)


def _said(error: BaseException) -> str:
    """Return the first line of what an error says, or else its name."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
