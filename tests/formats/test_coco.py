"""COCO instances, worked out by hand."""

import json

import numpy as np
import pytest

from napari_sharpgan.formats import Nuclei, NucleusInfo, read_labels, read_nuclei, write_labels, write_nuclei

IMAGE = {"id": 3, "file_name": "a.png", "height": 6, "width": 7}
SQUARE = [1, 2, 4, 2, 4, 5, 1, 5]
EXPECTED = np.zeros((6, 7), int)
EXPECTED[2:5, 1:4] = 1


def coco(*segmentations, **more):
    annotations = [
        {"id": place, "image_id": 3, "category_id": 9, "segmentation": segmentation, **more}
        for place, segmentation in enumerate(segmentations, start=1)
    ]
    return {
        "images": [IMAGE],
        "annotations": annotations,
        "categories": [{"id": 9, "name": "Tumor", "supercategory": "cell"}],
    }


def written(path, content):
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    "segmentation",
    [
        [SQUARE],
        {"size": [6, 7], "counts": [8, 3, 3, 3, 3, 3, 19]},
        {"size": [6, 7], "counts": "833000`0"},
    ],
    ids=["polygon", "run lengths", "run lengths as text"],
)
def test_every_kind_of_segmentation_is_the_same_square(segmentation, tmp_path):
    nuclei = read_nuclei(written(tmp_path / "a.coco.json", coco(segmentation)))
    np.testing.assert_array_equal(nuclei.to_labels(), EXPECTED)
    assert nuclei.info[1].class_name == "Tumor"
    assert nuclei.polygons[0].min() == 0.5


def test_several_polygons_are_parts_of_one_nucleus(tmp_path):
    labels = read_labels(written(tmp_path / "a.coco.json", coco([SQUARE, [5, 0, 7, 0, 7, 1, 5, 1]])))
    expected = EXPECTED.copy()
    expected[0, 5:] = 1
    np.testing.assert_array_equal(labels, expected)


def test_what_is_written_has_the_words_of_coco(tmp_path):
    info = {1: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0))}
    labels = np.array(EXPECTED)
    labels[0, 0] = 5
    write_nuclei(Nuclei(labels=labels, info=info, micrometers_per_pixel=0.25), tmp_path / "a.coco.json")
    content = json.loads((tmp_path / "a.coco.json").read_text())
    assert content["images"] == [
        {"id": 1, "file_name": "", "height": 6, "width": 7, "micrometers_per_pixel": 0.25}
    ]
    assert content["categories"][0] == {
        "id": 1,
        "name": "Tumor",
        "supercategory": "",
        "color": [200, 0, 0],
    }
    one, other = content["annotations"]
    assert sorted(zip(*[iter(one.pop("segmentation")[0])] * 2, strict=True)) == [
        (1, 2),
        (1, 5),
        (4, 2),
        (4, 5),
    ]
    assert one == {"id": 1, "image_id": 1, "category_id": 1, "area": 9, "bbox": [1, 2, 3, 3], "iscrowd": 0}
    assert other["id"] == 5
    assert other["category_id"] == content["categories"][1]["id"]


def test_a_nucleus_with_a_hole_becomes_run_lengths(tmp_path):
    labels = np.array(EXPECTED)
    labels[3, 2] = 0
    write_labels(labels, tmp_path / "a.coco.json")
    (annotation,) = json.loads((tmp_path / "a.coco.json").read_text())["annotations"]
    assert annotation["segmentation"] == {"size": [6, 7], "counts": "833NN022`0"}
    assert annotation["area"] == 8


def test_a_list_of_results_is_read_with_its_scores(tmp_path):
    results = [{"image_id": 1, "category_id": 2, "segmentation": [SQUARE], "score": 0.5}]
    nuclei = read_nuclei(written(tmp_path / "a.coco.json", results))
    assert nuclei.info[1] == NucleusInfo(class_name="2", measurements={"score": 0.5})


def test_a_crowd_is_one_nucleus_named_and_stays_a_crowd(tmp_path):
    nuclei = read_nuclei(written(tmp_path / "a.coco.json", coco([SQUARE], iscrowd=1)))
    assert "annotation 1 of a.coco.json: It is a crowd" in nuclei.notes[0]
    write_nuclei(nuclei, tmp_path / "b.coco.json")
    assert json.loads((tmp_path / "b.coco.json").read_text())["annotations"][0]["iscrowd"] == 1


def test_several_images_are_counted_and_refused(tmp_path):
    content = coco([SQUARE])
    content["images"] += [{**IMAGE, "id": 4}, {**IMAGE, "id": 5}]
    with pytest.raises(ValueError, match=r"a\.coco\.json .* it holds 3 images, where one is expected"):
        read_nuclei(written(tmp_path / "a.coco.json", content))


def test_a_file_without_annotations_is_an_empty_image(tmp_path):
    labels = read_labels(written(tmp_path / "a.coco.json", coco()))
    assert labels.shape == (6, 7)
    assert not labels.any()


@pytest.mark.parametrize(
    ("segmentation", "words"),
    [
        ([[1, 2, 3]], "at annotation 1"),
        ([["x", 1, 2, 3]], "at annotation 1"),
        ([[1, 2, float("nan"), 2, 4, 5]], "at annotation 1"),
        ([[0, 0, 10**400, 0, 4, 5]], "at annotation 1"),
        ({"size": [6, 7], "counts": [1]}, "must be whole numbers that fill 6 × 7"),
        ({"counts": [1]}, "at annotation 1"),
        (None, "at annotation 1"),
        (5, "at annotation 1"),
    ],
)
def test_rubbish_is_named(segmentation, words, tmp_path):
    with pytest.raises(ValueError, match=rf"a\.coco\.json.*{words}") as error:
        read_nuclei(written(tmp_path / "a.coco.json", coco(segmentation)))
    assert "\n" not in str(error.value)


def test_other_json_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"a\.coco\.json must hold COCO annotations"):
        read_nuclei(written(tmp_path / "a.coco.json", {"images": []}))
