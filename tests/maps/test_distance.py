import time

import numpy as np
import pytest

from napari_sharpgan.maps import distance_map, inverted_distance_map


def literal_distance(labels):
    """Section 2.2 of the paper, pixel by pixel."""
    pixels = {}
    for (row, column), label in np.ndenumerate(labels):
        pixels.setdefault(label, []).append((row, column))
    pixels.pop(0, None)
    result = np.zeros(labels.shape)
    for members in pixels.values():
        center = sum(row for row, _ in members) / len(members), sum(col for _, col in members) / len(members)
        for row, column in members:
            result[row, column] = ((row - center[0]) ** 2 + (column - center[1]) ** 2) ** 0.5
    return result


def read_cpm15(path):
    numbers = np.loadtxt(path, dtype=np.int64, skiprows=1)
    width, height = (int(side) for side in path.read_text().split(maxsplit=2)[:2])
    return numbers.reshape(height, width)


def test_a_square_by_hand():
    labels = np.zeros((5, 5), int)
    labels[1:4, 1:4] = 6
    corner = 2**0.5
    expected = [[corner, 1, corner], [1, 0, 1], [corner, 1, corner]]
    np.testing.assert_allclose(distance_map(labels)[1:4, 1:4], expected, rtol=1e-6)


def test_the_centroid_may_lie_between_pixels():
    np.testing.assert_allclose(distance_map(np.full((2, 2), 1)), np.full((2, 2), 0.5**0.5), rtol=1e-6)


def test_an_l_shape_has_its_centroid_off_center():
    labels = np.array([[4, 0], [4, 4]])  # centroid at row 2/3, column 1/3
    expected = [[np.hypot(2 / 3, 1 / 3), 0], [np.hypot(1 / 3, 1 / 3), np.hypot(1 / 3, 2 / 3)]]
    np.testing.assert_allclose(distance_map(labels), expected, rtol=1e-6)


def test_pixels_of_one_label_are_one_nucleus_connected_or_not():
    np.testing.assert_array_equal(distance_map([[7, 0, 0, 0, 7]]), [[2, 0, 0, 0, 2]])


@pytest.mark.parametrize("normalize", ["none", "nucleus", "image"])
def test_a_nucleus_of_one_pixel_gives_0(normalize):
    assert not distance_map([[0, 3, 0]], normalize=normalize).any()


def test_normalized_by_nucleus_each_nucleus_reaches_1():
    labels = np.array([[1, 1, 1, 0, 2, 2, 2, 2, 2]])
    expected = [[1, 0, 1, 0, 1, 0.5, 0, 0.5, 1]]
    np.testing.assert_allclose(distance_map(labels, normalize="nucleus"), expected)


def test_normalized_by_image_only_the_largest_nucleus_reaches_1():
    labels = np.array([[1, 1, 1, 0, 2, 2, 2, 2, 2]])
    expected = [[0.5, 0, 0.5, 0, 1, 0.5, 0, 0.5, 1]]
    np.testing.assert_allclose(distance_map(labels, normalize="image"), expected)


def test_inverted_falls_from_1_to_a_fifth():
    labels = np.array([[2, 2, 2, 2, 2, 0, 9]])
    expected = [[0.2, 0.6, 1, 0.6, 0.2, 0, 1]]
    np.testing.assert_allclose(inverted_distance_map(labels), expected, rtol=1e-6)


def test_unknown_normalization_names_the_known_ones():
    with pytest.raises(ValueError, match="unknown normalize 'max'; choose one of none, nucleus, image"):
        distance_map([[1]], normalize="max")


def test_sparse_huge_labels_cost_no_huge_tables():
    labels = np.array([[2_000_000_000, 2_000_000_000, 2_000_000_000, 0, 1]])
    np.testing.assert_array_equal(distance_map(labels), [[1, 0, 1, 0, 0]])


@pytest.mark.parametrize("largest", [4, 60, 2_000_000_000])
def test_equals_the_literal_loop_on_random_labels(largest):
    rng = np.random.default_rng(largest)
    labels = rng.integers(0, largest, (13, 17), endpoint=True) * (rng.random((13, 17)) < 0.7)
    np.testing.assert_allclose(distance_map(labels), literal_distance(labels), rtol=1e-6)


def test_equals_the_literal_loop_on_real_nuclei(real_data):
    labels = read_cpm15(real_data / "cpm15" / "image12_mask.txt")
    assert np.unique(labels).size - 1 == 131
    np.testing.assert_allclose(distance_map(labels), literal_distance(labels), atol=1e-5)


def test_ten_thousand_nuclei_take_about_a_second():
    labels = np.zeros((4096, 4096), np.int32)
    for number in range(10_000):
        row, column = divmod(number, 100)
        labels[40 * row + 5 : 40 * row + 27, 40 * column + 5 : 40 * column + 27] = number + 1
    start = time.process_time()
    distance_map(labels, normalize="nucleus")
    assert time.process_time() - start < 3  # 0.5 s on a quiet machine
