"""What is to be synthesized in bulk, and the command that does it."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from napari_sharpgan.formats.ome_zarr_slide import BLOCKS
from napari_sharpgan.nuclei import MICRONS_PER_PIXEL, NucleiConfig

Shape = tuple[int, int]

FEW, FEW_A_SHARD = 1000, 10  # up to so many tiles are made ten as a job, so that one sees it go on
SHARD = 100
PARTS = 16  # a slide has at least so many blocks, if they are not too small then
LARGEST_BLOCK = 4096
ALWAYS = "level", "rounding"  # what tiles and slides have where it is not said is not what canvases have
SPARSEST, DENSEST = 0.001, 100_000.0  # nuclei per mm²
BYTES = {"folder": 2.1, "webdataset": 2.0, "zarr": 2.9}  # per pixel, measured with the shipped generator
SLIDE_BYTES = 4.1


@dataclass(frozen=True)
class Look:
    """What tiles or a slide are like: as the docks *Nuclei* and *Tissue* have it set.

    Parameters
    ----------
    nuclei : NucleiConfig
        Settings of random nuclei; the seed is not used.
    canvas : (int, int)
        Rows and columns in pixels, on which a count is meant.
    generator : object
        Name or path; None is the shipped one. A network that lies in no file cannot be had by a command.
    device : str
        "auto", "cuda", "mps" or "cpu".
    stain : tuple of 6 floats, optional
        None: the generator's own.
    seed : int
        Variation.
    """

    nuclei: NucleiConfig
    canvas: Shape
    generator: Any = None
    device: str = "auto"
    stain: tuple[float, ...] | None = None
    seed: int = 0

    @classmethod
    def of(cls, nuclei: NucleiConfig, canvas: Shape, tissue: Mapping[str, Any], seed: int) -> Look:
        """Return the look of what a session shows; ``tissue`` are the settings of its `LiveTissue`."""
        return cls(nuclei, canvas, tissue["generator"], tissue["device"], tissue["stain"], seed)

    @property
    def options(self) -> list[str]:
        """The options of ``sharpgan synthesize`` that ask for it.

        Raises
        ------
        ValueError
            If the generator lies in no file.
        """
        options = []
        if self.generator is not None:
            if not isinstance(self.generator, str | Path):
                raise ValueError("the generator lies in no file; choose another one in the dock Tissue")
            options += ["--generator", str(self.generator)]
        if self.device != "auto":
            options += ["--device", self.device]
        if self.stain is not None:
            options += ["--stain", *(f"{value:.4f}" for value in self.stain)]
        if self.seed:
            options += ["--seed", str(self.seed)]
        return options + self._nuclei_options()

    def _nuclei_options(self) -> list[str]:
        """Return the options of the nuclei; a count becomes a density, since tiles are not canvases."""
        nuclei = self.nuclei
        if nuclei.count >= 0:
            rows, columns = self.canvas
            density = nuclei.count / (rows * columns * (MICRONS_PER_PIXEL / 1000) ** 2)
            nuclei = replace(nuclei, density=round(min(max(density, SPARSEST), DENSEST), 3))
        options = []
        for field in fields(NucleiConfig):
            value = getattr(nuclei, field.name)
            is_usual = value == field.default and field.name not in ALWAYS
            if field.name not in ("count", "seed") and not is_usual:
                options += [f"--{field.name.replace('_', '-')}", str(value)]
        return options


@dataclass(frozen=True)
class Wish(ABC):
    """Something to be made: `TilesWish` or `SlideWish`.

    Parameters
    ----------
    out : Path or None
        Where; None where nobody said yet.
    look : Look
        What it is like.
    workers : int
        Processes.
    """

    out: Path | None
    look: Look
    workers: int

    @property
    def arguments(self) -> list[str]:
        """The arguments of ``sharpgan``."""
        workers = [] if self.workers == 1 else ["--workers", str(self.workers)]
        return ["synthesize", str(self.out or self._stand_in), *self._own, *self.look.options, *workers]

    @property
    def command(self) -> str:
        """The command that makes the same."""
        return shlex.join(["sharpgan", *self.arguments])

    @property
    @abstractmethod
    def pixels(self) -> int:
        """Pixels in all."""

    @abstractmethod
    def pixels_left(self, done: int, total: int) -> int:
        """Return how many pixels are still to be made where ``done`` of ``total`` parts are there."""

    @property
    @abstractmethod
    def bytes_a_pixel(self) -> float:
        """About how many bytes a pixel takes on the disk, with its label and outlines."""

    @property
    @abstractmethod
    def unit(self) -> str:
        """What is counted: "tiles" or "blocks"."""

    @property
    def speed_name(self) -> str:
        """A name to keep under how fast it was: of what is about equally fast."""
        generator = "shipped" if self.look.generator is None else Path(str(self.look.generator)).stem
        return f"synthesis/{self._kind}-{generator}-{self.look.device}-{self.workers}"

    @property
    @abstractmethod
    def _kind(self) -> str:
        """Names what is about equally fast, for `speed_name`."""

    @property
    @abstractmethod
    def _stand_in(self) -> str:
        """The place in the command while there is none."""

    @property
    @abstractmethod
    def _own(self) -> list[str]:
        """The options that are its own."""


@dataclass(frozen=True)
class TilesWish(Wish):
    """A set of tiles.

    Parameters
    ----------
    count, side : int
        How many, and their height and width in pixels.
    format : str
        A name in ``TILE_FORMATS``.
    shard : int, optional
        Tiles of a job; that of a set which is there already.
    """

    count: int = 1000
    side: int = 256
    format: str = "folder"
    shard: int | None = None

    @property
    def pixels(self) -> int:
        """Pixels in all."""
        return self.count * self.side**2

    def pixels_left(self, done: int, total: int) -> int:
        """Return how many pixels are still to be made; a set may grow."""
        return max(0, self.count - done) * self.side**2

    @property
    def bytes_a_pixel(self) -> float:
        """About how many bytes a pixel takes on the disk."""
        return BYTES.get(self.format, max(BYTES.values()))

    @property
    def unit(self) -> str:
        """What is counted."""
        return "tiles"

    @property
    def _kind(self) -> str:
        return f"tiles-{self.format}-{self.side}"

    @property
    def _stand_in(self) -> str:
        return "tiles"

    @property
    def _own(self) -> list[str]:
        shard = self.shard or (FEW_A_SHARD if self.count <= FEW else SHARD)
        given = {"count": self.count, "size": self.side, "format": self.format, "shard": shard}
        usual = {"size": 256, "format": "folder", "shard": SHARD}
        options = []
        for name, value in given.items():
            if value != usual.get(name):
                options += [f"--{name}", str(value)]
        return options


@dataclass(frozen=True)
class SlideWish(Wish):
    """A slide.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns in pixels of 0.25 µm.
    """

    shape: Shape = (16_384, 16_384)

    @property
    def pixels(self) -> int:
        """Pixels in all."""
        return self.shape[0] * self.shape[1]

    def pixels_left(self, done: int, total: int) -> int:
        """Return how many pixels are still to be made."""
        return round(self.pixels * (1 - done / total))

    @property
    def bytes_a_pixel(self) -> float:
        """About how many bytes a pixel takes on the disk, in all levels of resolution."""
        return SLIDE_BYTES

    @property
    def unit(self) -> str:
        """What is counted."""
        return "blocks"

    @property
    def _kind(self) -> str:
        return "slide"

    @property
    def block(self) -> int:
        """The largest block of which there are enough that one sees it go on and all workers have some."""
        wanted = max(PARTS, 4 * self.workers)
        fitting: list[int] = [
            side
            for side in BLOCKS
            if side <= LARGEST_BLOCK and -(-self.shape[0] // side) * -(-self.shape[1] // side) >= wanted
        ]
        return max(fitting, default=min(BLOCKS))

    @property
    def _stand_in(self) -> str:
        return "slide.ome.zarr"

    @property
    def _own(self) -> list[str]:
        block = [] if self.block == LARGEST_BLOCK else ["--block", str(self.block)]
        return ["--shape", *map(str, self.shape), *block]
