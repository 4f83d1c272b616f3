"""Measure how sharp the contours of nuclei are (Eq. 4 and 5), in a picture and in its blurred copy.

python examples/04_sharpness.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from napari_sharpgan.formats.map_image import write_map
from napari_sharpgan.losses.contours import contour_sharpness
from napari_sharpgan.nuclei import random_nuclei, rasterize

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)

labels = rasterize(random_nuclei((256, 256), 40, rounding=2, seed=2), (256, 256))
sharp = np.where(labels > 0, 0.3, 0.7)
for name, image in (("sharp", sharp), ("blurred", gaussian_filter(sharp, 2))):
    found = contour_sharpness(image, labels, contrast=0.1)
    blurriest = found.keys[found.means.argmax()]
    print(f"{name}: L_sharp {found.loss:.4f}; mean S {found.means.mean():.2f}; blurriest is {blurriest}")
    write_map(found.map, folder / f"sharpness_{name}.png", white=6)
    print("wrote", folder / f"sharpness_{name}.png")
