import numpy as np
import pytest

from napari_sharpgan.maps import contour_map


def literal_contour(labels):
    """The contract, pixel by pixel."""
    height, width = labels.shape
    result = np.zeros(labels.shape, bool)
    for row, column in np.argwhere(labels > 0):
        for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            i, j = row + down, column + right
            if 0 <= i < height and 0 <= j < width and labels[i, j] != labels[row, column]:
                result[row, column] = True
    return result


def rows(*lines):
    return np.array([[int(letter) for letter in line] for line in lines])


def test_a_nucleus_is_ringed_from_inside():
    labels = rows("000000", "011110", "011110", "011110", "000000")
    expected = rows("000000", "011110", "010010", "011110", "000000")
    np.testing.assert_array_equal(contour_map(labels), expected)


def test_touching_nuclei_both_have_a_contour():
    np.testing.assert_array_equal(contour_map(rows("111222", "111222")), rows("001100", "001100"))


def test_the_border_of_the_image_is_no_contour():
    assert not contour_map(np.full((4, 6), 3)).any()


def test_a_diagonal_neighbor_does_not_count():
    np.testing.assert_array_equal(contour_map(rows("110", "111", "111")), rows("010", "001", "000"))


def test_is_a_bool_map():
    assert contour_map([[1]]).dtype == bool
    assert contour_map(np.zeros((0, 4), int)).shape == (0, 4)


@pytest.mark.parametrize("largest", [1, 3, 2_000_000_000])
def test_equals_the_literal_loop_on_random_labels(largest):
    labels = np.random.default_rng(largest).integers(0, largest, (14, 11), endpoint=True)
    np.testing.assert_array_equal(contour_map(labels), literal_contour(labels))


def test_equals_the_literal_loop_on_real_nuclei(real_data):
    lines = (real_data / "cpm15" / "image12_mask.txt").read_text().split()
    labels = np.array(lines[2:], int).reshape(int(lines[1]), int(lines[0]))
    np.testing.assert_array_equal(contour_map(labels), literal_contour(labels))


def test_refuses_what_is_no_label_image():
    with pytest.raises(TypeError, match="labels must hold integers"):
        contour_map(np.zeros((3, 3)))
