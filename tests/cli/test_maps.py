import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan.maps import CONDITION_MAPS, contour_map, distance_map


def test_a_folder_gets_the_three_maps_of_the_paper(sharpgan, tmp_path, nuclei_file, labels):
    ended = sharpgan("maps", nuclei_file, tmp_path / "out" / "maps")
    assert ended.status == 0, ended.err
    found = {path.name: tifffile.imread(path) for path in (tmp_path / "out" / "maps").iterdir()}
    assert sorted(found) == ["three_binary.tif", "three_contour.tif", "three_distance.tif"]
    assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(found["three_binary.tif"], labels > 0)
    np.testing.assert_array_equal(found["three_contour.tif"], contour_map(labels))
    np.testing.assert_array_equal(found["three_distance.tif"], distance_map(labels))
    assert ended.out.count("\n") == 3


@pytest.mark.parametrize("normalize", ["none", "nucleus", "image"])
def test_a_file_gets_the_distance_map(sharpgan, tmp_path, nuclei_file, labels, normalize):
    path = tmp_path / "x.npy"
    assert sharpgan("maps", nuclei_file, path, "--normalize", normalize).status == 0
    np.testing.assert_array_equal(np.load(path), distance_map(labels, normalize=normalize))


@pytest.mark.parametrize("kind", [kind for kind in CONDITION_MAPS if kind != "distance"])
def test_every_condition_map_can_be_had(sharpgan, tmp_path, nuclei_file, labels, kind):
    assert sharpgan("maps", nuclei_file, tmp_path / "x.npy", "--kind", kind).status == 0
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), CONDITION_MAPS[kind](labels))


def test_a_picture_has_its_largest_distance_white_and_says_so(sharpgan, tmp_path, nuclei_file, labels):
    ended = sharpgan("maps", nuclei_file, tmp_path / "x.png")
    distance = distance_map(labels)
    with Image.open(tmp_path / "x.png") as image:
        assert image.mode == "L"
        np.testing.assert_array_equal(np.asarray(image), np.rint(distance / distance.max() * 255))
        note = json.loads(image.info["Description"])
    assert note == {"map": "distance", "normalize": "none", "white": pytest.approx(distance.max())}
    assert f"0 to 255 stand for 0 to {distance.max():g}" in ended.out


def test_pictures_of_contours_are_black_and_white(sharpgan, tmp_path, nuclei_file, labels):
    sharpgan("maps", nuclei_file, tmp_path, "--kind", "contour", "--suffix", ".png")
    np.testing.assert_array_equal(
        np.asarray(Image.open(tmp_path / "three_contour.png")), contour_map(labels) * 255
    )


def test_names_lose_the_whole_ending_of_nuclei(sharpgan, tmp_path, labels):
    np.savetxt(tmp_path / "image07_mask.txt", labels.ravel(), fmt="%d")
    (tmp_path / "image07_mask.txt").write_text(
        "50 40\n" + "\n".join(str(value) for value in labels.ravel()) + "\n"
    )
    ended = sharpgan("maps", tmp_path / "image07_mask.txt", tmp_path / "out", "--kind", "binary")
    assert ended.status == 0, ended.err
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "out" / "image07_binary.tif"), labels > 0)


def test_outlines_are_painted_on_the_shape_asked_for(sharpgan, tmp_path):
    sharpgan("nuclei", tmp_path / "n.geojson", "--shape", 60, 60, "--count", 2)
    sharpgan("maps", tmp_path / "n.geojson", tmp_path / "b.npy", "--kind", "binary", "--shape", 70, 80)
    assert np.load(tmp_path / "b.npy").shape == (70, 80)


def test_pixels_of_another_shape_are_refused(sharpgan, tmp_path, nuclei_file):
    ended = sharpgan("maps", nuclei_file, tmp_path / "x.npy", "--shape", 70, 80)
    assert ended.status == 2
    assert "three.png" in ended.err
    assert "(70, 80)" in ended.err


def test_two_maps_do_not_fit_into_one_file(sharpgan, tmp_path, nuclei_file):
    ended = sharpgan("maps", nuclei_file, tmp_path / "x.tif", "--kind", "binary", "--kind", "contour")
    assert ended.status == 2
    assert "binary, contour" in ended.err


def test_nuclei_are_not_replaced_by_their_own_map(sharpgan, nuclei_file):
    before = nuclei_file.read_bytes()
    ended = sharpgan("maps", nuclei_file, nuclei_file)
    assert ended.status == 2
    assert "choose another name" in ended.err
    assert nuclei_file.read_bytes() == before


def test_a_file_of_another_kind_is_no_folder(sharpgan, tmp_path, nuclei_file):
    (tmp_path / "notes.md").write_text("mine")
    ended = sharpgan("maps", nuclei_file, tmp_path / "notes.md")
    assert ended.status == 2
    assert (tmp_path / "notes.md").read_text() == "mine"


def test_an_image_without_nuclei_gives_maps_of_zeros(sharpgan, tmp_path):
    np.save(tmp_path / "n.npy", np.zeros((5, 6), np.int32))
    assert sharpgan("maps", tmp_path / "n.npy", tmp_path / "out", "--suffix", ".npy").status == 0
    assert not any(np.load(path).any() for path in (tmp_path / "out").iterdir())
