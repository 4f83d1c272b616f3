"""COCO's run lengths: how many pixels off and on follow each other, column by column, as numbers or as text.

As text each number takes some characters of six bits, "0" being 0: five bits of the number, the lowest first,
and a bit that says whether more follow; the fifth bit of the last one is the sign. From the third number on
the difference to the number two before is written (cocoapi, ``maskApi.c``, ``rleToString``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from napari_sharpgan._checks import check_shape
from napari_sharpgan.formats.regions import Region, check_extent

_ZERO = 48


def decode(segmentation: Mapping[str, Any]) -> Region | None:
    """Return the pixels of ``{"size": [rows, columns], "counts": numbers or text}``; None if there are none.

    Raises
    ------
    ValueError, TypeError
        If the numbers are no runs that fill the image.
    """
    height, width = check_shape(segmentation["size"], "the size of the run lengths")
    counts = segmentation["counts"]
    runs = text_to_counts(counts) if isinstance(counts, str) else list(counts)
    if any(type(run) is not int or run < 0 for run in runs) or sum(runs) != height * width:
        raise ValueError(f"the run lengths must be whole numbers that fill {height} × {width} pixels")
    ends = np.cumsum(np.array([0, *runs], np.int64))
    start, stop = ends[1:-1:2], ends[2::2]
    start, stop = start[start < stop], stop[start < stop]
    if not len(start):
        return None
    first, last = start // height, (stop - 1) // height
    several = (first != last).any()
    low = np.array([0 if several else (start % height).min(), first.min()])
    high = np.array([height - 1 if several else ((stop - 1) % height).max(), last.max()])
    check_extent(low.astype(np.float64), high.astype(np.float64))
    lengths = stop - start
    pixels = np.arange(lengths.sum()) + np.repeat(start - np.cumsum(lengths) + lengths, lengths)
    mask = np.zeros(high - low + 1, bool)
    mask[pixels % height - low[0], pixels // height - low[1]] = True
    return Region(int(low[0]), int(low[1]), mask)


def encode(region: Region, shape: tuple[int, int]) -> dict[str, Any]:
    """Return the pixels of a region, those within an image of ``shape``, as run lengths in text."""
    height, width = shape
    rows, columns = np.nonzero(region.mask)
    rows, columns = rows + region.row, columns + region.column
    within = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    pixels = np.sort(columns[within] * height + rows[within])
    gap = np.diff(pixels) > 1
    starts = pixels[np.concatenate(([True], gap))] if len(pixels) else pixels
    stops = pixels[np.concatenate((gap, [True]))] + 1 if len(pixels) else pixels
    ends = np.concatenate(([0], np.column_stack((starts, stops)).ravel(), [height * width]))
    counts = np.diff(ends).tolist()
    if len(counts) > 1 and counts[-1] == 0:
        counts.pop()
    return {"size": [height, width], "counts": counts_to_text(counts)}


def counts_to_text(counts: Sequence[int]) -> str:
    """Return run lengths as text."""
    text: list[int] = []
    for place, count in enumerate(counts):
        value = count - counts[place - 2] if place > 2 else count
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            text.append(_ZERO + bits + (32 if more else 0))
    return bytes(text).decode("ascii")


def text_to_counts(text: str) -> list[int]:
    """Return the run lengths that a text stands for.

    Raises
    ------
    ValueError
        If it has other characters, or ends within a number.
    """
    counts: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - _ZERO
        if not 0 <= bits < 64 or shift > 60:
            raise ValueError("the text of the run lengths is damaged")
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            value -= (1 << shift) if bits & 16 else 0
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value = shift = 0
    if shift:
        raise ValueError("the text of the run lengths ends within a number")
    return counts
