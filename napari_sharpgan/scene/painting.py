"""From painted pixels to outlines: what a brush did to the label image, done to nuclei."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei import add_to_outline, polygon_mask, polygonize, subtract_from_outline
from napari_sharpgan.scene.nucleus import Nucleus, kept
from napari_sharpgan.scene.rasters import Outline, Rasters
from napari_sharpgan.scene.windows import Window, area, intersection, union, within

Mask = NDArray[np.bool_]


def painted(
    rasters: Rasters,
    nuclei: Mapping[int, Nucleus],
    window: Window,
    values: NDArray[np.int32],
    numbers: Mapping[int, int],
) -> dict[int, Nucleus | None]:
    """Return what nuclei become when a window of the label image gets other values.

    A pixel leaves the nucleus that showed there, and every nucleus that lies hidden above the one that shows
    there now; it joins the latter. Where only a few pixels of a nucleus differ, the rest of its outline stays
    as it was drawn.

    Parameters
    ----------
    rasters : Rasters
        The arrays before.
    nuclei : mapping of int to Nucleus
        The nuclei before.
    window : tuple of (slice, slice)
        Which pixels were painted.
    values : int32 array
        Their new labels; 0 is background.
    numbers : mapping of int to int
        The key of the nucleus that each new label stands for.
    """
    before = rasters.labels[window]
    differs = values != before
    wanted = np.where(differs, 0, before)
    for label, key in numbers.items():
        wanted[differs & (values == label)] = key
    changes: dict[int, Nucleus | None] = {}
    touched = {*np.unique(before[differs]).tolist(), *numbers.values(), *rasters.over(window)} - {0}
    for key in sorted(touched):
        joins = differs & (wanted == key)
        stamp = rasters.mask(key)
        leaves = np.zeros_like(differs)
        if stamp is not None:
            covered = _within(stamp, window)
            leaves = differs & covered & ((before == key) | (wanted < key)) & (wanted != key)
            joins &= ~covered
        if joins.any() or leaves.any():
            changes[key] = _changed(nuclei.get(key), stamp, window, joins, leaves, rasters.shape)
    return changes


def _within(stamp: tuple[Window, Mask], window: Window) -> Mask:
    """Return the pixels of a nucleus in a window."""
    extent, mask = stamp
    covered = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), bool)
    shared = intersection(extent, window)
    if area(shared):
        covered[within(shared, window)] = mask[within(shared, extent)]
    return covered


def _changed(
    nucleus: Nucleus | None,
    stamp: tuple[Window, Mask] | None,
    window: Window,
    joins: Mask,
    leaves: Mask,
    shape: tuple[int, int],
) -> Nucleus | None:
    """Return a nucleus with pixels of a window more and others less; None if none is left."""
    extent = window if stamp is None else union([window, stamp[0]])
    pixels = np.zeros((extent[0].stop - extent[0].start, extent[1].stop - extent[1].start), bool)
    if stamp is not None:
        pixels[within(stamp[0], extent)] = stamp[1]
    part = pixels[within(window, extent)]
    part |= joins
    part &= ~leaves
    if not pixels.any():
        return None
    corner = np.array([extent[0].start, extent[1].start])
    outline = None
    if nucleus is not None:
        outline = _as_drawn(nucleus.outline, window, joins, leaves)
        if outline is not None and not _covers(outline, extent, pixels, shape):
            outline = None
    if outline is None:
        outline = _traced(pixels) + corner
    return Nucleus(kept(outline)) if nucleus is None else nucleus._replace(outline=kept(outline))


def _as_drawn(outline: Outline, window: Window, joins: Mask, leaves: Mask) -> Outline | None:
    """Return a drawn outline with the areas of pixels joined to it and cut out of it."""
    corner = np.array([window[0].start, window[1].start])
    after: Outline | None = outline
    if joins.any():
        after = add_to_outline(outline, _traced(joins) + corner)
    if leaves.any() and after is not None:
        after = subtract_from_outline(after, _traced(leaves) + corner)
    return after


def _covers(outline: Outline, extent: Window, pixels: Mask, shape: tuple[int, int]) -> bool:
    """Return whether an outline covers just these pixels of the canvas."""
    place, mask = polygon_mask(outline, shape)
    if not area(place) or area(intersection(place, extent)) != area(place):
        return False
    found = np.zeros_like(pixels)
    found[within(place, extent)] = mask
    return np.array_equal(found, pixels)


def _traced(pixels: Mask) -> Outline:
    """Return the outline of pixels along their edges."""
    return polygonize(pixels.astype(np.int32))[0]
