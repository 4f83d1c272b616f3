import numpy as np
import pytest
from scipy.signal import convolve2d

from napari_sharpgan.metrics import ssim, ssim_map


def test_constant_images_differ_in_luminance_only():
    expected = (2 * 0.2 * 0.6 + 0.01**2) / (0.2**2 + 0.6**2 + 0.01**2)
    assert ssim(np.full((16, 20), 0.2), np.full((16, 20), 0.6)) == pytest.approx(expected, abs=1e-12)


def test_equals_the_formula_of_the_paper(tissue, blurred):
    offsets = np.arange(-5, 6)
    bell = np.exp(-(offsets**2) / (2 * 1.5**2))
    window = np.outer(bell, bell) / bell.sum() ** 2

    def local_mean(image):
        return convolve2d(image, window, mode="valid")

    mean_x, mean_y = local_mean(tissue), local_mean(blurred)
    var_x = local_mean(tissue**2) - mean_x**2
    var_y = local_mean(blurred**2) - mean_y**2
    covariance = local_mean(tissue * blurred) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    expected = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    expected /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    assert ssim(tissue, blurred) == pytest.approx(expected.mean(), abs=1e-9)


def test_is_symmetric(tissue, blurred):
    assert ssim(tissue, blurred) == pytest.approx(ssim(blurred, tissue), abs=1e-12)


def test_an_inverted_image_scores_below_0(tissue):
    assert ssim(tissue, 1 - tissue) < 0


def test_images_below_the_window_are_refused():
    with pytest.raises(ValueError, match=r"at least 11 pixels high and wide, got \(10, 40\)"):
        ssim(np.zeros((10, 40)), np.zeros((10, 40)))


def test_the_map_fits_the_image_and_its_inner_mean_is_the_score(tissue, blurred):
    similarity = ssim_map(tissue, blurred)
    assert similarity.shape == tissue.shape
    assert similarity[5:-5, 5:-5].mean() == pytest.approx(ssim(tissue, blurred), abs=1e-12)
    assert np.all(ssim_map(tissue, tissue) == pytest.approx(1, abs=1e-12))
