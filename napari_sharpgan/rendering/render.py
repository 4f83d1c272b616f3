"""Label image in, tissue out: the whole way in one call."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike
from torch import nn

from napari_sharpgan._checks import check_labels
from napari_sharpgan._tasks import ShouldStop, never, run_to_end
from napari_sharpgan.light.grid import Place
from napari_sharpgan.rendering.renderer import Renderer, Tissue
from napari_sharpgan.rendering.tissue import TissueCanvas

LEAST_TOGETHER = 16  # windows, or a bit less, between two looks at whether to stop


@dataclass(frozen=True)
class RenderStep:
    """``done`` of ``total`` windows are rendered."""

    done: int
    total: int


def render(
    labels: ArrayLike,
    generator: nn.Module | str | Path | None = None,
    *,
    device: str = "auto",
    seed: int = 0,
    **settings: Any,
) -> Tissue:
    """Render the nuclei of a label image as H&E tissue.

    Parameters
    ----------
    labels : array of shape (H, W), integers
        One number a nucleus, 0 off nuclei; any H and W from 1 on.
    generator : nn.Module, str, path or None
        None is the shipped one; else a name in ``resources/``, the path of a ``.safetensors`` file, or any
        module from (N, 1, 256, 256) to (N, 3, 256, 256) in [-1, 1], which then sees the distance map,
        normalized by nucleus and scaled to [-1, 1].
    device : str
        "auto" (cuda, mps or cpu, the first that is there), "cuda", "mps" or "cpu".
    seed : int
        Variation of the texture, if the generator has noise. The same seed gives the same picture.
    **settings
        ``stain``, ``precision``, ``engine`` and ``batch_size`` of `Renderer`.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        RGB. Overlapping windows of 256 × 256 are blended, so no seam shows; windows that reach beyond the
        image see its mirror there.

    Raises
    ------
    ValueError, TypeError
        If ``labels`` is no label image or the generator does not fit.
    """
    renderer = Renderer(generator, device=device, **settings)
    return run_to_end(render_windows(labels, renderer, seed=seed))


def render_windows(
    labels: ArrayLike, renderer: Renderer, *, seed: int = 0, should_stop: ShouldStop = never
) -> Generator[RenderStep, None, Tissue]:
    """Render as `render` does, a few windows at a time, yielding how many are done.

    Returns
    -------
    uint8 array of shape (H, W, 3)
        Black where nothing was rendered because ``should_stop()`` said so.
    """
    labels = check_labels(labels)
    if not labels.size:
        raise ValueError(f"labels must have at least one pixel, got shape {labels.shape}")
    condition = renderer.condition_map(labels)
    canvas = TissueCanvas(labels.shape, renderer, seed=seed)
    done = 0
    for places in together(canvas.grid, renderer):
        if should_stop():
            break
        canvas.update({place: condition[canvas.grid.extent(place)] for place in places})
        done += len(places)
        yield RenderStep(done, len(canvas.grid))
    return canvas.image


def together(places: Iterable[Place], renderer: Renderer) -> Iterator[list[Place]]:
    """Yield places of windows, given row by row, that are rendered together.

    These are whole rows, as many as 16 windows or those that the renderer takes at once allow, or else a part
    of a row.
    """
    most = max(LEAST_TOGETHER, renderer.batch_size)
    some: list[Place] = []
    for _, members in groupby(places, key=itemgetter(0)):
        row = list(members)
        if len(some) + len(row) > most:
            yield from filter(None, [some])
            some = []
        while len(row) > most:
            yield row[:most]
            row = row[most:]
        some += row
    yield from filter(None, [some])
