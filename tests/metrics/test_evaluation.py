import math
from dataclasses import asdict

import numpy as np
import pytest

from napari_sharpgan.metrics import IMAGE_METRICS, Metric, nrmse, realism
from napari_sharpgan.metrics.evaluation import (
    TEXTURE_RATIOS,
    combined_score,
    crops,
    mean_scores,
    score_image,
)


@pytest.fixture
def pair():
    """A color image (300, 530) and a noisy copy: two full crops side by side."""
    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[:300, :530]
    waves = 0.5 + 0.3 * np.stack([np.sin(rows / 9), np.cos(columns / 7), np.sin((rows + columns) / 12)], -1)
    noise = rng.normal(0, 0.08, waves.shape) * np.linspace(0, 1, 530)[None, :, None]
    return np.round(255 * waves).astype(np.uint8), np.clip(waves + noise, 0, 1)


def test_is_the_mean_over_full_crops(pair):
    scores = score_image(*pair)
    assert list(scores) == list(IMAGE_METRICS)
    windows = [(slice(0, 256), slice(0, 256)), (slice(0, 256), slice(256, 512))]
    for name, metric in IMAGE_METRICS.items():
        expected = np.mean([metric.compute(pair[0][window], pair[1][window]) for window in windows])
        assert scores[name] == pytest.approx(expected, abs=1e-9), name


def test_what_remains_of_the_grid_is_not_scored(pair):
    changed = pair[1].copy()
    changed[256:], changed[:, 512:] = 0, 0
    assert score_image(pair[0], changed) == score_image(*pair)


def test_an_image_against_itself_is_best(pair):
    for name, score in score_image(pair[0], pair[0]).items():
        assert score == pytest.approx(IMAGE_METRICS[name].best, abs=1e-7)


def test_images_below_256_are_taken_whole(pair):
    small = [image[:100, :90] for image in pair]
    for name, score in score_image(*small).items():
        assert score == pytest.approx(IMAGE_METRICS[name].compute(*small), abs=1e-9)


def test_crops_go_row_by_row():
    gray = np.arange(600.0 * 700).reshape(600, 700)
    grid = crops(gray)
    assert grid.shape == (4, 256, 256)
    np.testing.assert_array_equal(grid[1], gray[:256, 256:512])
    np.testing.assert_array_equal(grid[2], gray[256:512, :256])


def test_a_short_side_is_taken_whole():
    assert crops(np.zeros((100, 600))).shape == (2, 100, 256)


def test_a_new_metric_is_scored_unasked(pair, monkeypatch):
    monkeypatch.setitem(IMAGE_METRICS, "mine", Metric(nrmse, best=0.0, higher_is_better=False))
    scores = score_image(*pair)
    assert scores["mine"] == scores["nrmse"]


def test_images_of_different_sizes_are_refused(pair):
    with pytest.raises(ValueError, match="reference and image must have the same shape"):
        score_image(pair[0], pair[1][:299])


def test_mean_scores_is_over_images_and_leaves_out_nan():
    scores = mean_scores([{"a": 1.0, "b": math.nan, "c": math.nan}, {"a": 2.0, "b": 5.0, "c": math.nan}])
    assert scores["a"] == 1.5
    assert scores["b"] == 5
    assert math.isnan(scores["c"])


def test_mean_scores_of_no_image_are_refused():
    with pytest.raises(ValueError, match="at least one image, got none"):
        mean_scores([])


def test_mean_scores_of_unlike_names_are_refused():
    with pytest.raises(ValueError, match="all images must have the scores ssim; some have others"):
        mean_scores([{"ssim": 1.0}, {"fsim": 1.0}])


PERFECT = {"ssim": 1.0, "fsim": 1.0, "gmsd": 0.0, "nrmse": 0.0} | dict.fromkeys(TEXTURE_RATIOS, 1.0)


def test_the_combined_score_is_0_for_the_same_picture_and_adds_what_is_missing():
    assert combined_score(PERFECT) == 0
    worse = {"ssim": 0.4, "fsim": 0.7, "gmsd": 0.25, "nrmse": 0.2}
    assert combined_score(PERFECT | worse) == pytest.approx(0.6 + 0.3 + 0.25 + 0.2)


def test_half_the_texture_costs_as_much_as_twice_of_it():
    half, twice = (combined_score(PERFECT | dict.fromkeys(TEXTURE_RATIOS, ratio)) for ratio in (0.5, 2.0))
    assert half == pytest.approx(twice) == pytest.approx(math.log(2))


def test_ratios_that_say_nothing_are_left_out_and_flat_paint_costs_a_lot_but_not_without_end():
    assert combined_score(PERFECT | {"nuclei_sd": math.nan, "nuclei_gradient": math.inf}) == 0
    flat = PERFECT | dict.fromkeys(TEXTURE_RATIOS, 0.0)
    assert combined_score(flat) == pytest.approx(math.log(100))


def test_blur_that_ssim_prefers_loses_to_grain_in_the_wrong_places():
    rng = np.random.default_rng(0)
    labels = np.zeros((256, 256), np.int32)
    labels[40:120, 40:120] = 1
    paint = np.where(labels > 0, 0.35, 0.7)
    real, grainy = (np.clip(paint + rng.normal(0, 0.08, paint.shape), 0, 1) for _ in range(2))

    def scores(image):
        return score_image(real, image) | asdict(realism(real, image, labels))

    assert scores(paint)["ssim"] > scores(grainy)["ssim"]
    assert combined_score(scores(paint)) > combined_score(scores(grainy))
