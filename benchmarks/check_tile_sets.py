"""Draw crops from a set of tiles in each format, and from the same images in memory: speed, and memory.

    python benchmarks/check_tile_sets.py [--count 2000] [--keep FOLDER]

Synthesizes the tiles once and writes them in all formats. Each way is measured in a process of its own, with
one thread: the time until crops can be drawn, crops a second, and the peak of its memory; sets with nothing
kept in memory, and with all that fits, in the first round and when it is full. Prints JSON.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import CropSource, store, tile_set_in
from napari_sharpgan.segmentation import TARGETS
from napari_sharpgan.synthesis import TILE_FORMATS, TilePlan, TileSettings, random_models, synthesize_tiles
from napari_sharpgan.synthesis.formats import NotedTile
from napari_sharpgan.synthesis.manifest import write_manifest
from napari_sharpgan.training import survey

SHARD = 100


def make_sets(place: Path, count: int) -> None:
    """Synthesize a set as files, and write it again in the other formats and as images without a manifest."""
    plan = TilePlan.of(TileSettings(seed=4, shard=SHARD), random_models())
    run_to_end(synthesize_tiles(place / "folder", plan, count))
    made = tile_set_in(place / "folder")
    assert made is not None
    for name in ("webdataset", "zarr"):
        kind, out, finished = TILE_FORMATS[name], place / name, []
        out.mkdir(exist_ok=True)
        kind.prepare(out, made.side, SHARD, count, {"synthetic": True})
        for one in made.finished:
            shard = one.as_shard
            samples = ((n, made.read(shard, n)) for n in range(shard.first, shard.first + shard.count))
            tiles = (NotedTile(n, s.image, s.labels.astype(np.uint16), {}) for n, s in samples)
            kind.write(tiles, shard, made.side, SHARD, out)
            finished.append(replace(one, sha256=kind.sha256(shard, out)))
        facts = plan.to_json()
        write_manifest(out, facts | {"settings": facts["settings"] | {"format": name}}, {}, count, finished)
    for part in ("images", "labels"):
        shutil.copytree(place / "folder" / part, place / "plain" / part, copy_function=os.link)


def measure(folder: Path, share: float) -> dict[str, float]:
    """Return what drawing crops takes, with this share of free memory for tiles."""
    store.KEPT_SHARE = share
    before, began = _peak(), time.perf_counter()
    tiles = run_to_end(survey(folder, validation=0.0)).train
    crops = CropSource(tiles, TARGETS["distance"].plane, stain_jitter=0.2)
    ready = time.perf_counter() - began
    first = _rate(crops, range(1000))
    if share:
        _rate(crops, range(1000, 6 * len(tiles)))
    later = _rate(crops, range(10**6, 10**6 + 1000))
    return {
        "seconds_until_ready": round(ready, 2),
        "crops_per_second_at_first": round(first),
        "crops_per_second_later": round(later),
        "mebibytes_before": round(before),
        "mebibytes_at_most": round(_peak()),
    }


def _rate(crops: CropSource, numbers: range) -> float:
    """Return how many crops a second are drawn."""
    began = time.perf_counter()
    for number in numbers:
        crops.draw(1, np.random.default_rng([0, number]))
    return len(numbers) / (time.perf_counter() - began)


def _peak() -> float:
    """Return the most memory this process has had, in MiB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Make the sets, measure each way, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--keep", type=Path, help="folder for the sets, taken as they are if it has them")
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "SHARE"), help=argparse.SUPPRESS)
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(Path(options.measure[0]), float(options.measure[1]))))
    elif options.make:
        make_sets(options.keep, options.count)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            print(json.dumps(measure_all(options.keep or Path(temporary), options.count), indent=1))


def measure_all(place: Path, count: int) -> dict[str, dict[str, float]]:
    """Make the sets where they are not there, and return what each way takes.

    All in processes of their own: a process counts the peak of the one that started it as its own.
    """
    place.mkdir(exist_ok=True)
    if not (place / "plain").is_dir():
        _child("--make", "--keep", str(place), "--count", str(count))
    ways = [(name, share) for name in TILE_FORMATS for share in (0.0, 0.25)]
    return {
        f"{name}, {'kept' if share else 'read'}": json.loads(
            _child("--measure", str(place / name), str(share))
        )
        for name, share in [*ways, ("plain", 0.0)]
    }


def _child(*options: str) -> str:
    """Run this script again, and return what it prints."""
    command = [sys.executable, __file__, *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
