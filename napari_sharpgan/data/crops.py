"""Random crops of samples: cut, flipped, turned; image and maps together (paper, section 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.data.sample import Sample
from napari_sharpgan.data.store import Layered, Layers, stored
from napari_sharpgan.maps import contour_map

Map = Callable[[NDArray[np.int32]], NDArray[np.float32]]


@dataclass(frozen=True)
class Batch:
    """Crops of one size, as arrays.

    Parameters
    ----------
    condition : ndarray of shape (N, H, W), float32
        The condition map in [0, 1].
    contour : ndarray of shape (N, H, W), bool
        Contour pixels of nuclei.
    pixels : ndarray of shape (N, 3, H, W), uint8
        R, G and B as they are in the images.
    jitter : ndarray of shape (N, 2, 3), float32
        By what each channel, in [0, 1], is to be multiplied and what is to be added then; see
        `pixels_to_tensor`.
    stain : ndarray of shape (N, 6), float32
        Means and standard deviations of RGB of the whole images that the crops come from, jittered as well.
    """

    condition: NDArray[np.float32]
    contour: NDArray[np.bool_]
    pixels: NDArray[np.uint8]
    jitter: NDArray[np.float32]
    stain: NDArray[np.float32]

    @classmethod
    def joined(cls, batches: Sequence[Batch]) -> Batch:
        """Return one batch of all crops of several."""
        return cls(*(np.concatenate([getattr(one, f.name) for one in batches]) for f in fields(cls)))


class CropSource:
    """Draw batches of random crops from samples.

    Maps are made of whole images, so that a nucleus at the border of a crop has the distances it has in its
    image, just as when a window of a large canvas is rendered. Of samples in memory they are made once; those
    of a set of tiles are read, and their maps made, when a crop is drawn, and as many of the last kept as fit
    into `kept_bytes`. The crops are the same.

    Parameters
    ----------
    samples : sequence of Sample
        A list, a `TileSamples`, or both `joined`. Images smaller than ``size`` are mirrored at their borders.
    condition : callable
        Label image -> condition map (H, W) in [0, 1].
    size : int
        Height and width of a crop, in pixels.
    stain_jitter : float
        Largest relative change of the contrast of a channel, and a fifth of it of its brightness; the stain
        follows.
    """

    def __init__(
        self, samples: Sequence[Sample], condition: Map, *, size: int = 256, stain_jitter: float = 0.0
    ) -> None:
        if not len(samples):
            raise ValueError("at least one image with nuclei is needed, got none")
        self.size = size
        self.stain_jitter = stain_jitter

        def layered(sample: Sample) -> Layered:
            return Layered(_layers(sample, condition, size), sample.stain)

        self._store = stored(samples, layered, size)
        chances = (self._store.areas / self._store.areas.sum()).cumsum()
        self._upto = chances / chances[-1]  # the chance of an image or one before it

    @property
    def crops_per_epoch(self) -> int:
        """One crop for each size² pixels of all images."""
        return max(1, round(self._store.padded / self.size**2))

    def typical_stain(self) -> NDArray[np.float32]:
        """Return the stain, shape (6,), of the image that is nearest to the median of all.

        Of a set of tiles 100 are looked at, evenly spread.
        """
        stains = np.stack(self._store.stains())
        away = np.abs(stains - np.median(stains, axis=0)).sum(axis=1)
        nearest: NDArray[np.float32] = stains[int(away.argmin())]
        return nearest

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """Return ``count`` crops; which, follows from ``rng`` alone."""
        chosen = self._upto.searchsorted(rng.random(count), side="right")  # as ``rng.choice`` does
        tiles = [self._store[int(index)] for index in chosen]
        crops = [self._crop(tile.layers, rng) for tile in tiles]
        condition, contour, pixels = (np.stack(planes) for planes in zip(*crops, strict=True))
        jitter, stain = _jitter(np.stack([tile.stain for tile in tiles]), self.stain_jitter, rng)
        return Batch(condition[:, 0], contour[:, 0], pixels, jitter, stain)

    def _crop(self, layers: Layers, rng: np.random.Generator) -> Layers:
        """Cut a square at a random place, turn it by a multiple of 90° and flip it or not."""
        row, column = (int(rng.integers(0, side - self.size + 1)) for side in layers[0].shape[1:])
        turns, flips = int(rng.integers(4)), bool(rng.integers(2))
        here = slice(row, row + self.size), slice(column, column + self.size)
        crops = (np.rot90(planes[:, *here], turns, axes=(1, 2)) for planes in layers)
        return tuple(crop[..., ::-1] if flips else crop for crop in crops)


def _layers(sample: Sample, condition: Map, size: int) -> Layers:
    """Return condition (1, H, W), contour (1, H, W) and RGB (3, H, W), in 8 bytes a pixel.

    They are mirrored where the sample is smaller than a crop.
    """
    image = np.moveaxis(sample.image, -1, 0)
    planes = condition(sample.labels)[None], contour_map(sample.labels)[None], image
    missing = [max(0, size - side) for side in sample.labels.shape]
    return tuple(
        np.pad(plane, [(0, 0), (0, missing[0]), (0, missing[1])], mode="symmetric") for plane in planes
    )


def _jitter(
    stain: NDArray[np.float32], amount: float, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw how contrast and brightness of each channel change, (N, 2, 3); return that, and the stain then."""
    mean, deviation = stain[:, :3], stain[:, 3:]
    gain, shift = np.ones_like(mean), np.zeros_like(mean)
    if amount:
        gain += rng.uniform(-amount, amount, gain.shape).astype(np.float32)
        shift += (rng.uniform(-amount, amount, shift.shape) / 5).astype(np.float32)
    jitter = np.stack([gain, mean * (1 - gain) + shift], axis=1)
    return jitter, np.concatenate([mean + shift, deviation * gain], axis=1)
