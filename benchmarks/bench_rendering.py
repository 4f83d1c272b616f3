"""How fast a canvas is rendered, and how near to the plain way.

    python benchmarks/bench_rendering.py [--device cpu] [--rounds 7]

A 1024 × 1024 canvas from labels to picture, with overlapping windows, noise, stain and blending, against
plain eager float32 pix2pix of the same width on the 16 bare tiles of its map, one by one and all at once, in
turns in one process. Then how far the number format moves the picture, how seams show, and how soon the
tissue of one moved nucleus is there again.
"""

import argparse
import time
from statistics import median

import numpy as np
import torch

from napari_sharpgan._gray import gray_image
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import map_to_tensor
from napari_sharpgan.inference.grid import OVERLAP, SIZE, STRIDE
from napari_sharpgan.models import UNetGenerator
from napari_sharpgan.nuclei import random_nuclei
from napari_sharpgan.rendering import Renderer, TissueCanvas, device_name, load_generator, render_windows
from napari_sharpgan.scene import Scene

SIDE, NUCLEI, MOVES = 1024, 900, 12


def seconds(action, device):
    start = time.perf_counter()
    action()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def plain_way(condition, width, device):
    """Return two ways to render 16 bare tiles: one by one, all at once."""
    network = UNetGenerator(1, width).eval().to(device)
    cut = condition.reshape(4, 256, 4, 256).transpose(0, 2, 1, 3).reshape(16, 256, 256)
    tiles = map_to_tensor(cut).to(device)

    @torch.inference_mode()
    def one_by_one():
        for tile in tiles:
            network(tile[None])

    return one_by_one, torch.inference_mode()(lambda: network(tiles))


def compare_speed(scene, renderer, rounds):
    condition = renderer.condition_map(scene.labels)
    width = load_generator().settings["width"]
    ways = dict(
        zip(
            ("tiles one by one", "16 tiles at once"),
            plain_way(condition, width, renderer.device),
            strict=True,
        )
    )
    ways["blended canvas"] = lambda: run_to_end(render_windows(scene.labels, renderer))
    for way in ways.values():
        way()
    turns = [{name: seconds(way, renderer.device) for name, way in ways.items()} for _ in range(rounds)]
    for name in ways:
        print(f"{name:34s}{median(turn[name] for turn in turns) * 1e3:8.1f} ms")
    for name in list(ways)[:2]:
        ratios = [turn[name] / turn["blended canvas"] for turn in turns]
        print(f"faster than {name:22s}{median(ratios):8.2f} × ({min(ratios):.2f} to {max(ratios):.2f})")


def compare_pictures(labels, device):
    exact, auto = (
        run_to_end(render_windows(labels, Renderer(device=device, precision=precision))).astype(int)
        for precision in ("float32", "auto")
    )
    apart = np.abs(exact - auto)
    share = (apart > 4).mean()
    print(f"auto against float32, of 255        largest {apart.max()}, mean {apart.mean():.3f}, ", end="")
    print(f"99.9 % within {np.quantile(apart, 0.999):.0f}, above 4: {share:.3%}")
    print(f"gradient across borders / elsewhere {seams(exact):8.3f}")


def seams(tissue):
    """Return the mean gradient across the first and last rows and columns of windows over that elsewhere."""
    gray = gray_image(tissue.astype(np.uint8))
    border = np.zeros(SIDE - 1, bool)
    border[np.arange(STRIDE, SIDE - OVERLAP, STRIDE) - 1] = True  # where a window begins
    border[np.arange(SIZE, SIDE, STRIDE) - 1] = True  # where one ends
    steps = [np.abs(np.diff(gray, axis=axis)).mean(axis=1 - axis) for axis in (0, 1)]
    return np.mean([step[border].mean() for step in steps]) / np.mean(
        [step[~border].mean() for step in steps]
    )


def move_nuclei(scene, renderer):
    """Time a move until its tissue is there again, one nucleus after the other."""
    canvas = TissueCanvas(scene.shape, renderer)
    canvas.update(
        {place: renderer.condition_map(scene.labels)[canvas.grid.extent(place)] for place in canvas.grid}
    )
    touched = []
    scene.changed.connect(touched.append)

    def move(key):
        touched.clear()
        scene.move(key, scene.polygons[key] + 3)
        pieces = {
            place: scene.piece(canvas.grid.extent(place))
            for window in touched
            for place in canvas.grid.touching(window)
        }
        canvas.update(
            {at: renderer.condition_map(piece.labels)[piece.inside] for at, piece in pieces.items()}
        )
        counts.append(len(pieces))

    counts = []
    keys = np.random.default_rng(0).choice(list(scene.polygons), MOVES, replace=False).tolist()
    times = [seconds(lambda key=key: move(key), renderer.device) for key in keys]
    print(f"one nucleus moved, tissue is there  median {median(times) * 1e3:6.1f} ms, ", end="")
    print(f"longest {max(times) * 1e3:.1f} ms; windows {min(counts)} to {max(counts)}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    scene = Scene((SIDE, SIDE))
    scene.add_many(random_nuclei((SIDE, SIDE), NUCLEI, rounding=2, size_spread=0, seed=0))
    renderer = Renderer(device=options.device)
    print(f"{len(scene)} nuclei on {SIDE} × {SIDE}, {device_name(renderer.device)}, {renderer.dtype}")
    compare_speed(scene, renderer, options.rounds)
    move_nuclei(scene, renderer)
    compare_pictures(scene.labels, options.device)


if __name__ == "__main__":
    main()
