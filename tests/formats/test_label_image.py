import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan.formats import read_labels, write_labels


def test_a_tiff_is_16_bits_where_that_is_enough_and_zlib_compressed(tmp_path):
    for largest, kind in [(65535, np.uint16), (65536, np.int32)]:
        write_labels(np.array([[0, largest]]), tmp_path / "a.tif")
        with tifffile.TiffFile(tmp_path / "a.tif") as file:
            assert file.pages.first.compression == tifffile.COMPRESSION.ADOBE_DEFLATE
            assert file.pages.first.photometric == tifffile.PHOTOMETRIC.MINISBLACK
            array = file.asarray()
        assert array.dtype == kind
        np.testing.assert_array_equal(array, [[0, largest]])


def test_pillow_reads_our_png_as_16_bit_gray(tmp_path):
    write_labels(np.array([[0, 300], [65535, 1]]), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == "I;16"
        np.testing.assert_array_equal(np.asarray(image), [[0, 300], [65535, 1]])


def test_a_png_refuses_more_labels_than_it_can_hold(tmp_path):
    with pytest.raises(
        ValueError, match=r"a PNG holds labels up to 65535, got 65536; write \.tif or \.npy instead"
    ):
        write_labels(np.array([[65536]]), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int8, np.uint16, np.uint32, np.int64, np.uint64])
def test_every_kind_of_integers_is_read(kind, tmp_path):
    np.save(tmp_path / "a.npy", np.array([[0, 1], [1, 0]], kind))
    labels = read_labels(tmp_path / "a.npy")
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels, [[0, 1], [1, 0]])


@pytest.mark.parametrize("suffix", [".tif", ".npy"])
def test_float_labels_are_refused_by_name(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    np.save(path, np.ones((2, 2))) if suffix == ".npy" else tifffile.imwrite(path, np.ones((2, 2)))
    with pytest.raises(
        TypeError, match=rf"the labels in a\{suffix} must hold integers, one a nucleus, got float64"
    ):
        read_labels(path)


def test_negative_and_huge_labels_are_refused_by_name(tmp_path):
    for value in (-1, 2**31):
        np.save(tmp_path / "a.npy", np.array([[value]]))
        with pytest.raises(ValueError, match=r"the labels in a\.npy must lie between 0 and 2147483647"):
            read_labels(tmp_path / "a.npy")


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_color_image_is_no_label_image(suffix, channels, tmp_path):
    array = np.zeros((5, 6, channels), np.uint8)
    path = tmp_path / f"a{suffix}"
    Image.fromarray(array).save(path)
    with pytest.raises(ValueError, match=rf"a\{suffix} holds a color image of shape \(5, 6, {channels}\)"):
        read_labels(path)


def test_the_indices_of_a_palette_are_the_labels_whatever_its_colors(tmp_path):
    image = Image.fromarray(np.array([[0, 2], [1, 2]], np.uint8), mode="P")
    image.putpalette([9, 9, 9, 200, 0, 0, 0, 200, 0])
    image.save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.png"), [[0, 2], [1, 2]])


def test_a_black_and_white_png_is_one_nucleus(tmp_path):
    Image.fromarray(np.array([[False, True]])).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.png"), [[0, 1]])


def test_a_tiff_with_pages_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((7, 5, 6), np.uint16), photometric="minisblack")
    with pytest.raises(ValueError, match=r"must have shape \(H, W\), got \(7, 5, 6\)"):
        read_labels(tmp_path / "a.tif")


def test_a_tiff_in_a_compression_that_tifffile_lacks_is_read_by_pillow(tmp_path):
    labels = np.arange(30, dtype=np.uint16).reshape(5, 6) * 999
    Image.fromarray(labels).save(tmp_path / "a.tif", compression="tiff_lzw")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.tif"), labels)


def test_pickled_objects_are_never_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[{}]], object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"a\.npy cannot be read as a NumPy array: Object arrays"):
        read_labels(tmp_path / "a.npy")
