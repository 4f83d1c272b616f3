"""One image of tissue with its nuclei, and many of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import overload

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_labels


@dataclass(frozen=True)
class Sample:
    """A real image and the label image of its nuclei.

    Parameters
    ----------
    name : str
        Where it came from, for messages and records.
    image : ndarray of shape (H, W, 3), uint8
        RGB.
    labels : ndarray of shape (H, W), integers
        One number a nucleus, 0 off nuclei.
    """

    name: str
    image: NDArray[np.uint8]
    labels: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Refuse a pair that does not fit together."""
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(
                f"{self.name}: the image must be (H, W, 3) of uint8, "
                f"got {self.image.shape} of {self.image.dtype}"
            )
        check_labels(self.labels, f"{self.name}: labels")
        if self.image.shape[:2] != self.labels.shape:
            raise ValueError(
                f"{self.name}: the mask is {_size(self.labels.shape)} but the image is "
                f"{_size(self.image.shape)} (rows × columns); they must be of one size"
            )

    @property
    def stain(self) -> NDArray[np.float32]:
        """Means and standard deviations of R, G and B in [0, 1], shape (6,)."""
        return stain_of(self.image)


def stain_of(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return means and standard deviations of R, G and B in [0, 1], shape (6,), of (H, W, 3) uint8."""
    counts = np.stack([np.bincount(image[..., color].ravel(), minlength=256) for color in range(3)])
    levels = np.arange(256) / 255
    means = counts @ levels / counts.sum(axis=1)
    squares = (counts * (levels - means[:, None]) ** 2).sum(axis=1) / counts.sum(axis=1)
    return np.concatenate([means, np.sqrt(squares)]).astype(np.float32)


class LazySamples(Sequence[Sample], ABC):
    """Samples of which none is read before it is asked for."""

    one = "sample"  # what an error calls one of them

    @abstractmethod
    def read(self, place: int) -> Sample:
        """Return the sample at a place from 0 on that is there."""

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        """Return one, or several."""
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"{self.one} {index} was asked for, there are {len(self)}")
        return self.read(place)


class JoinedSamples(LazySamples):
    """Samples of several sequences, one after the other.

    Parameters
    ----------
    parts : sequence of sequences of Sample
        Lists, or what reads them from the disk.
    """

    def __init__(self, parts: Sequence[Sequence[Sample]]) -> None:
        self.parts = tuple(parts)
        self._ends = list(accumulate(map(len, self.parts)))

    def __len__(self) -> int:
        """Return how many there are."""
        return self._ends[-1] if self._ends else 0

    def read(self, place: int) -> Sample:
        """Return the sample of the part that the place lies in."""
        at = bisect_right(self._ends, place)
        return self.parts[at][place - self._ends[at]]  # counted from the end of the part


def joined(parts: Sequence[Sequence[Sample]]) -> Sequence[Sample]:
    """Return the samples of several sequences as one: a list if all of them are lists."""
    parts = [part for part in parts if len(part)]
    if all(isinstance(part, list) for part in parts):
        return [sample for part in parts for sample in part]
    return parts[0] if len(parts) == 1 else JoinedSamples(parts)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} × {shape[1]}"
