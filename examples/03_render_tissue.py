"""Render the same nuclei in two variations and in the stain of another picture.

python examples/03_render_tissue.py [FOLDER]
"""

import sys
from pathlib import Path

from napari_sharpgan.data import stain_of
from napari_sharpgan.formats import read_provenance, write_image
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import render, synthetic_note

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)

labels = rasterize(random_nuclei((400, 500), 120, rounding=2, seed=4), (400, 500))
first = render(labels, seed=0)
paler = stain_of((first // 2 + 120).astype("uint8")).tolist()
pictures = {
    "tissue": (first, synthetic_note(seed=0)),
    "tissue_variation": (render(labels, seed=1), synthetic_note(seed=1)),
    "tissue_paler": (render(labels, stain=paler), synthetic_note(stain=paler)),
}
for name, (picture, note) in pictures.items():
    write_image(picture, folder / f"{name}.png", note)
    print("wrote", folder / f"{name}.png")
print(read_provenance(folder / "tissue_paler.png"))
