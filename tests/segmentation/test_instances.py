import numpy as np
import pytest

from napari_sharpgan.segmentation.instances import LARGEST_HOLE, SMALLEST, cleaned, domes, grown


def test_specks_go_and_holes_are_filled():
    mask = np.zeros((60, 80), bool)
    mask[5:30, 5:30] = True
    mask[10:14, 10:14] = False  # a hole of 16 pixels
    mask[40:44, 40:44] = True  # a speck of 16 pixels
    mask[40:45, 60:64] = True  # 20 pixels, just large enough
    expected = np.zeros_like(mask)
    expected[5:30, 5:30] = expected[40:45, 60:64] = True
    assert SMALLEST == 20
    np.testing.assert_array_equal(cleaned(mask), expected)


def test_large_holes_and_bays_at_the_border_stay():
    mask = np.ones((60, 60), bool)
    mask[20:31, 20:31] = False  # 121 pixels
    mask[50:53, 0:4] = False  # 12 pixels, open to the border
    assert LARGEST_HOLE < 121
    np.testing.assert_array_equal(cleaned(mask), mask)


def test_a_hole_that_touches_the_outside_at_a_corner_is_none():
    mask = np.zeros((20, 20), bool)
    mask[5:15, 5:15] = True
    mask[6, 6] = mask[5, 5] = False
    np.testing.assert_array_equal(cleaned(mask), mask)


@pytest.mark.parametrize(("least", "count"), [(0.5, 3), (1.5, 2), (3.5, 1)])
def test_summits_are_as_many_as_valleys_are_deep(least, count):
    """Summits of 5, 4 and 6 with saddles of 3 and 2 between: 4 stands 1 above its, 5 stands 3 above its."""
    height = np.zeros((3, 13), np.float32)
    height[1] = [0, 1, 3, 5, 3, 4, 2, 1 + 1, 4, 6, 4, 2, 0]
    assert domes(height, least).max() == count


def test_a_flat_summit_is_one():
    height = np.zeros((9, 9), np.float32)
    height[2:7, 2:7] = 2
    height[3:6, 3:6] = 3
    assert domes(height, 1.0).max() == 1


def test_markers_meet_in_the_valley_and_parts_without_one_are_nuclei_too():
    mask = np.zeros((12, 40), bool)
    mask[2:10, 2:22] = mask[2:10, 28:36] = True
    height = np.zeros(mask.shape, np.float32)
    height[:, 2:12] = np.arange(10, 0, -1)
    height[:, 12:22] = np.arange(1, 11)
    markers = np.zeros(mask.shape, np.int32)
    markers[5, 2], markers[5, 21] = 7, 3
    labels = grown(markers, height * mask, mask)
    np.testing.assert_array_equal(labels > 0, mask)
    assert (labels[2:10, 2:11] == 1).all()
    assert (labels[2:10, 13:22] == 2).all()
    assert (labels[2:10, 28:36] == 3).all()
