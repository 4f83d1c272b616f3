"""How long scoring takes: ``python benchmarks/bench_metrics.py [DEVICE]``.

The goal: the 18 test images, 512² each, in well under a minute on one core (``OMP_NUM_THREADS=1``).
"""

import sys
from statistics import median
from time import perf_counter

import numpy as np

from napari_sharpgan.metrics import IMAGE_METRICS, nuclei_darker, realism
from napari_sharpgan.metrics.evaluation import score_image


def seconds(call, repeats=5):
    call()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def main(device="cpu"):
    rng = np.random.default_rng(0)
    real, synthetic = rng.integers(0, 256, (2, 512, 512, 3), dtype=np.uint8)
    rows, columns = np.mgrid[:512, :512]
    centers = (rows % 32 - 16) ** 2 + (columns % 32 - 16) ** 2
    labels = np.where(centers < 100, 1 + rows // 32 * 16 + columns // 32, 0)  # 256 disks
    crop, other = real[:256, :256], synthetic[:256, :256]
    for name, metric in IMAGE_METRICS.items():
        print(f"{name:<28}256²  {1e3 * seconds(lambda m=metric: m.compute(crop, other)):7.1f} ms")
    print(f"{'realism':<28}512²  {1e3 * seconds(lambda: realism(real, synthetic, labels)):7.1f} ms")
    print(
        f"{'nuclei_darker, 256 nuclei':<28}512²  {1e3 * seconds(lambda: nuclei_darker(real, labels)):7.1f} ms"
    )
    whole = seconds(lambda: score_image(real, synthetic, device=device))
    print(f"{'score_image, ' + device:<28}512²  {1e3 * whole:7.1f} ms; 18 of them {18 * whole:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
