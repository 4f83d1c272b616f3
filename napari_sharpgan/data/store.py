"""Samples with their maps, by number: kept in memory, or read from a set of tiles when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.data.sample import JoinedSamples, Sample
from napari_sharpgan.data.tile_sets import TileSamples

KEPT_BYTES = 2**28  # of tiles of a set with their maps: 512 tiles of 256 × 256
BYTES_A_PIXEL = 8  # of `Layered`: condition, contour and RGB
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
    def __init__(self, samples: TileSamples, layered: Callable[[Sample], Layered], size: int) -> None:
        side = max(size, samples.side)
        kept = max(1, KEPT_BYTES // (BYTES_A_PIXEL * side**2))
        self._read = lru_cache(maxsize=kept)(lambda index: layered(samples[index]))
        self._samples = samples
        self.areas = np.full(len(samples), float(samples.side**2))
        self.padded = len(samples) * side**2

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
    if isinstance(samples, JoinedSamples):
        return _Joined([stored(part, layered, size) for part in samples.parts])
    if isinstance(samples, TileSamples):
        return _OnDisk(samples, layered, size)
    return _InMemory(samples, layered)
