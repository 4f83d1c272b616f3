import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from napari_sharpgan.formats import read_labels
from napari_sharpgan.nuclei import (
    add_to_outline,
    brush_outline,
    fill_holes,
    join_rings,
    merge_outlines,
    outline_area,
    polygonize,
    random_polygon,
    rasterize,
    repair,
    split_outline,
    subtract_from_outline,
)
from napari_sharpgan.nuclei.reshape import CRUMB, SLIVER

SQUARE = np.array([[0.5, 0.5], [0.5, 10.5], [10.5, 10.5], [10.5, 0.5]])
HOLE = np.array([[3.5, 3.5], [6.5, 3.5], [6.5, 6.5], [3.5, 6.5]])
RING = join_rings([SQUARE, HOLE])
seeds = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=60)


def area(outline):
    return outline_area(outline).area


def mask(outline, shape=(12, 12)):
    return rasterize([outline], shape) > 0


def region(seed, shape=(12, 12)):
    """Return a random region of pixels, and its outline."""
    rng = np.random.default_rng(seed)
    pixels = rng.random(shape) < rng.uniform(0.2, 0.9)
    pixels[tuple(rng.integers(shape))] = True
    return pixels, polygonize(pixels)[0]


def nuclei_of(real_data, name="image01"):
    return polygonize(read_labels(real_data / "cpm15" / f"{name}_mask.txt"))


# ---- on regions of pixels all is exact


@quick
@given(st.lists(seeds, min_size=1, max_size=4))
def test_merged_outlines_cover_what_any_of_them_covers(seeds):
    pixels, outlines = zip(*map(region, seeds), strict=True)
    merged = merge_outlines(outlines)
    np.testing.assert_array_equal(mask(merged), np.any(pixels, axis=0))
    assert repair(merged)[1] is None


@quick
@given(seeds, seeds)
def test_what_is_added_is_covered(one, other):
    (first, outline), (second, area) = region(one), region(other)
    added = add_to_outline(outline, area)
    np.testing.assert_array_equal(mask(added), first | second)
    np.testing.assert_array_equal(mask(add_to_outline(added, area)), first | second)


@quick
@given(seeds, seeds)
def test_what_is_taken_away_is_gone_and_so_are_crumbs(one, other):
    (first, outline), (second, area) = region(one), region(other)
    parts, number = ndimage.label(first & ~second)
    kept = np.isin(parts, 1 + np.flatnonzero(np.bincount(parts.ravel(), minlength=number + 1)[1:] >= CRUMB))
    left = subtract_from_outline(outline, area)
    if left is None:
        assert not kept.any()
    else:
        np.testing.assert_array_equal(mask(left), kept)
        assert repair(left)[1] is None


@quick
@given(seeds)
def test_filled_holes_are_those_of_a_mask_whether_or_not_corners_connect(seed):
    pixels, outline = region(seed)
    filled = fill_holes(outline)
    open_at_corners = ndimage.binary_fill_holes(pixels, np.ones((3, 3)))
    closed_at_corners = ndimage.binary_fill_holes(pixels)
    assert mask(filled)[open_at_corners].all()
    assert closed_at_corners[mask(filled)].all()
    assert not shapely.get_num_interior_rings(shapely.get_parts(outline_area(filled))).any()
    assert (fill_holes(filled) == filled).all()


# ---- on outlines of any kind areas add up


@quick
@given(seeds, st.floats(-8, 8), st.floats(0, np.pi))
def test_the_pieces_of_a_split_add_up_and_do_not_overlap(seed, offset, angle):
    outline = random_polygon((20, 20), radius=12, rng=seed)
    direction = np.array([np.sin(angle), np.cos(angle)])
    middle = 20 + offset * direction[::-1] * (1, -1)
    pieces = split_outline(outline, [middle - 40 * direction, middle + 40 * direction])
    areas = [area(piece) for piece in pieces]
    assert sum(areas) == pytest.approx(area(outline), abs=0.05)
    assert areas == sorted(areas, reverse=True)
    assert min(areas) >= SLIVER
    assert area(merge_outlines(pieces)) == pytest.approx(area(outline), abs=0.05)
    assert all(repair(piece)[1] is None for piece in pieces)


@quick
@given(seeds, seeds)
def test_taking_away_and_adding_add_up(one, other):
    first, second = random_polygon((20, 20), rng=one), random_polygon((24, 22), rng=other)
    both = shapely.intersection(outline_area(first), outline_area(second)).area
    assert area(add_to_outline(first, second)) == pytest.approx(area(first) + area(second) - both, abs=0.05)
    left = subtract_from_outline(first, second)
    assert (0 if left is None else area(left)) == pytest.approx(area(first) - both, abs=3 * CRUMB)


# ---- by hand


def test_a_square_is_cut_into_two_the_larger_first():
    larger, smaller = split_outline(SQUARE, [[3.5, -5], [3.5, 20]])
    assert (area(larger), area(smaller)) == (70, 30)
    assert mask(smaller)[1:4, 1:11].all()


@pytest.mark.parametrize(
    "line",
    [[[5, 2], [5, 8]], [[5, -5], [5, 8]], [[30, 0], [30, 30]], [[5, 5], [5, 5]], [[0.5, -3], [0.5, 14]]],
    ids=["inside", "half-way", "beside", "a point", "along an edge"],
)
def test_a_path_that_does_not_cross_leaves_the_outline(line):
    (piece,) = split_outline(SQUARE, line)
    assert piece is SQUARE


def test_a_loop_drawn_inside_is_no_piece():
    (piece,) = split_outline(SQUARE, [[3, 3], [3, 8], [8, 8], [8, 3], [2.5, 3]])
    assert piece is SQUARE


