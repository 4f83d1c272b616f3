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
from napari_sharpgan.inference import Engine, InBatches, OpenVINONetwork, choose_device, choose_engine
from napari_sharpgan.maps import CONDITION_MAPS, ConditionMap, normalized_distance_map
from napari_sharpgan.models import STAIN_CHANNELS, TissueGenerator
from napari_sharpgan.rendering.folding import fold
from napari_sharpgan.rendering.grain import grain
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
    engine : {"auto", "torch", "openvino"}
        What runs the network, see `choose_engine`.
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
        engine: str = "auto",
        batch_size: int = 4,
    ) -> None:
        super().__init__(batch_size, choose_device(device))
        known = not isinstance(generator, nn.Module) or isinstance(generator, TissueGenerator)
        self.engine = choose_engine(self.device, precision=precision, engine=engine, known=known)
        if not isinstance(generator, nn.Module):
            generator = load_generator(generator)
        self.stain = check_stain(stain)
        self.condition_map: ConditionMap = normalized_distance_map
        self.has_noise = False
        if isinstance(generator, TissueGenerator):
            self.condition_map = choose("condition map", generator.condition, CONDITION_MAPS)
            self.has_noise = generator.noise
        self._generator = _prepared(generator)
        self._network = _running(self._generator, self.engine)

    def __call__(self, conditions: NDArray[np.float32], noises: NDArray[np.float32] | None = None) -> Tissue:
        """Render conditions (N, 256, 256) in [0, 1], with noise of that shape, as (N, 256, 256, 3) uint8.

        Where nuclei are sparse the noise is weakened, see `grain`.
        """

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
        planes = map_to_tensor(conditions).to(self.device)
        if isinstance(self._generator, TissueGenerator):
            noise = None if noises is None else torch.from_numpy(noises * grain(conditions))[:, None]
            stain = None if self.stain is None else torch.tensor(self.stain).expand(len(conditions), -1)
            planes = self._generator.input(planes, noise, stain)
        tissue = self._network(planes)
        if tissue.shape != (len(conditions), 3, *conditions.shape[1:]):
            raise ValueError(
                f"the generator must give (N, 3, 256, 256) for (N, 1, 256, 256), got {tuple(tissue.shape)}"
            )
        return tensor_to_image(tissue)


def check_stain(stain: Sequence[float] | None) -> tuple[float, ...] | None:
    """Return a stain as six floats in [0, 1]."""
    if stain is None:
        return None
    values = tuple(float(value) for value in stain)
    if len(values) != STAIN_CHANNELS or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a stain is means and SDs of R, G and B, six numbers in [0, 1]; got {values}")
    return values


def _prepared(generator: nn.Module) -> nn.Module:
    """Return a copy of a generator for rendering, folded; the caller's own is left as it is."""
    prepared = copy.deepcopy(generator).eval().requires_grad_(False)
    if isinstance(prepared, TissueGenerator):
        fold(prepared.network)
    return prepared


def _running(generator: nn.Module, engine: Engine) -> Callable[[Tensor], Tensor]:
    """Return what makes tissue of the planes that a network sees."""
    network = generator.network if isinstance(generator, TissueGenerator) else generator
    if engine.name == "openvino":
        return OpenVINONetwork(network, bfloat16=engine.bfloat16)
    placed: nn.Module = network.to(engine.device, engine.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return lambda planes: placed(planes.to(engine.dtype))
