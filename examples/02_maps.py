"""Turn nuclei into the maps of the paper: binary b, distance x, contour c.

python examples/02_maps.py [FOLDER]
"""

import sys
from pathlib import Path

from napari_sharpgan.formats.map_image import write_map
from napari_sharpgan.maps import binary_map, contour_map, distance_map
from napari_sharpgan.nuclei import random_nuclei, rasterize

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)

labels = rasterize(random_nuclei((256, 256), 40, seed=1), (256, 256))
maps = {
    "binary": binary_map(labels),
    "distance": distance_map(labels, normalize="nucleus"),
    "contour": contour_map(labels),
}
for name, values in maps.items():
    write_map(values, folder / f"{name}.png")
    print("wrote", folder / f"{name}.png")
print(f"distances in pixels reach {distance_map(labels).max():.1f}")
