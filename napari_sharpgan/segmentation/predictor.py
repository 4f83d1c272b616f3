"""A segmenter on a device: stacks of windows in, probabilities out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_sharpgan.data import image_to_tensor
from napari_sharpgan.inference import InBatches, OpenVINONetwork, choose_device, choose_engine
from napari_sharpgan.light.grid import SIZE
from napari_sharpgan.models import UNet
from napari_sharpgan.segmentation.segmenter import Segmenter, load_segmenter
from napari_sharpgan.segmentation.targets import TARGETS, Target

Probabilities = NDArray[np.float32]


class Predictor(InBatches):
    """Run one segmenter on one device.

    Parameters
    ----------
    segmenter : nn.Module, str, path or None
        A `Segmenter`, the name or path of a saved one, or None for the shipped one. Of any other module from
        (N, 3, H, W) to logits (N, C, H, W) the target is the one with as many logits: foreground has 1,
        distance 2, contour 3.
    device : str
        "auto", "cuda", "mps" or "cpu".
    precision : {"auto", "float32", "bfloat16"}
        Number format; "auto" takes bfloat16 where the device is faster with it.
    engine : {"auto", "torch", "openvino"}
        What runs the network, see `choose_engine`.
    batch_size : int, optional
        Windows at once; by default 4, on a GPU more. Halved for good when the device runs out of memory.
    """

    def __init__(
        self,
        segmenter: nn.Module | str | Path | None = None,
        *,
        device: str = "auto",
        precision: str = "auto",
        engine: str = "auto",
        batch_size: int | None = None,
    ) -> None:
        super().__init__(batch_size, choose_device(device))
        if not isinstance(segmenter, nn.Module):
            segmenter = load_segmenter(segmenter)
        known = isinstance(segmenter, Segmenter) and isinstance(segmenter.network, UNet)
        self.engine = choose_engine(self.device, precision=precision, engine=engine, known=known)
        prepared = copy.deepcopy(segmenter).eval().requires_grad_(False)
        self._network = self._running(prepared)
        self.target = segmenter.target if isinstance(segmenter, Segmenter) else self._target_of_logits()

    def __call__(self, windows: NDArray[np.uint8]) -> Probabilities:
        """Return the probabilities (N, C, h, w) of pictures (N, h, w, 3)."""
        return np.concatenate(self.in_batches(len(windows), lambda part: self._batch(windows[part])))

    @torch.inference_mode()
    def _batch(self, windows: NDArray[np.uint8]) -> Probabilities:
        """Predict what fits at once."""
        images = image_to_tensor(windows.astype(np.float32) / np.float32(255)).to(self.device)
        logits = self._network(images)
        expected = (len(windows), self.target.channels, *windows.shape[1:3])
        if logits.shape != expected:
            raise ValueError(
                f"the segmenter must give {expected} for these windows, got {tuple(logits.shape)}"
            )
        return self.target.probabilities(logits.float()).cpu().numpy()

    def _running(self, segmenter: nn.Module) -> Callable[[Tensor], Tensor]:
        """Return what gives the logits of pictures."""
        if self.engine.name == "openvino":
            return OpenVINONetwork(segmenter, bfloat16=self.engine.bfloat16)
        network = segmenter.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

        def logits(images: Tensor) -> Tensor:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.engine.bfloat16):
                return network(images)  # type: ignore[no-any-return]

        return logits

    def _target_of_logits(self) -> Target:
        """Return the target that has as many logits as a module gives."""
        with torch.inference_mode():
            shape = tuple(self._network(torch.zeros(1, 3, SIZE, SIZE, device=self.device)).shape)
        fitting = [target for target in TARGETS.values() if shape == (1, target.channels, SIZE, SIZE)]
        if not fitting:
            raise ValueError(
                f"the segmenter must give one tensor of 1, 2 or 3 logits, (N, C, H, W) for (N, 3, H, W), "
                f"got {shape} for (1, 3, {SIZE}, {SIZE})"
            )
        return fitting[0]
