"""Batches on the device, and making each while the one before is trained on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from napari_sharpgan.data import Batch, CropSource, map_to_tensor, pixels_to_tensor
from napari_sharpgan.models import noise_of_windows, stain_planes
from napari_sharpgan.training.config import GanConfig

Made = TypeVar("Made")

AHEAD = 2  # batches that are made while one is trained on

_PLACES = 2**20  # of noise, in each direction


@dataclass(frozen=True)
class TensorBatch:
    """A batch on the device: shapes (N, 1, H, W), (N, H, W), (N, 3, H, W), (N, 1, H, W), (N, 6).

    Noise and stain are None where the generator sees none.
    """

    condition: Tensor
    contour: Tensor
    tissue: Tensor
    noise: Tensor | None
    stain: Tensor | None

    @classmethod
    def drawn(
        cls, crops: CropSource, config: GanConfig, number: int, device: torch.device, share: Iterable[int]
    ) -> TensorBatch:
        """Draw some crops of the batch of a step: each follows from seed, step and its own number alone."""
        drawn, places = [], []
        for crop in share:
            rng = np.random.default_rng([config.seed, number, crop])
            drawn.append(crops.draw(1, rng))
            places.append(rng.integers(0, _PLACES, 3))  # row, column and variation of its noise
        batch, at = Batch.joined(drawn), np.stack(places)
        size = config.crop, config.crop
        return cls(
            put(map_to_tensor(batch.condition), device),
            put(torch.from_numpy(batch.contour), device),
            tissue_of(batch, device),
            noise_of_windows(at[:, :2], size, at[:, 2], device)[:, None] if config.noise else None,
            put(torch.from_numpy(batch.stain), device) if config.stain else None,
        )

    def given(self, dtype: torch.dtype) -> Tensor:
        """Return what the discriminator sees beside tissue: condition and stain, if any, (N, C, H, W)."""
        planes = [self.condition.to(dtype)]
        if self.stain is not None:
            planes.append(stain_planes(self.stain.to(dtype), self.condition))
        return dense(torch.cat(planes, dim=1))


def paired(given: Tensor, tissue: Tensor) -> Tensor:
    """Return what the discriminator sees: `TensorBatch.given` and tissue, in the format of the former."""
    return dense(torch.cat([given, dense(tissue.to(given.dtype))], dim=1))


def tissue_of(batch: Batch, device: torch.device) -> Tensor:
    """Return the crops of a batch on the device, (N, 3, H, W) in [-1, 1]."""
    return pixels_to_tensor(
        put(torch.from_numpy(batch.pixels), device), put(torch.from_numpy(batch.jitter), device)
    )


def put(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor on the device, a GPU from pinned memory, so that nothing waits for the copy."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def dense(planes: Tensor) -> Tensor:
    """Return images with the channels of a pixel side by side in memory, as convolutions like them."""
    return planes.contiguous(memory_format=torch.channels_last)


def made_ahead(make: Callable[[int], Made], numbers: range) -> Generator[Made, None, None]:
    """Yield the batch of each number, while the next ones are made on threads.

    That helps where another device computes, which takes a batch in less time than one thread makes it. Where
    the CPU does, a thread takes more than it gives: on two cores training was 7 % slower with it.
    """
    with ThreadPoolExecutor(AHEAD, thread_name_prefix="next-batch") as threads:
        coming = deque(threads.submit(make, number) for number in numbers[:AHEAD])
        for number in numbers:
            batch = coming.popleft().result()
            if number + AHEAD * numbers.step in numbers:
                coming.append(threads.submit(make, number + AHEAD * numbers.step))
            yield batch
