"""Nuclei as a file holds them: pixels or outlines, and what is said of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_labels, check_positive, check_shape
from napari_sharpgan.nuclei import polygonize, rasterize

MOST_PIXELS = 2**32
Color = tuple[int, int, int]
Polygon = NDArray[np.float64]


@dataclass(frozen=True)
class NucleusInfo:
    """What a file says of one nucleus beside where it lies; the words are QuPath's.

    Parameters
    ----------
    id : str
        UUID that the nucleus keeps from program to program; empty for a new one.
    object_type : str
        "annotation" (QuPath lets a person edit it) or "detection".
    name : str
        Free text.
    color : (red, green, blue), optional
        Color of this nucleus alone, 0 to 255 each.
    class_name : str
        Class, such as "Tumor"; a number as text where the file knows classes by number only.
    class_color : (red, green, blue), optional
        Color of the class.
    is_locked : bool
        Whether it is protected against edits.
    measurements : mapping of str to float
        Numbers by name.
    metadata : mapping of str to str
        Texts by name.
    """

    id: str = ""
    object_type: str = "annotation"
    name: str = ""
    color: Color | None = None
    class_name: str = ""
    class_color: Color | None = None
    is_locked: bool = False
    measurements: Mapping[str, float] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Nuclei:
    """The nuclei of one image, either as ``labels`` or as ``polygons``.

    Parameters
    ----------
    labels : (H, W) array of integers, optional
        0 off nuclei, else the number of the nucleus; kept as int32.
    polygons : sequence of (N, 2) arrays, optional
        One ring a nucleus in rows and columns, integers at pixel centers; later ones lie on top.
    shape : (rows, columns), optional
        Shape of the image; that of ``labels`` where there are any.
    numbers : sequence of int, optional
        The label of each polygon; 1, 2, 3, … where not given. Only with ``polygons``.
    info : mapping of int to NucleusInfo
        What is known of a nucleus, by its number.
    notes : sequence of str
        What had to be changed or left out in reading, a sentence each.
    micrometers_per_pixel : float, optional
        Size of a pixel, above 0; None where the file does not say.
    """

    labels: NDArray[Any] | None = None
    polygons: Sequence[Polygon] | None = None
    shape: tuple[int, int] | None = None
    numbers: Sequence[int] = ()
    info: Mapping[int, NucleusInfo] = field(default_factory=dict)
    notes: Sequence[str] = ()
    micrometers_per_pixel: float | None = None

    def __post_init__(self) -> None:
        """Bring the fields into one form, or say what does not fit."""
        if (self.labels is None) == (self.polygons is None):
            raise ValueError("nuclei are either labels or polygons: exactly one of the two must be given")
        if self.micrometers_per_pixel is not None:
            size = check_positive(float(self.micrometers_per_pixel), "micrometers_per_pixel")
            object.__setattr__(self, "micrometers_per_pixel", size)
        if self.labels is not None:
            labels = check_labels(self.labels).astype(np.int32, copy=False)
            object.__setattr__(self, "labels", labels)
            object.__setattr__(self, "shape", check_shape(labels.shape, "the shape of the labels"))
        if self.polygons is not None:
            if self.shape is not None:
                object.__setattr__(self, "shape", check_shape(self.shape))
            object.__setattr__(self, "numbers", _numbers(self.numbers, len(self.polygons)))

    def to_labels(self, shape: tuple[int, int] | None = None) -> NDArray[np.int32]:
        """Return the label image (H, W).

        Polygons are painted on ``shape``, else on ``self.shape``, else on the smallest shape that holds all
        of them. Labels are returned as they are; ``shape`` must then be theirs.
        """
        if self.labels is not None:
            if shape is not None and check_shape(shape) != self.labels.shape:
                raise ValueError(f"the labels must have the shape {tuple(shape)}, got {self.labels.shape}")
            labels: NDArray[np.int32] = self.labels
            return labels
        polygons = list(self.polygons or ())
        painted = rasterize(polygons, check_shape(shape or self.shape or _extent(polygons)))
        if list(self.numbers) == list(range(1, len(polygons) + 1)):
            return painted
        return np.array([0, *self.numbers], np.int32)[painted]

    def to_polygons(self) -> tuple[list[int], list[Polygon]]:
        """Return the numbers of the nuclei and, for each, its ring (N, 2)."""
        if self.labels is None:
            return list(self.numbers), list(self.polygons or ())
        return np.unique(self.labels[self.labels > 0]).tolist(), polygonize(self.labels)


def _numbers(numbers: Sequence[int], count: int) -> tuple[int, ...]:
    """Return the number of each of ``count`` polygons."""
    if len(numbers) == 0:
        return tuple(range(1, count + 1))
    if len(numbers) != count or len(set(numbers)) != count or min(numbers) < 1:
        raise ValueError(
            f"numbers must be {count} different whole numbers above 0, one a polygon, got {numbers}"
        )
    return tuple(int(number) for number in numbers)


def _extent(polygons: Sequence[Polygon]) -> tuple[int, int]:
    """Return the smallest (rows, columns) that holds every polygon; pixel i ends at i + 0.5."""
    if not polygons:
        return 1, 1
    corner = np.max([np.max(polygon, axis=0) for polygon in polygons], axis=0)
    rows, columns = (max(int(end), 1) for end in np.ceil(corner + 0.5))
    if rows * columns > MOST_PIXELS:
        raise ValueError(f"the outlines reach to row {rows}, column {columns}, too far for a label image")
    return rows, columns
