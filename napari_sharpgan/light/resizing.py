"""Resizing by two and a 3 × 3 convolution as one convolution, whose kernels are sums of the learned ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Along one axis, how much each learned tap (column) counts in each tap of the one step (row).
SHARES = {
    # a transposed convolution of 4 taps, two for each of the two pixels that a pixel becomes
    "nearest": [[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]],
    # two convolutions of 3 taps, one for each of the two pixels
    "bilinear": [
        *([0.75, 0.25, 0], [0.25, 0.75, 0.75], [0, 0, 0.25]),
        *([0.25, 0, 0], [0.75, 0.75, 0.25], [0, 0.25, 0.75]),
    ],
}


def one_step(kernels: NDArray[np.float32], mode: str) -> NDArray[np.float32]:
    """Return the kernels of the one step, as `ResizeConvolution.one_step` does.

    Parameters
    ----------
    kernels : array of shape (D, C, 3, 3)
        Those of the convolution.
    mode : {"bilinear", "nearest"}
        How it is resized.

    Returns
    -------
    array
        Nearest: (C, D, 4, 4) of a transposed convolution. Bilinear: (4 D, C, 3, 3), the four pixels that a
        pixel becomes one after the other.
    """
    along = np.array(SHARES[mode], np.float32)
    outputs, inputs = kernels.shape[:2]
    summed = kernels.reshape(outputs * inputs, 9) @ np.kron(along, along).T
    if mode == "nearest":
        return np.ascontiguousarray(summed.reshape(outputs, inputs, 4, 4).swapaxes(0, 1))
    apart = summed.reshape(outputs, inputs, 2, 3, 2, 3).transpose(0, 2, 4, 1, 3, 5)
    return np.ascontiguousarray(apart.reshape(4 * outputs, inputs, 3, 3))
