"""The form that every target has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor


@dataclass(frozen=True)
class Target:
    """What a network learns, and the way from there to nuclei.

    Parameters
    ----------
    channels : int
        Logits of a pixel.
    plane : callable
        Label image (H, W) -> float32 (H, W) in [0, 1], 0 off nuclei: all that `losses` needs to know.
    losses : callable
        Logits (N, C, H, W) and planes (N, H, W) -> terms by name, which are summed.
    probabilities : callable
        Logits (N, C, H, W) -> (N, C, H, W) in [0, 1], 0 where there is surely no nucleus: what windows are
        blended of.
    instances : callable
        Such probabilities (C, H, W), float32 -> label image (H, W) int32.
    """

    channels: int
    plane: Callable[[ArrayLike], NDArray[np.float32]]
    losses: Callable[[Tensor, Tensor], dict[str, Tensor]]
    probabilities: Callable[[Tensor], Tensor]
    instances: Callable[[NDArray[np.float32]], NDArray[np.int32]]
