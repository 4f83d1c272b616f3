"""A job for many workers: one synthetic tile from its number."""

from __future__ import annotations

from functools import lru_cache

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import Renderer, render_windows

SIDE = 256


@lru_cache(maxsize=1)
def renderer() -> Renderer:
    """Return the renderer of this process."""
    return Renderer()


def tile(index: int) -> int:
    """Draw nuclei, render them, and return how many bytes the picture has."""
    labels = rasterize(random_nuclei((SIDE, SIDE), 40, seed=index), (SIDE, SIDE))
    return run_to_end(render_windows(labels, renderer())).nbytes
