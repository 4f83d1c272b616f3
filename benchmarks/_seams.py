"""How much the borders of windows show in a picture."""

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.light.grid import SIZE, STRIDE

LATTICE = 64  # px: what network and noise repeat; steps between pixels differ within it, seams or not


def seam_ratio(gray: NDArray[np.floating], stride: int = STRIDE, size: int = SIZE) -> tuple[float, float]:
    """Return the mean step across the borders of windows over that within them, and its standard error.

    Steps are compared at the same place of the lattice: a network that enlarges by two each time, and noise
    of grains of 4, 16 and 64 px, make the steps between some columns larger than between others, everywhere.

    Parameters
    ----------
    gray : array of shape (H, W)
        Levels of a picture that begins with a window.
    stride, size : int
        Of windows; multiples of 64.
    """
    borders: list[float] = []
    inside: list[float] = []
    for axis in (0, 1):
        steps = np.abs(np.diff(gray, axis=axis)).mean(axis=1 - axis)
        for last in range(LATTICE - 1, len(steps), LATTICE):
            first = last + 1  # of the pixels after the step
            is_border = first % stride == 0 or (first % stride == size - stride and size > stride)
            (borders if is_border else inside).append(float(steps[last]))
    ratio = np.mean(borders) / np.mean(inside)
    errors = [np.std(part, ddof=1) / np.mean(part) / np.sqrt(len(part)) for part in (borders, inside)]
    return float(ratio), float(ratio * np.hypot(*errors))
