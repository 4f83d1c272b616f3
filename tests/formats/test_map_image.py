import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan.formats.map_image import write_map

VALUES = np.linspace(0, 40, 30, dtype=np.float32).reshape(5, 6)


def test_tiff_and_npy_keep_every_value(tmp_path):
    for name in ("x.tif", "x.tiff", "x.npy"):
        write_map(VALUES, tmp_path / name, white=40)
    for array in (
        tifffile.imread(tmp_path / "x.tif"),
        tifffile.imread(tmp_path / "x.tiff"),
        np.load(tmp_path / "x.npy"),
    ):
        np.testing.assert_array_equal(array, VALUES)
        assert array.dtype == np.float32


def test_other_programs_open_the_tiff(tmp_path):
    write_map(VALUES, tmp_path / "x.tif")
    with Image.open(tmp_path / "x.tif") as image:
        np.testing.assert_array_equal(np.asarray(image), VALUES)


def test_a_png_is_gray_with_the_white_value_at_255(tmp_path):
    write_map(VALUES, tmp_path / "x.png", white=20)
    with Image.open(tmp_path / "x.png") as image:
        np.testing.assert_array_equal(np.asarray(image), np.rint(np.minimum(VALUES / 20, 1) * 255))


def test_notes_are_kept(tmp_path):
    for name in ("x.tif", "x.png"):
        write_map(VALUES, tmp_path / name, white=20, note={"map": "distance"})
    with tifffile.TiffFile(tmp_path / "x.tif") as file:
        assert json.loads(file.pages.first.description) == {"map": "distance"}
    with Image.open(tmp_path / "x.png") as image:
        assert json.loads(image.info["Description"]) == {"map": "distance", "white": 20}


def test_booleans_become_0_and_1(tmp_path):
    write_map(VALUES > 20, tmp_path / "x.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), VALUES > 20)


def test_what_is_no_map_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"shape \(H, W\), got \(3,\)"):
        write_map([1, 2, 3], tmp_path / "x.npy")
    with pytest.raises(ValueError, match=r"unknown file type '\.jpg'"):
        write_map(VALUES, tmp_path / "x.jpg")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_map(VALUES, tmp_path / "missing" / "x.npy")
    assert list(tmp_path.iterdir()) == []
