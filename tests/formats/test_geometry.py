"""A ring with zero-width cuts and a polygon with holes and parts are the same region."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import Polygon, shape

from napari_sharpgan.formats.geometry import from_geometry, to_areas, to_geometry
from napari_sharpgan.nuclei import polygonize, rasterize

masks = arrays(bool, st.tuples(st.integers(1, 8), st.integers(1, 8))).filter(np.any)


@settings(max_examples=150, deadline=None)
@given(mask=masks)
def test_every_region_becomes_a_valid_geometry_of_its_pixels_and_comes_back(mask):
    (ring,) = polygonize(mask.astype(int))
    geometry = to_geometry(*to_areas([ring]))
    assert shape(geometry).is_valid
    assert shape(geometry).area == mask.sum()
    back, note = from_geometry(geometry)
    assert note is None
    np.testing.assert_array_equal(rasterize([back], mask.shape), mask)


def test_one_pixel_reaches_from_corner_to_corner_in_x_and_y():
    (ring,) = polygonize(np.array([[0, 0, 0], [0, 0, 1]]))
    assert to_geometry(*to_areas([ring]))["type"] == "Polygon"
    assert shape(to_geometry(*to_areas([ring]))).equals(Polygon([(2, 1), (3, 1), (3, 2), (2, 2)]))


def test_a_hole_and_a_second_part_are_kept_apart():
    mask = np.zeros((7, 7), int)
    mask[1:6, 1:6] = 1
    mask[3, 3] = 0
    (ring,) = polygonize(mask)
    geometry = to_geometry(*to_areas([ring]))
    assert geometry["type"] == "Polygon"
    assert len(geometry["coordinates"]) == 2
    mask[0, 0] = 1
    (ring,) = polygonize(mask)
    assert to_geometry(*to_areas([ring]))["type"] == "MultiPolygon"


def test_an_outline_without_crossings_keeps_its_points():
    ring = np.array([[1.25, 1.0], [1.0, 6.5], [5.0, 4.75]])
    back, note = from_geometry(to_geometry(*to_areas([ring])))
    assert note is None
    np.testing.assert_array_equal(back, ring)


def test_an_outline_that_crosses_itself_is_written_as_what_the_even_odd_rule_fills():
    bow = np.array([[0.0, 0.0], [4.0, 4.0], [4.0, 0.0], [0.0, 4.0]])
    geometry = to_geometry(*to_areas([bow]))
    assert geometry["type"] == "MultiPolygon"
    assert shape(geometry).is_valid
    assert shape(geometry).area == 8


def test_an_outline_that_encloses_nothing_has_no_geometry():
    assert to_geometry(*to_areas([np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])])) is None


def test_reading_a_crossing_keeps_its_largest_part_and_says_so():
    crossing = [[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]
    ring, note = from_geometry({"type": "Polygon", "coordinates": [crossing]})
    assert Polygon(ring).is_valid
    assert Polygon(ring).area == 4
    assert "crossed itself" in note


@pytest.mark.parametrize(
    "coordinates", [[], [[]], [[[1, 1]]], [[[1, 1], [2, 2], [1, 1]]], [[[0, 0], [1, 1], [2, 2], [0, 0]]]]
)
def test_reading_what_encloses_nothing_leaves_it_out_and_says_so(coordinates):
    ring, note = from_geometry({"type": "Polygon", "coordinates": coordinates})
    assert ring is None
    assert note == "The outline enclosed nothing; it was left out."


@pytest.mark.parametrize("geometry", [None, {"type": "Point", "coordinates": [1, 2]}])
def test_other_geometries_are_left_out_and_named(geometry):
    ring, note = from_geometry(geometry)
    assert ring is None
    assert "is no nucleus; it was left out." in note


@pytest.mark.parametrize("point", [[1], ["a", "b"], [float("nan"), 1]])
def test_points_that_are_none_are_an_error(point):
    with pytest.raises((ValueError, TypeError)):
        from_geometry({"type": "Polygon", "coordinates": [[point, point, point, point]]})
