"""What the Sharpness dock shows, in numbers."""

import numpy as np
import pytest

from napari_sharpgan.losses import contour_sharpness
from napari_sharpgan.widgets._measure import BIN_EDGES, SharpnessConfig, command_of, measure, unit_levels

SQUARE_MEAN = 3.625  # black 5 × 5 on white: 12 contour pixels of 2 + 1 + 2/2 = 4, 4 corners of 2 + 1/2


@pytest.fixture
def labels():
    labels = np.zeros((20, 30), np.int32)
    labels[4:9, 4:9] = 7
    labels[10:15, 20:25] = 300
    return labels


@pytest.fixture
def image(labels):
    """White, with one nucleus black and the other not to be seen."""
    return np.where(labels == 7, 0, 255).astype(np.uint8)


def test_means_are_those_of_a_hand_worked_square_and_of_nothing(image, labels):
    measured = measure(image, labels, config=SharpnessConfig())
    assert measured.nuclei.keys.tolist() == [7, 300]
    np.testing.assert_allclose(measured.nuclei.means, [SQUARE_MEAN, 6], atol=1e-6)
    assert measured.blurriest_first.tolist() == [300, 7]


def test_the_layer_is_zero_off_contours_and_its_mean_is_the_loss(image, labels):
    measured = measure(image, labels, config=SharpnessConfig())
    assert not measured.heat[~measured.nuclei.contour].any()
    assert measured.heat.mean() == pytest.approx(measured.nuclei.loss)


def test_everywhere_means_every_pixel(image, labels):
    measured = measure(image, labels, config=SharpnessConfig(everywhere=True))
    np.testing.assert_array_equal(measured.heat, contour_sharpness(image, labels).map)


def test_a_higher_contrast_makes_contours_blurrier(labels):
    gray = np.where(labels > 0, 100, 160).astype(np.uint8)
    losses = [measure(gray, labels, config=SharpnessConfig(contrast=c)).nuclei.loss for c in (0.05, 0.1, 0.5)]
    assert losses == sorted(losses)
    assert losses[0] < losses[2]


def test_the_histogram_holds_every_contour_pixel_once(image, labels):
    measured = measure(image, labels, 255 - image, config=SharpnessConfig())
    assert measured.density.sum() == pytest.approx(1)
    np.testing.assert_allclose(measured.other_density, measured.density)  # S does not know black from white
    assert measured.density[-1] == pytest.approx(16 / 32)  # the nucleus that is not to be seen
    assert measured.density[np.searchsorted(BIN_EDGES, 4 + 1e-9) - 1] == pytest.approx(12 / 32)


def test_no_nuclei_are_no_error():
    measured = measure(np.zeros((8, 8), np.uint8), np.zeros((8, 8), int), config=SharpnessConfig())
    assert measured.nuclei.loss == 0
    assert measured.blurriest_first.size == 0
    assert not measured.density.any()


@pytest.mark.parametrize(
    "image",
    [np.array([[0, 255]], np.uint8), np.array([[0.25, 1.0]]), np.zeros((3, 4, 4), np.uint8)],
    ids=["uint8", "unit floats", "color"],
)
def test_levels_that_fit_are_left_alone(image):
    np.testing.assert_array_equal(unit_levels(image, (7, 9)), image)


def test_other_levels_are_those_that_are_seen():
    deep = np.array([[0, 500, 1000, 65535]], np.uint16)
    np.testing.assert_allclose(unit_levels(deep, (500, 1500)), [[0, 0, 0.5, 1]])
    np.testing.assert_allclose(unit_levels(np.array([[False, True]]), (0, 1)), [[0, 1]])


def test_nan_is_not_hidden():
    with pytest.raises(ValueError, match="must be finite"):
        measure(
            unit_levels(np.array([[0.5, np.nan]]), (0, 1)), np.ones((1, 2), int), config=SharpnessConfig()
        )


def test_the_command_quotes_names_and_says_what_is_set():
    command = command_of("my tile.png", "mask.tif", SharpnessConfig(contrast=0.25, everywhere=True))
    assert command.startswith("sharpgan sharpness 'my tile.png' mask.tif --contrast 0.25 --everywhere")


def test_the_command_is_one_that_sharpgan_knows(tmp_path, monkeypatch, image, labels):
    from skimage.io import imread, imsave

    from napari_sharpgan.cli import main

    monkeypatch.chdir(tmp_path)
    imsave("image.png", image, check_contrast=False)
    np.save("labels.npy", labels)
    command = command_of("image.png", "labels.npy", SharpnessConfig())
    assert main(command.split()[1:]) == 0
    measured = measure(image, labels, config=SharpnessConfig())
    np.testing.assert_allclose(imread("sharpness.tif"), measured.heat)
    assert "300" in (tmp_path / "sharpness.csv").read_text().splitlines()[1]
