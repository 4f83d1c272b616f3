"""Samples with their maps, by number: kept in memory, or read from a set of tiles when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, Protocol

import numpy as np
import psutil
from numpy.typing import NDArray

from napari_sharpgan.data.sample import JoinedSamples, Sample
from napari_sharpgan.data.tile_sets import TileSamples

BYTES_A_PIXEL = 8  # of `Layered`: condition, contour and RGB
KEPT_SHARE = 0.25  # of the memory that is free, for the tiles of sets
LOOKED_AT = 100  # tiles of a set, for what is typical

Layers = tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Layered:
    """A sample as crops are cut out of it.

    Parameters
    ----------
    layers : tuple of ndarray
        Condition (1, H, W) float32, contour (1, H, W) bool and RGB (3, H, W) uint8.
    stain : ndarray of shape (6,)
        See `Sample.stain`.
    """

    layers: Layers
    stain: NDArray[np.float32]


class Store(Protocol):
    """Samples with their maps: ``areas`` of all in pixels, and those ``padded`` to the size of a crop."""

    areas: NDArray[np.float64]
    padded: int

    def __getitem__(self, index: int) -> Layered:
        """Return a sample."""

    def stains(self) -> list[NDArray[np.float32]]:
        """Return the stains of all, or of some that stand for them."""


class _InMemory:
    def __init__(self, samples: Sequence[Sample], layered: Callable[[Sample], Layered]) -> None:
        self._all = [layered(sample) for sample in samples]
        self.areas = np.array([sample.labels.size for sample in samples], float)
        self.padded = sum(one.layers[0].size for one in self._all)

    def __getitem__(self, index: int) -> Layered:
        return self._all[index]

    def stains(self) -> list[NDArray[np.float32]]:
        return [one.stain for one in self._all]


class _OnDisk:
    def __init__(
        self, samples: TileSamples, layered: Callable[[Sample], Layered], size: int, kept_bytes: int
    ) -> None:
        of_a_tile = _padded((samples.side, samples.side), size)
        kept = kept_bytes // (BYTES_A_PIXEL * of_a_tile)
        self._read = lru_cache(maxsize=kept)(lambda index: layered(samples[index]))
        self._samples = samples
        self.areas = np.full(len(samples), float(samples.side**2))
        self.padded = len(samples) * of_a_tile

    def __getitem__(self, index: int) -> Layered:
        return self._read(index)

    def stains(self) -> list[NDArray[np.float32]]:
        count = min(LOOKED_AT, len(self._samples))
        places = [int((place + 0.5) * len(self._samples) / count) for place in range(count)]
        return [self._samples[place].stain for place in places]


class _Joined:
    def __init__(self, parts: Sequence[Store]) -> None:
        self._parts = parts
        self._ends = np.cumsum([len(part.areas) for part in parts])
        self.areas = np.concatenate([part.areas for part in parts])
        self.padded = sum(part.padded for part in parts)

    def __getitem__(self, index: int) -> Layered:
        at = int(self._ends.searchsorted(index, side="right"))
        return self._parts[at][index - int(self._ends[at]) + len(self._parts[at].areas)]

    def stains(self) -> list[NDArray[np.float32]]:
        return [stain for part in self._parts for stain in part.stains()]


def kept_bytes() -> int:
    """Return how much memory the tiles of sets may take: a quarter of what is free now.

    Several processes that train together on one machine share that.
    """
    free: int = psutil.virtual_memory().available
    return int(KEPT_SHARE * free) // int(os.environ.get("LOCAL_WORLD_SIZE", 1))


def stored(samples: Sequence[Sample], layered: Callable[[Sample], Layered], size: int) -> Store:
    """Return samples with their maps.

    Parameters
    ----------
    samples : sequence of Sample
        A list, a `TileSamples`, or such ``joined``.
    layered : callable
        Makes the maps of one.
    size : int
        Height and width to which smaller ones are padded.
    """
    parts, kept = _shared(samples)
    stores: list[Store] = [
        _OnDisk(part, layered, size, kept) if isinstance(part, TileSamples) else _InMemory(part, layered)
        for part in parts
    ]
    return stores[0] if len(stores) == 1 else _Joined(stores)


def memory_of_images(samples: Sequence[Sample], size: int) -> int:
    """Return how many bytes samples take at most: their maps, and of those in memory the images and labels.

    Parameters
    ----------
    samples : sequence of Sample
        As for `stored`.
    size : int
        Height and width to which smaller ones are padded.
    """
    parts, kept = _shared(samples)
    total = 0
    for part in parts:
        if isinstance(part, TileSamples):
            maps = BYTES_A_PIXEL * len(part) * _padded((part.side, part.side), size)
            total += min(kept, maps)
        else:
            for one in part:
                total += one.image.nbytes + one.labels.nbytes
                total += BYTES_A_PIXEL * _padded(one.labels.shape, size)
    return total


def _shared(samples: Sequence[Sample]) -> tuple[Sequence[Sequence[Sample]], int]:
    """Return the lists and sets that samples are made of, and how many bytes each set may keep."""
    parts = samples.parts if isinstance(samples, JoinedSamples) else (samples,)
    return parts, kept_bytes() // len(parts)


def _padded(shape: Sequence[int], size: int) -> int:
    """Return how many pixels an image (H, W) has once it is padded to at least ``size`` × ``size``."""
    return prod(max(size, side) for side in shape)
