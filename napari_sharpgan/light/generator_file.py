"""Files of generators, by name or path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._resources import SHIPPED, shipped_generators
from napari_sharpgan.light.stain import STAIN_CHANNELS
from napari_sharpgan.light.tensors_file import fitting, read_tensors

KIND = "generator"
DISCRIMINATOR = "discriminator."  # before the names of the tensors of the discriminator that came with it
NETWORK = "network."  # before the names of those of the U-Net


@dataclass(frozen=True)
class GeneratorSettings:
    """What the file of a generator says of it: the arguments of `TissueGenerator`."""

    condition: str = "distance"
    width: int = 64
    resize_levels: int = 0
    dropout: float = 0.0
    noise: bool = False
    stain: Sequence[float] | None = None

    @property
    def channels(self) -> int:
        """How many planes the network sees: the map, noise and stain."""
        return 1 + int(self.noise) + (0 if self.stain is None else STAIN_CHANNELS)


def read_generator(path: Path) -> tuple[GeneratorSettings, dict[str, NDArray[np.float32]]]:
    """Return what a file of a generator says of it, and the tensors of its U-Net, by their names in that.

    Raises
    ------
    ValueError
        If the file is cut short, no safetensors file, or holds no generator of ours.
    """
    header, tensors = read_tensors(path, KIND, is_of_generator)
    with fitting(path, KIND):
        settings = GeneratorSettings(**header["settings"])
    return settings, {
        name.removeprefix(NETWORK): np.asarray(tensor, np.float32) for name, tensor in tensors.items()
    }


def weights_path(name_or_path: str | Path | None = None) -> Path:
    """Return the file of a generator given by name or path; None is the shipped one."""
    if name_or_path is None:
        name_or_path = SHIPPED
    path = Path(name_or_path)
    if path.suffix == ".safetensors":
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}; expected weights of a generator")
        return path
    names = shipped_generators()
    if str(name_or_path) not in names:
        raise FileNotFoundError(
            f"there is no generator {str(name_or_path)!r}; expected a path that ends in .safetensors or a "
            f"name in resources/, which holds {', '.join(names) or 'none'}"
        )
    return names[str(name_or_path)]


def is_of_generator(name: str) -> bool:
    """Return whether a tensor in such a file is one of the generator."""
    return not name.startswith(DISCRIMINATOR)
