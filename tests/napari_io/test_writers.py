"""Layers to files: what is written are coordinates of the slide, and nothing known of nuclei is lost."""

import json

import numpy as np
import pytest
from napari.layers import Labels, Shapes
from shapely.geometry import Polygon, shape

from napari_sharpgan import napari_io
from napari_sharpgan.formats import (
    NUCLEI_FORMATS,
    Nuclei,
    NucleusInfo,
    read_labels,
    read_nuclei,
    write_nuclei,
)
from napari_sharpgan.napari_io import readers

LABELS = np.zeros((8, 9), np.int32)
LABELS[1:4, 1:4] = 2
LABELS[5:8, 5:9] = 1
BOX = np.array([[0.0, 0.0], [0.0, 20.0], [10.0, 20.0], [10.0, 0.0]])
WRITTEN = [suffix for suffix, kind in NUCLEI_FORMATS.items() if kind.write is not None]


def write(layer, path):
    """Write a layer as napari does."""
    data, attributes, kind = layer.as_layer_data_tuple()
    door = {"labels": napari_io.write_labels_layer, "shapes": napari_io.write_shapes_layer}[kind]
    assert door(str(path), data, attributes) == [str(path)]


@pytest.mark.parametrize("suffix", WRITTEN)
def test_a_labels_layer_is_written_in_every_format(suffix, tmp_path):
    write(Labels(LABELS), tmp_path / f"a{suffix}")
    found = read_labels(tmp_path / f"a{suffix}", LABELS.shape if suffix == ".json" else None)
    np.testing.assert_array_equal(found[:8, :9] > 0, LABELS > 0)


@pytest.mark.parametrize("suffix", [".geojson", ".mat"])
def test_shapes_of_napari_are_written_as_the_nuclei_that_they_enclose(suffix, tmp_path):
    shapes = Shapes(ndim=2)
    shapes.add(np.array([[1.0, 1.0], [1.0, 5.0], [6.0, 3.0]]), shape_type="polygon")
    shapes.add(BOX, shape_type="rectangle")
    shapes.add(BOX + 30, shape_type="ellipse")
    write(shapes, tmp_path / f"a{suffix}")
    if suffix == ".mat":
        assert np.unique(read_labels(tmp_path / "a.mat")).tolist() == [0, 2, 3]  # 2 lies upon 1
        return
    areas = [shape(f["geometry"]).area for f in json.loads((tmp_path / "a.geojson").read_text())["features"]]
    np.testing.assert_allclose(areas, [10, 200, np.pi * 5 * 10], rtol=0.002)
    ring = read_nuclei(tmp_path / "a.geojson").polygons[2]
    assert Polygon(ring).centroid.coords[0] == pytest.approx((35, 40))
    assert np.ptp(ring, axis=0) == pytest.approx((10, 20))


@pytest.mark.parametrize("kind", ["line", "path"])
def test_shapes_that_enclose_nothing_are_refused_and_nothing_is_written(kind, tmp_path):
    line = np.array([[0.0, 0.0], [3.0, 3.0], [4.0, 0.0]])
    with pytest.raises(ValueError, match=f"must be a polygon, a rectangle or an ellipse, got a {kind}"):
        napari_io.write_shapes_layer(str(tmp_path / "a.geojson"), [line], {"shape_type": [kind]})
    assert list(tmp_path.iterdir()) == []


def test_shapes_in_space_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"rows and columns, \(N, 2\), got \(4, 3\)"):
        napari_io.write_shapes_layer(str(tmp_path / "a.geojson"), [np.zeros((4, 3))], {})


def test_a_file_goes_through_napari_and_nothing_is_lost(tmp_path):
    info = NucleusInfo(
        id="0d1c6f5e-5ad2-4d0e-9df4-5f2f3a0a7c11",
        name="x",
        class_name="Tumor",
        class_color=(200, 0, 0),
        is_locked=True,
        measurements={"area": 9.0},
        metadata={"seen by": "A"},
    )
    write_nuclei(Nuclei(labels=LABELS, info={2: info}), tmp_path / "a.geojson")
    before = read_nuclei(tmp_path / "a.geojson").info
    layers = napari_io.read_layers(str(tmp_path / "a.geojson"))
    for data, attributes, kind in layers:
        layer = (Labels if kind == "labels" else Shapes)(data, **attributes)
        write(layer, tmp_path / "b.geojson")
        found = read_nuclei(tmp_path / "b.geojson")
        assert found.info == before
        np.testing.assert_array_equal(found.to_labels(LABELS.shape), LABELS)


