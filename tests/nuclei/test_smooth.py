import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.formats import read_labels
from napari_sharpgan.nuclei import (
    join_rings,
    light_outline,
    outline_area,
    pixel_iou,
    polygonize,
    rasterize,
    repair,
    simplify_outline,
    smooth_outline,
)

SQUARE = np.array([[0.5, 0.5], [0.5, 10.5], [10.5, 10.5], [10.5, 0.5]])
quick = settings(deadline=None, max_examples=60)


def disk(radius, shape=(60, 60)):
    """Return the pixels of a disk, its outline along their edges, and how far that strays from a circle."""
    rows, columns = np.indices(shape)
    pixels = (rows - 30.3) ** 2 + (columns - 29.8) ** 2 <= radius**2
    return pixels, polygonize(pixels)[0]


def roughness(outline, radius):
    """Return the standard deviation of the distance to the center, sampled along the outline."""
    ring = shapely.LinearRing(outline)
    points = shapely.get_coordinates(shapely.segmentize(ring, 0.2))
    return float(np.std(np.hypot(*(points - (30.3, 29.8)).T)))


@pytest.fixture(scope="module")
def real_outlines(real_data):
    names = ("image01", "image08", "image15")
    rings = [polygonize(read_labels(real_data / "cpm15" / f"{name}_mask.txt")) for name in names]
    return [ring for some in rings for ring in some[::3]]


@pytest.mark.parametrize("radius", [5, 9, 14, 22])
def test_the_staircase_of_a_disk_becomes_a_circle(radius):
    pixels, outline = disk(radius)
    smooth = smooth_outline(outline)
    assert roughness(smooth, radius) < roughness(outline, radius) / 2
    assert outline_area(smooth).area == pytest.approx(pixels.sum(), rel=0.002)
    assert pixel_iou(outline, smooth) > 0.95


@quick
@given(st.integers(0, 2**32 - 1), st.sampled_from([smooth_outline, simplify_outline, light_outline]))
def test_regions_of_any_kind_stay_valid_and_keep_their_area(seed, change):
    rng = np.random.default_rng(seed)
    pixels = rng.random((9, 9)) < rng.uniform(0.1, 0.9)
    pixels[4, 4] = True
    outline = polygonize(pixels)[0]
    changed = change(outline)
    assert repair(changed)[1] is None
    assert outline_area(changed).is_valid
    assert outline_area(changed).area == pytest.approx(pixels.sum(), rel=0.03)


def test_holes_and_parts_are_kept():
    hole = SQUARE * 0.4 + 3
    outline = join_rings([SQUARE * 2, (hole * 2)[::-1], SQUARE + 40])
    smooth = outline_area(smooth_outline(outline))
    assert sorted(len(part.interiors) for part in smooth.geoms) == [0, 1]
    assert smooth.area == pytest.approx(outline_area(outline).area, rel=0.002)


def test_a_pixel_alone_stays_a_pixel():
    pixel = np.array([[4.5, 4.5], [4.5, 5.5], [5.5, 5.5], [5.5, 4.5]])
    for changed in (smooth_outline(pixel, 5), light_outline(pixel), simplify_outline(pixel)):
        assert rasterize([changed], (10, 10)).sum() == 1


def test_points_on_a_straight_line_are_left_out():
    crowded = shapely.get_coordinates(shapely.segmentize(shapely.LinearRing(SQUARE), 0.5))[:-1]
    assert len(simplify_outline(crowded)) == 4
    assert outline_area(simplify_outline(crowded)).equals(shapely.Polygon(SQUARE))


def test_real_nuclei_become_smooth_without_losing_pixels(real_outlines):
    smooth = [smooth_outline(ring) for ring in real_outlines]
    overlaps = [pixel_iou(*pair) for pair in zip(real_outlines, smooth, strict=True)]
    assert min(overlaps) > 0.85
    assert np.median(overlaps) > 0.98
    areas = [[outline_area(ring).area for ring in rings] for rings in (real_outlines, smooth)]
    np.testing.assert_allclose(*areas, rtol=0.01)
    assert all(repair(ring)[1] is None for ring in smooth)


def test_light_outlines_of_real_nuclei_have_few_points_and_the_same_pixels(real_outlines):
    light = [light_outline(ring) for ring in real_outlines]
    assert min(pixel_iou(*pair) for pair in zip(real_outlines, light, strict=True)) >= 0.95
    assert np.median([len(ring) for ring in light]) <= 24
    assert sum(map(len, light)) < sum(map(len, real_outlines)) / 2
    assert all(repair(ring)[1] is None for ring in light)


def test_overlap_of_pixels_by_hand():
    assert pixel_iou(SQUARE, np.add(SQUARE, (0, 5))) == pytest.approx(50 / 150)
    assert pixel_iou(SQUARE, SQUARE + 100) == 0
    assert pixel_iou(SQUARE, SQUARE) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: smooth_outline(SQUARE, 0), "sigma must be a number above 0, got 0"),
        (lambda: smooth_outline([[0, 0], [1, 1], [2, 2]]), "must enclose an area"),
        (lambda: simplify_outline(SQUARE, -1), "tolerance must be a number above 0"),
        (lambda: light_outline(SQUARE, least_iou=1.5), r"least_iou must lie in \(0, 1\], got 1.5"),
    ],
)
def test_what_cannot_be_smoothed_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()
