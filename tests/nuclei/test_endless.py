import hashlib
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.spatial import KDTree

from napari_sharpgan.nuclei import EndlessNuclei, NucleiConfig, polygon_mask

SHAPE = (1300, 1850)  # three by four cells of 512 px, the last ones cut
CROWDED = {"density": 7000.0, "level": 0.0, "size_spread": 0.0, "seed": 3}
ALL = (slice(None), slice(None))


def crowded(shape=SHAPE, *, patchiness=0.6, memory=2**28, **changes):
    return EndlessNuclei(shape, NucleiConfig(**(CROWDED | changes)), patchiness=patchiness, memory=memory)


@pytest.fixture(scope="module")
def whole():
    return crowded().labels(ALL)


def painted(placed, shape):
    """Return the label image of nuclei by their ids, the shares of each on earlier ones and hidden."""
    labels = np.zeros(shape, np.int64)
    areas, under = [], []
    for number, polygon in zip(placed.ids, placed.polygons, strict=True):
        window, mask = polygon_mask(polygon, shape)
        areas.append(mask.sum())
        under.append((labels[window][mask] > 0).sum())
        labels[window][mask] = number
    found, counts = np.unique(labels, return_counts=True)
    seen = dict(zip(found.tolist(), counts.tolist(), strict=True))
    visible = np.array([seen.get(number, 0) for number in placed.ids.tolist()])
    return labels, np.array(under) / areas, 1 - visible / areas


def centers(endless):
    """Return about where the nuclei of a whole canvas lie."""
    return np.array([polygon.mean(axis=0) for polygon in endless.in_window(ALL).polygons])


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_any_window_is_that_part_of_the_whole(whole, data):
    sides = []
    for most in SHAPE:
        start = data.draw(st.integers(0, most - 1))
        sides.append(slice(start, data.draw(st.integers(start + 1, min(most, start + 200)))))
    endless = data.draw(st.sampled_from([crowded(memory=0), KEPT]))
    assert (endless.labels(tuple(sides)) == whole[tuple(sides)]).all()


KEPT = crowded()


@pytest.mark.parametrize("against", [-1.0, 0.5])
def test_windows_agree_in_any_order_whatever_the_settings(against):
    one, other = (crowded(touching=against, elongation=0.5, rounding=1) for _ in range(2))
    corners = [(row, column) for row in range(0, 1300, 500) for column in range(0, 1850, 500)]
    windows = [
        (slice(row, min(row + 500, 1300)), slice(column, min(column + 500, 1850))) for row, column in corners
    ]
    labels = one.labels(ALL)
    for window in windows[::-1]:
        assert (other.labels(window) == labels[window]).all()


def test_another_process_draws_the_same():
    script = (
        "import hashlib, pickle, sys; endless = pickle.load(sys.stdin.buffer);"
        "print(hashlib.sha256(endless.labels((slice(300, 800), slice(700, 1300))).tobytes()).hexdigest())"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(KEPT), capture_output=True, check=True
    )
    labels = crowded().labels((slice(300, 800), slice(700, 1300)))
    assert found.stdout.decode().strip() == hashlib.sha256(labels.tobytes()).hexdigest()


def test_the_outlines_of_a_window_are_those_of_the_whole_and_paint_its_labels(whole):
    everything = crowded().in_window(ALL)
    assert len(set(everything.ids.tolist())) == len(everything)
    assert everything.ids.min() >= 1
    by_id = dict(zip(everything.ids.tolist(), everything.polygons, strict=True))
    window = (slice(400, 700), slice(900, 1200))
    part = crowded().in_window(window)
    assert all(
        (by_id[number] == polygon).all()
        for number, polygon in zip(part.ids.tolist(), part.polygons, strict=True)
    )
    reaching = []
    for number, polygon in by_id.items():
        canvas = np.zeros(SHAPE, bool)
        box, mask = polygon_mask(polygon, SHAPE)
        canvas[box] = mask
        if canvas[window].any():
            reaching.append(number)
    assert part.ids.tolist() == reaching
    labels, _, _ = painted(everything, SHAPE)
    assert whole.dtype == np.uint32
    assert (labels == whole).all()


@pytest.mark.parametrize("changes", [{}, {"touching": 0.7, "max_overlap": 0.3}, {"max_overlap": 0.0}])
def test_overlap_keeps_its_limit_across_cells_as_within(changes):
    placed = crowded((1100, 1100), patchiness=0.0, **changes).in_window(ALL)
    most = changes.get("max_overlap", 0.15)
    _, under, hidden = painted(placed, (1100, 1100))
    assert max(under.max(), hidden.max()) <= most
    if most:
        assert under.max() > most / 2


def test_apart_no_two_touch_across_cells_either():
    labels = crowded(patchiness=0.0, touching=-1.0).labels(ALL).astype(np.int64)
    top = maximum_filter(labels, 3)
    low = minimum_filter(np.where(labels > 0, labels, top.max() + 1), 3)
    assert not ((labels > 0) & ((top != labels) | (low != labels))).any()
    near = np.zeros(SHAPE, bool)
    near[500:524] = True
    assert len(np.unique(labels[near])) > 30  # there are nuclei at a border of cells


