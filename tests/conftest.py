"""Fixtures that all tests share."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session", autouse=True)
def _state_of_tests(tmp_path_factory):
    """Let trainings in tests, their processes too, be remembered apart from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHARPGAN_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("SHARPGAN_RUNS", str(tmp_path_factory.mktemp("runs")))
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real tissue beside the checkout; tests that need it skip only where the folder is missing."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real tissue beside the checkout (../shared/data)")
    return folder


@pytest.fixture(scope="session")
def tiny_generator(tmp_path_factory) -> Path:
    """Weights of an untrained generator of width 1 that knows noise and stain."""
    import torch

    from napari_sharpgan.models import TissueGenerator
    from napari_sharpgan.rendering import save_generator

    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        generator = TissueGenerator("distance-inverted", 1, resize_levels=2, noise=True, stain=(0.5,) * 6)
    save_generator(generator, path)
    return path


@pytest.fixture(scope="session")
def dark_segmenter(tmp_path_factory):
    """Weights of a U-Net of width 1 to which nuclei are where red, smoothed twice, is below 118 of 255."""
    import torch

    from napari_sharpgan.segmentation import Segmenter, save_segmenter

    segmenter = Segmenter("unet", 1, "foreground")
    network = segmenter.network
    with torch.no_grad():
        for convolution in (m for m in network.modules() if hasattr(m, "kernel_size")):
            for parameter in convolution.parameters():
                parameter.zero_()
        first, second = network.down[0][0], network.down[0][3]
        first.weight[0, 0], network.down[0][1].bias[:] = -1 / 9, 1  # 1 - red, which is in [-1, 1]
        second.weight[0, 0] = 1 / 9
        for convolution in (network.merge[-1][0], network.merge[-1][3]):
            convolution.weight[0, 0, 1, 1] = 1
        network.head.weight[0, 0], network.head.bias[:] = 20, -20 * (2 - 118 / 127.5)
    path = tmp_path_factory.mktemp("segmenter") / "dark.safetensors"
    save_segmenter(segmenter, path)
    return path


@pytest.fixture(scope="session")
def tissue_folder(tmp_path_factory) -> Path:
    """A data folder, images/ + labels/: two small images of noise with two nuclei each."""
    folder = tmp_path_factory.mktemp("tissue")
    (folder / "images").mkdir()
    (folder / "labels").mkdir()
    rng = np.random.default_rng(0)
    labels = np.zeros((270, 280), np.uint16)
    labels[20:60, 20:70], labels[100:150, 120:160] = 1, 2
    for number in range(2):
        pixels = np.where(labels[..., None] > 0, 60, 170) + rng.integers(0, 40, (*labels.shape, 3))
        Image.fromarray(pixels.astype(np.uint8)).save(folder / "images" / f"{number}.png")
        Image.fromarray(labels).save(folder / "labels" / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def tile_sets(tiny_generator, tmp_path_factory) -> dict[str, Path]:
    """The same eight synthetic tiles of 64 × 64, three in a shard, in each format: folders by its name."""
    from napari_sharpgan._tasks import run_to_end
    from napari_sharpgan.synthesis import (
        TILE_FORMATS,
        TilePlan,
        TileSettings,
        random_models,
        synthesize_tiles,
    )

    place = tmp_path_factory.mktemp("tiles")
    for name in TILE_FORMATS:
        settings = TileSettings(str(tiny_generator), size=64, shard=3, seed=5, format=name)
        plan = TilePlan.of(settings, random_models({"level": 3.0}))
        run_to_end(synthesize_tiles(place / name, plan, 8, device="cpu"))
    return {name: place / name for name in TILE_FORMATS}
