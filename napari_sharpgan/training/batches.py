"""Batches on the device, and making each while the one before is trained on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_sharpgan.data import Batch, CropSource, image_to_tensor, map_to_tensor
from napari_sharpgan.models import canvas_noise, stain_planes
from napari_sharpgan.training.config import GanConfig

Made = TypeVar("Made")


@dataclass(frozen=True)
class TensorBatch:
    """A batch on the device: shapes (N, 1, H, W), (N, H, W), (N, 3, H, W), (N, 1, H, W), (N, 6) or None."""

    condition: Tensor
    contour: Tensor
    tissue: Tensor
    noise: Tensor
    stain: Tensor | None

    @classmethod
    def drawn(
        cls, crops: CropSource, config: GanConfig, number: int, device: torch.device, share: Iterable[int]
    ) -> TensorBatch:
        """Draw some crops of the batch of a step: each follows from seed, step and its own number alone."""
        drawn, noises = [], []
        for crop in share:
            rng = np.random.default_rng([config.seed, number, crop])
            drawn.append(crops.draw(1, rng))
            noises.append(_noise(config.crop, rng))
        noise = torch.from_numpy(np.stack(noises))[:, None]
        return cls.of(Batch.joined(drawn), noise, device, stained=config.stain)

    @classmethod
    def of(cls, batch: Batch, noise: Tensor, device: torch.device, *, stained: bool) -> TensorBatch:
        """Put arrays on the device."""
        return cls(
            put(map_to_tensor(batch.condition), device),
            put(torch.from_numpy(batch.contour), device),
            put(dense(image_to_tensor(batch.image)), device),
            put(noise, device),
            put(torch.from_numpy(batch.stain), device) if stained else None,
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


def put(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor on the device, a GPU from pinned memory, so that nothing waits for the copy."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def dense(planes: Tensor) -> Tensor:
    """Return images with the channels of a pixel side by side in memory, as convolutions like them."""
    return planes.contiguous(memory_format=torch.channels_last)


def made_ahead(make: Callable[[int], Made], numbers: range) -> Generator[Made, None, None]:
    """Yield the batch of each number, while the next one is made on a thread.

    That helps where another device computes. Where the CPU does, a thread takes more than it gives: on two
    cores training was 7 % slower with it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="next-batch") as thread:
        coming = [thread.submit(make, number) for number in numbers[:1]]
        for number in numbers:
            batch = coming.pop().result()
            if number != numbers[-1]:
                coming.append(thread.submit(make, number + numbers.step))
            yield batch


def _noise(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the noise of a random place on a random canvas, (size, size)."""
    top, left, seed = (int(value) for value in rng.integers(0, 2**20, 3))
    return canvas_noise(top, left, size, size, seed=seed)
