"""What nuclei take on a large canvas: random ones, to pixels and back.

    python benchmarks/bench_nuclei.py

Random nuclei stand beside Hou's generator as the paper describes it: a polygon is drawn, painted into a mask
of the whole canvas, and counted against the mask of all before it. That takes minutes on 4096², so there only
the first of them are drawn; the later ones, which need more tries, would take longer. Both draw alike radii.
"""

from collections.abc import Iterator

import numpy as np
from _bench import Check, Goal, Options, Row, compared, in_turns, main, milliseconds, number
from skimage.draw import polygon as polygon_pixels
from skimage.draw import polygon2mask
from skimage.measure import find_contours, regionprops

from napari_sharpgan.nuclei import NucleiConfig, nuclei_statistics, polygonize, random_nuclei, rasterize
from napari_sharpgan.nuclei.field import draw_size_factor

MOST_OVERLAP, LEAST_AREA, TRIES = 0.15, 140, 50


def hou_polygon(center: np.ndarray, factor: float, rng: np.random.Generator) -> np.ndarray:
    """Return one polygon with the constants of Hou et al. 2019, vertex by vertex."""
    radius, vertices = rng.uniform(8.5, 13) * factor, rng.integers(10, 18)
    irregularity = min(rng.uniform(0.6, 2.6), 1) * 2 * np.pi / vertices
    spikiness = rng.uniform(0.04, 0.24) * radius
    steps = rng.uniform(2 * np.pi / vertices - irregularity, 2 * np.pi / vertices + irregularity, vertices)
    steps *= 2 * np.pi / steps.sum()
    angle, points = rng.uniform(0, 2 * np.pi), []
    for step in steps:
        reach = np.clip(rng.normal(radius, spikiness), 0, 2 * radius)
        points.append(center + reach * np.array([np.sin(angle), np.cos(angle)]))
        angle += step
    return np.array(points)


def hou_nuclei(side: int, count: int, factor: float, *, first: int | None = None) -> list[np.ndarray]:
    """Place nuclei one by one (only the ``first`` of them), each try on a mask of the whole canvas."""
    rng, taken, polygons = np.random.default_rng(0), np.zeros((side, side), bool), []
    for _ in range(count if first is None else first):
        for _ in range(TRIES):
            polygon = hou_polygon(rng.uniform(0, side, 2), factor, rng)
            mask = polygon2mask(taken.shape, polygon)
            area = mask.sum()
            if area > LEAST_AREA and (mask & taken).sum() <= MOST_OVERLAP * area:
                taken |= mask
                polygons.append(polygon)
                break
    return polygons


def factor_of(side: int, count: int) -> float:
    """Return the factor on all radii that ours takes, for both."""
    config = NucleiConfig(count=count, seed=0, size_spread=0.0)
    return draw_size_factor((side, side), count, config, np.random.default_rng(0))


def ours(side: int, count: int) -> list[np.ndarray]:
    return random_nuclei((side, side), count, seed=0, size_spread=0.0)


def painted(polygons: list[np.ndarray], side: int) -> np.ndarray:
    """Paint polygons one after another with scikit-image."""
    labels = np.zeros((side, side), np.int32)
    for label, outline in enumerate(polygons, 1):
        labels[polygon_pixels(*outline.T, labels.shape)] = label
    return labels


def traced(labels: np.ndarray) -> list[np.ndarray]:
    """Trace each region with scikit-image: half-pixel contours, which do not give the region back exactly."""
    rings = []
    for region in regionprops(labels):
        row, column = region.bbox[:2]
        rings.append(find_contours(np.pad(region.image, 1), 0.5)[0] + (row - 1, column - 1))
    return rings


def drawing(options: Options) -> Iterator[Row]:
    """Draw random nuclei, whole on a small canvas and in part on a large one."""
    side, count = options.of(1024, 256), options.of(625, 40)
    factor = factor_of(side, count)
    ways = {"ours": lambda: ours(side, count), "plain": lambda: hou_nuclei(side, count, factor)}
    times = in_turns(ways, options.of(3, 2), warm=False)
    detail = f"placed {len(ours(side, count))} and {len(hou_nuclei(side, count, factor))} of {count}"
    what = f"{count} random nuclei on {side}²"
    yield compared(
        what, times["ours"], times["plain"], beside="Hou's way, a mask of the canvas a try", detail=detail
    )
    side, count, first = options.of(4096, 1024), options.of(10_000, 600), options.of(100, 5)
    factor = factor_of(side, count)
    some = milliseconds(lambda: hou_nuclei(side, count, factor, first=first)) * count / first
    taken = [milliseconds(lambda: ours(side, count)) for _ in range(options.of(3, 1))]
    share = len(ours(side, count)) / count
    goal = Goal(most=20_000, also=(Check("≥ 95 % placed", share >= 0.95),))
    detail = f"{share:.1%} placed; Hou's: the first {first}, × {count // first}"
    what = f"{count:,} random nuclei on {side}²"
    yield compared(what, taken, [some], beside="Hou's way, at least", goal=goal, detail=detail)


def rows(options: Options) -> Iterator[Row]:
    yield from drawing(options)
    side, count, rounds = options.of(4096, 512), options.of(10_000, 150), options.of(3, 2)
    polygons = ours(side, count)
    labels, where = rasterize(polygons, (side, side)), f"{len(polygons):,} nuclei on {side}²"
    times = in_turns(
        {"ours": lambda: rasterize(polygons, (side, side)), "plain": lambda: painted(polygons, side)}, rounds
    )
    apart = np.count_nonzero(labels != painted(polygons, side))
    yield compared(
        f"outlines to labels, {where}",
        times["ours"],
        times["plain"],
        beside="skimage.draw.polygon each",
        detail=f"{apart} pixels differ",
    )
    times = in_turns({"ours": lambda: polygonize(labels), "plain": lambda: traced(labels)}, rounds)
    exact = np.array_equal(rasterize(polygonize(labels), labels.shape), labels)
    wrong = np.count_nonzero(painted(traced(labels), side) != labels)
    yield compared(
        f"labels to outlines, {where}",
        times["ours"],
        times["plain"],
        beside="regionprops, find_contours",
        goal=Goal(also=(Check("comes back exactly", exact),)),
        detail=f"theirs come back with {number(wrong)} pixels changed",
    )
    statistics = {
        "ours": lambda: nuclei_statistics(labels),
        "plain": lambda: [region.area for region in regionprops(labels)],
    }
    times = in_turns(statistics, rounds)
    yield compared(f"statistics, {where}", times["ours"], times["plain"], beside="areas of regionprops alone")


if __name__ == "__main__":
    main(rows, __doc__)
