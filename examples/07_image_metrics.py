"""Score a picture against its reference with the four metrics of the paper, and its texture.

python examples/07_image_metrics.py [FOLDER]
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_sharpgan.metrics import IMAGE_METRICS, realism
from napari_sharpgan.nuclei import random_nuclei, rasterize

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)

labels = rasterize(random_nuclei((256, 256), 40, rounding=2, seed=2), (256, 256))
rng = np.random.default_rng(0)
real = np.clip(np.where(labels > 0, 0.3, 0.7) + gaussian_filter(rng.normal(0, 0.2, labels.shape), 1), 0, 1)
others = {"noisy": np.clip(real + rng.normal(0, 0.1, real.shape), 0, 1), "blurred": gaussian_filter(real, 2)}
scores = {
    name: {metric: IMAGE_METRICS[metric].compute(real, image) for metric in IMAGE_METRICS}
    | asdict(realism(real, image, labels))
    for name, image in others.items()
}
(folder / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")
print("wrote", folder / "scores.json")
for name, row in scores.items():
    print(name, " ".join(f"{metric} {value:.3f}" for metric, value in row.items()))
