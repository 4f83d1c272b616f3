"""A generator on a device: stacks of windows in, tissue out."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from napari_sharpgan._checks import check_labels, choose
from napari_sharpgan.data import tensor_to_pixels
from napari_sharpgan.inference import (
    Engine,
    InBatches,
    OpenVINONetwork,
    Recorded,
    choose_device,
    choose_engine,
    surroundings,
    upload,
)
from napari_sharpgan.light.grain import grain
from napari_sharpgan.light.stain import STAIN_CHANNELS, check_stain
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.models import TissueGenerator, noise_of_windows
from napari_sharpgan.rendering.condition_maps import DEVICE_MAPS
from napari_sharpgan.rendering.folding import fold
from napari_sharpgan.rendering.weights import load_generator

Tissue = NDArray[np.uint8]
NO_STAIN = (0.0,) * STAIN_CHANNELS  # for generators that know none

Painter = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]  # conditions, corners, seeds, stains -> pixels


class Renderer(InBatches):
    """Render windows of 256 × 256 with one generator on one device.

    On CUDA all of the way is on the device, from the label image to the pixels.

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
    engine : {"auto", "torch", "openvino"}
        What runs the network, see `choose_engine`.
    batch_size : int, optional
        Windows that are rendered at once; by default 4, on a GPU more. Halved for good when the device runs
        out of memory.
    """

    def __init__(
        self,
        generator: nn.Module | str | Path | None = None,
        *,
        device: str = "auto",
        stain: Sequence[float] | None = None,
        precision: str = "auto",
        engine: str = "auto",
        batch_size: int | None = None,
    ) -> None:
        super().__init__(batch_size, choose_device(device))
        known = not isinstance(generator, nn.Module) or isinstance(generator, TissueGenerator)
        self.engine = choose_engine(self.device, precision=precision, engine=engine, known=known)
        if not isinstance(generator, nn.Module):
            generator = load_generator(generator)
        self.stain = check_stain(stain)
        self._kind = generator.condition if isinstance(generator, TissueGenerator) else "distance"
        choose("condition map", self._kind, CONDITION_MAPS)
        self._around = surroundings(self.device)
        self._own_stain = (generator.stain if isinstance(generator, TissueGenerator) else None) or NO_STAIN
        self._painted = _painter(_prepared(generator), self.engine, self._around)

    def condition_map(self, labels: ArrayLike) -> Tensor:
        """Return what the generator sees of a label image (H, W): a float32 tensor (H, W) in [0, 1].

        On CUDA it is made on the device, unless that is too small for all of it or the map is unknown there.
        """
        labels = check_labels(labels)
        if self._around.type != "cpu" and self._kind in DEVICE_MAPS:
            numbers = torch.empty(labels.shape, dtype=torch.int32, pin_memory=True)
            numbers.numpy()[...] = labels
            try:
                return DEVICE_MAPS[self._kind](upload(numbers, self._around))
            except torch.OutOfMemoryError:
                torch.cuda.empty_cache()
        return torch.from_numpy(CONDITION_MAPS[self._kind](labels))

    @torch.inference_mode()
    def __call__(self, conditions: Tensor, corners: ArrayLike | None = None, seed: int = 0) -> Tensor:
        """Render windows.

        Where nuclei are sparse the noise is weakened, see `grain`.

        Parameters
        ----------
        conditions : Tensor of shape (N, 256, 256)
            Condition maps, in [0, 1].
        corners : array of shape (N, 2), integers, optional
            First row and column of each on the canvas, to which the noise belongs; by default the first.
        seed : int
            The variation of the noise.

        Returns
        -------
        Tensor of shape (N, 256, 256, 3), uint8
            On the device if it is CUDA, else on the CPU.
        """
        count = len(conditions)
        at = torch.zeros(count, 2, dtype=torch.int64) if corners is None else torch.as_tensor(corners)
        at, conditions = upload(at.to(torch.int64), self._around), upload(conditions, self._around)
        stains = upload(torch.tensor(self.stain or self._own_stain), self._around).expand(count, -1)
        seeds = torch.full((count,), seed, device=self._around)
        parts = self.in_batches(
            count, lambda part: self._painted(conditions[part], at[part], seeds[part], stains[part])
        )
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def in_stain(self, stain: Sequence[float] | None) -> Renderer:
        """Return a renderer of the same network in another stain; None is the generator's own."""
        other = copy.copy(self)
        other.stain = check_stain(stain)
        return other


def _prepared(generator: nn.Module) -> nn.Module:
    """Return a copy of a generator for rendering, folded; the caller's own is left as it is."""
    prepared = copy.deepcopy(generator).eval().requires_grad_(False)
    if isinstance(prepared, TissueGenerator):
        fold(prepared.network)
    return prepared


def _painter(generator: nn.Module, engine: Engine, around: torch.device) -> Painter:
    """Return what makes pixels of windows, on the device ``around``."""
    network = _running(generator, engine)

    def painted(conditions: Tensor, corners: Tensor, seeds: Tensor, stains: Tensor) -> Tensor:
        planes, (height, width) = conditions[:, None] * 2 - 1, conditions.shape[1:]
        if isinstance(generator, TissueGenerator):
            noise = None
            if generator.noise:
                noise = noise_of_windows(corners, (height, width), seeds, around) * grain(conditions)
            planes = generator.input(planes, None if noise is None else noise[:, None], stains)
        tissue = network(planes.to(engine.device))
        if tissue.shape != (len(conditions), 3, height, width):
            raise ValueError(
                f"the generator must give (N, 3, 256, 256) for (N, 1, 256, 256), got {tuple(tissue.shape)}"
            )
        return tensor_to_pixels(tissue).to(around)

    is_ours = isinstance(generator, TissueGenerator)  # others may do what cannot be recorded
    return Recorded(painted) if is_ours and around.type == "cuda" else painted


def _running(generator: nn.Module, engine: Engine) -> Callable[[Tensor], Tensor]:
    """Return what makes tissue of the planes that a network sees."""
    network = generator.network if isinstance(generator, TissueGenerator) else generator
    if engine.name == "openvino":
        return OpenVINONetwork(network, bfloat16=engine.bfloat16)
    placed: nn.Module = network.to(engine.device, engine.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return lambda planes: placed(planes.to(engine.dtype))
