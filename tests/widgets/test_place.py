import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_sharpgan.widgets._place import micrometers_per_pixel, place_of, shape_of


def test_a_layer_in_the_same_place_lies_in_the_same_place():
    image = Image(np.zeros((4, 6)), scale=(2, 3), translate=(5, 7), rotate=30, units="um")
    other = Labels(np.zeros((4, 6), int), **place_of(image))
    np.testing.assert_allclose(other.data_to_world((1, 2)), image.data_to_world((1, 2)))
    assert other.units == image.units
    assert place_of(None) == {}
    assert place_of(place_of(image)) == place_of(image)


@pytest.mark.parametrize(
    ("scale", "units", "size"),
    [
        ((0.25, 0.25), "um", 0.25),
        ((250, 250), "nm", 0.25),
        ((0.25, 0.25), "pixel", None),
        ((1, 2), "um", None),
    ],
)
def test_pixels_have_a_size_where_units_are_lengths_and_pixels_square(scale, units, size):
    found = micrometers_per_pixel(Image(np.zeros((4, 6)), scale=scale, units=units))
    assert found == (None if size is None else pytest.approx(size))


def test_the_grid_of_an_image_is_that_of_its_first_level():
    assert shape_of(Image([np.zeros((8, 12, 3)), np.zeros((4, 6, 3))], multiscale=True, rgb=True)) == (8, 12)
    assert shape_of(Image(np.zeros((8, 12)))) == (8, 12)
    assert shape_of(Image(np.zeros((3, 8, 12)))) is None
