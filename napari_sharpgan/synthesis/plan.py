"""All that a set of synthetic tiles follows from, small enough to be sent to every worker."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from napari_sharpgan._fields import check_limits, one_of
from napari_sharpgan.rendering import Renderer, read_settings, software, synthetic_note, weights_hash
from napari_sharpgan.synthesis.formats import TILE_FORMATS
from napari_sharpgan.synthesis.models import TileModel
from napari_sharpgan.synthesis.tile import LabeledTile, draw_tile
from napari_sharpgan.synthesis.workers import device_here


@dataclass(frozen=True)
class TileSettings:
    """Settings of a set of labeled synthetic tiles.

    Parameters
    ----------
    generator : str
        Weights that the tiles are rendered with: a generator in resources/ or a .safetensors file; empty:
        the shipped one.
    seed : int
        Tile k follows from seed and k alone, however many there are and whoever makes them.
    size : int
        Height and width of a tile in pixels.
    format : str
        How the tiles lie in OUT: as files in images/, labels/ and geojson/; in tar files for WebDataset; or
        in a Zarr of all images and all labels.
    shard : int
        Tiles that are made as one job, and lie in one file where the format has such; whole or not at all.
    """

    generator: str = ""
    seed: Annotated[int, {"min": 0, "max": 2_147_483_647}] = 0
    size: Annotated[int, {"min": 32, "max": 4096}] = 256
    format: Annotated[str, one_of(TILE_FORMATS)] = "folder"
    shard: Annotated[int, {"min": 1, "max": 100_000}] = 100

    def __post_init__(self) -> None:
        """Refuse values that no set could have."""
        check_limits(self)


@dataclass(frozen=True)
class TilePlan:
    """Settings, and what tiles are like; all tiles follow from it.

    Parameters
    ----------
    settings : TileSettings
        Seed, size, format and so on.
    models : tuple of TileModel
        Each tile takes one of them by chance.
    weights_sha256 : str
        Hash of the generator's weights.
    """

    settings: TileSettings
    models: tuple[TileModel, ...]
    weights_sha256: str

    @classmethod
    def of(cls, settings: TileSettings, models: list[TileModel]) -> "TilePlan":
        """Return the plan of a set; stains are left out where the generator knows none."""
        generator, settled_models, weights_sha256 = settled(settings.generator, models)
        return cls(replace(settings, generator=generator), settled_models, weights_sha256)

    def tile(self, number: int, renderer: Renderer) -> LabeledTile:
        """Return a tile."""
        return draw_tile(self.models, renderer, self.settings.seed, number, side=self.settings.size)

    def note(self, tile: LabeledTile) -> dict[str, Any]:
        """Return what is noted of a tile: that it is synthetic, and where it comes from."""
        return {**_note(self.settings.generator), **tile.facts}

    def renderer(self, device: str) -> Renderer:
        """Return the renderer of this process, which is made once.

        Raises
        ------
        ValueError
            If the weights are others here than where the set was begun.
        """
        return renderer_here(self.settings.generator, self.weights_sha256, device)

    def to_json(self) -> dict[str, Any]:
        """Return all that the tiles follow from as a JSON object."""
        return {
            "software": software(),
            "weights_sha256": self.weights_sha256,
            "settings": {name: value for name, value in asdict(self.settings).items() if name != "generator"},
            "models": [model.to_json() for model in self.models],
        }


def settled(generator: str, models: Sequence[TileModel]) -> tuple[str, tuple[TileModel, ...], str]:
    """Return what holds for every worker: the generator with its whole path, the models, and its hash.

    Stains are left out of the models where the generator knows none.
    """
    if generator.endswith(".safetensors"):
        generator = str(Path(generator).resolve())
    name = generator or None
    if read_settings(name)["stain"] is None:
        models = [replace(model, stain=None) for model in models]
    return generator, tuple(models), weights_hash(name)


def renderer_here(generator: str, weights_sha256: str, device: str) -> Renderer:
    """Return the renderer of this process, see `TilePlan.renderer`."""
    return _renderer(generator, weights_sha256, device_here(device))


@lru_cache(maxsize=4)
def _note(generator: str) -> dict[str, Any]:
    """Return the note of a generator's pictures, for which its file is read; once a process is enough."""
    return synthetic_note(generator or None)


@lru_cache(maxsize=1)
def _renderer(generator: str, weights_sha256: str, device: str) -> Renderer:
    """Return a renderer; one a process is enough."""
    found = weights_hash(generator or None)
    if found != weights_sha256:
        raise ValueError(
            f"the generator {generator or 'that is shipped'} has the SHA-256 {found[:12]}… where the tiles "
            f"are made, expected {weights_sha256[:12]}…"
        )
    return Renderer(generator or None, device=device)
