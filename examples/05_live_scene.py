"""Edit a live scene: labels, distance and contour stay true window by window, and tissue can follow.

python examples/05_live_scene.py [FOLDER]
"""

import sys
from pathlib import Path

from napari_sharpgan.formats import write_image, write_labels
from napari_sharpgan.nuclei import random_nuclei
from napari_sharpgan.rendering import Renderer, TissueCanvas, synthetic_note
from napari_sharpgan.scene import Scene, Window

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
folder.mkdir(parents=True, exist_ok=True)

scene = Scene((448, 448))
keys = scene.add_many(random_nuclei(scene.shape, 100, rounding=2, seed=3))
canvas = TissueCanvas(scene.shape, Renderer())


def follow(window: Window) -> None:
    """Render again what an edit of this window of the scene reaches."""
    places = canvas.grid.touching(window)
    pieces = {place: scene.piece(canvas.grid.extent(place)) for place in places}
    condition = canvas.renderer.condition_map
    canvas.update({place: condition(piece.labels)[piece.inside] for place, piece in pieces.items()})
    print(f"rendered {len(places)} of {len(canvas.grid)} windows")


follow((slice(0, 448), slice(0, 448)))
scene.changed.connect(follow)
scene.move(keys[0], scene.polygons[keys[0]] + 6)
scene.remove(keys[1])
scene.undo()
write_labels(scene.labels, folder / "scene.tif")
write_image(canvas.image, folder / "scene_tissue.png", synthetic_note())
print("wrote", folder / "scene.tif")
print("wrote", folder / "scene_tissue.png")
