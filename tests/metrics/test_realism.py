import math
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image
from skimage.io import imread

from napari_sharpgan.metrics import (
    Realism,
    Texture,
    color_difference,
    nuclei_darker,
    realism,
    spectrum_distance,
    texture,
)
from napari_sharpgan.metrics.evaluation import mean_scores
from napari_sharpgan.metrics.realism import radial_power


@pytest.fixture
def halves():
    """Labels of one nucleus, the left half of 24 × 40 pixels."""
    labels = np.zeros((24, 40), np.int32)
    labels[:, :20] = 1
    return labels


@pytest.fixture
def two_nuclei():
    """A pale image with a dark nucleus and one as pale as its surroundings."""
    labels = np.zeros((40, 80), np.int32)
    labels[15:25, 15:25], labels[15:25, 55:65] = 4, 9
    gray = np.full(labels.shape, 0.7)
    gray[labels == 4] = 0.3
    return gray, labels


@pytest.fixture(scope="session")
def gbm(real_data):
    """The glioblastoma tiles with their labels."""
    images = sorted((real_data / "gbm" / "images").glob("*.png"))
    labels = [real_data / "gbm" / "labels" / path.with_suffix(".tif").name for path in images]
    return [
        (np.asarray(Image.open(one).convert("RGB")), imread(other))
        for one, other in zip(images, labels, strict=True)
    ]


def test_standard_deviation_is_of_each_region(halves):
    gray = np.full(halves.shape, 0.5)
    gray[:, :20:2], gray[:, 20::4] = 0.3, 0.9  # half of the nucleus, a quarter of the background
    values = texture(gray, halves)
    assert values.nuclei_sd == pytest.approx(0.1)
    assert values.background_sd == pytest.approx(0.4 * math.sqrt(1 / 4 * 3 / 4))


def test_gradient_is_sobels_of_the_whole_image(halves):
    gray = halves.astype(float)  # a step of 1 gives sqrt(1/2) on the two columns beside it
    values = texture(gray, halves)
    assert values.nuclei_gradient == pytest.approx(math.sqrt(1 / 2) / 20)
    assert values.background_gradient == pytest.approx(math.sqrt(1 / 2) / 20)


def test_a_region_of_no_pixels_has_no_texture(tissue):
    empty = np.zeros(tissue.shape, np.int32)
    values = texture(tissue, empty)
    assert math.isnan(values.nuclei_sd)
    assert math.isnan(values.nuclei_gradient)
    assert values.background_sd == pytest.approx(tissue.std())
    assert math.isnan(realism(tissue, tissue, empty).nuclei_sd)


def test_an_image_is_as_real_as_itself(tissue):
    labels = (tissue < 0.4).astype(int)
    assert realism(tissue, tissue, labels) == Realism(1, 1, 1, 1, 0)


def test_half_the_contrast_gives_half_of_all(tissue):
    labels = (tissue < 0.4).astype(int)
    values = asdict(realism(tissue, 0.2 + tissue / 2, labels))
    assert values.pop("spectrum_distance") == pytest.approx(10 * math.log10(4), abs=0.05)
    assert list(values.values()) == pytest.approx([0.5] * 4)


def test_blur_is_seen(tissue, blurred):
    result = realism(tissue, blurred, (tissue < 0.4).astype(int))
    assert result.background_gradient < 0.9
    assert result.spectrum_distance > 3


def test_flat_images_have_ratios_too(tissue, halves):
    flat, painted = np.full(halves.shape, 0.3), np.where(halves, 0.3, np.linspace(0, 1, 40))
    assert realism(flat, flat + 0.1, halves) == Realism(1, 1, 1, 1, pytest.approx(0, abs=1e-6))
    result = realism(flat, painted, halves)
    assert result.nuclei_sd == 1
    assert result.background_sd == math.inf
    assert math.isfinite(result.spectrum_distance)
    assert realism(painted, flat, halves).background_sd == pytest.approx(0, abs=1e-9)


def test_white_noise_has_its_variance_on_every_ring():
    noise = np.random.default_rng(0).uniform(0, 1, (240, 301))
    power = radial_power(noise)
    assert power.shape == (121,)
    np.testing.assert_allclose(power.reshape(11, 11)[1:].mean(axis=1), 1 / 12, rtol=0.1)
    assert power[-1] == pytest.approx(1 / 12, rel=0.03)


@pytest.mark.parametrize("angle", [0, 0.6, math.pi / 2])
def test_a_wave_lies_on_the_ring_of_its_frequency(angle):
    rows, columns = np.mgrid[:128, :128]
    frequency = 0.2  # cycles a pixel: ring 51 of 64 up to 0.5, that is index 25
    phase = 2 * math.pi * frequency * (rows * math.sin(angle) + columns * math.cos(angle))
    assert abs(int(np.argmax(radial_power(0.5 + 0.4 * np.sin(phase)))) - 25) <= 1


