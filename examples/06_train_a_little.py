"""Train a tiny generator for a few steps on made-up tiles: the way is that of hours on real tissue.

python examples/06_train_a_little.py [FOLDER]
"""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_sharpgan.formats import write_image, write_labels
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import render
from napari_sharpgan.training import RECIPES, generator_path, train

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)
data, run = folder / "tiles", folder / "run"
shutil.rmtree(run, ignore_errors=True)  # else a run that is there goes on

for part in ("images", "labels"):
    (data / part).mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(0)
for number in range(2):
    labels = rasterize(random_nuclei((256, 256), 40, seed=number), (256, 256))
    colors = np.where(labels[..., None] > 0, (73, 45, 124), (164, 118, 183)) + rng.integers(
        -20, 20, (256, 256, 3)
    )
    write_image(colors.astype(np.uint8), data / f"images/{number}.png")
    write_labels(labels, data / f"labels/{number}.png")

config = replace(RECIPES["sharp-gan"], steps=10, batch_size=2, width=4, seed=1)
for step in train(data, run, config):
    print(step.step, {name: round(loss, 3) for name, loss in step.losses.items()})
print("wrote", generator_path(run))
write_image(render(labels, generator_path(run)), folder / "trained_a_little.png", {"synthetic": True})
print("wrote", folder / "trained_a_little.png")
