"""Images that several metric tests share."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def goldhill() -> tuple[np.ndarray, np.ndarray]:
    """A photograph and its JPEG, for which the authors of FSIM and GMSD publish their MATLAB's values."""
    folder = Path(__file__).parents[3] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("no published reference images beside the checkout (../shared/reference)")
    first, second = (
        np.asarray(Image.open(folder / name).convert("L")) for name in ("goldhill.gif", "goldhill_jpeg.gif")
    )
    return first, second


@pytest.fixture
def tissue() -> np.ndarray:
    """A gray image (70, 61) with structure at several scales."""
    rows, columns = np.mgrid[:70, :61]
    waves = np.sin(rows / 3) * np.cos(columns / 5) + np.sin((rows + 2 * columns) / 11)
    noise = np.random.default_rng(7).normal(0, 0.15, rows.shape)
    return np.clip(0.5 + 0.2 * waves + 0.3 * noise, 0, 1)


@pytest.fixture
def blurred(tissue) -> np.ndarray:
    padded = np.pad(tissue, 1, mode="edge")
    return (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
