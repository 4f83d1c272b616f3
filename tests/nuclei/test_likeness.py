import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from napari_sharpgan.nuclei import compare_nuclei, random_nuclei, rasterize
from napari_sharpgan.nuclei.likeness import _wasserstein


def drawn(seed, shape=(200, 240), count=40, **settings):
    return rasterize(random_nuclei(shape, count, seed=seed, **settings), shape)


def squares(side, step, shape=(120, 120)):
    """Return squares in rows and columns, ``step`` px from one to the next, none at the border."""
    labels = np.zeros(shape, np.int32)
    places = range(5, shape[0] - side - 1, step)
    for number, (row, column) in enumerate(((row, column) for row in places for column in places), 1):
        labels[row : row + side, column : column + side] = number
    return labels


def test_the_same_nuclei_are_at_no_distance():
    compared = compare_nuclei(drawn(1), drawn(1))
    assert compared.distance == 0
    assert set(compared.distances.values()) == {0}


def test_squares_by_hand():
    compared = compare_nuclei(squares(4, 12), squares(8, 12))
    assert compared.real.values["radius"] == pytest.approx(np.sqrt(16 / np.pi))
    assert compared.generated.values["radius"] == pytest.approx(np.sqrt(64 / np.pi))
    assert compared.real.values["nearest"] == pytest.approx(12)
    assert compared.real.values["solidity"] == pytest.approx(1)
    assert compared.real.density == pytest.approx(compared.real.count / (0.03**2))
    assert compared.real.touching == compared.distances["touching"] == 0


def test_touching_and_density_have_distances_of_their_own():
    compared = compare_nuclei(squares(4, 12), squares(4, 4))
    assert compared.distances["touching"] == 1
    ratio = compared.generated.count / compared.real.count
    assert compared.distances["density"] == pytest.approx(np.log(ratio))


def test_a_distance_is_that_of_wasserstein_over_the_spread_of_the_real():
    compared = compare_nuclei(drawn(1), drawn(2, spikiness=0.3))
    for name, histogram in compared.histograms.items():
        real, generated = compared.real.values[name], compared.generated.values[name]
        assert histogram.distance == pytest.approx(wasserstein_distance(real, generated) / real.std())


@pytest.mark.parametrize(
    ("one", "other"), [([3.0], [1.0, 1.0, 5.0]), ([0.0, 0.0], [0.0]), ([2.0, 9.5, 2.0], [4.0])]
)
def test_the_distance_of_few_values_with_ties_is_that_of_scipy(one, other):
    assert _wasserstein(np.array(one), np.array(other)) == pytest.approx(wasserstein_distance(one, other))


def test_histograms_hold_all_nuclei_in_common_bins():
    for histogram in compare_nuclei(drawn(1), drawn(2, count=20, radius_max=20)).histograms.values():
        assert len(histogram.edges) == len(histogram.real) + 1
        assert histogram.real.sum() == pytest.approx(1)
        assert histogram.generated.sum() == pytest.approx(1)


def test_nuclei_that_the_border_cuts_do_not_count_for_size():
    labels = squares(6, 12)
    labels[0, 10:20] = labels.max() + 1
    compared = compare_nuclei(squares(6, 12), labels)
    assert compared.distances["radius"] == 0
    assert compared.generated.count == compared.real.count + 1


def test_it_says_the_distances():
    said = str(compare_nuclei(squares(4, 12), squares(4, 4)))
    assert said.startswith("distance ")
    assert "touching 1.00" in said


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_nuclei_are_refused(count):
    with pytest.raises(
        ValueError, match=f"generated must have at least two nuclei to be compared, got {count}"
    ):
        compare_nuclei(drawn(1), drawn(1, count=count))
