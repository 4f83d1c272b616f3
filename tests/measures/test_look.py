import numpy as np
import pytest
from skimage.color import separate_stains

from napari_sharpgan.losses import contour_sharpness
from napari_sharpgan.measures import measure_nuclei
from napari_sharpgan.measures.look import EOSIN, HEMATOXYLIN, hematoxylin, picture


def stained(amount, vector):
    """Return the color of an amount of a stain, by Beer and Lambert."""
    direction = np.array(vector) / np.linalg.norm(vector)
    return np.rint(255 * 10 ** (-amount * direction)).astype(np.uint8)


@pytest.mark.parametrize("amount", [0, 0.2, 0.7, 1.5])
def test_an_amount_of_hematoxylin_is_found_and_eosin_is_not_taken_for_it(amount):
    assert hematoxylin(stained(amount, HEMATOXYLIN)) == pytest.approx(amount, abs=0.01)
    assert hematoxylin(stained(amount, EOSIN)) == pytest.approx(0, abs=0.02)


def test_it_agrees_with_the_deconvolution_of_scikit_image():
    pixels = np.random.default_rng(0).integers(40, 220, (6, 7, 3), dtype=np.uint8)
    stains = np.array([HEMATOXYLIN, EOSIN, np.cross(HEMATOXYLIN, EOSIN)])
    stains /= np.linalg.norm(stains, axis=1, keepdims=True)
    theirs = separate_stains(pixels, np.linalg.inv(stains))[..., 0] * -np.log10(1e-6)
    ours = hematoxylin(pixels)
    np.testing.assert_allclose(np.maximum(ours, 0), theirs, atol=1e-9)


def test_white_and_black_are_finite():
    white, black = hematoxylin(np.array([[255] * 3, [0] * 3], np.uint8))
    assert white == 0
    assert 0 < black < 5


def test_contrast_and_sharpness_of_each_nucleus_by_hand():
    labels = np.zeros((12, 20), np.int32)
    labels[2:6, 2:6], labels[2:6, 10:14] = 4, 9
    gray = np.zeros((12, 20), np.uint8)
    gray[2:4, 2:6] = 102
    table = measure_nuclei(labels, gray)
    assert table["gray_sd"].tolist() == pytest.approx([0.2, 0])
    assert "hematoxylin" not in table.columns
    np.testing.assert_array_equal(table["sharpness"], contour_sharpness(gray, labels).means)


def test_a_nucleus_that_fills_the_image_has_no_contour_and_so_no_sharpness():
    table = measure_nuclei(np.ones((6, 6), int), np.zeros((6, 6, 3), np.uint8))
    assert np.isnan(table["sharpness"]).all()
    assert np.isfinite(table["hematoxylin"]).all()


def test_floats_and_opacity_mean_the_same_picture():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 4), dtype=np.uint8)
    np.testing.assert_array_equal(picture(pixels), pixels[..., :3])
    np.testing.assert_array_equal(picture(pixels[..., :3] / 255), pixels[..., :3])
