import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.nuclei import nuclei_statistics


def touching_by_hand(labels):
    """Return the labels with a pixel next to one of another label, by a loop over all pixels."""
    found = set()
    for (row, column), label in np.ndenumerate(labels):
        around = labels[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        if label and ((around != 0) & (around != label)).any():
            found.add(label)
    return found


def test_three_nuclei_by_hand():
    labels = np.zeros((10, 10), np.int32)
    labels[0:2, 0:2], labels[2:4, 2:5], labels[7:9, 7:9] = 5, 9, 1000
    numbers = nuclei_statistics(labels)
    assert (numbers.count, numbers.covered) == (3, 0.14)
    assert numbers.touching == pytest.approx(2 / 3)
    assert numbers.mean_area == pytest.approx(14 / 3)
    assert numbers.mean_radius == pytest.approx((2 * np.sqrt(4 / np.pi) + np.sqrt(6 / np.pi)) / 3)
    assert str(numbers) == "3 nuclei · 14% covered · 67% touching"


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 2_000_000]), st.integers(0, 2**32 - 1))
def test_touching_nuclei_are_those_with_a_neighbor_pixel_of_another(height, width, step, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 4, (height, width)) * rng.integers(0, 2, (height, width)) * step
    numbers = nuclei_statistics(labels)
    assert numbers.count == len(np.unique(labels[labels > 0]))
    assert round(numbers.touching * numbers.count) == len(touching_by_hand(labels))


def test_neighbors_across_two_bands_of_rows_are_seen():
    labels = np.zeros((600, 3), np.int32)
    labels[255, 0], labels[256, 1], labels[511, 2] = 1, 2, 3
    assert nuclei_statistics(labels).touching == pytest.approx(2 / 3)


@pytest.mark.parametrize("shape", [(5, 5), (0, 4)])
def test_no_nuclei_give_zeros(shape):
    numbers = nuclei_statistics(np.zeros(shape, np.uint16))
    assert str(numbers) == "0 nuclei · 0% covered · 0% touching"
    assert numbers.mean_area == numbers.mean_radius == 0


def test_a_float_image_is_refused():
    with pytest.raises(TypeError, match="labels must hold integers"):
        nuclei_statistics(np.zeros((3, 3)))
