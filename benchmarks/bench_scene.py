"""How fast the scene is true again: 10,000 nuclei on 4096 × 4096, one moved, also with autosave beside it.

    python benchmarks/bench_scene.py

Plain are the distance and contour map of the whole: ours, and those that scikit-image's regions and
boundaries give. Both give the same maps, which is checked.
"""

import os
import tempfile
import time
from collections.abc import Iterator

import numpy as np
from _bench import Goal, Options, Row, Times, compared, in_turns, main, milliseconds, quantiles
from skimage.measure import regionprops
from skimage.segmentation import find_boundaries

from napari_sharpgan.maps import contour_map, distance_map
from napari_sharpgan.scene import Scene
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.open_document import OpenDocument

GOAL = Goal(most=1, ratio=500)  # ms, and against the whole


def blob(rng: np.random.Generator, center: np.ndarray) -> np.ndarray:
    """Return a nucleus-like outline of radius 8.5 to 13 pixels."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(10, 18)))
    radii = rng.uniform(8.5, 13) * rng.normal(1, 0.1, angles.size)
    return center + radii[:, None] * np.column_stack((np.sin(angles), np.cos(angles)))


def scene_of(side: int, count: int, rng: np.random.Generator) -> tuple[Scene, float]:
    """Return a scene of random nuclei, and the milliseconds that it took to fill."""
    polygons = [blob(rng, center) for center in rng.uniform(0, side, (count, 2))]
    scene = Scene((side, side))
    return scene, milliseconds(lambda: scene.add_many(polygons))


def move_some(scene: Scene, number: int, rng: np.random.Generator, *, live: bool = False) -> Times:
    """Move some nuclei a few pixels, and return the milliseconds of each until all rasters are true."""
    keys, times = list(scene.polygons), []
    for key in rng.choice(keys, min(number, len(keys)), replace=False).tolist():
        polygon, act = scene.polygons[key] + rng.uniform(-6, 6, 2), scene.drag if live else scene.move
        times.append(milliseconds(lambda key=key, polygon=polygon, act=act: act(key, polygon)))
    return np.array(times)


def whole(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return distance_map(labels), contour_map(labels)


def whole_by_regions(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both maps as scikit-image's users make them: a loop over regions, inner boundaries."""
    distance = np.zeros(labels.shape, np.float32)
    for region in regionprops(labels):
        rows, columns = region.coords.T
        row, column = region.centroid
        distance[rows, columns] = np.hypot(rows - row, columns - column)
    return distance, find_boundaries(labels, connectivity=1, mode="inner")


def check_equal(labels: np.ndarray) -> None:
    """End if both ways differ."""
    ours, plain = whole(labels), whole_by_regions(labels)
    if not np.allclose(ours[0], plain[0], atol=1e-3) or not np.array_equal(ours[1], plain[1]):
        raise SystemExit("the maps differ from those by regions")


def autosaved(scene: Scene, rng: np.random.Generator, seconds: float) -> Times:
    """Move nuclei for a few seconds, while a copy is written twice a second beside it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHARPGAN_STATE"] = folder
        document, end = OpenDocument(scene, Facts(title="benchmark")), time.perf_counter() + seconds
        times = [move_some(scene, 100, rng)]
        while time.perf_counter() < end:
            times.append(move_some(scene, 100, rng))
        document.autosave.close(keep=False)
    return np.concatenate(times)


def rows(options: Options) -> Iterator[Row]:
    rng, side, count = np.random.default_rng(15), options.of(4096, 512), options.of(10_000, 150)
    where, moves = f"{count:,} nuclei on {side}²", options.of(500, 20)
    scene, filling = scene_of(side, count, rng)
    rounds = options.of(5, 2)
    ways = {"ours": lambda: whole(scene.labels), "plain": lambda: whole_by_regions(scene.labels)}
    maps = in_turns(ways, rounds)
    beside = "distance and contour of the whole"
    for name, live in (("moved", False), ("dragged", True)):
        times = move_some(scene, moves, rng, live=live)
        what = f"one nucleus {name}, {where}: labels, distance, contour true"
        yield compared(what, times, maps["ours"], beside=beside, goal=GOAL, detail=quantiles(times))
    times = move_some(scene, moves, rng)
    what = f"one nucleus moved, {where}, against scikit-image"
    by_regions = "regionprops, find_boundaries of the whole"
    yield compared(what, times, maps["plain"], beside=by_regions, detail=quantiles(times))
    check_equal(scene.labels)
    yield compared(
        f"distance and contour of the whole, {where}", maps["ours"], maps["plain"], beside=by_regions
    )
    undos = [milliseconds(scene.undo) for _ in range(moves // 2)]
    yield compared(
        f"undo of a move, {where}", undos, maps["ours"], beside=beside, goal=GOAL, detail=quantiles(undos)
    )
    times = autosaved(scene, rng, options.of(4, 1))
    what = f"one nucleus moved while autosaved, {where}"
    yield compared(what, times, maps["ours"], beside=beside, goal=Goal(most=1), detail=quantiles(times))
    yield compared(f"a scene of {where} is filled", filling)
    from_labels = [milliseconds(lambda: Scene.from_labels(scene.labels)) for _ in range(options.of(3, 1))]
    yield compared(f"a scene from labels, {where}", from_labels)


if __name__ == "__main__":
    main(rows, __doc__)
