import numpy as np
import pytest
import torch
from scipy.ndimage import correlate

from napari_sharpgan.metrics import gms_map, gmsd
from napari_sharpgan.metrics.gmsd import gmsd_batch


def test_equals_the_authors_matlab(goldhill):
    """Published by the authors for this pair: 0.138012587141798."""
    assert gmsd(*goldhill) == pytest.approx(0.138012587141798, abs=1e-13)


def test_equals_the_formula_of_the_paper(tissue, blurred):
    prewitt = np.array([[1, 0, -1]] * 3) / 3

    def gradient(image):
        image = 255 * np.pad(image, [(0, side % 2) for side in image.shape])
        halved = (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4
        return np.hypot(*(correlate(halved, kernel, mode="constant") for kernel in (prewitt, prewitt.T)))

    first, second = gradient(tissue), gradient(blurred)
    quality = (2 * first * second + 170) / (first**2 + second**2 + 170)
    assert gmsd(tissue, blurred) == pytest.approx(quality.std(ddof=1), abs=1e-12)


def test_is_symmetric(tissue, blurred):
    assert gmsd(tissue, blurred) == gmsd(blurred, tissue)


def test_float32_agrees(tissue, blurred):
    single = gmsd_batch(*(torch.from_numpy(image).float()[None] for image in (tissue, blurred)))
    assert single.item() == pytest.approx(gmsd(tissue, blurred), abs=1e-5)


def test_images_of_one_level_each_differ_in_the_frame_only():
    wide = [gmsd(np.full((side, side), 0.2), np.full((side, side), 0.8)) for side in (16, 256)]
    assert 0 < wide[1] < wide[0]


def test_stacks_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match=r"one shape \(N, H, W\), got \(1, 16, 16\) and \(2, 16, 16\)"):
        gmsd_batch(torch.rand(1, 16, 16), torch.rand(2, 16, 16))


def test_integer_stacks_are_refused():
    levels = torch.zeros(1, 16, 16, dtype=torch.uint8)
    with pytest.raises(TypeError, match=r"floats in \[0, 1\], got torch.uint8"):
        gmsd_batch(levels, levels)


def test_the_map_fits_the_image_and_deviates_by_the_score(tissue, blurred):
    similarity = gms_map(tissue, blurred)  # (70, 61): the last column has half blocks
    assert similarity.shape == tissue.shape
    np.testing.assert_array_equal(similarity[::2, :-1:2], similarity[1::2, 1::2])
    assert similarity[::2, ::2].std(ddof=1) == pytest.approx(gmsd(tissue, blurred), abs=1e-12)
    assert np.all(gms_map(tissue, tissue) == 1)