def test_what_was_changed_in_the_features_is_written(tmp_path):
    info = {1: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0)), 2: NucleusInfo(class_name="Stroma")}
    features = {"index": [1, 2], "class": ["Tumor", "Tumor"], "name": ["", "new"], "locked": [True, False]}
    write(Labels(LABELS, features=features, metadata={"nuclei": info}), tmp_path / "a.ome.zarr")
    found = read_nuclei(tmp_path / "a.ome.zarr").info
    assert found == {
        1: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0), is_locked=True),
        2: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0), name="new"),
    }


def test_a_new_shape_gets_the_next_free_number(tmp_path):
    features = {"label": [7, 7, 0, 2], "class": ["a", "b", "c", "d"]}
    rings = [BOX + 40 * k for k in range(4)]
    write(Shapes(rings, shape_type="polygon", features=features), tmp_path / "a.geojson")
    found = read_nuclei(tmp_path / "a.geojson")
    assert list(found.numbers) == [7, 1, 3, 2]
    assert [found.info[n].class_name for n in found.numbers] == ["a", "b", "c", "d"]


# ---- where in the slide, and how large

CROP = {"scale": (0.25, 0.25), "translate": (25.0, 50.0), "units": ("µm", "µm")}


@pytest.mark.parametrize("layer", [Labels(LABELS, **CROP), Shapes([BOX], shape_type="polygon", **CROP)])
def test_outlines_of_a_crop_are_written_in_coordinates_of_the_slide(layer, tmp_path):
    write(layer, tmp_path / "a.geojson")
    corners = np.vstack(read_nuclei(tmp_path / "a.geojson").polygons)
    expected = (1 - 0.5, 1 - 0.5) if isinstance(layer, Labels) else (0, 0)
    np.testing.assert_allclose(corners.min(axis=0), np.add(expected, (100, 200)))


@pytest.mark.parametrize("suffix", [".mat", ".ome.zarr"])
def test_pixels_of_a_crop_stay_its_pixels_and_the_offset_is_said(suffix, tmp_path):
    with pytest.warns(UserWarning, match="begins at row 100, column 200, which is not part"):
        write(Labels(LABELS, **CROP), tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(read_labels(tmp_path / f"a{suffix}"), LABELS)


@pytest.mark.parametrize(
    ("unit", "scale", "expected"), [("µm", 0.25, 0.25), ("nm", 500, 0.5), ("pixel", 2, None)]
)
def test_the_size_of_a_pixel_is_that_of_the_layer(unit, scale, expected, tmp_path):
    write(Labels(LABELS, scale=(scale, scale), units=(unit, unit)), tmp_path / "a.ome.zarr")
    found = read_nuclei(tmp_path / "a.ome.zarr").micrometers_per_pixel
    assert found == (None if expected is None else pytest.approx(expected))


def test_a_layer_that_is_turned_is_written_as_it_lies_in_its_own_pixels_and_it_is_said(tmp_path):
    with pytest.warns(UserWarning, match="rotate of the layer is not part of what was written"):
        write(Labels(LABELS, rotate=30), tmp_path / "a.mat")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.mat"), LABELS)


def test_of_several_levels_the_first_is_written(tmp_path):
    large = np.kron(LABELS, np.ones((2, 2), int))
    write(Labels([large, LABELS], multiscale=True), tmp_path / "a.mat")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.mat"), large)


def test_one_plane_of_a_stack_is_written_and_several_are_refused(tmp_path):
    write(Labels(LABELS[None]), tmp_path / "a.mat")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.mat"), LABELS)
    with pytest.raises(ValueError, match=r"must have shape \(H, W\), got \(2, 8, 9\)"):
        write(Labels(np.stack([LABELS, LABELS])), tmp_path / "b.mat")


def test_every_format_that_is_read_is_written_or_known_not_to_be():
    assert set(readers.NUCLEI) <= set(NUCLEI_FORMATS)
