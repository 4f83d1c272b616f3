"""OME-Zarr against plain zarr and files as other programs write them, in both versions that are in use."""

import json

import numpy as np
import pytest
import zarr

from napari_sharpgan.formats import (
    Nuclei,
    NucleusInfo,
    read_image,
    read_image_with_size,
    read_labels,
    read_nuclei,
    write_image,
    write_labels,
    write_nuclei,
)

LABELS = np.zeros((9, 11), np.int32)
LABELS[1:4, 1:4] = 7
LABELS[5:8, 5:9] = 2**30
INFO = NucleusInfo(
    id="c0ffee",
    object_type="detection",
    name="left one",
    color=(1, 2, 3),
    class_name="Tumor",
    class_color=(200, 0, 0),
    is_locked=True,
    measurements={"area": 9.0},
    metadata={"seen by": "A"},
)
RGB = np.random.default_rng(0).integers(0, 256, (9, 11, 3)).astype(np.uint8)
AXES = {
    "0.4": [{"name": a, "type": "space", "unit": "nanometer"} for a in "yx"],
    "0.5": [{"name": a, "type": "space", "unit": "micrometer"} for a in "yx"],
}


def write_foreign(path, version, *, name="cells", labels=LABELS, **about):
    """Write an image of two channels and labels as other programs do."""
    zarr_format = {"0.4": 2, "0.5": 3}[version]
    root = zarr.open_group(str(path), mode="w", zarr_format=zarr_format)
    scale = [250.0, 250.0] if version == "0.4" else [0.25, 0.25]
    axes = [{"name": "c", "type": "channel"}, *AXES[version]]

    def describe(group, content):
        group.attrs.update(content if version == "0.4" else {"ome": {"version": version, **content}})

    def levels(scale):
        return [{"path": "s0", "coordinateTransformations": [{"type": "scale", "scale": scale}]}]

    root.create_array("s0", data=np.moveaxis(RGB, -1, 0))
    describe(root, {"multiscales": [{"axes": axes, "datasets": levels([1.0, *scale])}]})
    group = root.create_group("labels")
    describe(group, {"labels": [name]})
    image = group.create_group(name)
    image.create_array("s0", data=labels)
    describe(
        image,
        {"multiscales": [{"axes": AXES[version], "datasets": levels(scale)}], "image-label": about},
    )


def test_plain_zarr_finds_labels_where_the_contract_says(tmp_path):
    write_nuclei(Nuclei(labels=LABELS, micrometers_per_pixel=0.5), tmp_path / "a.ome.zarr")
    root = zarr.open_group(str(tmp_path / "a.ome.zarr"), mode="r")
    assert root["labels"].attrs["labels"] == ["nuclei"]
    array = root["labels/nuclei/0"]
    assert (array.dtype, array.metadata.zarr_format) == (np.int32, 2)
    np.testing.assert_array_equal(array[...], LABELS)
    (entry,) = root["labels/nuclei"].attrs["multiscales"]
    assert entry["version"] == "0.4"
    assert entry["axes"] == [{"name": a, "type": "space", "unit": "micrometer"} for a in "yx"]
    assert entry["datasets"][0]["coordinateTransformations"] == [{"type": "scale", "scale": [0.5, 0.5]}]
    assert root["labels/nuclei"].attrs["image-label"] == {"version": "0.4"}


def test_all_that_is_said_of_a_nucleus_comes_back(tmp_path):
    write_nuclei(Nuclei(labels=LABELS, info={7: INFO}), tmp_path / "a.ome.zarr")
    found = read_nuclei(tmp_path / "a.ome.zarr")
    assert found.info == {7: INFO}
    assert found.micrometers_per_pixel is None
    about = zarr.open_group(str(tmp_path / "a.ome.zarr/labels/nuclei"), mode="r").attrs["image-label"]
    assert about["colors"] == [{"label-value": 7, "rgba": [1, 2, 3, 255]}]
    assert about["properties"][0]["class"] == "Tumor"


def test_large_labels_get_levels_that_hold_no_new_numbers(tmp_path):
    labels = np.zeros((1500, 40), np.int32)
    labels[10:30, 10:30], labels[1400:1490, 5:35] = 3, 9
    write_labels(labels, tmp_path / "a.ome.zarr")
    group = zarr.open_group(str(tmp_path / "a.ome.zarr/labels/nuclei"), mode="r")
    assert [group[str(level)].shape for level in range(2)] == [(1500, 40), (750, 20)]
    np.testing.assert_array_equal(group["1"][...], labels[::2, ::2])
    scales = [d["coordinateTransformations"][0]["scale"] for d in group.attrs["multiscales"][0]["datasets"]]
    assert scales == [[1.0, 1.0], [2.0, 2.0]]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_files_of_other_programs_are_read_in_both_versions(version, tmp_path):
    about = {
        "properties": [{"label-value": 7, "class": "lymphocyte", "area": 9, "stain": "H&E"}],
        "colors": [{"label-value": 7, "rgba": [10, 20, 30, 255]}, {"label-value": 99, "rgba": [0, 0, 0, 0]}],
    }
    write_foreign(tmp_path / "a.ome.zarr", version, **about)
    found = read_nuclei(tmp_path / "a.ome.zarr")
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.micrometers_per_pixel == pytest.approx(0.25)
    assert found.info == {
        7: NucleusInfo(
            class_name="lymphocyte",
            color=(10, 20, 30),
            measurements={"area": 9.0},
            metadata={"stain": "H&E"},
        )
    }
    image = read_image_with_size(tmp_path / "a.ome.zarr")
    np.testing.assert_array_equal(image.pixels, RGB)
    assert image.micrometers_per_pixel == pytest.approx(0.25)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_nuclei_go_beside_what_an_ome_zarr_holds(version, tmp_path):
    path = tmp_path / "a.ome.zarr"
    write_foreign(path, version)
    write_nuclei(Nuclei(labels=LABELS * 0 + 4, info={4: INFO}), path)
    write_nuclei(Nuclei(labels=LABELS, info={7: INFO}), path)
    np.testing.assert_array_equal(read_image(path), RGB)
    found = read_nuclei(path)
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.info == {7: INFO}
    assert found.micrometers_per_pixel == pytest.approx(0.25)
    group = zarr.open_group(str(path / "labels"), mode="r")
    names = group.attrs["labels"] if version == "0.4" else group.attrs["ome"]["labels"]
    assert names == ["cells", "nuclei"]
    assert sorted(entry.name for entry in (path / "labels").iterdir() if entry.is_dir()) == names
    np.testing.assert_array_equal(group["cells/s0"][...], LABELS)


