import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_sharpgan.metrics import aggregated_jaccard_index, overlap_table
from napari_sharpgan.metrics.jaccard import dice_of, jaccard_plus_of

small = arrays(np.int64, (5, 6), elements=st.integers(0, 5))


def test_by_hand():
    """1 takes 5: 2 of 3 pixels; 2 of one pixel is missed, 9 of two is extra: 2 / (3 + 1 + 2)."""
    assert aggregated_jaccard_index([[1, 1, 1, 0, 2, 0, 0]], [[5, 5, 0, 0, 0, 9, 9]]) == 2 / 6


def test_a_predicted_nucleus_over_two_counts_twice_in_aji_and_once_in_aji_plus():
    """5 covers 1 (3 pixels) and 2 (2): AJI (3 + 2) / (5 + 5), AJI+ 3 / (5 + 2)."""
    pair = [[1, 1, 1, 2, 2]], [[5, 5, 5, 5, 5]]
    assert aggregated_jaccard_index(*pair) == 0.5
    assert jaccard_plus_of(overlap_table(*pair)) == 3 / 7


def test_equals_the_definition_on_real_nuclei(real_pair, literal):
    expected, table = literal(*real_pair), overlap_table(*real_pair)
    assert aggregated_jaccard_index(*real_pair) == pytest.approx(expected.jaccard(), abs=1e-12)
    assert dice_of(table) == pytest.approx(expected.dice(), abs=1e-12)


def test_equals_the_definition_on_random_nuclei(random_pair, literal):
    expected, table = literal(*random_pair), overlap_table(*random_pair)
    assert 0.1 < expected.jaccard() < 0.9
    assert aggregated_jaccard_index(*random_pair) == pytest.approx(expected.jaccard(), abs=1e-12)
    assert jaccard_plus_of(table) == pytest.approx(expected.jaccard_plus(), abs=1e-12)
    assert dice_of(table) == pytest.approx(expected.dice(), abs=1e-12)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(true=small, predicted=small)
def test_equal_ious_are_ranked_as_hover_nets_script_ranks_them(literal, true, predicted):
    assume(true.any() or predicted.any())
    expected = literal(true, predicted).jaccard()
    assert aggregated_jaccard_index(true, predicted) == pytest.approx(expected, abs=1e-12)
