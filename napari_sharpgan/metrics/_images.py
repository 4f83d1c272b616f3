"""Pairs of images as the measures compare them: gray, of one size, large enough."""

from __future__ import annotations

from numpy.typing import ArrayLike

from napari_sharpgan._checks import check_same_shape
from napari_sharpgan._gray import Gray, gray_image

SMALLEST_SIDE = 11  # the side of SSIM's Gaussian window


def gray_pair(reference: ArrayLike, image: ArrayLike, smallest_side: int = 1) -> tuple[Gray, Gray]:
    """Return both images as gray levels, or raise if they differ in size or are too small.

    Gray and color may be compared: each is made gray first.
    """
    pair = gray_image(reference, "reference"), gray_image(image, "image")
    check_same_shape(*pair, "reference and image")
    check_sides(pair[0].shape, smallest_side)
    return pair


def check_sides(shape: tuple[int, ...], smallest_side: int) -> None:
    """Raise unless both sides of an image are long enough."""
    if min(shape) < smallest_side:
        raise ValueError(f"images must be at least {smallest_side} pixels high and wide, got {shape}")
