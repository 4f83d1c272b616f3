"""Levels of resolution that stay on the disk until somebody looks."""

import numpy as np
import pytest
import tifffile
import zarr

from napari_sharpgan.formats import read_image, write_image
from napari_sharpgan.formats.pyramid import Pyramid, open_pyramid

RGB = np.random.default_rng(0).integers(0, 256, (130, 101, 3)).astype(np.uint8)


def write_slide(path, image=RGB, **how):
    """Write an OME-TIFF as scanners and QuPath do: tiles, levels in SubIFDs, micrometers."""
    how = {"photometric": "rgb", "tile": (32, 32), "compression": "zlib", **how}
    sizes = {f"PhysicalSize{axis}": 0.25 for axis in "XY"}
    with tifffile.TiffWriter(path, ome=True) as file:
        file.write(image, subifds=2, metadata={"axes": "YXS", **sizes}, **how)
        for step in (2, 4):
            file.write(image[::step, ::step], subfiletype=1, **how)


@pytest.mark.parametrize("compression", ["zlib", "lzw", None])
def test_levels_of_an_ome_tiff_are_read_where_they_are_looked_at(compression, tmp_path):
    write_slide(tmp_path / "a.ome.tif", compression=compression)
    pyramid = open_pyramid(tmp_path / "a.ome.tif")
    assert pyramid.axes == "YXS"
    assert pyramid.shape == (130, 101)
    assert pyramid.micrometers_per_pixel == 0.25
    assert all(isinstance(level, zarr.Array) for level in pyramid.levels)
    for level, step in zip(pyramid.levels, (1, 2, 4), strict=True):
        np.testing.assert_array_equal(level[3:20, 5:9], RGB[::step, ::step][3:20, 5:9])
    np.testing.assert_array_equal(read_image(tmp_path / "a.ome.tif"), RGB)


def test_the_jpeg_tiles_of_qupath_keep_their_colors(tmp_path):
    flat = np.full((128, 96, 3), (200, 120, 180), np.uint8)  # whole tiles: the rest of others is black
    pytest.importorskip("imagecodecs")
    write_slide(tmp_path / "a.ome.tif", flat, compression="jpeg")
    (first, *_) = open_pyramid(tmp_path / "a.ome.tif").levels
    assert isinstance(first, zarr.Array)
    assert np.abs(np.asarray(first[:40, :40]).astype(int) - flat[:40, :40]).max() <= 4
    assert np.abs(read_image(tmp_path / "a.ome.tif").astype(int) - flat).max() <= 4


def test_a_tiff_without_tiles_is_read_whole(tmp_path):
    write_image(RGB, tmp_path / "a.tif", micrometers_per_pixel=0.5)
    pyramid = open_pyramid(tmp_path / "a.tif")
    assert (pyramid.axes, len(pyramid.levels), pyramid.micrometers_per_pixel) == ("YXS", 1, 0.5)
    np.testing.assert_array_equal(pyramid.pixels(), RGB)


def test_levels_of_an_ome_zarr_are_means_of_two_by_two(tmp_path):
    image = np.zeros((3, 1101, 3), np.uint8)
    image[:2, :2] = [[[0, 4, 8], [0, 4, 8]], [[4, 4, 8], [6, 4, 10]]]
    image[2, 1100] = 200
    write_image(image, tmp_path / "a.ome.zarr")
    pyramid = open_pyramid(tmp_path / "a.ome.zarr")
    assert [level.shape for level in pyramid.levels] == [(3, 3, 1101), (3, 2, 551)]
    second = np.asarray(pyramid.levels[1][...])
    assert second[:, 0, 0].tolist() == [3, 4, 9]  # 10 / 4 and 34 / 4, rounded half up
    assert second[:, 1, 550].tolist() == [200, 200, 200]  # the border is repeated, not darkened
    np.testing.assert_array_equal(pyramid.pixels(), image)


def test_a_picture_of_several_planes_is_refused_only_when_one_is_needed():
    pyramid = Pyramid([np.zeros((4, 1, 5, 6))], "ZCYX")
    assert pyramid.shape == (5, 6)
    with pytest.raises(ValueError, match=r"several planes \(\{'Z': 4\}\)"):
        pyramid.pixels()
    assert Pyramid([np.zeros((1, 3, 5, 6))], "TCYX").pixels().shape == (5, 6, 3)
    with pytest.raises(ValueError, match="must have rows Y and columns X"):
        Pyramid([np.zeros((4, 5))], "ZX")


def test_what_is_missing_or_of_another_kind_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.ome\.tif does not exist"):
        open_pyramid(tmp_path / "a.ome.tif")
    with pytest.raises(ValueError, match="unknown file type"):
        open_pyramid(tmp_path / "a.bmp")
    (tmp_path / "b.ome.tif").write_bytes(b"II*\x00 rubbish")
    with pytest.raises(ValueError, match=r"b\.ome\.tif cannot be read as a TIFF image"):
        open_pyramid(tmp_path / "b.ome.tif")
