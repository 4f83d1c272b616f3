import json

import numpy as np
import pytest
import torch

from napari_sharpgan import _resources
from napari_sharpgan.formats import read_image, read_nuclei, write_image
from napari_sharpgan.segmentation import Segmenter, save_segmenter, segment


@pytest.fixture
def weights(tmp_path):
    """An untrained segmenter of width 2."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        save_segmenter(Segmenter("unet", 2, "foreground"), tmp_path / "s.safetensors")
    return tmp_path / "s.safetensors"


def test_what_is_written_is_what_the_api_gives(sharpgan, weights, tissue_file, tmp_path):
    out = tmp_path / "found.tif"
    ended = sharpgan("segment", tissue_file, out, "--segmenter", weights, "--device", "cpu")
    assert ended.status == 0, ended.err
    expected = segment(read_image(tissue_file), weights, device="cpu")
    np.testing.assert_array_equal(read_nuclei(out).labels, expected)
    assert ended.out.startswith(f"{out}: {expected.max()} nucle")


def test_outlines_keep_the_size_of_a_pixel(sharpgan, weights, tissue_file, tmp_path):
    image, out = tmp_path / "sized.tif", tmp_path / "found.geojson"
    write_image(read_image(tissue_file), image, micrometers_per_pixel=0.25)
    assert sharpgan("segment", image, out, "--segmenter", weights, "--device", "cpu").status == 0
    assert json.loads(out.read_text())["type"] == "FeatureCollection"
    assert read_nuclei(out).micrometers_per_pixel == 0.25


def test_without_a_segmenter_it_says_that_one_is_needed(sharpgan, tissue_file, tmp_path, monkeypatch):
    monkeypatch.setattr(_resources, "resources", lambda: tmp_path)
    ended = sharpgan("segment", tissue_file, tmp_path / "found.png")
    assert ended.status == 2
    assert ended.err.startswith("sharpgan: no segmenter comes with this version; name the .safetensors")
    assert "--segmenter names it" in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "found.png").exists()


def test_what_cannot_be_written_is_said_before_the_work(sharpgan, weights, tissue_file, tmp_path):
    ended = sharpgan("segment", tissue_file, tmp_path / "found.xml", "--segmenter", weights)
    assert (ended.status, "is only read, not written" in ended.err) == (2, True)
    ended = sharpgan("segment", tissue_file, tissue_file, "--segmenter", weights)
    assert "is what is read; choose another name" in ended.err


def test_of_a_window_the_nuclei_with_their_centers_in_it_are_written_whole(
    sharpgan, dark_segmenter, tissue_file, tmp_path
):
    image = read_image(tissue_file)
    rows, columns = image.shape[:2]
    whole = segment(image, dark_segmenter, device="cpu")
    out, arguments = tmp_path / "found.tif", ("--segmenter", dark_segmenter, "--device", "cpu", "--window")
    ended = sharpgan("segment", tissue_file, out, *arguments, 0, 0, rows, columns)
    assert ended.status == 0, ended.err
    np.testing.assert_array_equal(read_nuclei(out).labels > 0, whole > 0)
    window = 10, 20, rows // 2, columns // 2
    assert sharpgan("segment", tissue_file, out, *arguments, *window).status == 0
    found = read_nuclei(out).labels
    assert 0 < found.max() < whole.max()
    for label in np.unique(found[found > 0]):
        center = np.argwhere(found == label).mean(axis=0) - window[:2]
        assert (center >= -0.5).all()
        assert (center < np.array(window[2:]) - 0.5).all()
    ended = sharpgan("segment", tissue_file, out, *arguments, 0, 0, rows + 1, 4)
    assert (ended.status, f"must lie in the image of {rows} × {columns}" in ended.err) == (2, True)
