import numpy as np
import pytest

from napari_sharpgan.metrics import panoptic_quality


def numbers(quality):
    return quality.dq, quality.sq, quality.pq, quality.tp, quality.fp, quality.fn


def test_by_hand():
    """Nucleus 1 of 4 pixels is found with 3 of them, IoU 3/4; 2 is missed; 9 is extra: DQ 1/2, SQ 3/4."""
    quality = panoptic_quality([[1, 1, 1, 1, 0, 2, 0]], [[5, 5, 5, 0, 0, 0, 9]])
    assert numbers(quality) == (0.5, 0.75, 0.375, 1, 1, 1)
    assert (quality.precision, quality.recall, quality.f1) == (0.5, 0.5, 0.5)
    assert quality.pairs.tolist() == [[1, 5]]
    assert quality.unpaired_true.tolist() == [2]
    assert quality.unpaired_predicted.tolist() == [9]


def test_an_iou_of_exactly_one_half_is_no_match():
    assert panoptic_quality([[1, 1]], [[1, 0]]).tp == 0


def test_equals_the_definition_on_real_nuclei(real_pair, literal):
    np.testing.assert_allclose(
        numbers(panoptic_quality(*real_pair)), literal(*real_pair).panoptic(), atol=1e-12
    )


def test_equals_the_definition_on_random_nuclei(random_pair, literal):
    quality = panoptic_quality(*random_pair)
    assert 0 < quality.dq < 1
    np.testing.assert_allclose(numbers(quality), literal(*random_pair).panoptic(), atol=1e-12)


def test_differs_from_hover_nets_script_by_its_millionth_only(random_pair, literal):
    quality = panoptic_quality(*random_pair)
    sq = literal(*random_pair, tiny=1e-6).panoptic()[1]
    assert quality.sq * quality.tp / (quality.tp + 1e-6) == pytest.approx(sq, abs=1e-12)


def test_below_one_half_pairs_are_those_of_the_largest_sum():
    """Predicted 5 overlaps both (IoU 2/5 and 1/6); true 1 has only it, 2 has also 6 (IoU 1/3)."""
    true, predicted = [[1, 1, 1, 2, 2, 2, 2]], [[0, 5, 5, 5, 0, 6, 0]]
    quality = panoptic_quality(true, predicted, match_iou=0.2)
    assert quality.pairs.tolist() == [[1, 5], [2, 6]]
    assert quality.ious.tolist() == [2 / 4, 1 / 4]
    assert panoptic_quality(true, predicted, match_iou=0.3).pairs.tolist() == [[1, 5]]
    assert panoptic_quality(true, predicted).tp == 0


def test_a_stricter_iou_keeps_fewer_pairs(real_pair):
    counts = [panoptic_quality(*real_pair, match_iou=iou).tp for iou in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize("match_iou", [-0.1, 1.0, np.nan])
def test_another_threshold_is_refused(match_iou):
    with pytest.raises(ValueError, match="match_iou must be at least 0 and below 1"):
        panoptic_quality([[1]], [[1]], match_iou=match_iou)
