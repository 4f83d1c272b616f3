"""Input checks, in one place so that every error reads the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

T = TypeVar("T")

LARGEST_LABEL = int(np.iinfo(np.int32).max)


def choose(kind: str, name: str, table: Mapping[str, T]) -> T:
    """Return the entry called ``name``, or say which names there are."""
    if name not in table:
        raise ValueError(f"unknown {kind} {name!r}; choose one of {', '.join(table)}")
    return table[name]


def check_shape(shape: Any, name: str = "shape") -> tuple[int, int]:
    """Return ``shape`` as (rows, columns), both at least 1."""
    sides = tuple(shape) if np.iterable(shape) else (shape,)
    if len(sides) != 2 or any(int(side) != side or side < 1 for side in sides):
        raise ValueError(f"{name} must be two whole numbers (rows, columns) of at least 1, got {shape}")
    return int(sides[0]), int(sides[1])


def check_labels(labels: ArrayLike, name: str = "labels", largest: int = LARGEST_LABEL) -> NDArray[Any]:
    """Return ``labels`` as an integer array (H, W) with values from 0 to ``largest``, by default 2³¹ − 1."""
    array = np.asarray(labels)
    if array.ndim != 2:
        raise ValueError(f"{name} must have shape (H, W), got {array.shape}")
    if array.dtype == bool:
        array = array.astype(np.int32)
    if not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"{name} must hold integers, one a nucleus, got {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > largest):
        raise ValueError(f"{name} must lie between 0 and {largest}, got {array.min()} to {array.max()}")
    return array


def check_same_shape(first: NDArray[Any], second: NDArray[Any], names: str) -> None:
    """Raise unless both arrays have one shape; ``names`` says what they are."""
    if first.shape != second.shape:
        raise ValueError(f"{names} must have the same shape, got {first.shape} and {second.shape}")


def check_positive(value: float, name: str) -> float:
    """Return ``value`` if it is finite and above 0."""
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a number above 0, got {value}")
    return value


def few(names: Sequence[str], most: int = 2) -> str:
    """Return the first names of many and how many more there are: "a, b and 3 more"."""
    if len(names) <= most:
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"
