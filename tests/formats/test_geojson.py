"""QuPath's GeoJSON, read back with json and shapely, and as other programs write it."""

import json
import uuid

import numpy as np
import pytest
from shapely.geometry import shape

from napari_sharpgan.formats import (
    Nuclei,
    NucleusInfo,
    read_labels,
    read_nuclei,
    write_labels,
    write_nuclei,
)

SQUARE = {"type": "Polygon", "coordinates": [[[1, 2], [4, 2], [4, 5], [1, 5], [1, 2]]]}
ROWS = slice(2, 5), slice(1, 4)


def feature(geometry=SQUARE, properties=None, **more):
    return {"type": "Feature", "geometry": geometry, "properties": properties or {}, **more}


def written(path, content):
    path.write_text(json.dumps(content))
    return path


def test_real_nuclei_are_valid_closed_annotations_with_uuids_on_their_pixels(real_data, tmp_path):
    labels = read_labels(real_data / "cpm15" / "image01_mask.txt")
    write_labels(labels, tmp_path / "a.geojson")
    content = json.loads((tmp_path / "a.geojson").read_text())
    assert content["type"] == "FeatureCollection"
    assert len(content["features"]) == 351
    assert len({uuid.UUID(nucleus["id"]) for nucleus in content["features"]}) == 351
    for number, nucleus in enumerate(content["features"], start=1):
        region = shape(nucleus["geometry"])
        rows, columns = np.nonzero(labels == number)
        assert region.is_valid
        assert region.area == len(rows)
        assert region.bounds == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert nucleus["properties"]["objectType"] == "annotation"
        for part in region.geoms if region.geom_type == "MultiPolygon" else [region]:
            assert part.exterior.is_closed


def test_equal_nuclei_give_equal_files(tmp_path):
    for name in ("a.geojson", "b.geojson"):
        write_labels(np.eye(4, dtype=int) * 3, tmp_path / name)
    assert (tmp_path / "a.geojson").read_bytes() == (tmp_path / "b.geojson").read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        {"type": "FeatureCollection", "features": [feature()]},
        [feature()],
        feature(),
        feature({"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]}),
        feature({"type": "Polygon", "coordinates": [[[x, y, 0] for x, y in SQUARE["coordinates"][0]]]}),
        feature({"type": "Point", "coordinates": [0, 0]}, nucleusGeometry=SQUARE),
    ],
    ids=["collection", "array", "feature", "multipolygon", "with z", "cell"],
)
def test_every_way_to_hold_features_is_read(content, tmp_path):
    labels = read_labels(written(tmp_path / "a.geojson", content), (6, 6))
    expected = np.zeros((6, 6), int)
    expected[ROWS] = 1
    np.testing.assert_array_equal(labels, expected)


def test_a_hole_and_a_far_part_belong_to_their_nucleus(tmp_path):
    hole = [[2, 3], [3, 3], [3, 4], [2, 4], [2, 3]]
    far = [[[6, 0], [8, 0], [8, 1], [6, 1], [6, 0]]]
    geometry = {"type": "MultiPolygon", "coordinates": [[*SQUARE["coordinates"], hole], far]}
    labels = read_labels(written(tmp_path / "a.geojson", feature(geometry)), (6, 9))
    expected = np.zeros((6, 9), int)
    expected[ROWS] = 1
    expected[3, 2] = 0
    expected[0, 6:8] = 1
    np.testing.assert_array_equal(labels, expected)


def test_without_a_shape_the_outlines_say_how_large_the_image_is(tmp_path):
    path = written(tmp_path / "a.geojson", feature())
    assert read_labels(path).shape == (5, 4)
    assert read_labels(path, (50, 40)).shape == (50, 40)
    assert read_labels(written(path, {"features": []})).shape == (1, 1)


def test_a_file_that_names_its_shape_gets_it(tmp_path):
    content = {"type": "FeatureCollection", "features": [feature()], "imageShape": [7, 9]}
    assert read_labels(written(tmp_path / "a.geojson", content)).shape == (7, 9)
    content["imageShape"] = [7]
    with pytest.raises(
        ValueError, match=r"a\.geojson cannot be read as GeoJSON: the shape of the image must be two"
    ):
        read_labels(written(tmp_path / "a.geojson", content))


def test_a_stray_outline_far_away_does_not_ask_for_all_memory(tmp_path):
    far = {"type": "Polygon", "coordinates": [[[1e9, 1e9], [1e9 + 9, 1e9], [1e9, 1e9 + 9], [1e9, 1e9]]]}
    with pytest.raises(ValueError, match="too far for a label image"):
        read_labels(written(tmp_path / "a.geojson", feature(far)))


