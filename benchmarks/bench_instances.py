"""How long scoring nuclei takes, beside masks and loops: ``python benchmarks/bench_instances.py``.

The loops are those of HoVer-Net's public scripts: a mask of the whole image for every nucleus of both sides,
one pass over the overlapping pairs for each score. The goal: 1000² with 600 nuclei at least 50 × faster, same
scores.
"""

from statistics import median
from time import perf_counter

import numpy as np

from napari_sharpgan.metrics import aggregated_jaccard_index, error_map, panoptic_quality
from napari_sharpgan.metrics.evaluation import score_instances
from napari_sharpgan.nuclei import random_nuclei, rasterize

SHAPE = (1000, 1000)
COUNT = 600


def overlaps_by_masks(true, predicted):
    """Return masks of both sides, and intersections and unions of all pairs; labels without gaps."""
    masks, others = (
        [(labels == label).astype(np.uint8) for label in range(1, labels.max() + 1)]
        for labels in (true, predicted)
    )
    shared, joint = np.zeros((2, len(masks), len(others)))
    for row, mask in enumerate(masks):
        for label in np.unique(predicted[mask > 0]):
            if label:
                other = others[label - 1]
                shared[row, label - 1] = (mask * other).sum()
                joint[row, label - 1] = (mask + other).sum() - shared[row, label - 1]
    return masks, others, shared, joint


def pq_by_masks(true, predicted):
    masks, others, shared, joint = overlaps_by_masks(true, predicted)
    ious = shared / np.maximum(joint, 1)
    matched = ious[ious > 0.5]
    dq = len(matched) / (0.5 * len(masks) + 0.5 * len(others))
    return dq * matched.mean()


def aji_by_masks(true, predicted):
    masks, others, shared, joint = overlaps_by_masks(true, predicted)
    ious = shared / (joint + 1e-6)
    best, has = ious.argmax(axis=1), ious.max(axis=1) > 0
    rows = np.flatnonzero(has)
    union = joint[rows, best[rows]].sum() + sum(masks[row].sum() for row in np.flatnonzero(~has))
    union += sum(other.sum() for column, other in enumerate(others) if column not in set(best[rows]))
    return shared[rows, best[rows]].sum() / union


def pair():
    """Return 600 random nuclei, and what a middling segmenter might see of them."""
    true = rasterize(random_nuclei(SHAPE, COUNT, seed=0), SHAPE)
    other = rasterize(random_nuclei(SHAPE, COUNT, seed=1), SHAPE)
    seen = np.where(np.arange(SHAPE[1]) < 700, np.roll(true, (2, 1), axis=(0, 1)), other)
    return true, np.unique(seen, return_inverse=True)[1].reshape(SHAPE).astype(np.int32)


def seconds(call, repeats):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def main():
    true, predicted = pair()
    print(f"{true.max()} true, {predicted.max()} predicted nuclei on {SHAPE[0]} × {SHAPE[1]}")
    ours = {
        "PQ": lambda: panoptic_quality(true, predicted).pq,
        "AJI": lambda: aggregated_jaccard_index(true, predicted),
    }
    plain = {"PQ": lambda: pq_by_masks(true, predicted), "AJI": lambda: aji_by_masks(true, predicted)}
    for name in ours:
        if abs(ours[name]() - plain[name]()) > 1e-9:
            raise SystemExit(f"{name} differs: {ours[name]()} and {plain[name]()}")
        fast, slow = seconds(ours[name], 9), seconds(plain[name], 1)
        times = f"{1e3 * fast:8.1f} ms, by masks {1e3 * slow:9.0f} ms: {slow / fast:6.0f} × faster"
        print(f"{name:<5}{times}, both {ours[name]():.6f}")
    print(
        f"all {1e3 * seconds(lambda: score_instances(true, predicted), 5):9.1f} ms for every instance metric"
    )
    print(f"map {1e3 * seconds(lambda: error_map(true, predicted), 5):9.1f} ms for the error map")


if __name__ == "__main__":
    main()
