"""Held-out images that a network is tried on while it trains: scores, and the same windows each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import Sample, TileSamples
from napari_sharpgan.maps import CONDITION_MAPS, ConditionMap, contour_map
from napari_sharpgan.metrics.evaluation import combined_score, mean_scores, score_image
from napari_sharpgan.metrics.realism import realism
from napari_sharpgan.models import TissueGenerator
from napari_sharpgan.rendering import Renderer, render_windows, training_note
from napari_sharpgan.training.config import GanConfig

MOST_IMAGES = 6  # that are scored: a look has to stay a matter of seconds
CANDIDATES = 24  # tiles of a set that are read to choose these
LARGEST_SIDE = 512  # pixels of an image that are scored, in height and width
WINDOWS = 4  # side by side in a picture
SIDE = 256  # pixels of a window

_STEP = 64  # pixels between the places that are compared for the fullest part of an image
_CONTOUR = (64, 224, 208)  # turquoise, as seen on gray levels

Picture = NDArray[np.uint8]
Item = TypeVar("Item")
Box = tuple[slice, slice]


@dataclass(frozen=True)
class Look:
    """What a network makes of the held-out images.

    Parameters
    ----------
    scores : dict of str to float
        Means over the images, and ``score``, what they come to: lower is better. Empty where nothing is held
        out.
    picture : ndarray of shape (256, 256 · n, 3), uint8
        The windows, side by side.
    """

    scores: dict[str, float]
    picture: Picture


@dataclass(frozen=True)
class _Part:
    """What is looked at of an image, with the stain of the whole of it."""

    name: str
    image: Picture
    labels: NDArray[np.int32]
    stain: tuple[float, ...]

    @classmethod
    def of(cls, sample: Sample) -> _Part:
        """Cut the fullest part out of an image that is larger than what is scored."""
        box = _fullest(sample.labels)
        return cls(sample.name, sample.image[box], sample.labels[box], tuple(sample.stain.tolist()))

    def windows(self) -> list[Box]:
        """Return full windows with nuclei, those with most of them first; a side below 256 is taken whole."""
        starts = (range(0, max(1, side - SIDE + 1), SIDE) for side in self.labels.shape)
        rows, columns = ([slice(start, start + SIDE) for start in line] for line in starts)
        boxes = [(row, column) for row in rows for column in columns if self.labels[row, column].any()]
        return sorted(boxes, key=lambda box: -np.count_nonzero(self.labels[box]))


class HeldOutParts:
    """Images with their nuclei, and up to four fixed windows of 256 × 256 of them.

    At most 6 images are taken, spread over all, and of each at most 512 × 512 pixels, where it has most
    nuclei. All follows from the samples: no random number is drawn.

    Parameters
    ----------
    samples : sequence of Sample
        At least one with nuclei.
    scored : bool
        Whether to score what is made of them. Scores of images that were trained on would say nothing.

    Raises
    ------
    ValueError
        If no image has nuclei.
    """

    def __init__(self, samples: Sequence[Sample], *, scored: bool = True) -> None:
        with_nuclei = [sample for sample in _candidates(samples) if sample.labels.any()]
        if not with_nuclei:
            raise ValueError("at least one image with nuclei is needed to look at, got none")
        self.scored = scored
        self._parts = [_Part.of(sample) for sample in spread(with_nuclei, MOST_IMAGES)]
        self._windows = _chosen_windows(self._parts)

    @classmethod
    def chosen(cls, train: Sequence[Sample], validation: Sequence[Sample]) -> Self | None:
        """Return the validation images, else those trained on, unscored; None if none has nuclei."""
        for samples in (validation, train):
            if any(sample.labels.any() for sample in _candidates(samples)):
                return cls(samples, scored=samples is validation)
        return None

    @property
    def names(self) -> list[str]:
        """The images that the windows are of, from left to right."""
        return [self._parts[number].name for number, _ in self._windows]

    def real(self) -> Picture:
        """Return the real tissue of the windows, (256, 256 · n, 3)."""
        return self._side_by_side([part.image for part in self._parts])

    def _side_by_side(self, pictures: Sequence[Picture]) -> Picture:
        """Cut the windows out of a picture of each part."""
        return np.hstack([_window(pictures[number], box) for number, box in self._windows])


class HeldOutImages(HeldOutParts):
    """Images to render the nuclei of; see `HeldOutParts`.

    The scores are ssim, fsim, gmsd, nrmse, the texture ratios (see `Realism`) and, as ``score``, the
    `combined_score` of them.
    """

    def nuclei(self, config: GanConfig) -> Picture:
        """Return what a generator with these settings sees of the windows."""
        return self.masks(CONDITION_MAPS[config.condition])

    def masks(self, condition: ConditionMap) -> Picture:
        """Return what the generator sees of the windows, with the contours of the nuclei on it."""
        return self._side_by_side([_mask(part.labels, condition) for part in self._parts])

    def look(self, generator: TissueGenerator, device: torch.device, precision: str = "auto") -> Look:
        """Render the images in their own stains, in the number format of the run, and score them.

        bfloat16 and float32 differ by a few gray levels of 255, which no score tells apart. The generator is
        left as it is.
        """
        pictures = [_rendered(part, generator, device, precision) for part in self._parts]
        scores = self._scores(pictures, device) if self.scored else {}
        return Look(scores, self._side_by_side(pictures))

    def _scores(self, pictures: Sequence[Picture], device: torch.device) -> dict[str, float]:
        """Return the mean scores of pictures of all parts, and what they come to."""
        rows = [
            score_image(part.image, picture, device=device)
            | asdict(realism(part.image, picture, part.labels))
            for part, picture in zip(self._parts, pictures, strict=True)
        ]
        scores = mean_scores(rows)
        scores["score"] = combined_score(scores)
        return {name: value for name, value in scores.items() if np.isfinite(value)}

    def note(self, step: int) -> dict[str, Any]:
        """Return what is noted in a picture: that it is synthetic, and of which nuclei."""
        return training_note(step, self.names)


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """Return ``count`` of the items, evenly spread over all; all of them if they are fewer."""
    if len(items) <= count:
        return list(items)
    return [items[int((place + 0.5) * len(items) / count)] for place in range(count)]


def _candidates(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return all samples in memory, or some of those that have to be read."""
    return spread(samples, CANDIDATES) if isinstance(samples, TileSamples) else samples