def test_all_that_is_known_of_a_nucleus_comes_back(tmp_path):
    info = NucleusInfo(
        id=str(uuid.uuid4()),
        object_type="detection",
        name="the large one",
        color=(1, 2, 3),
        class_name="Tumor",
        class_color=(200, 0, 0),
        is_locked=True,
        measurements={"Area µm^2": 12.5},
        metadata={"seen by": "A"},
    )
    ring = np.array([[1.0, 1.0], [1.0, 3.5], [3.0, 3.0]])
    nuclei = Nuclei(polygons=[ring, ring + 4], numbers=[9, 4], info={9: info}, shape=(20, 30))
    write_nuclei(nuclei, tmp_path / "a.geojson")
    back = read_nuclei(tmp_path / "a.geojson")
    assert back.info[9] == info
    assert back.info[4].class_name == ""
    assert list(back.numbers) == [9, 4]
    assert back.shape == (20, 30)
    np.testing.assert_array_equal(back.polygons[1], ring + 4)


def test_properties_are_written_in_the_words_of_qupath(tmp_path):
    info = NucleusInfo(
        class_name="Tumor", class_color=(200, 0, 0), is_locked=True, measurements={"a": 1, "b": np.nan}
    )
    write_nuclei(Nuclei(labels=np.array([[1]]), info={1: info}), tmp_path / "a.geojson")
    (nucleus,) = json.loads((tmp_path / "a.geojson").read_text())["features"]
    assert nucleus["properties"] == {
        "objectType": "annotation",
        "classification": {"name": "Tumor", "color": [200, 0, 0]},
        "isLocked": True,
        "measurements": {"a": 1.0},
        "metadata": {"label": "1"},
    }


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"object_type": "detection"}, NucleusInfo(object_type="detection")),
        ({"objectType": "cell"}, NucleusInfo(object_type="detection")),
        ({"objectType": "tile"}, NucleusInfo()),
        (
            {"classification": {"name": "A", "colorRGB": -3670016}},
            NucleusInfo(class_name="A", class_color=(200, 0, 0)),
        ),
        ({"classification": {"names": ["A", "Positive"]}}, NucleusInfo(class_name="A: Positive")),
        ({"classification": "A"}, NucleusInfo(class_name="A")),
        ({"measurements": [{"name": "a", "value": 2}]}, NucleusInfo(measurements={"a": 2.0})),
        ({"color": [1, 2, 3], "name": None}, NucleusInfo(color=(1, 2, 3))),
        (None, NucleusInfo()),
    ],
)
def test_properties_of_older_versions_and_of_other_programs_are_read(properties, expected, tmp_path):
    path = written(tmp_path / "a.geojson", {"type": "Feature", "geometry": SQUARE, "properties": properties})
    assert read_nuclei(path).info[1] == expected


def test_numbers_are_kept_by_the_first_that_has_them_and_others_get_free_ones(tmp_path):
    numbers = ["2", "2", "", "7", "-1", "two"]
    features = [feature(properties={"metadata": {"label": number}}) for number in numbers]
    nuclei = read_nuclei(written(tmp_path / "a.geojson", features))
    assert list(nuclei.numbers) == [2, 1, 3, 7, 4, 5]


def test_an_id_that_is_no_uuid_or_is_taken_is_replaced(tmp_path):
    own = str(uuid.uuid4())
    infos = {1: NucleusInfo(id=own), 2: NucleusInfo(id=own), 3: NucleusInfo(id="PathAnnotationObject")}
    write_nuclei(Nuclei(labels=np.array([[1, 2, 3]]), info=infos), tmp_path / "a.geojson")
    ids = [nucleus["id"] for nucleus in json.loads((tmp_path / "a.geojson").read_text())["features"]]
    assert ids[0] == own
    assert len({uuid.UUID(key) for key in ids}) == 3


def test_what_is_repaired_or_left_out_is_named(tmp_path):
    crossing = {"type": "Polygon", "coordinates": [[[0, 0], [6, 4], [6, 0], [0, 4], [0, 0]]]}
    features = [
        feature(),
        feature({"type": "Point", "coordinates": [1, 1]}),
        feature(crossing),
        feature(None),
    ]
    path = written(tmp_path / "a.geojson", features)
    nuclei = read_nuclei(path)
    assert len(nuclei.polygons) == 2
    assert [note.split(":")[0] for note in nuclei.notes] == [f"feature {k} of a.geojson" for k in (2, 3, 4)]
    with pytest.warns(UserWarning, match=r"of a\.geojson: ") as warned:
        read_labels(path)
    assert len(warned) == 3


def test_a_nucleus_that_encloses_nothing_is_left_out_with_a_warning(tmp_path):
    line = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    square = np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 2.0], [2.0, 0.0]])
    with pytest.warns(UserWarning, match="nucleus 1 encloses nothing and was not written"):
        write_nuclei(Nuclei(polygons=[line, square]), tmp_path / "a.geojson")
    assert list(read_nuclei(tmp_path / "a.geojson").numbers) == [2]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("3", "must hold GeoJSON features"),
        ('{"type": "FeatureCollection"}', "must hold GeoJSON features"),
        ('[{"geometry": {"type": "Polygon", "coordinates": [[["x"]]]}}]', "at feature 1"),
        ('[{"geometry": 5}]', "at feature 1"),
        ('{"features": [', "cannot be read as GeoJSON"),
    ],
)
def test_other_json_is_named(content, words, tmp_path):
    (tmp_path / "a.geojson").write_text(content)
    with pytest.raises(ValueError, match=rf"a\.geojson.*{words}"):
        read_nuclei(tmp_path / "a.geojson")
