import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from napari_sharpgan.metrics import fsim, fsimc
from napari_sharpgan.metrics.fsim import phase_congruency


@pytest.fixture
def colored(tissue):
    """Return two RGB images (70, 61, 3) of like structure in colors that are partly opposite."""
    ramp = np.linspace(0, 1, 61)
    first = np.stack([tissue, tissue * ramp, tissue[::-1]], axis=-1)
    return first, np.stack([tissue[::-1] * ramp, tissue, 1 - tissue * ramp], axis=-1)


def literal_fsimc(first, second):
    """Return what the authors' MATLAB does for small RGB images, in 0 to 255, line by line."""
    parts = []
    for image in (first, second):
        red, green, blue = 255 * np.moveaxis(image, -1, 0)
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        i, q = 0.596 * red - 0.274 * green - 0.322 * blue, 0.211 * red - 0.523 * green + 0.312 * blue
        scharr = np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]]) / 16
        gradient = np.hypot(*(correlate(luma, kernel, mode="constant") for kernel in (scharr, scharr.T)))
        congruency = phase_congruency(torch.from_numpy(luma)[None])[0].numpy()
        parts.append((congruency, gradient, i, q))
    alike = [
        (2 * a * b + c) / (a**2 + b**2 + c) for a, b, c in zip(*parts, (0.85, 160, 200, 200), strict=True)
    ]
    weight = np.maximum(parts[0][0], parts[1][0])
    chroma = np.real((alike[2] * alike[3]).astype(complex) ** 0.03)
    assert (alike[2] * alike[3] < 0).any()
    return np.sum(alike[0] * alike[1] * chroma * weight) / np.sum(weight)


def test_equals_the_formula_of_the_paper_also_where_colors_are_opposite(colored):
    assert fsimc(*colored) == pytest.approx(literal_fsimc(*colored), abs=1e-12)


def test_is_fsim_for_gray_images(tissue, blurred):
    assert fsimc(tissue, blurred) == pytest.approx(fsim(tissue, blurred), abs=1e-12)
    color = np.repeat(blurred[..., None], 3, axis=2)
    assert fsimc(tissue, color) == pytest.approx(fsim(tissue, blurred), abs=1e-12)


def test_equals_the_authors_value_for_a_gray_pair(goldhill):
    """They publish FSIM for this pair, 0.89691; without color FSIMc is the same."""
    assert fsimc(*goldhill) == pytest.approx(0.89691, abs=5e-6)


def test_another_color_of_the_same_luma_lowers_it(tissue):
    """Red up by 0.1 and green down by what keeps 0.299 R + 0.587 G."""
    color = np.repeat(0.25 + 0.5 * tissue[..., None], 3, axis=2)
    tinted = color + 0.1 * np.array([1, -0.299 / 0.587, 0])
    assert fsim(color, tinted) == pytest.approx(1, abs=1e-12)
    assert 0.9 < fsimc(color, tinted) < 0.999


def test_larger_images_are_shrunk_in_all_channels():
    pair = np.random.default_rng(3).random((2, 384, 390, 3))
    halved = pair.reshape(2, 192, 2, 195, 2, 3).mean(axis=(2, 4))
    assert fsimc(*pair) == pytest.approx(fsimc(*halved), abs=1e-12)
