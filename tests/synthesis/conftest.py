"""Plans of small sets of tiles."""

import pytest
import torch

from napari_sharpgan.models import TissueGenerator
from napari_sharpgan.rendering import save_generator
from napari_sharpgan.synthesis import TilePlan, TileSettings, random_models


@pytest.fixture(scope="session")
def lively_generator(tmp_path_factory):
    """Weights of an untrained generator whose pictures differ: its weights are made five times as large."""
    path = tmp_path_factory.mktemp("lively") / "lively.safetensors"
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        generator = TissueGenerator("distance-inverted", 4, resize_levels=2, noise=True, stain=(0.5,) * 6)
        for parameter in generator.parameters():
            if parameter.ndim == 4:
                parameter *= 5
    save_generator(generator, path)
    return path


@pytest.fixture
def plan(lively_generator):
    """Make a plan: tiles of 64 pixels, three in a shard, but for what is given."""

    def make(*, nuclei=None, **settings):
        settings = {"size": 64, "shard": 3, "seed": 5} | settings
        return TilePlan.of(TileSettings(str(lively_generator), **settings), random_models(nuclei))

    return make


@pytest.fixture
def contents():
    """Return the bytes of all files of a set, by name."""

    def read(out):
        return {
            path.relative_to(out).as_posix(): path.read_bytes()
            for path in out.rglob("*")
            if path.is_file() and path.name != ".lock"
        }

    return read
