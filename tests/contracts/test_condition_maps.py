"""What every condition map promises, whoever wrote it."""

import numpy as np
import pytest

from napari_sharpgan.maps import CONDITION_MAPS


@pytest.fixture(params=sorted(CONDITION_MAPS))
def condition_map(request):
    return CONDITION_MAPS[request.param]


@pytest.fixture
def touching():
    labels = np.zeros((9, 12), dtype=np.int32)
    labels[2:7, 1:6], labels[2:7, 6:11], labels[0, 0] = 3, 8, 5
    return labels


def test_keeps_the_shape(condition_map, touching):
    result = condition_map(touching)
    assert result.shape == touching.shape
    assert result.dtype == np.float32


def test_lies_between_0_and_1(condition_map, touching):
    result = condition_map(touching)
    assert result.min() == 0
    assert result.max() == 1


def test_is_zero_outside_nuclei(condition_map, touching):
    assert not condition_map(touching)[touching == 0].any()


@pytest.mark.parametrize("shape", [(4, 5), (1, 1), (0, 3), (3, 0)])
def test_takes_an_empty_image(condition_map, shape):
    result = condition_map(np.zeros(shape, np.int32))
    assert result.shape == shape
    assert not result.any()


def test_does_not_care_about_label_numbers(condition_map, touching):
    renumbered = np.select([touching == 3, touching == 8, touching == 5], [2_000_000_000, 7, 1])
    np.testing.assert_array_equal(condition_map(touching), condition_map(renumbered))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64, np.uint64])
def test_does_not_care_about_the_integer_type(condition_map, touching, dtype):
    np.testing.assert_array_equal(condition_map(touching), condition_map(touching.astype(dtype)))


def test_does_not_care_about_memory_order(condition_map, touching):
    np.testing.assert_array_equal(condition_map(touching), condition_map(np.asfortranarray(touching)))
    np.testing.assert_array_equal(condition_map(touching[::-1])[::-1], condition_map(touching))


def test_turns_with_the_image(condition_map, touching):
    np.testing.assert_allclose(
        np.rot90(condition_map(touching)), condition_map(np.rot90(touching)), atol=1e-6
    )


def test_leaves_its_input_alone(condition_map, touching):
    before = touching.copy()
    condition_map(touching)
    np.testing.assert_array_equal(touching, before)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (np.zeros((3, 3)), TypeError, "must hold integers"),
        (np.full((3, 3), -1), ValueError, "between 0 and 2147483647, got -1"),
        (np.full((3, 3), 2**31, np.int64), ValueError, "got 2147483648"),
        (np.zeros((3, 3, 3), int), ValueError, r"shape \(H, W\), got \(3, 3, 3\)"),
    ],
)
def test_refuses_what_is_no_label_image(condition_map, labels, error, message):
    with pytest.raises(error, match=message):
        condition_map(labels)
