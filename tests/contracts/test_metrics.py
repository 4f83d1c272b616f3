"""What every image metric promises, whoever wrote it."""

import numpy as np
import pytest
import torch

from napari_sharpgan.metrics import COLOR_METRICS, IMAGE_METRICS

DEVICES = ["cpu"] + ["cuda"] * torch.cuda.is_available()


@pytest.fixture(params=sorted(IMAGE_METRICS | COLOR_METRICS))
def metric(request):
    return (IMAGE_METRICS | COLOR_METRICS)[request.param]


@pytest.fixture
def color():
    rows, columns = np.mgrid[:48, :40]
    waves = 0.5 + 0.3 * np.stack([np.sin(rows / 4), np.cos(columns / 3), np.sin((rows + columns) / 5)], -1)
    return np.round(255 * waves).astype(np.uint8)


@pytest.fixture
def other(color):
    return np.roll(color, 3, axis=0)[:, ::-1]


def noisy(image, amount):
    noise = np.random.default_rng(0).normal(0, amount, image.shape)
    return np.clip(image / 255 + noise, 0, 1)


@pytest.mark.parametrize("level", [0, 7, 255])
def test_a_constant_image_against_itself_is_best(metric, level):
    constant = np.full((20, 23), level, np.uint8)
    assert metric.compute(constant, constant) == pytest.approx(metric.best, abs=1e-7)


@pytest.mark.parametrize("shape", [(48, 40), (11, 11), (12, 37)])
def test_an_image_against_itself_is_best(metric, color, shape):
    image = color[: shape[0], : shape[1]]
    assert metric.compute(image, image) == pytest.approx(metric.best, abs=1e-7)


def test_more_noise_is_worse(metric, color):
    scores = [metric.compute(color, noisy(color, amount)) for amount in (0, 0.02, 0.08, 0.3)]
    assert scores == sorted(scores, reverse=metric.higher_is_better)
    assert len(set(scores)) == 4


def test_gives_a_plain_finite_number(metric, color, other):
    score = metric.compute(color, other)
    assert type(score) is float
    assert np.isfinite(score)


@pytest.mark.parametrize("level", [1, 128, 255])
def test_a_constant_image_is_scored(metric, color, level):
    constant = np.full_like(color, level)
    for pair in [(color, constant), (constant, color), (constant, np.full_like(color, 60))]:
        assert np.isfinite(metric.compute(*pair))


def test_uint8_means_the_same_as_its_255th_part(metric, color, other):
    assert metric.compute(color / 255, other) == pytest.approx(metric.compute(color, other / 255), abs=1e-12)


@pytest.mark.parametrize("name", sorted(IMAGE_METRICS))
def test_color_is_scored_as_its_gray_levels(name, color, other):
    metric = IMAGE_METRICS[name]
    gray, other_gray = (image / 255 @ [0.299, 0.587, 0.114] for image in (color, other))
    assert metric.compute(color, other) == pytest.approx(metric.compute(gray, other_gray), abs=1e-9)


@pytest.mark.parametrize("name", sorted(COLOR_METRICS))
def test_a_color_metric_sees_that_channels_are_exchanged(name, color):
    metric = COLOR_METRICS[name]
    assert metric.compute(color, color[..., ::-1]) != pytest.approx(metric.best, abs=1e-3)
    gray = np.repeat(color[..., :1], 3, axis=2)
    assert metric.compute(gray, gray[..., ::-1]) == pytest.approx(metric.best, abs=1e-7)


def test_float32_agrees(metric, color, other):
    single = metric.compute((color / 255).astype(np.float32), (other / 255).astype(np.float32))
    assert single == pytest.approx(metric.compute(color, other), abs=1e-5)


def test_does_not_care_about_memory_order(metric, color, other):
    expected = metric.compute(color, other)
    assert metric.compute(np.asfortranarray(color), other.copy()) == pytest.approx(expected, abs=1e-12)


def test_leaves_its_input_alone(metric, color, other):
    gray, other_gray = color[..., 0] / 255, other[..., 0] / 255
    before = gray.copy(), other_gray.copy()
    gray.flags.writeable = other_gray.flags.writeable = False
    metric.compute(gray, other_gray)
    np.testing.assert_array_equal((gray, other_gray), before)


@pytest.mark.parametrize("device", DEVICES)
def test_a_batch_equals_one_by_one_and_stays_on_its_device(metric, color, other, device):
    if metric.compute_batch is None:
        return
    stacks = [np.moveaxis(image, -1, 0) / 255 for image in (color, other)]
    scores = metric.compute_batch(*(torch.from_numpy(stack).to(device) for stack in stacks))
    assert scores.device.type == device
    np.testing.assert_allclose(scores.cpu(), list(map(metric.compute, *stacks)), atol=1e-9)


def test_different_sizes_are_refused(metric, color):
    with pytest.raises(ValueError, match=r"same shape, got \(48, 40\) and \(47, 40\)"):
        metric.compute(color, color[1:])


@pytest.mark.parametrize("shape", [(48,), (48, 40, 1), (48, 40, 2), (48, 40, 4), (2, 48, 40, 3)])
def test_other_shapes_are_refused(metric, color, shape):
    with pytest.raises(ValueError, match=r"image must have shape \(H, W\) or \(H, W, 3\)"):
        metric.compute(color, np.zeros(shape))


@pytest.mark.parametrize("shape", [(0, 0), (0, 40), (48, 0, 3)])
def test_images_of_no_pixels_are_refused(metric, shape):
    with pytest.raises(ValueError, match="at least one pixel"):
        metric.compute(np.zeros(shape), np.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 1.1, 255.0])
def test_values_that_are_no_gray_levels_are_refused(metric, color, value):
    image = color / 255
    image[5, 6, 1] = value
    with pytest.raises(ValueError, match="reference must"):
        metric.compute(image, color)


@pytest.mark.parametrize("dtype", [bool, np.int32, np.uint16, complex, object])
def test_other_types_are_refused(metric, color, dtype):
    with pytest.raises(TypeError, match=r"floats in \[0, 1\] or uint8, got"):
        metric.compute(color, np.zeros((48, 40), dtype))
