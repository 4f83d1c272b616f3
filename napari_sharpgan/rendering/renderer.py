"""A generator on a device: stacks of windows in, tissue out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_sharpgan._checks import choose
from napari_sharpgan.data import map_to_tensor, tensor_to_image
from napari_sharpgan.inference import PRECISIONS, InBatches, choose_device, computes_in_bfloat16
from napari_sharpgan.maps import CONDITION_MAPS, ConditionMap, normalized_distance_map
from napari_sharpgan.models import STAIN_CHANNELS, TissueGenerator
from napari_sharpgan.rendering.folding import fold
from napari_sharpgan.rendering.weights import load_generator

Tissue = NDArray[np.uint8]


class Renderer(InBatches):
    """Render windows of 256 × 256 with one generator on one device.

    Parameters
    ----------
    generator : nn.Module, str, path or None
        A module that takes (N, 1, 256, 256), the name or path of saved weights, or None for the shipped ones.
        A module that is no `TissueGenerator` sees the distance map, normalized by nucleus and scaled to
        [-1, 1].
    device : str
        "auto", "cuda", "mps" or "cpu".
    stain : sequence of 6 floats, optional
        Means and SDs of R, G and B in [0, 1] to render in, if the generator knows stains.
    precision : {"auto", "float32", "bfloat16"}
        Number format; "auto" takes bfloat16 for a `TissueGenerator` where the device is faster with it.
    batch_size : int
        Windows that are rendered at once. Halved for good when the device runs out of memory.
    """

    def __init__(
        self,
        generator: nn.Module | str | Path | None = None,
        *,
        device: str = "auto",
        stain: Sequence[float] | None = None,
        precision: str = "auto",
        batch_size: int = 4,
    ) -> None:
        super().__init__(batch_size, choose_device(device))
        choose("precision", precision, dict.fromkeys(PRECISIONS))
        if not isinstance(generator, nn.Module):
            generator = load_generator(generator)
        if precision == "auto" and not isinstance(generator, TissueGenerator):
            precision = "float32"
        bfloat16 = computes_in_bfloat16(precision, self.device)
        self.dtype = torch.bfloat16 if bfloat16 else torch.float32
        self.stain = check_stain(stain)
        self.condition_map: ConditionMap = normalized_distance_map
        self.has_noise = False
        if isinstance(generator, TissueGenerator):
            self.condition_map = choose("condition map", generator.condition, CONDITION_MAPS)
            self.has_noise = generator.noise
        self._generator = _prepared(generator, self.device, self.dtype)

    def __call__(self, conditions: NDArray[np.float32], noises: NDArray[np.float32] | None = None) -> Tissue:
        """Render conditions (N, 256, 256) in [0, 1], with noise of that shape, as (N, 256, 256, 3) uint8."""

        def rendered(part: slice) -> Tissue:
            return self._batch(conditions[part], None if noises is None else noises[part])

        return np.concatenate(self.in_batches(len(conditions), rendered))

    def in_stain(self, stain: Sequence[float] | None) -> Renderer:
        """Return a renderer of the same network in another stain; None is the generator's own."""
        other = copy.copy(self)
        other.stain = check_stain(stain)
        return other

    @torch.inference_mode()
    def _batch(self, conditions: NDArray[np.float32], noises: NDArray[np.float32] | None) -> Tissue:
        """Render what fits at once."""
        inputs = [self._put(map_to_tensor(conditions))]
        options: dict[str, Tensor] = {}
        if isinstance(self._generator, TissueGenerator):
            if self.has_noise and noises is not None:
                options["noise"] = self._put(torch.from_numpy(noises)[:, None])
            if self.stain is not None:
                options["stain"] = self._put(torch.tensor(self.stain)).expand(len(conditions), -1)
        tissue = self._generator(*inputs, **options)
        if tissue.shape != (len(conditions), 3, *conditions.shape[1:]):
            raise ValueError(
                f"the generator must give (N, 3, 256, 256) for (N, 1, 256, 256), got {tuple(tissue.shape)}"
            )
        return tensor_to_image(tissue)

    def _put(self, values: Tensor) -> Tensor:
        return values.to(self.device, self.dtype)


def check_stain(stain: Sequence[float] | None) -> tuple[float, ...] | None:
    """Return a stain as six floats in [0, 1]."""
    if stain is None:
        return None
    values = tuple(float(value) for value in stain)
    if len(values) != STAIN_CHANNELS or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a stain is means and SDs of R, G and B, six numbers in [0, 1]; got {values}")
    return values


def _prepared(generator: nn.Module, device: torch.device, dtype: torch.dtype) -> Callable[..., Tensor]:
    """Return a copy of a generator, folded, on the device; the caller's own is left as it is."""
    prepared = copy.deepcopy(generator).eval().requires_grad_(False)
    if isinstance(prepared, TissueGenerator):
        fold(prepared.network)
    return prepared.to(device, dtype, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
