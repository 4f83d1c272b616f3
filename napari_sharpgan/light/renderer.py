"""A generator that OpenVINO runs on a CPU: stacks of windows in, tissue out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import choose
from napari_sharpgan.light.engine import compiled, prefers_bfloat16, thread_count
from napari_sharpgan.light.generator_file import KIND, read_generator, weights_path
from napari_sharpgan.light.grain import grain
from napari_sharpgan.light.network import WINDOW, unet_model
from napari_sharpgan.light.noise import window_noise
from napari_sharpgan.light.stain import as_seen, check_stain
from napari_sharpgan.light.tensors_file import fitting
from napari_sharpgan.maps import CONDITION_MAPS

Tissue = NDArray[np.uint8]


class LightRenderer:
    """Render windows of 256 × 256 as `Renderer` does, without torch; for one thread.

    Parameters
    ----------
    generator : str, path or None
        The name or path of saved weights, or None for the shipped ones.
    stain : sequence of 6 floats, optional
        Means and SDs of R, G and B in [0, 1] to render in, if the generator knows stains.
    bfloat16 : bool, optional
        Compute in bfloat16, else in float32; by default what the CPU is faster with.

    Attributes
    ----------
    words : str
        Device, library and number format, as `Engine.words` has them.

    Raises
    ------
    FileNotFoundError
        If there is no such file or name.
    ValueError
        If the file is cut short, no safetensors file, or holds no generator of ours.
    """

    batch_size = 4  # windows that are rendered together, between which a newer wish can come

    def __init__(
        self,
        generator: str | Path | None = None,
        *,
        stain: Sequence[float] | None = None,
        bfloat16: bool | None = None,
    ) -> None:
        self.stain = check_stain(stain)
        path = weights_path(generator)
        self._settings, tensors = read_generator(path)
        is_coarse, threads = prefers_bfloat16() if bfloat16 is None else bfloat16, thread_count()
        with fitting(path, KIND):
            self.condition_map = choose("condition map", self._settings.condition, CONDITION_MAPS)
            self._request = compiled(unet_model(tensors, self._settings), bfloat16=is_coarse, threads=threads)
        self._planes = np.zeros((1, self._settings.channels, WINDOW, WINDOW), np.float32)
        self._planes[0, self._settings.channels - len(self._seen_stain) :] = self._seen_stain[:, None, None]
        self.words = f"cpu ({threads} threads), OpenVINO, {'bfloat16' if is_coarse else 'float32'}"

    def __call__(self, conditions: NDArray[np.float32], corners: ArrayLike, seed: int = 0) -> Tissue:
        """Render windows.

        Parameters
        ----------
        conditions : array of shape (N, 256, 256)
            Condition maps, in [0, 1].
        corners : array of shape (N, 2), integers
            First row and column of each on the canvas, to which the noise belongs.
        seed : int
            The variation of the noise.

        Returns
        -------
        uint8 array of shape (N, 256, 256, 3)
        """
        places = np.asarray(corners, int)
        return np.stack(
            [self._rendered(one, place, seed) for one, place in zip(conditions, places, strict=True)]
        )

    @property
    def _seen_stain(self) -> NDArray[np.float32]:
        """What the network sees of the stain, (6,); (0,) if it knows no stain."""
        own = self._settings.stain
        return np.array([] if own is None else as_seen(self.stain or own), np.float32)

    def _rendered(self, condition: NDArray[np.float32], corner: NDArray[np.int_], seed: int) -> Tissue:
        """Render one window, (256, 256, 3)."""
        self._planes[0, 0] = condition * 2 - 1
        if self._settings.noise:
            noise = window_noise(int(corner[0]), int(corner[1]), *condition.shape, seed)
            self._planes[0, 1] = noise * grain(condition[None])[0]
        self._request.infer([self._planes], share_inputs=True)
        tissue = self._request.get_output_tensor(0).data[0]
        levels = np.rint((np.clip(tissue, -1, 1) + 1) * np.float32(127.5))
        return np.ascontiguousarray(levels.astype(np.uint8).transpose(1, 2, 0))
