"""Picture in, nuclei out: the whole way in one call."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import nn

from napari_sharpgan._tasks import ShouldStop, never, run_to_end
from napari_sharpgan.inference import WindowGrid, mirrored
from napari_sharpgan.scene import Window
from napari_sharpgan.scene.windows import grown
from napari_sharpgan.segmentation.predictor import Predictor, Probabilities

MARGIN = 64  # px: more than a nucleus has across, and what a network sees around it


@dataclass(frozen=True)
class SegmentStep:
    """``done`` of ``total`` windows are seen."""

    done: int
    total: int


def segment(
    image: ArrayLike,
    segmenter: nn.Module | str | Path | None = None,
    *,
    device: str = "auto",
    **settings: Any,
) -> NDArray[np.int32]:
    """Return the nuclei of a picture of H&E tissue.

    Parameters
    ----------
    image : array of shape (H, W, 3), uint8
        RGB; any H and W from 1 on.
    segmenter : nn.Module, str, path or None
        See `Predictor`.
    device : str
        "auto" (cuda, mps or cpu, the first that is there), "cuda", "mps" or "cpu".
    **settings
        ``precision``, ``engine`` and ``batch_size`` of `Predictor`.

    Returns
    -------
    int32 array of shape (H, W)
        0 off nuclei, else 1, 2, 3, …. The probabilities of overlapping windows of 256 × 256 are blended, and
        nuclei are made of those of the whole picture, so none is cut at a seam. Probabilities and labels of
        the whole picture are held in memory, about 100 bytes a pixel at the most.

    Raises
    ------
    ValueError, TypeError
        If ``image`` is no such picture or the segmenter does not fit.
    FileNotFoundError
        If there is no such segmenter, or none is shipped.
    """
    return run_to_end(segment_windows(image, Predictor(segmenter, device=device, **settings)))


def segment_windows(
    image: ArrayLike, predictor: Predictor, *, should_stop: ShouldStop = never
) -> Generator[SegmentStep, None, NDArray[np.int32]]:
    """Segment as `segment` does, a few windows at a time, yielding how many are done.

    Returns
    -------
    int32 array of shape (H, W)
        Without nuclei where nothing was seen because ``should_stop()`` said so.
    """
    probabilities = yield from predict_windows(image, predictor, should_stop=should_stop)
    return predictor.target.instances(probabilities)


def predict_windows(
    image: ArrayLike, predictor: Predictor, *, should_stop: ShouldStop = never
) -> Generator[SegmentStep, None, Probabilities]:
    """Return the blended probabilities (C, H, W) of a picture, yielding how many windows are done."""
    picture = check_picture(image)
    grid = WindowGrid(picture.shape[:2])
    places = list(grid)
    summed = np.zeros((predictor.target.channels, *grid.shape), np.float32)
    total = np.zeros(grid.shape, np.float32)
    at_once = predictor.batch_size  # it may take fewer from now on
    for start in range(0, len(places), at_once):
        if should_stop():
            break
        chosen = places[start : start + at_once]
        windows = np.stack([mirrored(picture[grid.extent(place)]) for place in chosen])
        for place, predicted in zip(chosen, predictor(windows), strict=True):
            here = grid.extent(place)
            height, width = total[here].shape
            weights = grid.weights(place)[:height, :width]
            summed[:, *here] += predicted[:, :height, :width] * weights
            total[here] += weights
        yield SegmentStep(start + len(chosen), len(places))
    summed /= np.maximum(total, np.finfo(np.float32).tiny)
    return summed


def part_around(window: Window, shape: tuple[int, int]) -> Window:
    """Return the part of a picture (H, W) to segment for the nuclei of a window, those on its edge whole."""
    return grown(window, MARGIN, shape)


def check_picture(image: ArrayLike) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) of uint8 with at least one pixel."""
    picture = np.asarray(image)
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise ValueError(
            f"image must be RGB, (H, W, 3) of uint8, with at least one pixel; "
            f"got {picture.shape} of {picture.dtype}"
        )
    return picture
