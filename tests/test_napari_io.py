"""The doors that napari calls, with plain layer data and, where it matters, with napari's own layers."""

import json
import subprocess
import sys

import numpy as np
import pytest
from napari.layers import Layer, Shapes
from shapely.geometry import Polygon, shape

from napari_sharpgan import napari_io, rendering
from napari_sharpgan.formats import Nuclei, NucleusInfo, read_labels, read_nuclei, write_labels, write_nuclei

LABELS = np.zeros((8, 9), np.int32)
LABELS[1:4, 1:4] = 2
LABELS[5:8, 5:9] = 1


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.txt", "a.npy", "a", "mask.txt", "folder/"])
def test_paths_of_others_are_left_to_others(name):
    assert napari_io.get_reader(name) is None
    assert napari_io.get_reader(["a.geojson", name]) is None


def test_to_look_at_a_path_needs_no_torch():
    code = (
        "import sys, napari_sharpgan.napari_io as io; io.get_reader('a.mat'); print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("suffix", [".mat", "_mask.txt", ".GeoJSON"])
def test_every_file_of_nuclei_opens_as_labels(suffix, tmp_path):
    path = str(tmp_path / f"a{suffix}")
    write_labels(LABELS, path)
    layers = napari_io.get_reader(path)(path)
    data, attributes, kind = layers[0]
    assert kind == "labels"
    assert attributes["name"] == path.split("/")[-1].rsplit(".", 1)[0]
    np.testing.assert_array_equal(data, LABELS)
    assert len(layers) == (2 if suffix == ".GeoJSON" else 1)


def test_several_files_open_together(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.mat", "b_mask.txt")]
    for path in paths:
        write_labels(LABELS, path)
    assert [attributes["name"] for _, attributes, _ in napari_io.get_reader(paths)(paths)] == ["a", "b_mask"]


def test_outlines_open_as_shapes_above_their_labels_with_their_classes(tmp_path):
    write_nuclei(Nuclei(labels=LABELS, info={2: NucleusInfo(class_name="Tumor")}), tmp_path / "a.geojson")
    layers = [Layer.create(*layer) for layer in napari_io.read_layers(str(tmp_path / "a.geojson"))]
    assert [layer.name for layer in layers] == ["a", "a outlines"]
    assert layers[1].nshapes == 2
    assert layers[1].features["label"].tolist() == [1, 2]
    assert layers[1].features["class"].tolist() == ["", "Tumor"]
    np.testing.assert_array_equal(layers[1].to_labels(LABELS.shape) > 0, LABELS > 0)


def test_many_outlines_open_as_labels_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(napari_io, "MOST_OUTLINES", 1)
    write_labels(LABELS, tmp_path / "a.geojson")
    assert [kind for _, _, kind in napari_io.read_layers(str(tmp_path / "a.geojson"))] == ["labels"]


def test_what_reading_had_to_change_is_a_warning(tmp_path):
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "Feature", "geometry": bow, "properties": {}}))
    with pytest.warns(UserWarning, match="crossed itself"):
        napari_io.read_layers(str(path))


@pytest.mark.parametrize("suffix", [".geojson", ".mat"])
def test_a_labels_layer_is_written_for_qupath_and_hovernet(suffix, tmp_path):
    path = str(tmp_path / f"a{suffix}")
    assert napari_io.write_labels_layer(path, LABELS, {"name": "labels"}) == [path]
    np.testing.assert_array_equal(read_labels(path), LABELS)


def test_shapes_of_napari_are_written_as_the_nuclei_that_they_enclose(tmp_path):
    shapes = Shapes(ndim=2)
    box = np.array([[0.0, 0.0], [0.0, 20.0], [10.0, 20.0], [10.0, 0.0]])
    shapes.add(np.array([[1.0, 1.0], [1.0, 5.0], [6.0, 3.0]]), shape_type="polygon")
    shapes.add(box, shape_type="rectangle")
    shapes.add(box + 30, shape_type="ellipse")
    data, attributes, _ = shapes.as_layer_data_tuple()
    path = str(tmp_path / "a.geojson")
    assert napari_io.write_shapes_layer(path, data, attributes) == [path]
    areas = [shape(f["geometry"]).area for f in json.loads((tmp_path / "a.geojson").read_text())["features"]]
    np.testing.assert_allclose(areas, [10, 200, np.pi * 5 * 10], rtol=0.002)
    ring = read_nuclei(path).polygons[2]
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


def test_the_sample_is_the_same_each_time():
    ((first, _, kind),) = napari_io.sample_nuclei()
    ((second, _, _),) = napari_io.sample_nuclei()
    assert kind == "labels"
    np.testing.assert_array_equal(first, second)
    assert len(np.unique(first)) > 100


def test_the_sample_tissue_is_rendered_from_its_nuclei_and_marked_synthetic(monkeypatch):
    monkeypatch.setattr(
        rendering, "render", lambda labels: np.repeat(labels[..., None], 3, -1).astype(np.uint8)
    )
    monkeypatch.setattr(rendering, "synthetic_note", lambda nuclei: {"synthetic": True, "nuclei": nuclei})
    (tissue, attributes, kind), (labels, _, _) = napari_io.sample_tissue()
    assert kind == "image"
    assert attributes["metadata"] == {"synthetic": True, "nuclei": "sample nuclei"}
    np.testing.assert_array_equal(tissue[..., 0], labels.astype(np.uint8))
