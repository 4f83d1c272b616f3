import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from napari_sharpgan.nuclei import join_rings, outline_area, polygonize, rasterize, repair

SQUARE = np.array([[0.5, 0.5], [0.5, 8.5], [8.5, 8.5], [8.5, 0.5]])
HOLE = np.array([[2.5, 2.5], [5.5, 2.5], [5.5, 5.5], [2.5, 5.5]])


def test_a_valid_outline_comes_back_unchanged():
    repaired, note = repair(SQUARE)
    assert repaired is SQUARE
    assert note is None


def test_a_figure_eight_becomes_its_larger_half():
    repaired, note = repair([[0, 0], [10, 10], [0, 10], [14, 0]])
    assert Polygon(repaired).is_valid
    assert Polygon(repaired).area == pytest.approx(14 * 35 / 6 / 2)
    assert note == "The outline crossed itself; its largest part, 66% of its area, was kept."


@pytest.mark.parametrize("rings", [[SQUARE, HOLE], [SQUARE, HOLE[::-1]], [SQUARE, SQUARE + 20, HOLE]])
def test_holes_and_parts_joined_by_cuts_are_no_crossing(rings):
    joined = join_rings(rings)
    repaired, note = repair(joined)
    assert (repaired == joined).all()
    assert note is None


def test_a_straight_cut_to_a_hole_is_no_crossing():
    ring = np.concatenate((SQUARE, SQUARE[:1], HOLE, HOLE[:1]))
    repaired, note = repair(ring)
    assert note is None
    assert rasterize([repaired], (10, 10)).sum() == 64 - 9


def test_a_hole_survives_the_repair_of_a_crossing_elsewhere():
    crossed = np.array([*SQUARE[:3], [8.5, 5.5], [11.5, 3.5], [11.5, 5.5], [8.5, 3.5], SQUARE[3]])
    ring = np.concatenate((crossed, crossed[:1], HOLE, HOLE[:1]))
    repaired, note = repair(ring)
    assert note is not None
    kept = rasterize([repaired], (12, 10)) > 0
    assert not kept[3:6, 3:6].any()
    assert kept[1:9, 6:9].all()


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 4), st.integers(1, 10), st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_outlines_of_any_regions_are_left_alone(most, height, width, seed):
    for ring in polygonize(np.random.default_rng(seed).integers(0, most + 1, (height, width))):
        repaired, note = repair(ring)
        assert note is None
        assert (repaired == ring).all()


@settings(deadline=None, max_examples=200)
@given(st.integers(4, 9), st.integers(0, 2**32 - 1))
def test_a_repaired_outline_needs_no_repair_and_adds_no_area(vertices, seed):
    polygon = np.random.default_rng(seed).uniform(0, 30, (vertices, 2))
    repaired, _ = repair(polygon)
    assert repair(repaired)[1] is None
    before, after = rasterize([polygon], (31, 31)) > 0, rasterize([repaired], (31, 31)) > 0
    assert not (after & ~before).any()


@pytest.mark.parametrize(
    "thin", [[[0, 0], [1, 1], [2, 2]], [[0, 0], [5, 5], [5, 0], [5, 5]], [[0, 0], [0, 5], [5, 0]] * 2]
)
def test_an_outline_without_area_is_refused(thin):
    with pytest.raises(ValueError, match="must enclose an area"):
        repair(thin)


def test_what_is_no_polygon_is_refused():
    with pytest.raises(ValueError, match="three distinct points"):
        repair([[0, 0], [1, 1]])


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 4), st.integers(1, 10), st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_the_area_of_an_outline_is_its_region(most, height, width, seed):
    labels = np.random.default_rng(seed).integers(0, most + 1, (height, width))
    counts = np.bincount(labels.ravel())[1:]
    areas = [outline_area(ring) for ring in polygonize(labels)]
    assert all(area.is_valid for area in areas)
    assert [area.area for area in areas] == pytest.approx(counts[counts > 0].tolist())


def test_the_area_of_a_pentagram_leaves_out_its_middle():
    turns = np.arange(5) * 4 * np.pi / 5
    area = outline_area(np.column_stack((np.sin(turns), np.cos(turns))))
    assert len(area.geoms) == 5
    assert not area.contains(Point(0, 0))
