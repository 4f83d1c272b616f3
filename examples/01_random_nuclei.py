"""Draw random nuclei after Hou et al. 2019, apart and touching; write them for QuPath and as label images.

python examples/01_random_nuclei.py [FOLDER]
"""

import sys
from pathlib import Path

from napari_sharpgan.formats import Nuclei, write_nuclei
from napari_sharpgan.nuclei import nuclei_statistics, random_nuclei, rasterize

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)
shape = 512, 512

for name, touching in (("apart", -1.0), ("touching", 0.6)):
    polygons = random_nuclei(shape, 150, touching=touching, rounding=2, seed=7)
    for suffix in ("geojson", "tif"):
        path = folder / f"nuclei_{name}.{suffix}"
        write_nuclei(Nuclei(polygons=polygons, shape=shape), path)
        print("wrote", path)
    print(nuclei_statistics(rasterize(polygons, shape)))
