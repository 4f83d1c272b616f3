import numpy as np
import pytest
from napari.layers import Image, Labels, Shapes

from napari_sharpgan.napari_io import grid_of, micrometers_per_pixel

GRAY = np.zeros((6, 8))


@pytest.mark.parametrize(
    ("scale", "unit", "expected"),
    [(0.25, "µm", 0.25), (250, "nm", 0.25), (0.001, "mm", 1.0), (0.25, "pixel", None), (2, "s", None)],
)
def test_a_layer_knows_its_micrometers_where_its_unit_is_a_length(scale, unit, expected):
    layer = Image(GRAY, scale=(scale, scale), units=(unit, unit))
    assert micrometers_per_pixel(layer) == (None if expected is None else pytest.approx(expected))


def test_a_grid_has_the_shape_of_rows_and_columns_and_the_offset_of_a_crop():
    grid = grid_of(Labels(np.zeros((6, 8), int), scale=(0.5, 0.5), translate=(50, 100), units="µm"))
    assert (grid.shape, grid.offset, grid.micrometers_per_pixel) == ((6, 8), (100.0, 200.0), 0.5)
    assert grid_of(Image(np.zeros((6, 8, 3), np.uint8), rgb=True)).shape == (6, 8)
    levels = [np.zeros((6, 8, 3), np.uint8), np.zeros((3, 4, 3), np.uint8)]
    assert grid_of(Image(levels, rgb=True)).shape == (6, 8)
    assert grid_of(Image(np.zeros((2, 6, 8)), scale=(3, 0.5, 0.5))).scale == (0.5, 0.5)
    assert grid_of(Shapes(ndim=2)).shape is None


def test_a_layer_in_its_place_lies_pixel_on_pixel():
    image = Image(GRAY, scale=(0.5, 0.5), translate=(50, 100), units="µm")
    labels = Labels(np.zeros((6, 8), int), **grid_of(image).place())
    np.testing.assert_allclose(labels.data_to_world((3, 4)), image.data_to_world((3, 4)))
    assert labels.units == image.units
