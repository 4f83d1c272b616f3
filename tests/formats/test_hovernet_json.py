"""HoVer-Net's JSON as its own code writes it, and as it reads ours."""

import json

import numpy as np
import pytest

from napari_sharpgan.formats import Nuclei, NucleusInfo, read_labels, read_nuclei, write_labels, write_nuclei

SQUARE = {
    "bbox": [[2, 1], [5, 4]],
    "centroid": [2.0, 3.0],
    "contour": [[1, 2], [1, 4], [3, 4], [3, 2]],
    "type_prob": 0.75,
    "type": 2,
}


def written(path, content):
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("level", [True, False])
def test_a_contour_is_the_region_of_its_boundary_pixels(level, tmp_path):
    content = {"mag": 40, "nuc": {"7": SQUARE}} if level else {"7": SQUARE}
    nuclei = read_nuclei(written(tmp_path / "a.json", content))
    expected = np.zeros((6, 6), int)
    expected[2:5, 1:4] = 7
    np.testing.assert_array_equal(nuclei.to_labels((6, 6)), expected)
    np.testing.assert_array_equal(nuclei.polygons[0].min(axis=0), [1.5, 0.5])
    assert nuclei.info[7] == NucleusInfo(class_name="2", measurements={"type_prob": 0.75})
    assert nuclei.micrometers_per_pixel is None


def test_what_is_written_has_the_words_of_hovernet(tmp_path):
    labels = np.zeros((7, 8), int)
    labels[2:5, 1:4] = 7
    labels[6, 6] = 9
    info = {7: NucleusInfo(class_name="2", measurements={"type_prob": 0.75})}
    write_nuclei(Nuclei(labels=labels, info=info, micrometers_per_pixel=0.2527), tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["mag"] == 40
    assert content["nuc"]["7"] == SQUARE
    assert content["nuc"]["9"] == {
        "bbox": [[6, 6], [7, 7]],
        "centroid": [6.0, 6.0],
        "contour": [[6, 6], [6, 6], [6, 6]],
        "type": None,
        "type_prob": None,
    }
    assert read_nuclei(tmp_path / "a.json").micrometers_per_pixel == 0.2527


def test_real_contours_alone_give_back_every_nucleus_without_holes(real_data, tmp_path):
    labels = read_labels(real_data / "cpm15" / "image01_mask.txt")
    write_labels(labels, tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    plain = {key: entry for key, entry in content["nuc"].items() if "outline" not in entry}
    assert len(plain) > 300
    back = read_labels(written(tmp_path / "a.json", {"mag": None, "nuc": plain}), labels.shape)
    wanted = np.where(np.isin(labels, [int(key) for key in plain]), labels, 0)
    np.testing.assert_array_equal(back, wanted)
    for key, entry in content["nuc"].items():
        rows, columns = np.nonzero(labels == int(key))
        assert entry["bbox"] == [
            [rows.min(), columns.min()],
            [rows.max() + 1, columns.max() + 1],
        ]
        np.testing.assert_allclose(entry["centroid"], [columns.mean(), rows.mean()])
        assert len(entry["contour"]) >= 3


@pytest.mark.parametrize("rows", ["011 101 111", "111 101 111", "101 111 000", "100 010 001"])
def test_what_a_contour_cannot_hold_has_an_outline_beside_it(rows, tmp_path):
    labels = np.array([[int(digit) for digit in row] for row in rows.split()])
    write_labels(labels, tmp_path / "a.json")
    entry = json.loads((tmp_path / "a.json").read_text())["nuc"]["1"]
    assert ("outline" in entry) == (rows != "101 111 000")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.json"), labels)


def test_points_between_pixels_are_an_outline_as_they_are(tmp_path):
    entry = {"contour": [[0.5, 1], [4, 1], [4, 5.25]], "type": None}
    nuclei = read_nuclei(written(tmp_path / "a.json", {"nuc": {"1": entry}}))
    np.testing.assert_array_equal(nuclei.polygons[0], [[1, 0.5], [1, 4], [5.25, 4]])


def test_an_outline_that_covers_no_pixel_has_the_nearest_as_its_contour(tmp_path):
    ring = np.array([[3.1, 2.2], [3.1, 2.4], [3.3, 2.4]])
    write_nuclei(Nuclei(polygons=[ring]), tmp_path / "a.json")
    entry = json.loads((tmp_path / "a.json").read_text())["nuc"]["1"]
    assert entry["contour"] == [[2, 3]] * 3
    assert entry["bbox"] == [[3, 2], [4, 3]]
    np.testing.assert_allclose(read_nuclei(tmp_path / "a.json").polygons[0], ring)


def test_named_classes_get_numbers_and_a_list_of_names_and_colors(tmp_path):
    info = {1: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0)), 2: NucleusInfo(class_name="Immune")}
    write_nuclei(Nuclei(labels=np.array([[1, 2]]), info=info), tmp_path / "a.json")
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["type_info"] == {"1": ["Immune", None], "2": ["Tumor", [200, 0, 0]]}
    assert [content["nuc"][key]["type"] for key in "12"] == [2, 1]


def test_geojson_and_coco_open_under_the_name_json(tmp_path):
    labels = np.array([[0, 4], [4, 4]])
    for suffix in (".geojson", ".coco.json"):
        write_labels(labels, tmp_path / f"a{suffix}")
        (tmp_path / f"a{suffix}").rename(tmp_path / "b.json")
        np.testing.assert_array_equal(read_labels(tmp_path / "b.json"), labels)


def test_a_contour_without_points_is_left_out_and_named(tmp_path):
    nuclei = read_nuclei(written(tmp_path / "a.json", {"nuc": {"3": {"contour": []}, "4": SQUARE}}))
    assert nuclei.numbers == (4,)
    assert list(nuclei.notes) == ["nucleus 3 of a.json: The outline enclosed nothing; it was left out."]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "must hold nuclei of HoVer-Net, GeoJSON or COCO"),
        ("[]", "must hold nuclei of HoVer-Net, GeoJSON or COCO"),
        ('{"nuc": [1]}', "must hold nuclei of HoVer-Net, GeoJSON or COCO"),
        ('{"nuc": {"1": {"contour": "x"}}}', "at nucleus 1"),
        ('{"nuc": {"1": {"contour": [[1, 2], [3]]}}}', "at nucleus 1"),
        ('{"nuc": {"1": {"contour": [[NaN, 1], [1, 2], [3, 3]]}}}', "at nucleus 1"),
        ('{"nuc": {"1": {"contour": [[0, 0], [1e300, 0], [0, 1e300]]}}}', "at nucleus 1"),
        ('{"nuc": {"1": {"contour": [[0, 0], [1e6, 0], [0, 1e6]]}}}', "too large to be painted"),
        ('{"nuc": {}, "shape": [1]}', "the shape of the image must be two whole numbers"),
        ('{"nuc": {}, "micrometers_per_pixel": -1}', "micrometers_per_pixel must be a number above 0"),
        ("[" * 100_000, "cannot be read as JSON"),
    ],
)
def test_rubbish_is_named(content, words, tmp_path):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises((ValueError, TypeError), match=rf"a\.json.*{words}") as error:
        read_nuclei(tmp_path / "a.json")
    assert "\n" not in str(error.value)
