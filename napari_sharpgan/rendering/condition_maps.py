"""Condition maps on a device: the same numbers as those of `napari_sharpgan.maps`, which run on the CPU."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from napari_sharpgan.maps.distance import RIM

LANES = 8  # slots in which the largest of a nucleus is looked for, so that its pixels do not queue for one


def binary(labels: Tensor) -> Tensor:
    """Return `binary_map` of labels (H, W)."""
    return (labels > 0).float()


def distance(labels: Tensor) -> Tensor:
    """Return `normalized_distance_map` of labels (H, W)."""
    return _on_nuclei(labels, lambda shares: shares)


def inverted_distance(labels: Tensor) -> Tensor:
    """Return `inverted_distance_map` of labels (H, W)."""
    return _on_nuclei(labels, lambda shares: 1 - (1 - RIM) * shares)


DEVICE_MAPS: dict[str, Callable[[Tensor], Tensor]] = {
    "binary": binary,
    "distance": distance,
    "distance-inverted": inverted_distance,
}


def _on_nuclei(labels: Tensor, made: Callable[[Tensor], Tensor]) -> Tensor:
    """Return, float32, what is made of the distance of pixels as shares of the largest of their nucleus.

    On a GPU the CPU waits twice, for the number of pixels on nuclei and for the largest label.
    """
    result = labels.new_zeros(labels.numel(), dtype=torch.float32)
    position = labels.flatten().nonzero()[:, 0]
    if not len(position):
        return result.view(labels.shape)
    nucleus = labels.flatten()[position].long()
    count = int(nucleus.max()) + 1
    if count > 4 * len(position):  # sparse numbers would need tables far larger than the image
        values, nucleus = torch.unique(nucleus, return_inverse=True)
        count = len(values)
    column = position % labels.shape[1]
    row = (position - column) // labels.shape[1]
    result[position] = made(_shares(row, column, nucleus, count).float())
    return result.view(labels.shape)


def _shares(row: Tensor, column: Tensor, nucleus: Tensor, count: int) -> Tensor:
    """Return distances to centroids over the largest of each nucleus; whole numbers up to the root."""
    size = _sums(torch.ones_like(row, dtype=torch.float64), nucleus, count)[nucleus]
    squares = torch.zeros_like(size)
    for along in (row.double(), column.double()):
        sums = _sums(along, nucleus, count)
        squares += (along * size - sums[nucleus]).square_()
    distances = squares.sqrt_() / size
    slots = nucleus * LANES + column % LANES
    largest = distances.new_zeros(count * LANES).scatter_reduce_(0, slots, distances, "amax")
    largest = largest.view(count, LANES).amax(dim=1)
    return distances / largest.masked_fill_(largest == 0, 1)[nucleus]


def _sums(values: Tensor, nucleus: Tensor, count: int) -> Tensor:
    """Return the sums over each nucleus."""
    return values.new_zeros(count).scatter_add_(0, nucleus, values)
