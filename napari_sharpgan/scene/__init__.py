"""The live document: nuclei that are drawn, moved and removed, with rasters that follow every edit.

`Scene` keeps the nuclei and their undo history (`history`), has the arrays made true window by window
(`rasters`), and finds neighbors by a grid (`index`). Views listen to ``Scene.changed`` and ``Scene.edited``.
"""

from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.edit import Edit
from napari_sharpgan.scene.meeting import MEETINGS
from napari_sharpgan.scene.nucleus import Nucleus
from napari_sharpgan.scene.rasters import Piece
from napari_sharpgan.scene.windows import Window

__all__ = ["MEETINGS", "Edit", "Nucleus", "Piece", "Scene", "Window"]
