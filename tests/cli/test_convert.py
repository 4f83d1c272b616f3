"""From one kind of file to another, nothing lost without a word."""

import json
import uuid

import numpy as np
import pytest
from shapely.geometry import shape

from napari_sharpgan.formats import (
    NUCLEI_FORMATS,
    Nuclei,
    NucleusInfo,
    read_labels,
    read_nuclei,
    write_nuclei,
)

SQUARE = np.array([[1.0, 1.0], [1.0, 3.0], [3.0, 3.0], [3.0, 1.0]])
WRITTEN = [suffix for suffix, kind in NUCLEI_FORMATS.items() if kind.write]


def test_real_nuclei_go_to_qupath_and_back(sharpgan, real_data, tmp_path):
    mask = real_data / "cpm15" / "image01_mask.txt"
    ended = sharpgan("convert", mask, tmp_path / "out.geojson")
    assert ended.status == 0, ended.err
    assert "351 nuclei" in ended.out
    features = json.loads((tmp_path / "out.geojson").read_text())["features"]
    assert all(shape(feature["geometry"]).is_valid for feature in features)
    assert len({uuid.UUID(feature["id"]) for feature in features}) == 351
    assert sharpgan("convert", tmp_path / "out.geojson", tmp_path / "back_mask.txt").status == 0
    labels, back = read_labels(mask), read_labels(tmp_path / "back_mask.txt")
    areas = np.bincount(labels.ravel())
    assert np.count_nonzero(areas[1:]) == 351
    for number in np.flatnonzero(areas[1:]) + 1:
        one, other = labels == number, back == number
        iou = np.count_nonzero(one & other) / np.count_nonzero(one | other)
        assert iou >= (0.99 if areas[number] > 100 else 0.95)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_every_ending_is_reached_and_left_again(sharpgan, nuclei_file, labels, tmp_path, suffix):
    ended = sharpgan("convert", nuclei_file, tmp_path / f"a{suffix}")
    assert (ended.status, ended.err) == (0, "")
    assert sharpgan("convert", tmp_path / f"a{suffix}", tmp_path / "back.npy").status == 0
    np.testing.assert_array_equal(np.load(tmp_path / "back.npy"), labels)


def test_shape_and_size_of_pixels_can_be_said(sharpgan, tmp_path):
    write_nuclei(Nuclei(polygons=[SQUARE]), tmp_path / "a.geojson")
    ended = sharpgan(
        "convert",
        tmp_path / "a.geojson",
        tmp_path / "a.tif",
        "--shape",
        9,
        8,
        "--micrometers-per-pixel",
        0.25,
    )
    assert ended.status == 0, ended.err
    back = read_nuclei(tmp_path / "a.tif")
    assert back.labels.shape == (9, 8)
    assert back.micrometers_per_pixel == 0.25


def test_what_has_no_place_is_named(sharpgan, tmp_path):
    info = {1: NucleusInfo(class_name="Tumor", is_locked=True)}
    nuclei = Nuclei(polygons=[SQUARE, SQUARE], info=info, micrometers_per_pixel=0.25)
    write_nuclei(nuclei, tmp_path / "a.geojson")
    ended = sharpgan("convert", tmp_path / "a.geojson", tmp_path / "a.npy")
    assert ended.status == 0
    assert "1 of 2 nuclei have no pixel of their own and are not in a.npy" in ended.err
    assert "a.npy has no place for classes, locks, the size of a pixel; they are not in it" in ended.err
    assert "1 nuclei" in ended.out


def test_notes_of_reading_and_writing_are_said(sharpgan, tmp_path):
    crossing = [[0, 0], [6, 4], [6, 0], [0, 4], [0, 0]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [crossing]},
        "properties": {},
    }
    (tmp_path / "a.geojson").write_text(json.dumps(feature))
    ended = sharpgan("convert", tmp_path / "a.geojson", tmp_path / "b.geojson")
    assert ended.status == 0
    assert ended.err.startswith("sharpgan: feature 1 of a.geojson: ")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "out", "words"),
    [
        ("three.png", "a.doc", "unknown file type '.doc' of a.doc; use one of"),
        ("three.doc", "a.npy", "unknown file type '.doc' of three.doc; use one of"),
        ("three.png", "a.xml", "ImageScope and ASAP XML is only read, not written"),
        ("three.png", "three.png", "is what is read; choose another name"),
        ("none.png", "a.npy", "none.png does not exist"),
        ("three.png", "none/a.npy", "none does not exist, so a.npy cannot be written"),
        ("three.png", "folder.npy", "folder.npy is a folder, expected the name of a file"),
    ],
)
def test_a_mistake_is_one_sentence(sharpgan, nuclei_file, tmp_path, source, out, words):
    (tmp_path / "folder.npy").mkdir()
    before = nuclei_file.read_bytes()
    ended = sharpgan("convert", tmp_path / source, tmp_path / out)
    assert ended.status == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert ended.out == ""
    assert nuclei_file.read_bytes() == before


@pytest.mark.parametrize("options", [("--shape", 3, 3), ("--micrometers-per-pixel", 0)])
def test_what_cannot_be_is_refused_and_not_written(sharpgan, nuclei_file, tmp_path, options):
    ended = sharpgan("convert", nuclei_file, tmp_path / "a.geojson", *options)
    assert ended.status == 2
    assert "three.png: " in ended.err
    assert not (tmp_path / "a.geojson").exists()
