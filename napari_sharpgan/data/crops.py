"""Random crops of samples: cut, flipped, turned; image and maps together (paper, section 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.data.sample import Sample
from napari_sharpgan.maps import contour_map

_Layers = tuple[NDArray[Any], ...]  # condition, contour, RGB: planes (C, H, W) each
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

    Maps are made once, of whole images, so that a nucleus at the border of a crop has the distances it has in
    its image, just as when a window of a large canvas is rendered.

    Parameters
    ----------
    samples : sequence of Sample
        Images smaller than ``size`` are mirrored at their borders.
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
        if not samples:
            raise ValueError("at least one image with nuclei is needed, got none")
        self.size = size
        self.stain_jitter = stain_jitter
        self._layers = [_layers(sample, condition, size) for sample in samples]
        self._stains = [sample.stain for sample in samples]
        areas = np.array([sample.labels.size for sample in samples], float)
        self._chances = areas / areas.sum()

    @property
    def crops_per_epoch(self) -> int:
        """One crop for each size² pixels of all images."""
        pixels: int = sum(layers[0].size for layers in self._layers)
        return max(1, round(pixels / self.size**2))

    def typical_stain(self) -> NDArray[np.float32]:
        """Return the stain, shape (6,), of the image that is nearest to the median of all."""
        stains = np.stack(self._stains)
        away = np.abs(stains - np.median(stains, axis=0)).sum(axis=1)
        return self._stains[int(away.argmin())]

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """Return ``count`` crops; which, follows from ``rng`` alone."""
        chosen = rng.choice(len(self._layers), size=count, p=self._chances)
        crops = [self._crop(self._layers[index], rng) for index in chosen]
        condition, contour, pixels = (np.stack(planes) for planes in zip(*crops, strict=True))
        stain = np.stack([self._stains[index] for index in chosen])
        jitter, stain = _jitter(stain, self.stain_jitter, rng)
        return Batch(condition[:, 0], contour[:, 0], pixels, jitter, stain)

    def _crop(self, layers: _Layers, rng: np.random.Generator) -> _Layers:
        """Cut a square at a random place, turn it by a multiple of 90° and flip it or not."""
        row, column = (int(rng.integers(0, side - self.size + 1)) for side in layers[0].shape[1:])
        turns, flips = int(rng.integers(4)), bool(rng.integers(2))
        here = slice(row, row + self.size), slice(column, column + self.size)
        crops = (np.rot90(planes[:, *here], turns, axes=(1, 2)) for planes in layers)
        return tuple(crop[..., ::-1] if flips else crop for crop in crops)


def _layers(sample: Sample, condition: Map, size: int) -> _Layers:
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
