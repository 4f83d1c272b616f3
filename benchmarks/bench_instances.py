"""How long scoring nuclei takes, beside masks and loops: ``python benchmarks/bench_instances.py``.

The loops are those of HoVer-Net's public scripts: a mask of the whole image for every nucleus of both sides,
one pass over the overlapping pairs for each score. Both give the same scores, which is checked.
"""

from collections.abc import Iterator

import numpy as np
from _bench import Goal, Options, Row, compared, in_turns, main, milliseconds

from napari_sharpgan.metrics import aggregated_jaccard_index, error_map, panoptic_quality
from napari_sharpgan.metrics.evaluation import score_instances
from napari_sharpgan.nuclei import random_nuclei, rasterize


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


def pair(side, count):
    """Return random nuclei, and what a middling segmenter might see of them."""
    shape = (side, side)
    true = rasterize(random_nuclei(shape, count, seed=0), shape)
    other = rasterize(random_nuclei(shape, count, seed=1), shape)
    seen = np.where(np.arange(side) < 0.7 * side, np.roll(true, (2, 1), axis=(0, 1)), other)
    return true, np.unique(seen, return_inverse=True)[1].reshape(shape).astype(np.int32)


def rows(options: Options) -> Iterator[Row]:
    side, count = options.of(1000, 300), options.of(600, 50)
    true, predicted = pair(side, count)
    where = f"{count} nuclei on {side}²"
    scores = {
        "PQ": (lambda: panoptic_quality(true, predicted).pq, lambda: pq_by_masks(true, predicted)),
        "AJI": (lambda: aggregated_jaccard_index(true, predicted), lambda: aji_by_masks(true, predicted)),
    }
    for name, (ours, plain) in scores.items():
        mine, theirs = ours(), plain()
        if abs(mine - theirs) > 1e-9:
            raise SystemExit(f"{name} differs: {mine} and {theirs}")
        times = in_turns({"ours": ours, "plain": plain}, options.of(3, 2), warm=False)
        yield compared(
            f"{name} of {where}",
            times["ours"],
            times["plain"],
            beside="HoVer-Net's masks and loops",
            goal=Goal(ratio=50),
            detail=f"both {mine:.6f}",
        )
    for name, call in (("every instance metric", score_instances), ("the error map", error_map)):
        taken = [milliseconds(lambda call=call: call(true, predicted)) for _ in range(options.of(5, 2))]
        yield compared(f"{name} of {where}", taken)


if __name__ == "__main__":
    main(rows, __doc__)