def _chosen_windows(parts: Sequence[_Part]) -> list[tuple[int, Box]]:
    """Return up to four windows, each as the number of its part and its place: as many images as can be."""
    chosen: list[tuple[int, Box]] = []
    ranked = [part.windows() for part in parts]
    for rank in range(WINDOWS):
        those = [(number, boxes[rank]) for number, boxes in enumerate(ranked) if rank < len(boxes)]
        chosen += spread(those, WINDOWS - len(chosen))
    return sorted(chosen, key=lambda window: (window[0], window[1][0].start, window[1][1].start))


def _fullest(labels: NDArray[Any]) -> Box:
    """Return the part of at most 512 × 512 with most pixels of nuclei; of equals the first."""
    height, width = (min(side, LARGEST_SIDE) for side in labels.shape)
    sums = np.pad((labels > 0).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))

    def pixels(place: tuple[int, int]) -> int:
        top, left = place
        above, below = sums[top], sums[top + height]
        return int(below[left + width] - below[left] - above[left + width] + above[left])

    tops, lefts = (
        range(0, whole - part + 1, _STEP) for whole, part in zip(labels.shape, (height, width), strict=True)
    )
    top, left = max(((top, left) for top in tops for left in lefts), key=pixels)
    return slice(top, top + height), slice(left, left + width)


def _rendered(part: _Part, generator: TissueGenerator, device: torch.device, precision: str) -> Picture:
    """Return the tissue of a part in its image's stain."""
    stain = None if generator.stain is None else part.stain
    renderer = Renderer(generator, device=str(device), stain=stain, precision=precision, engine="torch")
    return run_to_end(render_windows(part.labels, renderer))


def _window(picture: Picture, box: Box) -> Picture:
    """Cut a window out of a picture, mirrored where that is smaller, as in training."""
    cut = picture[box]
    missing = [(0, SIDE - side) for side in cut.shape[:2]]
    return np.pad(cut, [*missing, (0, 0)], mode="symmetric")


def _mask(labels: NDArray[Any], condition: Callable[[NDArray[Any]], NDArray[np.float32]]) -> Picture:
    """Return a condition map as gray levels, with the contours of the nuclei in color."""
    levels = np.rint(condition(labels) * 255).astype(np.uint8)
    picture = np.repeat(levels[..., None], 3, axis=-1)
    picture[contour_map(labels)] = _CONTOUR
    return picture
