"""Fixtures that all tests share."""

from pathlib import Path

import pytest


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
