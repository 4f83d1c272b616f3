"""How fast the scene is true again: 10,000 nuclei on 4096 × 4096, one moved, also with autosave beside it.

python benchmarks/bench_scene.py
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator

import numpy as np

from napari_sharpgan.maps import contour_map, distance_map
from napari_sharpgan.scene import Scene
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.open_document import OpenDocument

SIDE, COUNT, MOVES = 4096, 10_000, 500


def blob(rng: np.random.Generator, center: np.ndarray) -> np.ndarray:
    """Return a nucleus-like outline of radius 8.5 to 13 pixels."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(10, 18)))
    radii = rng.uniform(8.5, 13) * rng.normal(1, 0.1, angles.size)
    return center + radii[:, None] * np.column_stack((np.sin(angles), np.cos(angles)))


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def moves(scene: Scene, rng: np.random.Generator, live: bool) -> Iterator[float]:
    for key in rng.choice(list(scene.polygons), MOVES, replace=False).tolist():
        polygon = scene.polygons[key] + rng.uniform(-6, 6, 2)
        yield seconds(lambda key=key, polygon=polygon: (scene.drag if live else scene.move)(key, polygon))


def autosaved(scene: Scene, rng: np.random.Generator) -> None:
    """Move nuclei for a few seconds, while a copy is written twice a second beside it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHARPGAN_STATE"] = folder
        document, times, end = OpenDocument(scene, Facts(title="benchmark")), [], time.perf_counter() + 4
        while time.perf_counter() < end:
            times += moves(scene, rng, live=False)
        document.autosave.close(keep=False)
    median, slow = 1e3 * np.quantile(times, [0.5, 0.99])
    print(f"one nucleus moved while autosaved median {median:6.3f} ms, 99 % {slow:6.3f} ms")


def main() -> None:
    rng = np.random.default_rng(15)
    polygons = [blob(rng, center) for center in rng.uniform(0, SIDE, (COUNT, 2))]
    scene = Scene((SIDE, SIDE))
    print(f"build with {COUNT} nuclei          {seconds(lambda: scene.add_many(polygons)):8.2f} s")
    whole = min(seconds(lambda: (distance_map(scene.labels), contour_map(scene.labels))) for _ in range(5))
    print(f"distance and contour of the whole {whole:8.3f} s")
    for name, live in (("dragged", True), ("moved", False)):
        times = np.array(list(moves(scene, rng, live)))
        median, slow = np.median(times), np.quantile(times, 0.99)
        print(f"one nucleus {name:8s} median {median * 1e3:6.3f} ms, 99 % {slow * 1e3:6.3f} ms", end=", ")
        print(f"{whole / median:.0f} × faster than the whole")
    autosaved(scene, rng)
    undos = np.median([seconds(scene.undo) for _ in range(200)])
    print(f"undo of a move              median {undos * 1e3:6.3f} ms")
    print(f"from labels                       {seconds(lambda: Scene.from_labels(scene.labels)):8.2f} s")


if __name__ == "__main__":
    main()
