import json

import numpy as np
import pytest
import scipy.io
import tifffile
from PIL import Image

from napari_sharpgan.formats import NUCLEI_FORMATS, read_labels
from napari_sharpgan.nuclei import random_nuclei, rasterize


@pytest.fixture
def expected():
    return rasterize(random_nuclei((120, 150), 9, seed=4, irregularity=0.5), (120, 150))


@pytest.mark.parametrize("suffix", [name for name, kind in NUCLEI_FORMATS.items() if kind.write])
def test_every_format_holds_the_nuclei_that_the_python_call_draws(sharpgan, tmp_path, expected, suffix):
    path = tmp_path / f"n{suffix}"
    ended = sharpgan("nuclei", path, "--shape", 120, 150, "--count", 9, "--seed", 4, "--irregularity", "0.5")
    assert ended.status == 0, ended.err
    labels = read_labels(path, expected.shape)
    np.testing.assert_array_equal(labels > 0, expected > 0)
    assert len(np.unique(labels)) == len(np.unique(expected))


def test_other_libraries_read_what_is_written(sharpgan, tmp_path, expected):
    for name in ("n.tif", "n.png", "n.mat", "n.geojson"):
        sharpgan(
            "nuclei", tmp_path / name, "--shape", 120, 150, "--count", 9, "--seed", 4, "--irregularity", 0.5
        )
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "n.tif"), expected)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "n.png")), expected)
    np.testing.assert_array_equal(scipy.io.loadmat(tmp_path / "n.mat")["inst_map"], expected)
    content = json.loads((tmp_path / "n.geojson").read_text())
    features = content["features"] if isinstance(content, dict) else content
    assert len(features) == len(np.unique(expected)) - 1


def test_it_says_how_many_there_are(sharpgan, tmp_path):
    ended = sharpgan("nuclei", tmp_path / "n.png", "--shape", 200, 200, "--count", 6, "--touching", -1)
    assert "6 nuclei" in ended.out
    assert "0% touching" in ended.out
    assert ended.err == ""


def test_it_says_when_not_all_found_room(sharpgan, tmp_path):
    ended = sharpgan("nuclei", tmp_path / "n.png", "--shape", 60, 60, "--count", 500)
    assert ended.status == 0
    assert ended.err.startswith("sharpgan: ")
    assert "of 500 nuclei" in ended.err


def test_the_default_canvas_is_512_pixels_high_and_wide(sharpgan, tmp_path):
    sharpgan("nuclei", tmp_path / "n.npy", "--count", 1)
    assert np.load(tmp_path / "n.npy").shape == (512, 512)


def test_an_older_file_stays_when_the_settings_are_wrong(sharpgan, tmp_path):
    path = tmp_path / "n.png"
    path.write_bytes(b"precious")
    assert sharpgan("nuclei", path, "--radius-min", 50).status == 2
    assert path.read_bytes() == b"precious"


def test_nuclei_like_those_of_a_mask_are_as_many_and_as_large(sharpgan, tmp_path):
    mask, out = tmp_path / "mask.png", tmp_path / "n.png"
    sharpgan("nuclei", mask, "--shape", 200, 220, "--count", 40, "--radius-min", 5, "--radius-max", 7)
    ended = sharpgan("nuclei", out, "--like", mask, "--seed", 3)
    assert ended.status == 0, ended.err
    assert f"like {mask}: distance 0." in ended.out
    real, drawn = (np.asarray(Image.open(path)) for path in (mask, out))
    assert drawn.shape == real.shape
    assert len(np.unique(drawn)) == pytest.approx(len(np.unique(real)), rel=0.25)
    assert (drawn > 0).mean() == pytest.approx((real > 0).mean(), rel=0.3)


def test_settings_that_are_given_stand_above_those_that_fit(sharpgan, tmp_path):
    mask, out = tmp_path / "mask.png", tmp_path / "n.npy"
    sharpgan("nuclei", mask, "--shape", 200, 200, "--count", 30)
    ended = sharpgan("nuclei", out, "--like", mask, "--shape", 90, 120, "--count", 3)
    assert ended.status == 0, ended.err
    assert np.load(out).shape == (90, 120)
    assert len(np.unique(np.load(out))) == 4


@pytest.mark.parametrize("count", [0, 9])
def test_a_mask_of_too_few_nuclei_is_named(sharpgan, tmp_path, count):
    labels = np.arange(16).reshape(4, 4) * (np.arange(16).reshape(4, 4) <= count)
    np.save(tmp_path / "few.npy", np.kron(labels, np.pad(np.ones((5, 5), int), 2)))
    ended = sharpgan("nuclei", tmp_path / "n.npy", "--like", tmp_path / "few.npy")
    assert ended.status == 2
    assert ended.err.startswith("sharpgan: few.npy: labels must have at least")
    assert not (tmp_path / "n.npy").exists()
