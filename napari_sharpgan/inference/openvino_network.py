"""A network that OpenVINO runs on a CPU in the place of torch."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_sharpgan.light.engine import compiled, import_openvino


class OpenVINONetwork:
    """Run a module on a CPU, one picture at a time: what it gives hangs neither on others nor on threads.

    Parameters
    ----------
    module : nn.Module
        In eval mode, in float32, from one tensor (N, C, H, W) to another. It is left as it is.
    bfloat16 : bool
        Compute in bfloat16, else in float32.
    """

    def __init__(self, module: nn.Module, *, bfloat16: bool) -> None:
        self._module = module
        self._bfloat16 = bfloat16
        self._requests: dict[tuple[int, ...], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return what the module makes of (N, C, H, W), in float32; compiled when a size is new, in 0.3 s."""
        planes = pictures.contiguous().numpy()
        with self._lock:
            request = self._request((1, *planes.shape[1:]))
            made = [self._infer(request, planes[number : number + 1]) for number in range(len(planes))]
        return torch.from_numpy(np.concatenate(made))

    def _infer(self, request: Any, planes: NDArray[np.float32]) -> NDArray[np.float32]:
        request.infer([planes], share_inputs=True)
        made: NDArray[np.float32] = request.get_output_tensor(0).data.copy()
        return made

    def _request(self, shape: tuple[int, ...]) -> Any:
        """Return what runs pictures of a shape."""
        if shape not in self._requests:
            self._requests[shape] = self._compiled(shape)
        return self._requests[shape]

    def _compiled(self, shape: tuple[int, ...]) -> Any:
        openvino = import_openvino()
        example = torch.zeros(shape)
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")  # of tracing: sizes that it takes as fixed are fixed
            traced = torch.jit.trace(self._module, example, check_trace=False)  # type: ignore[no-untyped-call]
            model = openvino.convert_model(traced, example_input=example, input=[list(shape)])
        return compiled(model, bfloat16=self._bfloat16, threads=torch.get_num_threads())
