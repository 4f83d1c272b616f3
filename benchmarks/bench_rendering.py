"""How fast a canvas is rendered, and how near to the plain way.

    python benchmarks/bench_rendering.py [--device cpu]

A 1024 × 1024 canvas from labels to picture, with overlapping windows, noise, stain and blending, against
plain eager float32 pix2pix of the same width on the 16 bare tiles of its map, one by one and all at once, in
turns in one process. Then how far number format and engine move the picture, how seams show, and how soon the
tissue of one moved nucleus of 10,000 is there again.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from _bench import (
    Goal,
    Options,
    Row,
    Times,
    compared,
    finish_of,
    in_turns,
    main,
    milliseconds,
    quantiles,
)
from _seams import seam_ratio

from napari_sharpgan._gray import gray_image
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import map_to_tensor
from napari_sharpgan.light.grid import SIZE
from napari_sharpgan.models import UNetGenerator
from napari_sharpgan.nuclei import random_nuclei
from napari_sharpgan.rendering import Renderer, TissueCanvas, WindowGrid, load_generator, render_windows
from napari_sharpgan.scene import Scene

LARGEST_STEP = 4  # of 255, between our picture and that of the plain path


def scene_of(side: int, count: int) -> Scene:
    scene = Scene((side, side))
    scene.add_many(random_nuclei((side, side), count, rounding=2, size_spread=0, seed=0))
    return scene


def tiles_of(condition: np.ndarray) -> np.ndarray:
    """Cut a map into bare tiles (N, 256, 256)."""
    across = condition.shape[0] // SIZE
    cut = condition.reshape(across, SIZE, across, SIZE).transpose(0, 2, 1, 3)
    return cut.reshape(-1, SIZE, SIZE)


def plain_ways(condition: torch.Tensor, device: torch.device) -> dict[str, Callable[[], object]]:
    """Return two ways to render the bare tiles of a map by plain pix2pix: one by one, all at once."""
    network = UNetGenerator(1, load_generator().settings["width"]).eval().to(device)
    tiles = map_to_tensor(tiles_of(condition.cpu().numpy())).to(device)

    @torch.inference_mode()
    def one_by_one() -> None:
        for tile in tiles:
            network(tile[None])

    return {"one by one": one_by_one, "at once": torch.inference_mode()(lambda: network(tiles))}


def canvas(labels: np.ndarray, renderer: Renderer) -> np.ndarray:
    return run_to_end(render_windows(labels, renderer))


def steps_of(scene: Scene, renderer: Renderer, options: Options) -> str:
    """Return how long the map and the windows alone take, in words."""
    count = len(WindowGrid(scene.shape))
    windows = torch.zeros(count, SIZE, SIZE, device=renderer.condition_map(scene.labels).device)
    steps = {
        "map": lambda: renderer.condition_map(scene.labels),
        f"noise and network of {count} windows": lambda: renderer(windows),
    }
    times = in_turns(steps, options.of(7, 2), finish_of(renderer.device))
    return ", ".join(f"{name} {np.median(taken):.1f} ms" for name, taken in times.items())


def speed(scene: Scene, renderer: Renderer, options: Options) -> Iterator[Row]:
    condition, side = renderer.condition_map(scene.labels), scene.shape[0]
    ways = plain_ways(condition, renderer.device) | {"ours": lambda: canvas(scene.labels, renderer)}
    times = in_turns(ways, options.of(7, 2), finish_of(renderer.device))
    goal = Goal(ratio=4 if renderer.device.type == "cuda" else 1.5)
    kind, steps = renderer.device.type, steps_of(scene, renderer, options)
    for name in ("one by one", "at once"):
        yield compared(
            f"rendering a canvas of {side}², blended, {kind}, against tiles {name}",
            times["ours"],
            times[name],
            beside=f"eager float32 pix2pix, {(side // SIZE) ** 2} bare tiles {name}",
            goal=goal if name == "one by one" else Goal(),
            detail=f"{len(scene)} nuclei, {renderer.engine.words}; of ours {steps}",
        )


def differences(scene: Scene, renderer: Renderer, options: Options) -> Iterator[Row]:
    """Compare the picture with that in float32."""
    exact = canvas(scene.labels, Renderer(device=options.device, precision="float32"))
    apart = np.abs(exact.astype(int) - canvas(scene.labels, renderer))
    detail = f"mean {apart.mean():.3f}, 99.9 % within {np.quantile(apart, 0.999):.0f}, "
    detail += f"more than {LARGEST_STEP}: {np.count_nonzero(apart > LARGEST_STEP)} of {apart.size:,}"
    goal = Goal(most=LARGEST_STEP)
    yield compared(
        "largest difference from the float32 picture", apart.max(), unit="of 255", goal=goal, detail=detail
    )


def seams(renderer: Renderer, options: Options) -> Iterator[Row]:
    """Look for the borders of windows in the picture, and in that of bare tiles by the same generator."""
    side = options.of(3072, 768)
    scene = scene_of(side, round(900 * (side / 1024) ** 2))
    tissue, condition = canvas(scene.labels, renderer), renderer.condition_map(scene.labels)
    places = range(0, side, SIZE)
    corners = [(row, column) for row in places for column in places]
    bare = renderer(torch.from_numpy(tiles_of(condition.cpu().numpy())), corners).cpu().numpy()
    count = side // SIZE
    bare = bare.reshape(count, count, SIZE, SIZE, 3).transpose(0, 2, 1, 3, 4).reshape(side, side, 3)
    ratio, error = seam_ratio(gray_image(tissue))
    yield compared(
        "gradient across the borders of windows over that within, at the same place of the lattice",
        ratio,
        seam_ratio(gray_image(bare), stride=SIZE)[0],
        unit="",
        beside="bare tiles, same generator",
        goal=Goal(least=0.95, most=1.05),
        detail=f"± {error:.3f} (standard error)",
    )


def move_nuclei(scene: Scene, renderer: Renderer, moves: int) -> tuple[Times, list[int]]:
    """Move nuclei, one after the other; return the milliseconds until tissue is there, and the windows."""
    tissue, touched, counts = TissueCanvas(scene.shape, renderer), [], []
    scene.changed.connect(touched.append)

    def move(key: int) -> None:
        touched.clear()
        scene.move(key, scene.polygons[key] + 3)
        places = {place: None for window in touched for place in tissue.grid.touching(window)}
        pieces = {place: scene.piece(tissue.grid.extent(place)) for place in places}
        tissue.update(
            {at: renderer.condition_map(piece.labels)[piece.inside] for at, piece in pieces.items()}
        )
        counts.append(len(pieces))

    keys = np.random.default_rng(0).choice(list(scene.polygons), moves + 1, replace=False).tolist()
    finish = finish_of(renderer.device)
    times = [milliseconds(lambda key=key: move(key), finish) for key in keys]
    scene.changed.disconnect(touched.append)
    return np.array(times[1:]), counts[1:]  # the first is warm-up


def edits(renderer: Renderer, options: Options, whole: float) -> Iterator[Row]:
    side, count = options.of(4096, 512), options.of(10_000, 150)
    times, windows = move_nuclei(scene_of(side, count), renderer, options.of(24, 3))
    yield compared(
        f"one nucleus of {count:,} on {side}² moved until its tissue is there, {renderer.device.type}",
        times,
        [whole],
        beside="a canvas of 1024² anew",
        goal=Goal(most=20 if renderer.device.type == "cuda" else 300),
        detail=f"{quantiles(times)}; windows {min(windows)} to {max(windows)}",
    )


def rows(options: Options) -> Iterator[Row]:
    renderer = Renderer(device=options.device)
    scene = scene_of(options.of(1024, 512), options.of(900, 200))
    measured = list(speed(scene, renderer, options))
    yield from measured
    yield from differences(scene, renderer, options)
    yield from seams(renderer, options)
    yield from edits(renderer, options, measured[0].ours)


if __name__ == "__main__":
    main(rows, __doc__)
