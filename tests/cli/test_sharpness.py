import csv
import inspect

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan.losses import contour_sharpness, image_sharpness


@pytest.fixture
def found(tissue_file, labels):
    return contour_sharpness(np.asarray(Image.open(tissue_file)), labels)


def test_it_says_the_loss(sharpgan, tissue_file, nuclei_file, found):
    ended = sharpgan("sharpness", tissue_file, nuclei_file)
    assert ended.status == 0, ended.err
    assert f"L_sharp {found.loss:.4f}" in ended.out
    assert "3 nuclei" in ended.out


def test_the_table_goes_from_blurriest_to_sharpest(sharpgan, tmp_path, tissue_file, nuclei_file, found):
    sharpgan("sharpness", tissue_file, nuclei_file, "--csv", tmp_path / "t.csv")
    with (tmp_path / "t.csv").open() as file:
        rows = list(csv.DictReader(file))
    means = [float(row["mean_sharpness"]) for row in rows]
    assert means == sorted(means, reverse=True)
    by_key = dict(zip(found.keys, found.means, strict=True))
    for row, mean in zip(rows, means, strict=True):
        assert mean == pytest.approx(by_key[int(row["nucleus"])], abs=1e-6)
    lonely = next(row for row in rows if row["nucleus"] == "3")
    assert (float(lonely["row"]), float(lonely["column"])) == (27.5, 35.5)
    assert int(lonely["contour_pixels"]) == 2 * 12 + 2 * 10


def test_the_map_is_s_on_contours_or_everywhere(sharpgan, tmp_path, tissue_file, nuclei_file, found):
    sharpgan("sharpness", tissue_file, nuclei_file, "--out", tmp_path / "contours.tif")
    sharpgan("sharpness", tissue_file, nuclei_file, "--out", tmp_path / "all.tif", "--everywhere")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "all.tif"), found.map)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "contours.tif"), found.map * found.contour)


def test_without_nuclei_the_whole_image_is_measured(sharpgan, tmp_path, tissue_file):
    ended = sharpgan("sharpness", tissue_file, "--contrast", 0.3, "--out", tmp_path / "s.npy")
    expected = image_sharpness(np.asarray(Image.open(tissue_file)), contrast=0.3)
    np.testing.assert_array_equal(np.load(tmp_path / "s.npy"), expected)
    assert f"mean S {expected.mean():.4f}" in ended.out


def test_the_default_contrast_is_that_of_the_python_call(sharpgan, tissue_file, nuclei_file):
    default = inspect.signature(contour_sharpness).parameters["contrast"].default
    with_default = sharpgan("sharpness", tissue_file, nuclei_file)
    assert with_default == sharpgan("sharpness", tissue_file, nuclei_file, "--contrast", default)


def test_nuclei_of_another_size_are_refused(sharpgan, tmp_path, tissue_file):
    np.save(tmp_path / "n.npy", np.ones((9, 9), np.int32))
    ended = sharpgan("sharpness", tissue_file, tmp_path / "n.npy")
    assert ended.status == 2
    assert "n.npy" in ended.err
    assert "(40, 50)" in ended.err


def test_an_image_without_nuclei_in_it_is_no_error(sharpgan, tmp_path, tissue_file):
    np.save(tmp_path / "n.npy", np.zeros((40, 50), np.int32))
    ended = sharpgan("sharpness", tissue_file, tmp_path / "n.npy", "--csv", tmp_path / "t.csv")
    assert ended.status == 0, ended.err
    assert "L_sharp 0.0000" in ended.out
    assert (tmp_path / "t.csv").read_text().count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--csv", "t.csv"], "needs NUCLEI"),
        (["--out", "s.jpg"], "unknown file type '.jpg'"),
        (["--contrast", "0"], "contrast (lambda) must be above 0"),
        (["--contrast", "nan"], "contrast (lambda) must be above 0"),
    ],
)
def test_bad_options_are_named(sharpgan, tissue_file, arguments, sentence):
    ended = sharpgan("sharpness", tissue_file, *arguments)
    assert ended.status == 2
    assert sentence in ended.err


def test_it_measures_real_tissue(sharpgan, real_data):
    folder = real_data / "cpm15"
    ended = sharpgan("sharpness", folder / "image12.png", folder / "image12_mask.txt")
    assert ended.status == 0, ended.err
    assert "131 nuclei" in ended.out