def test_a_joint_copy_of_the_metadata_is_kept_true(tmp_path):
    path = tmp_path / "a.ome.zarr"
    write_foreign(path, "0.4")
    zarr.consolidate_metadata(str(path), zarr_format=2)
    write_labels(LABELS, path)
    assert "labels/nuclei/0/.zarray" in json.loads((path / ".zmetadata").read_text())["metadata"]


def test_nuclei_of_another_shape_leave_the_image_and_its_labels_as_they_were(tmp_path):
    path = tmp_path / "a.ome.zarr"
    write_image(RGB, path)
    write_labels(LABELS, path)
    before = sorted(entry.relative_to(path) for entry in path.rglob("*"))
    with pytest.raises(ValueError, match=r"must have the shape \(9, 11\), got \(9, 10\)"):
        write_labels(LABELS[:, :10], path)
    assert sorted(entry.relative_to(path) for entry in path.rglob("*")) == before
    np.testing.assert_array_equal(read_labels(path), LABELS)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    path = tmp_path / "a.ome.zarr"
    path.mkdir()
    (path / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"a\.ome\.zarr cannot be read as OME-Zarr"):
        write_labels(LABELS, path)
    assert [entry.name for entry in path.iterdir()] == ["thesis.txt"]
    with pytest.raises(ValueError, match=r"a\.ome\.zarr cannot be read as OME-Zarr"):
        read_nuclei(path)


def test_outlines_are_painted_on_the_image(tmp_path):
    write_image(RGB, tmp_path / "a.ome.zarr")
    square = np.array([[2.0, 2.0], [2.0, 4.0], [4.0, 4.0], [4.0, 2.0]])
    write_nuclei(Nuclei(polygons=[square], numbers=[5]), tmp_path / "a.ome.zarr")
    labels = read_labels(tmp_path / "a.ome.zarr")
    assert labels.shape == (9, 11)
    assert np.unique(labels).tolist() == [0, 5]


def test_planes_of_which_there_is_one_are_taken(tmp_path):
    write_foreign(tmp_path / "a.ome.zarr", "0.4")
    group = zarr.open_group(str(tmp_path / "a.ome.zarr/labels/cells"), mode="r+")
    group.create_array("t", data=LABELS[None, None, None])
    group.attrs["multiscales"] = [{"datasets": [{"path": "t"}]}]  # as version 0.2 had it: tczyx, no scale
    found = read_nuclei(tmp_path / "a.ome.zarr")
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.micrometers_per_pixel is None


def test_a_label_image_itself_and_a_folder_of_bioformats2raw_can_be_opened(tmp_path):
    write_foreign(tmp_path / "0", "0.4")
    raw = tmp_path / "raw.ome.zarr"
    group = zarr.open_group(str(raw), mode="w", zarr_format=2)
    group.attrs["bioformats2raw.layout"] = 3
    (tmp_path / "0").rename(raw / "0")
    np.testing.assert_array_equal(read_image(raw), RGB)
    np.testing.assert_array_equal(read_labels(raw), LABELS)
    (raw / "0/labels/cells").rename(tmp_path / "cells.ome.zarr")
    np.testing.assert_array_equal(read_labels(tmp_path / "cells.ome.zarr"), LABELS)


def test_what_is_not_there_is_named(tmp_path):
    write_image(RGB, tmp_path / "a.ome.zarr")
    with pytest.raises(FileNotFoundError, match=r"a\.ome\.zarr holds no labels"):
        read_nuclei(tmp_path / "a.ome.zarr")
    write_labels(LABELS, tmp_path / "b.ome.zarr")
    with pytest.raises(ValueError, match=r"b\.ome\.zarr has no OME-Zarr image"):
        read_image(tmp_path / "b.ome.zarr")
    write_foreign(tmp_path / "c.ome.zarr", "0.4", labels=LABELS.astype(np.float32))
    with pytest.raises(ValueError, match=r"c\.ome\.zarr must hold integers|labels in c\.ome\.zarr"):
        read_nuclei(tmp_path / "c.ome.zarr")
    (tmp_path / "c.ome.zarr/labels/cells/s0/.zarray").write_text("{")
    with pytest.raises(ValueError, match=r"c\.ome\.zarr cannot be read as OME-Zarr") as error:
        read_nuclei(tmp_path / "c.ome.zarr")
    assert "\n" not in str(error.value)
