import numpy as np
import pytest

from napari_sharpgan.formats import Nuclei

SQUARE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]])


def test_nuclei_are_labels_or_polygons():
    with pytest.raises(ValueError, match="exactly one of the two"):
        Nuclei()
    with pytest.raises(ValueError, match="exactly one of the two"):
        Nuclei(labels=np.eye(2, dtype=int), polygons=[SQUARE])


def test_later_polygons_lie_on_top_under_their_own_numbers():
    nuclei = Nuclei(polygons=[SQUARE, SQUARE + 1], numbers=[5, 3])
    np.testing.assert_array_equal(nuclei.to_labels(), [[5, 5, 0], [5, 3, 3], [0, 3, 3]])


def test_labels_become_polygons_under_their_own_numbers():
    labels = np.array([[0, 7, 7], [2, 0, 0]])
    nuclei = Nuclei(labels=labels)
    numbers, polygons = nuclei.to_polygons()
    assert numbers == [2, 7]
    np.testing.assert_array_equal(
        Nuclei(polygons=polygons, numbers=numbers, shape=nuclei.shape).to_labels(), labels
    )


def test_no_polygons_are_an_empty_image_of_the_shape():
    assert not Nuclei(polygons=[], shape=(3, 4)).to_labels().any()
    assert Nuclei(polygons=[], shape=(3, 4)).to_labels().shape == (3, 4)


@pytest.mark.parametrize("numbers", [[1], [1, 1], [0, 1], [1, 2, 3]])
def test_numbers_must_be_different_and_one_a_polygon(numbers):
    with pytest.raises(ValueError, match="numbers must be 2 different whole numbers above 0, one a polygon"):
        Nuclei(polygons=[SQUARE, SQUARE], numbers=numbers)


def test_labels_have_but_one_shape():
    with pytest.raises(ValueError, match=r"the labels must have the shape \(3, 3\), got \(2, 2\)"):
        Nuclei(labels=np.eye(2, dtype=int)).to_labels((3, 3))


def test_the_size_of_a_pixel_is_unknown_unless_said():
    assert Nuclei(labels=np.eye(2, dtype=int)).micrometers_per_pixel is None
    size = Nuclei(labels=np.eye(2, dtype=int), micrometers_per_pixel=np.float32(0.25)).micrometers_per_pixel
    assert size == 0.25
    assert type(size) is float


@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf])
def test_a_pixel_has_a_size_above_zero(size):
    with pytest.raises(ValueError, match="micrometers_per_pixel must be a number above 0"):
        Nuclei(labels=np.eye(2, dtype=int), micrometers_per_pixel=size)
