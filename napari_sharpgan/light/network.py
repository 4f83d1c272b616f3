"""The U-Net generator as OpenVINO runs it, made of its tensors: what `UNetGenerator` does, folded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.light.engine import import_openvino
from napari_sharpgan.light.generator_file import GeneratorSettings
from napari_sharpgan.light.resizing import one_step

Array = NDArray[np.float32]

DEPTH = 8  # 256 × 256 is halved eight times, down to one pixel
WINDOW = 2**DEPTH
LEAK = 0.2  # slope of the leaky ReLU below zero
EPSILON = 1e-5  # of batch norm
COUNTER = ".num_batches_tracked"  # of a batch norm, which only training looks at


def unet_model(tensors: Mapping[str, Array], settings: GeneratorSettings) -> Any:
    """Return an OpenVINO model of a U-Net generator: planes (1, C, 256, 256) to tissue (1, 3, 256, 256).

    Batch norm goes into the convolution before it, and resizing into the one after it.

    Parameters
    ----------
    tensors : mapping of name to float array
        The state of a `UNetGenerator`.
    settings : GeneratorSettings
        What kind it is.

    Raises
    ------
    KeyError, RuntimeError, ValueError
        If tensors are missing, do not fit each other, or are none of such a network.
    """
    openvino = import_openvino()
    graph = _Graph(openvino.opset13, tensors)
    planes = openvino.opset13.parameter([1, settings.channels, WINDOW, WINDOW], np.float32)
    skips = [planes]
    for level in range(DEPTH):
        skips.append(graph.halved(skips[-1], level))
    features = graph.relu(skips.pop())
    for level in reversed(range(DEPTH)):
        if level < DEPTH - 1:
            features = graph.joined(skips.pop(), features)
        features = graph.doubled(features, level, _resized_by(settings.resize_levels, level))
    graph.check(settings)
    return openvino.Model([openvino.opset13.tanh(features)], [planes], "generator")


def _resized_by(levels: int, level: int) -> str:
    """Return how a level is resized if the outermost ``levels`` are bilinear, see `UNetGenerator`."""
    return "" if not levels else "bilinear" if level < levels else "nearest"


class _Graph:
    """Nodes of a network whose constants are these tensors; ``ops`` is a set of OpenVINO's operations."""

    def __init__(self, ops: Any, tensors: Mapping[str, Array]) -> None:
        self._ops, self._tensors = ops, tensors
        self._used: set[str] = set()

    def check(self, settings: GeneratorSettings) -> None:
        """Raise if tensors were left over, or the first ones are of another network."""
        left = [name for name in self._tensors.keys() - self._used if not name.endswith(COUNTER)]
        if left:
            raise ValueError(f"unexpected tensors {', '.join(sorted(left))}")
        found, expected = self._tensors["down.0.0.weight"].shape[:2], (settings.width, settings.channels)
        if found != expected:
            raise ValueError(f"expected {expected[0]} kernels of {expected[1]} channels first, got {found}")

    def relu(self, node: Any) -> Any:
        return self._ops.relu(node)

    def joined(self, one: Any, other: Any) -> Any:
        return self._ops.concat([self.relu(one), self.relu(other)], 1)

    def halved(self, node: Any, level: int) -> Any:
        """Add the level that halves height and width."""
        place = 0 if level == 0 else 1
        if level:
            node = self._ops.prelu(node, self._constant([LEAK]))
        kernels = self._take(f"down.{level}.{place}.weight")
        scale, shift = self._norm(f"down.{level}.{place + 1}", len(kernels))
        node = self._convolved(node, kernels * scale[:, None, None, None], stride=2)
        return self._shifted(node, shift)

    def doubled(self, node: Any, level: int, resize: str) -> Any:
        """Add the level that doubles height and width, by resizing or ("") a transposed convolution."""
        kernels = self._take(f"up.{level}.0.weight")
        outputs = kernels.shape[0 if resize else 1]
        scale, shift = self._norm(f"up.{level}.1", outputs)
        if level == 0:
            shift = shift + self._take("up.0.0.bias")
        if resize:
            kernels = one_step(kernels * scale[:, None, None, None], resize)
        else:
            kernels = kernels * scale[:, None, None]
        if resize == "bilinear":
            node = self._ops.depth_to_space(self._convolved(node, kernels, stride=1), "depth_first", 2)
        else:
            node = self._ops.convolution_backprop_data(
                node, self._constant(kernels), [2, 2], pads_begin=[1, 1], pads_end=[1, 1]
            )
        return self._shifted(node, shift)

    def _convolved(self, node: Any, kernels: Array, stride: int) -> Any:
        return self._ops.convolution(node, self._constant(kernels), [stride, stride], [1, 1], [1, 1], [1, 1])

    def _shifted(self, node: Any, shift: Array) -> Any:
        return self._ops.add(node, self._constant(shift[None, :, None, None])) if shift.any() else node

    def _norm(self, name: str, channels: int) -> tuple[Array, Array]:
        """Return what a batch norm multiplies by and adds; of one that is not there 1 and 0."""
        if f"{name}.weight" not in self._tensors:
            return np.ones(channels, np.float32), np.zeros(channels, np.float32)
        weight, bias, mean, variance = (
            self._take(f"{name}.{part}") for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight / np.sqrt(variance + EPSILON)
        return scale, bias - mean * scale

    def _take(self, name: str) -> Array:
        self._used.add(name)
        return self._tensors[name]

    def _constant(self, values: Any) -> Any:
        return self._ops.constant(np.ascontiguousarray(values, np.float32))
