import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_sharpgan.metrics import overlap_table
from napari_sharpgan.metrics.overlap import one_to_one

small = arrays(np.int64, (5, 6), elements=st.integers(0, 4))


def as_sets(table):
    """Return {(true label, predicted label): shared pixels} of a table."""
    pairs = zip(table.true_labels[table.rows], table.predicted_labels[table.columns], strict=True)
    return dict(zip(((int(a), int(b)) for a, b in pairs), table.intersections.tolist(), strict=True))


def test_a_table_by_hand():
    true = [[9, 9, 0, 0], [9, 9, 2, 2]]
    predicted = [[5, 5, 5, 0], [0, 7, 7, 7]]
    table = overlap_table(true, predicted)
    assert table.true_labels.tolist() == [2, 9]
    assert table.true_areas.tolist() == [2, 4]
    assert table.predicted_labels.tolist() == [5, 7]
    assert table.predicted_areas.tolist() == [3, 3]
    assert as_sets(table) == {(2, 7): 2, (9, 5): 2, (9, 7): 1}
    assert table.ious.tolist() == [2 / 3, 2 / 5, 1 / 6]


@settings(max_examples=60, deadline=None)
@given(small, small)
def test_counts_what_masks_count(true, predicted):
    table = overlap_table(true, predicted)
    counted = {
        (a, b): int(np.sum((true == a) & (predicted == b)))
        for a in range(1, 5)
        for b in range(1, 5)
        if np.any((true == a) & (predicted == b))
    }
    assert as_sets(table) == counted
    assert table.true_areas.tolist() == [np.sum(true == label) for label in table.true_labels]
    assert table.predicted_areas.tolist() == [np.sum(predicted == label) for label in table.predicted_labels]


@settings(max_examples=40, deadline=None)
@given(small, small)
def test_pairs_one_to_one_have_the_largest_sum(true, predicted):
    table = overlap_table(true, predicted)
    pairs = one_to_one(table)
    assert len(set(table.rows[pairs])) == len(set(table.columns[pairs])) == len(pairs)

    def best_sum(rows, taken):
        """Try all: each true nucleus alone or with one that is free."""
        if not rows:
            return 0.0
        here = np.flatnonzero(table.rows == rows[0])
        with_one = [
            table.ious[k] + best_sum(rows[1:], taken | {table.columns[k]})
            for k in here
            if table.columns[k] not in taken
        ]
        return max([best_sum(rows[1:], taken), *with_one])

    assert table.ious[pairs].sum() == pytest.approx(
        best_sum(list(range(len(table.true_labels))), frozenset())
    )


def test_labels_may_be_huge():
    true = np.array([[2**62, 2**62, 0, 3]])
    table = overlap_table(true, true.astype(np.uint64))
    assert as_sets(table) == {(3, 3): 1, (2**62, 2**62): 2}


def test_labels_beyond_int64_are_refused():
    with pytest.raises(ValueError, match="true must lie between 0 and 9223372036854775807"):
        overlap_table(np.array([[2**63]], np.uint64), [[1]])


def test_images_of_no_pixels_have_no_nuclei():
    assert overlap_table(np.zeros((0, 5), int), np.zeros((0, 5), int)).is_empty


def test_images_without_background_have_all_their_nuclei():
    table = overlap_table([[1, 2]], [[4, 4]])
    assert as_sets(table) == {(1, 4): 1, (2, 4): 1}
    assert table.predicted_areas.tolist() == [2]
