"""Noise that belongs to a place on the canvas, so that windows agree where they overlap."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SCALES = (1, 4, 16, 64)  # px: fine grain for the outer levels of a U-Net, coarse for the inner ones
ANOTHER = 0x2545F491  # sets a second number of a place apart from its first
BITS = 24  # of a hash that become a float, which holds no more

Noise = NDArray[np.float32]
Hash = NDArray[np.uint32]


@lru_cache(maxsize=64)  # windows that are edited are rendered again and again; 16 MiB
def window_noise(top: int, left: int, height: int, width: int, seed: int) -> Noise:
    """Return `canvas_noise`, which is not to be changed."""
    noise = canvas_noise(top, left, height, width, seed=seed)
    noise.flags.writeable = False
    return noise


def canvas_noise(top: int, left: int, height: int, width: int, *, seed: int) -> Noise:
    """Return noise for a piece of the canvas: four grains of equal strength, of unit variance together.

    White noise alone is averaged away before it reaches the inner levels of a U-Net; where nothing else
    differs, these then give every window the same pattern. So grains of 4, 16 and 64 px, blended linearly,
    stand beside it.

    The same pixel gets the same noise in whichever window, canvas or process it is asked for: it is a hash of
    the seed and the place. `napari_sharpgan.models.noise_of_windows` is the same, but for rounding, on any
    device.

    Parameters
    ----------
    top, left : int
        First row and column, at least 0.
    height, width : int
        Size in pixels.
    seed : int
        The variation, at least 0.

    Returns
    -------
    float32 array of shape (height, width)
    """
    total = _points(top, left, (height, width), seed, 1)
    for scale in SCALES[1:]:
        rows, columns = ((side + scale - 2) // scale + 2 for side in (height, width))
        points = _points(top // scale, left // scale, (rows, columns), seed, scale)
        strips = _between(points.T, left, width, scale).T
        total += _between(strips, top, height, scale)
    return total / np.float32(np.sqrt(len(SCALES)))


def _between(points: Noise, start: int, length: int, scale: int) -> Noise:
    """Return the values of rows that lie between rows of grid points, ``scale`` px apart: (length, columns).

    The two that a row lies between have weights of unit length together, so that interpolated noise varies as
    much as the noise at the points. A product of matrices would be the same, but its library's threads wait
    busily and hold up those of the network.
    """
    place = start % scale + np.arange(length)
    before, share = place // scale, (place % scale / scale).astype(np.float32)
    weights = np.stack([1 - share, share])
    weights /= np.linalg.norm(weights, axis=0)
    one, other = weights[..., None]
    between: Noise = points[before] * one + points[before + 1] * other
    return between


def _points(top: int, left: int, counts: tuple[int, int], seed: int, scale: int) -> Noise:
    """Return standard normal numbers (Box and Muller) at the points of a grid, (rows, columns)."""
    rows, columns = (
        (first + np.arange(count)).astype(np.uint32) for first, count in zip((top, left), counts, strict=True)
    )
    key = _mixed(_mixed(np.array([seed]).astype(np.uint32)) ^ np.uint32(scale))
    of_rows, of_columns = _mixed(_mixed(rows) ^ key), _mixed(columns ^ np.uint32(ANOTHER))
    one = _mixed(of_rows[:, None] ^ of_columns)
    other = _mixed(one ^ np.uint32(ANOTHER))
    most = np.uint32(2**BITS - 1)
    radius = np.sqrt(-2 * np.log(((one & most) + np.uint32(1)).astype(np.float32) * np.float32(2.0**-BITS)))
    angle = (other & most).astype(np.float32) * np.float32(2 * np.pi / 2**BITS)
    normal: Noise = radius * np.cos(angle)
    return normal


def _mixed(numbers: Hash) -> Hash:
    """Return a hash of 32-bit numbers whose every bit hangs on all of theirs.

    The constants are those of lowbias32 (C. Wellons, Hash Function Prospector, 2018).
    """
    mixed = numbers ^ (numbers >> np.uint32(16))
    mixed *= np.uint32(0x7FEB352D)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x846CA68B)
    mixed ^= mixed >> np.uint32(16)
    return mixed
