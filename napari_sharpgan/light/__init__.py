"""Tissue on a CPU without torch, whose import alone takes two seconds: in half a second OpenVINO renders.

Here are the grid of windows, the noise and the files that all rendering shares, and the shipped kind of
generator as OpenVINO runs it. What these cannot do `napari_sharpgan.rendering` does.
"""

from napari_sharpgan.light.canvas import LightCanvas
from napari_sharpgan.light.engine import is_enough
from napari_sharpgan.light.renderer import LightRenderer

__all__ = ["LightCanvas", "LightRenderer", "is_enough"]
