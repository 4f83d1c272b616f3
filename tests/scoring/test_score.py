"""What a pair is scored as: numbers, a table of nuclei, and a word for whatever is undefined."""

import numpy as np
import pytest
from scipy import ndimage

from napari_sharpgan.metrics import IMAGE_METRICS, Outcome, error_map, fsimc, nucleus_scores
from napari_sharpgan.metrics.evaluation import score_image, score_instances
from napari_sharpgan.scoring.pairs import Arrays
from napari_sharpgan.scoring.score import score_arrays, score_images, score_masks


@pytest.fixture
def true():
    labels = np.zeros((40, 60), np.int32)
    labels[4:12, 4:12], labels[4:12, 12:20], labels[30:36, 50:56] = 5, 900, 7
    return labels


@pytest.fixture
def merged(true):
    """Nuclei 5 and 900 as one, nucleus 7 missed, one where there is none."""
    found = np.where((true == 5) | (true == 900), 2, 0)
    found[20:24, 5:9] = 3
    return found


@pytest.fixture
def tissue(true):
    rng = np.random.default_rng(0)
    return (np.where(true[..., None] > 0, 60, 180) + rng.integers(0, 40, (*true.shape, 3))).astype(np.uint8)


def test_masks_are_scored_as_all_reported_numbers_are(true, merged):
    scored = score_masks("one", true, merged)
    assert scored.scores == score_instances(true, merged)
    np.testing.assert_array_equal(scored.errors(), error_map(true, merged))


def test_the_table_has_the_true_nuclei_first_and_then_the_predicted(true, merged):
    nuclei = score_masks("one", true, merged).nuclei
    assert nuclei["mask"].tolist() == [0, 0, 0, 1, 1]
    assert nuclei["nucleus"].tolist() == [5, 7, 900, 2, 3]
    expected = [Outcome.MERGED, Outcome.MISSED, Outcome.MERGED, Outcome.MERGED, Outcome.EXTRA]
    assert nuclei["outcome"].tolist() == expected
    assert nuclei["partner"].tolist() == [2, 0, 2, 5, 0]
    assert nuclei["area"].tolist() == [64, 36, 64, 128, 16]


def test_counts_are_of_true_nuclei_but_for_those_that_are_extra(true, merged):
    counts = score_masks("one", true, merged).counts
    assert counts == {"matched": 0, "missed": 1, "extra": 1, "merged": 2, "split": 0}


def test_centroids_are_those_of_scipy(true, merged):
    nuclei = score_masks("one", true, merged).nuclei
    expected = [
        *ndimage.center_of_mass(true > 0, true, [5, 7, 900]),
        *ndimage.center_of_mass(merged > 0, merged, [2, 3]),
    ]
    np.testing.assert_allclose(np.column_stack([nuclei["row"], nuclei["column"]]), expected)


def test_a_mask_against_itself_is_perfect_and_nothing_is_remarked(true):
    scored = score_masks("one", true, true)
    assert set(scored.scores.values()) == {1.0}
    assert (scored.counts["matched"], sum(scored.counts.values()), scored.remarks) == (3, 3, ())


@pytest.mark.parametrize(
    ("first", "second", "score", "said"),
    [
        (0, 0, 1, "neither mask"),
        (0, 1, 0, "the true mask holds no"),
        (1, 0, 0, "the predicted mask holds no"),
    ],
)
def test_empty_masks_are_scored_with_a_word(true, first, second, score, said):
    scored = score_masks("one", true * first, true * second)
    assert scored.scores["pq"] == scored.scores["aji"] == score
    assert len(scored.remarks) == 1
    assert said in scored.remarks[0]
    assert scored.errors().any() == bool(first or second)


def test_masks_without_a_pair_say_so(true, merged):
    assert "no two nuclei have an IoU above 0.5" in score_masks("one", true, merged).remarks[0]


def test_an_image_against_itself_is_perfect_also_within_nuclei(true, tissue):
    scored = score_images("one", tissue, tissue, true, color=True)
    best = {name: metric.best for name, metric in IMAGE_METRICS.items()} | {"fsimc": 1}
    best |= {"contour_ssim": 1, "contour_gms": 1, "contour_gmsd": 0, "contour_nrmse": 0}
    assert scored.scores == pytest.approx(best)
    assert scored.nuclei["nucleus"].tolist() == [5, 7, 900]
    np.testing.assert_allclose(scored.nuclei["ssim"], 1)
    assert (scored.counts, scored.errors, scored.remarks) == ({}, None, ())


def test_images_are_scored_as_the_metrics_do(true, tissue):
    other = np.roll(tissue, 1, axis=0)
    scored = score_images("one", tissue, other, true, color=True)
    assert {name: scored.scores[name] for name in IMAGE_METRICS} == score_image(tissue, other)
    assert scored.scores["fsimc"] == fsimc(tissue, other)
    np.testing.assert_array_equal(scored.nuclei["gmsd"], nucleus_scores(tissue, other, true).gmsd)


def test_constant_images_and_images_without_contours_are_remarked(true, tissue):
    gray = np.full((40, 60), 0.5)
    both = score_images("one", gray, gray)
    assert both.scores == pytest.approx({name: metric.best for name, metric in IMAGE_METRICS.items()})
    assert "both images have one gray level only" in both.remarks[0]
    one = score_images("one", tissue, gray, np.zeros_like(true))
    assert "the image has one gray level only" in one.remarks[0]
    assert "scores at contours are undefined" in one.remarks[1]
    assert np.isnan(one.scores["contour_ssim"])
    assert one.nuclei["nucleus"].size == 0


def test_a_nucleus_that_is_black_in_the_reference_only_is_remarked(true, tissue):
    reference = np.where((true == 7)[..., None], 0, tissue)
    remarks = score_images("one", reference, tissue, true).remarks
    assert remarks == ("1 nucleus is black in the reference only: NRMSE there is infinite",)


def test_what_cannot_be_scored_is_refused(true, tissue):
    with pytest.raises(ValueError, match="must have the same shape"):
        score_masks("one", true, true[:30])
    with pytest.raises(TypeError, match="integers"):
        score_masks("one", true, true / 2)
    with pytest.raises(ValueError, match="images and labels must have the same shape"):
        score_images("one", tissue, tissue, true[:30])


def test_arrays_say_themselves_what_they_are(true, tissue):
    assert score_arrays("one", Arrays(True, true, true)).are_masks
    assert "contour_ssim" in score_arrays("one", Arrays(False, tissue, tissue, true)).scores