def test_a_sliver_goes_to_its_neighbor():
    assert len(split_outline(SQUARE, [[0.8, -5], [0.8, 20]])) == 1
    zigzag = [[5.5, -5], [5.5, 8], [5.2, 6], [5.8, 6], [5.5, 20]]
    pieces = split_outline(SQUARE, zigzag)
    assert len(pieces) == 2
    assert sum(map(area, pieces)) == pytest.approx(100)


def test_a_cut_through_a_ring_gives_two_halves():
    halves = split_outline(RING, [[5.5, -5], [5.5, 20]])
    assert [area(half) for half in halves] == [47, 44]


def test_a_part_that_is_not_cut_goes_with_the_nearest_piece():
    outline = join_rings([SQUARE, np.add(SQUARE, (0, 20))])
    pieces = split_outline(outline, [[-5, 8.5], [20, 8.5]])
    assert [area(piece) for piece in pieces] == [120, 80]


def test_several_cuts_at_once_give_as_many_pieces():
    pieces = split_outline(SQUARE, [[-2, 3.5], [13, 3.5], [13, 7.5], [-2, 7.5]])
    assert [area(piece) for piece in pieces] == [40, 30, 30]


def test_nuclei_that_do_not_touch_stay_parts_of_the_merged_one():
    merged = merge_outlines([SQUARE, np.add(SQUARE, (0, 20))])
    assert area(merged) == 200
    assert len(outline_area(merged).geoms) == 2


def test_merging_one_nucleus_with_itself_changes_nothing():
    assert outline_area(merge_outlines([SQUARE, SQUARE])).equals(shapely.Polygon(SQUARE))


def test_a_point_of_a_brush_is_a_disk():
    disk = brush_outline([[10, 20]], 5)
    assert area(disk) == pytest.approx(np.pi * 25, rel=0.02)
    assert shapely.Polygon(disk).centroid.distance(shapely.Point(10, 20)) < 0.01
    np.testing.assert_array_equal(disk, brush_outline([[10, 20], [10, 20]], 5))


def test_a_stroke_is_as_wide_as_the_brush():
    stroke = brush_outline([[10, 10], [10, 30]], 4)
    assert area(stroke) == pytest.approx(20 * 8 + np.pi * 16, rel=0.01)


def test_a_stroke_that_closes_leaves_a_hole():
    stroke = brush_outline([[10, 10], [10, 40], [40, 40], [40, 10], [10, 10]], 3)
    painted = mask(stroke, (50, 50))
    assert not painted[25, 25]
    assert painted[25, 10]
    assert area(fill_holes(stroke)) > 900


@quick
@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=30), st.floats(1, 15))
def test_a_stroke_covers_its_path_and_nothing_farther_than_its_radius(path, radius):
    stroke = outline_area(brush_outline(path, radius))
    line = shapely.LineString(path) if len(path) > 1 else shapely.Point(path[0])
    assert stroke.buffer(0.01).covers(line.buffer(0.9 * radius))
    assert line.buffer(1.05 * radius, quad_segs=16).covers(stroke)


def test_erasing_all_leaves_nothing_and_erasing_beside_leaves_all():
    assert subtract_from_outline(SQUARE, SQUARE + 0.1) is None or area(SQUARE) > CRUMB
    assert subtract_from_outline(SQUARE, brush_outline([[5, 5]], 20)) is None
    assert subtract_from_outline(SQUARE, SQUARE + 50) is SQUARE


def test_an_outline_without_holes_is_not_filled():
    assert fill_holes(SQUARE) is SQUARE
    assert area(fill_holes(RING)) == 100


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: merge_outlines([]), "at least one outline, got none"),
        (lambda: merge_outlines([[[0, 0], [1, 1], [2, 2]]]), "must enclose an area"),
        (lambda: split_outline(SQUARE, [[0, 0]]), r"a path must have shape \(M, 2\) with M of at least 2"),
        (lambda: brush_outline([[0, np.nan]], 2), "finite points"),
        (lambda: brush_outline(np.empty((0, 2)), 2), "M of at least 1"),
        (lambda: brush_outline([[0, 0]], 0), "radius must be a number above 0"),
        (lambda: brush_outline([[0, 0]], 1e-5), "radius must be above 0.001 px"),
        (lambda: add_to_outline(SQUARE, [[0, 0], [1, 1]]), "three distinct points"),
    ],
)
def test_what_cannot_be_done_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---- real nuclei


def test_real_nuclei_are_edited_in_a_few_milliseconds(real_data):
    outlines = nuclei_of(real_data)[:100]
    brushes = [brush_outline([ring.mean(axis=0), ring[0]], 4) for ring in outlines]
    took = {}
    for edit in (add_to_outline, subtract_from_outline, split_outline):
        start = time.perf_counter()
        for ring, brush in zip(outlines, brushes, strict=True):
            edit(ring, brush)
        took[edit.__name__] = (time.perf_counter() - start) / len(outlines)
    assert max(took.values()) < 0.005, took


def test_a_real_nucleus_that_is_cut_and_merged_has_its_pixels_again(real_data):
    for ring in nuclei_of(real_data)[::7]:
        low, high = ring.min(axis=0), ring.max(axis=0)
        pieces = split_outline(ring, [low - 1, high + 1])
        shape = tuple(np.ceil(high - low).astype(int) + 2)
        np.testing.assert_array_equal(
            mask(merge_outlines(pieces) - low - 0.5 + 1, shape), mask(ring - low - 0.5 + 1, shape)
        )
