"""What napari gets of files, as plain layer data and, where it matters, as napari's own layers."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from napari.layers import Image, Layer
from npe2 import PluginManifest

from napari_sharpgan import napari_io
from napari_sharpgan.formats import (
    NUCLEI_FORMATS,
    Nuclei,
    NucleusInfo,
    write_image,
    write_labels,
    write_nuclei,
)
from napari_sharpgan.napari_io import image_layers, nuclei_layers, readers
from napari_sharpgan.napari_io.grid import Grid

LABELS = np.zeros((8, 9), np.int32)
LABELS[1:4, 1:4] = 2
LABELS[5:8, 5:9] = 1
RGB = np.random.default_rng(0).integers(0, 256, (8, 9, 3)).astype(np.uint8)
WRITTEN = [suffix for suffix in readers.NUCLEI if NUCLEI_FORMATS[suffix].write is not None]
MANIFEST = PluginManifest.from_file(Path(__file__).parents[2] / "napari.yaml").contributions


def layers_of(path):
    return [Layer.create(*layer) for layer in napari_io.get_reader(str(path))(str(path))]


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.txt", "a.npy", "a", "mask.txt", "folder/", "b.zarr"])
def test_paths_of_others_are_left_to_others(name):
    assert napari_io.get_reader(name) is None
    assert napari_io.get_reader(["a.geojson", name]) is None


def test_to_look_at_a_path_needs_no_torch():
    code = (
        "import sys, napari_sharpgan.napari_io as io; io.get_reader('a.mat');"
        "print('torch' in sys.modules, 'zarr' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


def test_the_manifest_offers_each_format_that_is_read_and_written():
    patterns = {pattern[1:] for reader in MANIFEST.readers for pattern in reader.filename_patterns}
    assert patterns == set(readers.READ_SUFFIXES)
    for writer in MANIFEST.writers:
        offered = {".txt" if suffix == "_mask.txt" else suffix for suffix in (*WRITTEN, ".ome.zarr")}
        assert set(writer.filename_extensions) == offered


@pytest.mark.parametrize("suffix", [*WRITTEN, ".GeoJSON", ".ome.zarr"])
def test_every_file_of_nuclei_opens_as_labels(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_labels(LABELS, path)
    labels, *outlines = layers_of(path)
    assert labels.name == ("a_mask" if suffix == "_mask.txt" else "a")
    np.testing.assert_array_equal(labels.data > 0, LABELS > 0)
    assert len(np.unique(labels.data)) == 3
    assert [layer.name for layer in outlines] in ([], ["a outlines"])


def test_several_files_open_together(tmp_path):
    paths = [str(tmp_path / name) for name in ("a.mat", "b_mask.txt")]
    for path in paths:
        write_labels(LABELS, path)
    assert [attributes["name"] for _, attributes, _ in napari_io.get_reader(paths)(paths)] == ["a", "b_mask"]


def test_outlines_open_as_shapes_above_their_labels_with_what_is_known_of_them(tmp_path):
    info = {2: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0), name="big", is_locked=True)}
    write_nuclei(Nuclei(labels=LABELS, info=info), tmp_path / "a.geojson")
    labels, outlines = layers_of(tmp_path / "a.geojson")
    expected = {"label": [1, 2], "class": ["", "Tumor"], "name": ["", "big"], "locked": [False, True]}
    assert outlines.features.to_dict("list") == expected
    assert labels.features.to_dict("list") == {"index": [1, 2], **expected}
    assert labels.metadata["classes"] == outlines.metadata["classes"] == ["Tumor"]
    np.testing.assert_array_equal(outlines.to_labels(LABELS.shape) > 0, LABELS > 0)
    np.testing.assert_allclose(outlines.edge_color[1], [200 / 255, 0, 0, 1])
    outlines.add(np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 2.0]]), shape_type="polygon")
    assert outlines.features.iloc[-1].to_dict() == {"label": 0, "class": "", "name": "", "locked": False}


def test_many_outlines_open_as_labels_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(nuclei_layers, "MOST_OUTLINES", 1)
    write_labels(LABELS, tmp_path / "a.geojson")
    assert [kind for _, _, kind in napari_io.read_layers(str(tmp_path / "a.geojson"))] == ["labels"]


def test_a_file_without_nuclei_opens(tmp_path):
    write_labels(LABELS * 0, tmp_path / "a.mat")
    (labels,) = layers_of(tmp_path / "a.mat")
    assert not labels.data.any()


def test_what_reading_had_to_change_is_a_warning(tmp_path):
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "Feature", "geometry": bow, "properties": {}}))
    with pytest.warns(UserWarning, match="crossed itself"):
        napari_io.read_layers(str(path))


def test_an_ome_zarr_opens_as_image_and_nuclei_in_micrometers(tmp_path):
    write_image(RGB, tmp_path / "a.ome.zarr", micrometers_per_pixel=0.25)
    write_labels(LABELS, tmp_path / "a.ome.zarr")
    image, nuclei = layers_of(tmp_path / "a.ome.zarr")
    assert (image.name, nuclei.name) == ("a", "a nuclei")
    assert image.rgb
    np.testing.assert_array_equal(image.data, RGB)
    np.testing.assert_array_equal(nuclei.data, LABELS)
    for layer in (image, nuclei):
        assert layer.scale.tolist() == [0.25, 0.25]
        assert [str(unit) for unit in layer.units] == ["micrometer", "micrometer"]
        assert napari_io.micrometers_per_pixel(layer) == 0.25


def test_an_empty_folder_called_ome_zarr_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "a.ome.zarr").mkdir()
    with pytest.raises(ValueError, match=r"a\.ome\.zarr cannot be read as OME-Zarr"):
        layers_of(tmp_path / "a.ome.zarr")


def test_levels_open_as_multiscale_and_stay_on_the_disk(tmp_path):
    import dask.array

    image = np.random.default_rng(1).integers(0, 256, (90, 70, 3)).astype(np.uint8)
    sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as file:
        how = {"photometric": "rgb", "tile": (32, 32)}
        file.write(image, subifds=1, metadata={"axes": "YXS", **sizes}, **how)
        file.write(image[::2, ::2], subfiletype=1, **how)
    (layer,) = layers_of(tmp_path / "a.ome.tif")
    assert layer.name == "a"
    assert layer.multiscale
    assert all(isinstance(level, dask.array.Array) for level in layer.data)
    np.testing.assert_array_equal(layer.data[1], image[::2, ::2])
    assert napari_io.micrometers_per_pixel(layer) == 0.5
    assert napari_io.grid_of(layer).shape == (90, 70)


def test_channels_that_are_no_colors_are_a_layer_each_and_planes_stay(tmp_path):
    stack = np.zeros((4, 2, 8, 9), np.uint16)
    sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    how = {"photometric": "minisblack", "metadata": {"axes": "ZCYX", **sizes}}
    tifffile.imwrite(tmp_path / "a.ome.tif", stack, **how)
    ((data, attributes, kind),) = napari_io.read_layers(str(tmp_path / "a.ome.tif"))
    assert (data.shape, attributes["channel_axis"], kind) == ((4, 2, 8, 9), 1, "image")
    assert attributes["scale"] == [1.0, 0.5, 0.5]
    assert attributes["units"] == ["pixel", "µm", "µm"]
    Image(data[:, 0], scale=attributes["scale"], units=attributes["units"])


def test_large_labels_stay_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "MOST_PIXELS", 10)
    monkeypatch.setattr(image_layers, "MOST_PIXELS", 10)
    write_image(RGB, tmp_path / "a.ome.zarr", micrometers_per_pixel=0.25)
    write_labels(LABELS, tmp_path / "a.ome.zarr")
    image, nuclei = layers_of(tmp_path / "a.ome.zarr")
    assert type(image.data).__module__.startswith("dask")
    assert type(nuclei.data).__module__.startswith("dask")
    np.testing.assert_array_equal(nuclei.data, LABELS)
    assert nuclei.scale.tolist() == [0.25, 0.25]


# ---- on the grid of the image that is open


def place_of(nuclei, grid):
    _, attributes, _ = nuclei_layers.nuclei_layers(nuclei, "a", grid)[0]
    return {name: attributes[name] for name in ("scale", "units", "translate") if name in attributes}


MICRONS = ("micrometer", "micrometer")
CROP = Grid((0.25, 0.25), (10.0, 20.0), MICRONS, LABELS.shape)


def test_nuclei_that_know_no_size_lie_on_the_open_image():
    outlines = Nuclei(polygons=[np.array([[1.0, 1.0], [1.0, 5.0], [6.0, 3.0]])])
    assert place_of(outlines, CROP) == {"scale": (0.25, 0.25), "units": MICRONS}  # they count from the slide
    assert place_of(Nuclei(labels=LABELS), CROP) == CROP.place()  # just as large: the labels of the crop
    assert place_of(Nuclei(labels=LABELS[:5]), CROP) == CROP.place(translate=False)
    assert place_of(outlines, None) == {}


def test_a_size_of_the_file_counts_where_the_image_knows_micrometers_too():
    own = Nuclei(labels=LABELS[:5], micrometers_per_pixel=0.5)
    assert place_of(own, None) == {"scale": (0.5, 0.5), "units": ("µm", "µm")}
    assert place_of(own, CROP) == {"scale": (0.5, 0.5), "units": ("µm", "µm")}
    assert place_of(own, Grid()) == {"scale": (1.0, 1.0), "units": ("pixel", "pixel")}


def test_outlines_are_painted_on_the_shape_of_the_image_if_they_lie_in_it():
    outlines = Nuclei(polygons=[np.array([[1.0, 1.0], [1.0, 5.0], [4.0, 3.0]])])
    assert nuclei_layers.nuclei_layers(outlines, "a", CROP)[0][0].shape == LABELS.shape
    beyond = Nuclei(polygons=[np.array([[1.0, 1.0], [1.0, 25.0], [4.0, 3.0]])])
    assert nuclei_layers.nuclei_layers(beyond, "a", CROP)[0][0].shape == (5, 26)


@pytest.mark.gui
def test_a_dropped_geojson_lies_on_the_slide_that_is_open(make_napari_viewer, tmp_path):
    viewer = make_napari_viewer()
    write_image(RGB, tmp_path / "a.ome.zarr", micrometers_per_pixel=0.25)
    (tmp_path / "b.geojson").write_text(
        json.dumps(
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [5, 1], [3, 6], [1, 1]]]},
                "properties": {},
            }
        )
    )
    viewer.open(str(tmp_path / "a.ome.zarr"), plugin="napari-sharpgan")
    viewer.open(str(tmp_path / "b.geojson"), plugin="napari-sharpgan")
    assert [layer.name for layer in viewer.layers] == ["a", "b", "b outlines"]
    assert {tuple(layer.scale) for layer in viewer.layers} == {(0.25, 0.25)}
    assert viewer.layers["b"].data.shape == (8, 9)
