"""What every instance metric promises, whoever wrote it."""

import numpy as np
import pytest

from napari_sharpgan.metrics import INSTANCE_METRICS
from napari_sharpgan.metrics.evaluation import mean_scores, score_instances

SIDE = 24  # pixels a nucleus has to itself


@pytest.fixture(params=sorted(INSTANCE_METRICS))
def metric(request):
    return INSTANCE_METRICS[request.param]


def disks(radius):
    """Return twelve disks of one radius, labels 1 to 12."""
    rows, columns = np.mgrid[: 3 * SIDE, : 4 * SIDE]
    square = (rows % SIDE - SIDE // 2) ** 2 + (columns % SIDE - SIDE // 2) ** 2
    return np.where(square < radius**2, rows // SIDE * 4 + columns // SIDE + 1, 0)


@pytest.fixture
def true():
    return disks(9)


@pytest.fixture
def predicted():
    """Nuclei shifted, some missed, two of them one, one beside all."""
    labels = np.roll(disks(8), 2, axis=0)
    labels[labels == 5] = 0
    labels[labels == 7] = 6
    labels[:4, :6] = 20
    return labels


def test_an_image_against_itself_is_best(metric, true):
    assert metric.compute(true, true) == metric.best


def test_no_nuclei_on_either_side_are_best(metric):
    assert metric.compute(np.zeros((9, 8), int), np.zeros((9, 8), int)) == metric.best


def test_nuclei_on_one_side_only_are_as_bad_as_can_be(metric, true):
    none = np.zeros_like(true)
    assert metric.compute(true, none) == metric.compute(none, true) == 0


def test_nuclei_that_never_overlap_are_as_bad_as_can_be(metric, true):
    assert metric.compute(true, np.where(true == 0, 1, 0)) == 0


def test_smaller_nuclei_are_worse_the_smaller_they_are(metric):
    scores = [metric.compute(disks(10), disks(radius)) for radius in (10, 9, 8, 6, 3)]
    assert scores == sorted(scores, reverse=metric.higher_is_better)
    assert scores[0] != scores[-1]


def test_gives_a_plain_number_between_0_and_1(metric, true, predicted):
    score = metric.compute(true, predicted)
    assert type(score) is float
    assert 0 < score < 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.int64, np.uint64])
def test_integer_types_mean_the_same(metric, true, predicted, dtype):
    expected = metric.compute(true, predicted)
    assert metric.compute(true.astype(dtype), predicted.astype(np.int64)) == expected
    assert metric.compute(true, predicted.astype(dtype)) == expected


@pytest.mark.parametrize("step", [7, 65_537, 2**55])
def test_gaps_in_the_labels_do_not_count(metric, true, predicted, step):
    expected = metric.compute(true, predicted)
    assert metric.compute(true * np.int64(step), predicted) == expected
    assert metric.compute(true, predicted * np.int64(step)) == expected


def test_other_numbers_for_the_nuclei_do_not_count(metric, true, predicted):
    rng = np.random.default_rng(2)
    shuffled = [np.concatenate([[0], 1 + rng.permutation(20)])[labels] for labels in (true, predicted)]
    assert metric.compute(*shuffled) == pytest.approx(metric.compute(true, predicted), abs=1e-12)


def test_turned_images_score_the_same(metric, true, predicted):
    expected = metric.compute(true, predicted)
    assert metric.compute(true.T, predicted.T) == pytest.approx(expected, abs=1e-12)
    assert metric.compute(true[::-1], predicted[::-1]) == pytest.approx(expected, abs=1e-12)


def test_leaves_its_input_alone(metric, true, predicted):
    before = true.copy(), predicted.copy()
    true.flags.writeable = predicted.flags.writeable = False
    metric.compute(true, predicted)
    np.testing.assert_array_equal((true, predicted), before)


def test_different_sizes_are_refused(metric, true):
    with pytest.raises(ValueError, match=r"true and predicted must have the same shape, got \(72, 96\)"):
        metric.compute(true, true[1:])


@pytest.mark.parametrize(("image", "name"), [(np.zeros(5, int), "true"), (np.zeros((4, 4, 3), int), "true")])
def test_other_shapes_are_refused(metric, image, name):
    with pytest.raises(ValueError, match=rf"{name} must have shape \(H, W\)"):
        metric.compute(image, image)


def test_labels_below_0_are_refused(metric, true):
    with pytest.raises(ValueError, match="predicted must lie between 0 and"):
        metric.compute(true, true - 1)


def test_labels_that_are_no_integers_are_refused(metric, true):
    with pytest.raises(TypeError, match="predicted must hold integers, one a nucleus, got float64"):
        metric.compute(true, true / 1)


def test_one_call_gives_all_by_name(true, predicted):
    scores = score_instances(true, predicted)
    assert scores == {name: metric.compute(true, predicted) for name, metric in INSTANCE_METRICS.items()}
    halfway = mean_scores([scores, score_instances(true, true)])
    assert halfway["pq"] == pytest.approx((scores["pq"] + 1) / 2)
