"""Time what nuclei do on a large canvas: ``python benchmarks/bench_nuclei.py``.

Seconds of this process, so that other work on the machine counts little; the best of three runs.
"""

from time import process_time

import numpy as np

from napari_sharpgan.nuclei import (
    nuclei_statistics,
    polygon_mask,
    polygonize,
    random_nuclei,
    rasterize,
    repair,
)

SHAPE, COUNT = (4096, 4096), 10_000


def seconds(task, runs=3):
    """Return the shortest time of a few runs and the last result."""
    times = []
    for _ in range(runs):
        start = process_time()
        result = task()
        times.append(process_time() - start)
    return min(times), result


def main():
    placing, polygons = seconds(lambda: random_nuclei(SHAPE, COUNT, seed=0, size_spread=0.0))
    print(f"{len(polygons)} of {COUNT} random nuclei on {SHAPE[0]} × {SHAPE[1]}: {placing:.2f} s")
    crowding, crowd = seconds(lambda: random_nuclei(SHAPE, COUNT, seed=1), runs=1)
    print(f"{len(crowd)} of {COUNT}, as large as fits: {crowding:.2f} s")
    painting, labels = seconds(lambda: rasterize(polygons, SHAPE))
    print(f"rasterize: {painting:.2f} s")
    tracing, rings = seconds(lambda: polygonize(labels))
    exact = np.array_equal(rasterize(rings, SHAPE), labels)
    print(f"polygonize: {tracing:.2f} s, comes back {'exactly' if exact else 'CHANGED'}")
    counting, statistics = seconds(lambda: nuclei_statistics(labels))
    print(f"statistics: {counting:.3f} s, {statistics}")
    masking, _ = seconds(lambda: [polygon_mask(polygon, SHAPE) for polygon in polygons])
    print(f"polygon_mask: {masking / len(polygons) * 1e6:.0f} µs a nucleus")
    repairing, _ = seconds(lambda: [repair(polygon) for polygon in polygons])
    print(f"repair, nothing to do: {repairing / len(polygons) * 1e6:.0f} µs a nucleus")


if __name__ == "__main__":
    main()
