import numpy as np
import pytest
import torch

from napari_sharpgan.losses import contour_sharpness, image_sharpness, sharpness_loss, sharpness_map
from napari_sharpgan.maps import contour_map


@pytest.fixture
def labels():
    """Two touching nuclei, with numbers that leave gaps, and one alone."""
    labels = np.zeros((20, 24), np.int32)
    labels[3:9, 2:8], labels[3:9, 8:14], labels[12:18, 12:20] = 40, 7, 9
    return labels


@pytest.fixture
def gray(labels):
    return np.where(labels > 0, 0.3, 0.8) + 0.05 * np.random.default_rng(0).random(labels.shape)


def test_loss_is_eq_4(gray, labels):
    tensors = torch.from_numpy(gray)[None], torch.from_numpy(contour_map(labels))[None]
    expected = sharpness_loss(*tensors, contrast=0.1).item()
    assert contour_sharpness(gray, labels, contrast=0.1).loss == pytest.approx(expected, rel=1e-5)


def test_map_is_eq_5(gray, labels):
    expected = sharpness_map(torch.from_numpy(gray), contrast=0.2)
    found = contour_sharpness(gray, labels, contrast=0.2)
    np.testing.assert_allclose(found.map, expected, rtol=1e-4)
    assert found.map.dtype == np.float32
    np.testing.assert_array_equal(found.contour, contour_map(labels))


def test_means_are_of_each_nucleus_own_contour(gray, labels):
    found = contour_sharpness(gray, labels, contrast=0.1)
    assert found.keys.tolist() == [7, 9, 40]
    for key, mean, size in zip(found.keys, found.means, found.sizes, strict=True):
        own = found.map[(labels == key) & found.contour]
        assert mean == pytest.approx(own.mean(), rel=1e-6)
        assert size == own.size


def test_means_and_sizes_make_up_the_loss(gray, labels):
    found = contour_sharpness(gray, labels, contrast=0.1)
    assert (found.means * found.sizes).sum() / labels.size == pytest.approx(found.loss)


def test_a_nucleus_with_a_blurred_contour_comes_out_blurriest(gray, labels):
    around = np.s_[10:20, 10:22]
    blurred = gray.copy()
    blurred[around] = blurred[around].mean()
    found = contour_sharpness(blurred, labels, contrast=0.1)
    assert found.keys[found.means.argmax()] == 9


def test_color_is_made_gray_by_bt601():
    image = np.random.default_rng(1).random((9, 9, 3))
    gray = image @ (0.299, 0.587, 0.114)
    np.testing.assert_allclose(image_sharpness(image), image_sharpness(gray), rtol=1e-5)


def test_bytes_are_shares_of_255_and_opacity_does_not_count():
    image = np.random.default_rng(1).integers(0, 256, (9, 9, 4), dtype=np.uint8)
    np.testing.assert_array_equal(image_sharpness(image), image_sharpness(image[..., :3] / 255))


def test_no_nuclei_give_no_loss():
    found = contour_sharpness(np.zeros((5, 5)), np.zeros((5, 5), int))
    assert found.loss == 0
    assert found.keys.size == found.means.size == found.sizes.size == 0


def test_a_nucleus_that_fills_the_image_has_no_contour():
    found = contour_sharpness(np.zeros((5, 5)), np.ones((5, 5), int))
    assert found.loss == 0
    assert found.keys.size == 0


def test_it_leaves_its_input_alone(gray, labels):
    before = gray.copy(), labels.copy()
    found = contour_sharpness(gray, labels)
    found.map[:] = -1
    np.testing.assert_array_equal(gray, before[0])
    np.testing.assert_array_equal(labels, before[1])


@pytest.mark.parametrize(
    ("image", "labels", "message"),
    [
        (np.zeros((4, 5)), np.zeros((4, 6), int), r"same shape, got \(4, 5\) and \(4, 6\)"),
        (np.zeros((4, 5, 2)), np.zeros((4, 5), int), r"\(H, W, 3\), got \(4, 5, 2\)"),
        (np.full((4, 5), np.nan), np.zeros((4, 5), int), "finite"),
        (np.full((4, 5), 7.0), np.zeros((4, 5), int), r"lie in \[0, 1\]"),
        (np.zeros((0, 5)), np.zeros((0, 5), int), "at least one pixel"),
        (np.zeros((4, 5)), np.full((4, 5), -1), "between 0 and"),
    ],
)
def test_bad_input_is_named(image, labels, message):
    with pytest.raises(ValueError, match=message):
        contour_sharpness(image, labels)


def test_real_contours_are_sharper_than_blurred_ones(real_data):
    from scipy.ndimage import gaussian_filter

    from napari_sharpgan.formats import read_image, read_labels

    image = read_image(real_data / "cpm15" / "image12.png")[:256, :256] / 255
    labels = read_labels(real_data / "cpm15" / "image12_mask.txt")[:256, :256]
    blurred = gaussian_filter(image, (3, 3, 0))
    assert contour_sharpness(image, labels).loss < 0.95 * contour_sharpness(blurred, labels).loss