def test_set_against_others_more_nuclei_touch():
    def share(against):
        labels = crowded(density=3000.0, patchiness=0.0, touching=against).labels(ALL).astype(np.int64)
        other = np.where(labels > 0, labels, labels.max() + 1)
        touched = (labels > 0) & ((maximum_filter(labels, 3) > labels) | (minimum_filter(other, 3) < labels))
        return len(np.unique(labels[touched])) / len(np.unique(labels))

    assert share(0.9) > 0.7 > 0.45 > share(0.0)


def test_set_against_others_nuclei_crowd_no_borders_of_cells():
    endless = crowded((5000, 5000), patchiness=0.0, density=4500.0, alike=0.0, touching=0.4, spikiness=0.0)
    side = endless.cell
    places = centers(endless)
    inner = places[((places > side / 2) & (places < 5000 // side * side - side / 2)).all(axis=1)]
    border = np.abs((inner + side / 2) % side - side / 2).min(axis=1) < 40
    expected = 1 - ((side - 80) / side) ** 2
    assert border.mean() == pytest.approx(expected, rel=0.1)


def test_there_are_as_many_as_asked_for_and_no_lattice_is_seen():
    endless = crowded((5120, 5120), patchiness=0.0, density=5000.0, alike=0.0)
    assert endless.cell == 512
    places = centers(endless)
    assert len(places) == pytest.approx(endless.wanted, rel=0.01)
    assert endless.wanted == round(5000 * 5.12**2 / 16)
    inner = places[((places > 256) & (places < 4864)).all(axis=1)]
    border = np.abs((inner + 256) % 512 - 256).min(axis=1) < 20
    expected = 1 - (472 / 512) ** 2
    assert border.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(inner)))
    nearest = KDTree(places).query(inner, 2)[0][:, 1]
    assert nearest[border].mean() == pytest.approx(nearest[~border].mean(), rel=0.06)


def test_a_count_is_that_of_the_canvas():
    endless = EndlessNuclei((1024, 1024), NucleiConfig(count=300, level=0.0, seed=1), patchiness=0.0)
    assert len(endless.in_window(ALL)) == pytest.approx(300, abs=6)
    assert len(EndlessNuclei((1024, 1024), NucleiConfig(count=0)).in_window(ALL)) == 0


def test_patchiness_makes_regions_differ_and_keeps_the_mean():
    def counts(patchiness):
        endless = crowded((8192, 8192), patchiness=patchiness, density=800.0, alike=0.0)
        return np.histogram2d(*centers(endless).T, bins=8, range=[(0, 8192)] * 2)[0]

    even, patchy = counts(0.0), counts(0.6)
    assert even.std() / even.mean() < 0.2 < 0.35 < patchy.std() / patchy.mean()
    assert patchy.mean() == pytest.approx(even.mean(), rel=0.25)


def test_far_places_of_a_vast_canvas_take_little_memory():
    endless = crowded((1_000_000, 1_000_000), memory=2**21)
    far = endless.labels((slice(999_700, 1_000_000), slice(999_800, 1_000_000)))
    assert far.shape == (300, 200)
    for column in range(0, 20_000, 2_000):
        endless.labels((slice(500_000, 500_100), slice(column, column + 100)))
        assert endless.held <= 2**21
    again = crowded((1_000_000, 1_000_000)).labels((slice(999_800, 1_000_000), slice(999_800, 1_000_000)))
    assert (again == far[100:]).all()
    assert again.any()


@pytest.mark.parametrize("shape", [(1, 1), (40, 700), (300, 200), (512, 513)])
def test_canvases_smaller_than_a_cell_or_cut_work(shape):
    labels = crowded(shape).labels(ALL)
    assert labels.shape == shape
    rows, columns = slice(shape[0] // 2, shape[0]), slice(shape[1] // 2, shape[1])
    assert (crowded(shape).labels((rows, columns)) == labels[rows, columns]).all()
    assert labels.any() == (min(shape) > 1)


def test_other_seeds_give_other_nuclei():
    assert (crowded(seed=1).labels(ALL) != crowded(seed=2).labels(ALL)).any()


@pytest.mark.parametrize(
    ("window", "error", "words"),
    [
        ((slice(0, 1301), slice(0, 5)), ValueError, "lie on the canvas of 1300 × 1850 px"),
        ((slice(5, 5), slice(0, 5)), ValueError, "must have pixels"),
        ((slice(0, 9, 2), slice(0, 5)), ValueError, "no steps"),
        ((slice(-3, 9), slice(0, 5)), ValueError, "canvas"),
        (slice(0, 5), TypeError, "two slices"),
        ((3, 5), TypeError, "two slices"),
        ((slice("a", "b"), slice(0, 5)), TypeError, "two slices"),
    ],
)
def test_unusable_windows_are_refused(window, error, words):
    with pytest.raises(error, match=words):
        KEPT.labels(window)


def test_unusable_canvases_are_refused():
    with pytest.raises(ValueError, match="shape"):
        crowded((0, 5))
    with pytest.raises(ValueError, match="patchiness must be from 0 to 2, got -1"):
        crowded(patchiness=-1)
    with pytest.raises(ValueError, match="needs nuclei ids up to"):
        crowded((10_000_000, 10_000_000))
    with pytest.raises(ValueError, match="must reach at most 2048 px from their center"):
        EndlessNuclei(SHAPE, NucleiConfig(count=1, radius_max=200.0, elongation=3.0, level=7.0, touching=1.0))