def test_stripes_and_chessboards_of_single_pixels_stand_on_the_last_rings():
    rows, columns = np.indices((64, 64))
    assert np.argmax(radial_power(rows % 2 / 2)) == 31
    assert np.argmax(radial_power((rows + columns) % 2 / 2)) == 32


def test_spectrum_distance_sees_a_grid_and_no_mirror_image(tissue):
    grid = 0.9 * tissue + 0.1 * (np.indices(tissue.shape).sum(axis=0) % 2)
    assert spectrum_distance(tissue, tissue[::-1]) == pytest.approx(0, abs=1e-9)
    assert spectrum_distance(0.9 * tissue, grid) > 1


def test_spectrum_distance_is_symmetric(tissue, blurred):
    assert spectrum_distance(tissue, blurred) == pytest.approx(spectrum_distance(blurred, tissue))


def test_real_tiles_have_the_texture_that_the_design_names(gbm):
    """The background of `gbm`: gradient .045; SD .11 over all tiles together, .10 in the mean tile."""
    mean = Texture(**mean_scores(asdict(texture(*tile)) for tile in gbm))
    assert mean.background_gradient == pytest.approx(0.045, abs=0.001)
    assert mean.background_sd == pytest.approx(0.1015, abs=0.001)


def test_real_nuclei_are_darker_than_their_surroundings(gbm):
    assert np.mean([nuclei_darker(*tile) for tile in gbm]) > 0.95


def test_counts_the_darker_nuclei(two_nuclei):
    assert nuclei_darker(*two_nuclei) == 0.5


def test_the_margin_decides(two_nuclei):
    gray, labels = two_nuclei
    gray[labels == 9] = 0.7 - 0.06
    assert nuclei_darker(gray, labels) == 1
    assert nuclei_darker(gray, labels, margin=0.1) == 0.5
    assert nuclei_darker(gray, labels, margin=0.5) == 0


def test_surroundings_are_the_background_up_to_5_pixels_away(two_nuclei):
    gray, labels = two_nuclei
    gray[:, 40:] = 0.1  # far from the pale nucleus all is dark …
    gray[10:30, 50:70] = 0.7  # … but not within 5 pixels of it
    gray[labels == 9] = 0.5
    assert nuclei_darker(gray, labels) == 1
    gray[10:30, 50:70][labels[10:30, 50:70] == 0] = 0.4
    assert nuclei_darker(gray, labels) == 0.5


def test_touching_nuclei_are_no_surroundings(two_nuclei):
    gray, labels = two_nuclei
    labels[15:25, 25:35] = 5  # as dark as its neighbor
    gray[labels == 5] = 0.3
    assert nuclei_darker(gray, labels) == pytest.approx(2 / 3)


def test_a_nucleus_hemmed_in_is_compared_with_the_whole_background():
    labels = np.zeros((40, 60), np.int32)
    labels[5:35, 5:35] = 1
    labels[15:25, 15:25] = 2
    gray = np.where(labels, 0.4, 0.6)
    assert nuclei_darker(gray, labels) == 1
    gray[labels == 2] = 0.58
    assert nuclei_darker(gray, labels) == 0.5


@pytest.mark.parametrize("label", [0, 1])
def test_without_nuclei_or_background_there_is_nothing_to_compare(label):
    assert math.isnan(nuclei_darker(np.full((12, 12), 0.5), np.full((12, 12), label)))


def test_label_numbers_and_their_type_do_not_matter(two_nuclei):
    gray, labels = two_nuclei
    for far in (labels.astype(np.uint16), np.where(labels, labels + 2_000_000_000, 0)):
        assert nuclei_darker(gray, far) == 0.5
        assert texture(gray, far) == texture(gray, labels)


def test_color_difference_is_of_the_channel_that_is_furthest_off():
    real = np.full((4, 5, 3), (164, 118, 183), np.uint8)
    synthetic = np.full((7, 3, 3), (160, 130, 180), np.uint8)
    assert color_difference(real, synthetic) == pytest.approx(12)
    assert color_difference(real / 255, synthetic / 255) == pytest.approx(12)


def test_color_difference_compares_means():
    real = np.zeros((2, 2, 3))
    real[0] = 1
    assert color_difference(real, real[::-1]) == 0
    assert color_difference(real, np.zeros((2, 2, 3))) == pytest.approx(127.5)


def test_color_difference_of_gray_images_is_refused():
    with pytest.raises(ValueError, match=r"synthetic must have shape \(H, W, 3\), got \(4, 4\)"):
        color_difference(np.zeros((4, 4, 3)), np.zeros((4, 4)))


def test_labels_of_another_size_are_refused(tissue):
    with pytest.raises(ValueError, match=r"image and labels must have the same shape, got \(70, 61\) and"):
        realism(tissue, tissue, np.zeros((70, 60), int))


def test_labels_that_are_no_integers_are_refused(tissue):
    with pytest.raises(TypeError, match="labels must hold integers"):
        nuclei_darker(tissue, tissue)


def test_images_of_different_sizes_are_refused(tissue):
    with pytest.raises(ValueError, match="must have the same shape"):
        spectrum_distance(tissue, tissue[1:])
