"""How time grows: an edit with the number of nuclei, rendering with pixels, tiles a second with workers.

    python benchmarks/bench_growth.py

Nuclei lie equally dense, so that ten times as many need ten times the canvas: an edit should take as long as
before, the whole ten times as long.
"""

import math
import time
from collections.abc import Iterator

import numpy as np
from _bench import Options, Point, in_turns, main, milliseconds
from bench_rendering import canvas, plain_ways
from bench_rendering import scene_of as random_scene
from bench_scene import move_some, scene_of, whole

from napari_sharpgan.rendering import Renderer

EDIT = "milliseconds against nuclei"
RENDERING = "seconds against the side of a canvas in pixels"
TILES = "tiles a second against workers"
WORKERS = (1, 2)


def nuclei(options: Options) -> Iterator[Point]:
    for count in (100, 300) if options.quick else (100, 1_000, 10_000, 100_000):
        side, rng = round(4096 * math.sqrt(count / 10_000)), np.random.default_rng(0)
        scene, _ = scene_of(side, count, rng)
        yield Point(EDIT, "one nucleus moved", count, float(np.median(move_some(scene, 100, rng))))
        times = [
            milliseconds(lambda scene=scene: whole(scene.labels)) for _ in range(3 if side < 5000 else 1)
        ]
        yield Point(EDIT, "distance and contour of the whole", count, float(np.median(times)))


def pixels(options: Options) -> Iterator[Point]:
    renderer = Renderer(device=options.device)
    for side in (256, 512) if options.quick else (512, 1024, 2048, 4096):
        labels = random_scene(side, round(900 * (side / 1024) ** 2)).labels
        one_by_one = plain_ways(renderer.condition_map(labels), renderer.device)["one by one"]
        ways = {
            "ours, blended": lambda labels=labels: canvas(labels, renderer),
            "plain, bare tiles": one_by_one,
        }
        times = in_turns(ways, 3 if side <= 1024 else 1, warm=side <= 1024)
        for name, taken in times.items():
            yield Point(RENDERING, name, side, float(np.median(taken)) / 1e3)


def workers(options: Options) -> Iterator[Point]:
    """Count tiles once every worker is warm."""
    from _tiles import tile

    try:
        import distributed  # noqa: F401

        from napari_sharpgan.synthesis.workers import Workers, run_jobs
    except ImportError:
        print("no dask.distributed: workers are left out", flush=True)
        return
    for count in WORKERS:
        warm, number = 4 * count, options.of(300, 12)
        ends = [time.perf_counter() for _ in run_jobs(tile, range(warm + number), Workers(count))]
        yield Point(TILES, "tiles of 256 by 256", count, number / (ends[-1] - ends[warm - 1]))


def points(options: Options) -> Iterator[Point]:
    yield from nuclei(options)
    yield from pixels(options)
    yield from workers(options)


if __name__ == "__main__":
    main(None, __doc__, points)
