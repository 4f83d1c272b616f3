"""One labeled synthetic tile: it follows from seed and number alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.nuclei import NucleiConfig, random_nuclei, rasterize
from napari_sharpgan.rendering import Renderer, render_windows
from napari_sharpgan.synthesis.models import TileModel

SIDE = 256  # pixels
TRIES = 10  # seeds that may give no nuclei


@dataclass(frozen=True)
class LabeledTile:
    """Tissue, the nuclei in it, and where they come from.

    Parameters
    ----------
    tissue : ndarray of shape (H, W, 3), uint8
        RGB.
    labels : ndarray of shape (H, W), int32
        1 … N, 0 off nuclei.
    facts : dict
        ``seed``, ``nuclei`` and ``stain`` as `synthetic_note` takes them.
    """

    tissue: NDArray[np.uint8]
    labels: NDArray[np.int32]
    facts: dict[str, Any]


def draw_tile(
    models: Sequence[TileModel], renderer: Renderer, seed: int, number: int, *, side: int = SIDE
) -> LabeledTile:
    """Draw the nuclei of a tile and render them.

    Parameters
    ----------
    models : sequence of TileModel
        The tile takes one by chance.
    renderer : Renderer
        Generator and device; its stain is not used.
    seed, number : int
        What the tile follows from.
    side : int
        Height and width in pixels.
    """
    rng = np.random.default_rng([seed, number])
    model = models[int(rng.integers(len(models)))]
    variation = int(rng.integers(2**31))
    labels = _mask(model.nuclei, int(rng.integers(2**31)), side)
    stain = None if model.stain is None else list(model.stain)
    tissue = run_to_end(render_windows(labels, renderer.in_stain(stain), seed=variation))
    nuclei = f"like {model.like}" if model.like else "random"
    return LabeledTile(tissue, labels, {"seed": variation, "nuclei": nuclei, "stain": stain})


def _mask(settings: NucleiConfig, seed: int, side: int) -> NDArray[np.int32]:
    """Return the label image of a tile; of a few seeds the first that gives any nuclei."""
    labels = np.zeros((side, side), np.int32)
    for more in range(TRIES):
        config = replace(settings, seed=(seed + more) % 2**31)
        labels = rasterize(random_nuclei((side, side), **asdict(config)), (side, side))
        if labels.any():
            break
    return labels
