import numpy as np
import pytest

from napari_sharpgan.maps import contour_map
from napari_sharpgan.metrics import contour_scores, gms_map, nrmse, nucleus_scores, ssim_map

SCORES = ("ssim", "gms", "gmsd", "nrmse")


@pytest.fixture
def labels():
    """Two touching nuclei, one of one pixel, one at the border; labels with gaps."""
    labels = np.zeros((70, 61), np.uint16)
    labels[10:30, 5:20], labels[10:30, 20:35], labels[50, 50], labels[60:, 10:30] = 3, 900, 7, 40
    return labels


def test_an_image_against_itself_is_perfect_in_every_nucleus(tissue, labels):
    scores = nucleus_scores(tissue, tissue, labels)
    assert scores.labels.tolist() == [3, 7, 40, 900]
    assert scores.areas.tolist() == [300, 1, 200, 300]
    np.testing.assert_allclose([scores.ssim, scores.gms], 1, atol=1e-12)
    np.testing.assert_allclose([scores.gmsd, scores.nrmse], 0, atol=1e-12)


def test_each_nucleus_has_the_score_of_its_pixels(tissue, blurred, labels):
    scores = nucleus_scores(tissue, blurred, labels)
    for row, label in enumerate(scores.labels):
        inside = labels == label
        gms = gms_map(tissue, blurred)[inside]
        rms = np.sqrt(np.mean((tissue - blurred)[inside] ** 2)) / np.sqrt(np.mean(tissue[inside] ** 2))
        expected = ssim_map(tissue, blurred)[inside].mean(), gms.mean(), gms.std(), rms
        np.testing.assert_allclose([getattr(scores, name)[row] for name in SCORES], expected, atol=1e-12)


def test_damage_in_one_nucleus_shows_in_that_one_only(tissue, labels):
    damaged = np.where(labels == 40, 1 - tissue, tissue)
    scores = nucleus_scores(tissue, damaged, labels)
    others = scores.labels != 40
    assert scores.ssim[~others] < 0.5 < 0.99 < scores.ssim[others].min()
    assert scores.nrmse[~others] > 0.1 > 0 == scores.nrmse[others].max()


def test_one_nucleus_over_all_has_the_nrmse_of_the_image(tissue, blurred):
    everything = np.ones(tissue.shape, int)
    assert nucleus_scores(tissue, blurred, everything).nrmse == pytest.approx(nrmse(tissue, blurred))


def test_a_black_reference_has_no_finite_nrmse_where_the_image_is_not_black(labels):
    black, gray = np.zeros(labels.shape), np.full(labels.shape, 0.5)
    assert np.isposinf(nucleus_scores(black, gray, labels).nrmse).all()
    assert not nucleus_scores(black, black, labels).nrmse.any()


def test_without_nuclei_there_are_no_rows_and_no_contour(tissue, blurred):
    none = np.zeros(tissue.shape, int)
    assert len(nucleus_scores(tissue, blurred, none).labels) == 0
    scores = contour_scores(tissue, blurred, none)
    assert scores.pixels == 0
    assert all(np.isnan(getattr(scores, name)) for name in SCORES)


@pytest.mark.parametrize("reach", [1, 2.5])
def test_contours_have_the_score_of_the_pixels_near_them(tissue, blurred, labels, reach):
    rows, columns = np.nonzero(contour_map(labels))
    grid = np.mgrid[:70, :61]
    near = (np.hypot(grid[0][..., None] - rows, grid[1][..., None] - columns) <= reach).any(axis=-1)
    scores = contour_scores(tissue, blurred, labels, reach=reach)
    gms = gms_map(tissue, blurred)[near]
    rms = np.sqrt(np.mean((tissue - blurred)[near] ** 2)) / np.sqrt(np.mean(tissue[near] ** 2))
    assert scores.pixels == near.sum()
    expected = ssim_map(tissue, blurred)[near].mean(), gms.mean(), gms.std(), rms
    np.testing.assert_allclose([getattr(scores, name) for name in SCORES], expected, atol=1e-12)


def test_damage_far_from_contours_does_not_count(tissue, labels):
    damaged = tissue.copy()
    damaged[40, 50] = 1 - damaged[40, 50]
    assert contour_scores(tissue, damaged, labels).nrmse == 0
    assert contour_scores(tissue, damaged, labels, reach=30).nrmse > 0


@pytest.mark.parametrize("score", [nucleus_scores, contour_scores])
def test_labels_of_another_size_are_refused(score, tissue, labels):
    with pytest.raises(ValueError, match=r"images and labels must have the same shape, got \(70, 61\)"):
        score(tissue, tissue, labels[1:])
