import json
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from napari_sharpgan.formats import (
    IMAGE_SUFFIXES,
    read_image,
    read_image_with_size,
    read_provenance,
    write_image,
)

RGB = np.random.default_rng(0).integers(0, 256, (7, 5, 3)).astype(np.uint8)
GRAY16 = np.array([[0, 256, 65535]], np.uint16)
NOTE = {
    "synthetic": True,
    "generator": "sharpgan",
    "weights_sha256": "0f",
    "seed": 3,
    "software": "napari-sharpgan µ",
}
pictures = arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.just(3)))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(image=pictures)
def test_every_picture_comes_back_exactly_also_to_pillow(suffix, image, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_image(image, path)
    np.testing.assert_array_equal(read_image(path), image)
    with Image.open(path) as picture:
        assert picture.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(picture), image)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".ome.tif", ".ome.zarr"])
def test_where_a_picture_comes_from_stays_with_it(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_image(RGB, path, NOTE)
    assert read_provenance(path) == NOTE
    if "ome" in suffix:
        return
    with Image.open(path) as picture:
        text = picture.info["Description"] if suffix == ".png" else picture.tag_v2[270]
    assert json.loads(text) == NOTE


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_picture_of_others_has_no_provenance(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_image(RGB, path)
    assert read_provenance(path) == {}
    Image.fromarray(RGB).save(path)
    assert read_provenance(path) == {}
    tifffile.imwrite(tmp_path / "b.tif", RGB, photometric="rgb", description="scanned on Monday")
    assert read_provenance(tmp_path / "b.tif") == {}


def test_the_size_of_a_pixel_is_kept_as_resolution(tmp_path):
    write_image(RGB, tmp_path / "a.tif", micrometers_per_pixel=0.25)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        numerator, denominator = file.pages.first.tags["XResolution"].value
        assert numerator / denominator == pytest.approx(40000)
        assert file.pages.first.tags["ResolutionUnit"].value == 3
    write_image(RGB, tmp_path / "a.png", micrometers_per_pixel=0.25)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.info["dpi"][0] == pytest.approx(25400 / 0.25, rel=1e-4)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".ome.tif", ".ome.zarr"])
@pytest.mark.parametrize("size", [0.25, 0.5034, None])
def test_the_size_of_a_pixel_comes_back(suffix, size, tmp_path):
    write_image(RGB, tmp_path / f"a{suffix}", micrometers_per_pixel=size)
    found = read_image_with_size(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(found.pixels, RGB)
    assert found.micrometers_per_pixel == (None if size is None else pytest.approx(size, rel=1e-6))


def test_a_pixel_without_extent_is_refused(tmp_path):
    with pytest.raises(ValueError, match="micrometers_per_pixel must be a number above 0, got 0"):
        write_image(RGB, tmp_path / "a.png", micrometers_per_pixel=0)
    assert list(tmp_path.iterdir()) == []


def test_transparency_is_dropped_as_in_cpm15(real_data):
    path = real_data / "cpm15" / "image12.png"
    with Image.open(path) as picture:
        assert picture.mode == "RGBA"
        expected = np.asarray(picture)[..., :3]
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [(".png", mode) for mode in ("L", "1", "LA", "P", "RGBA")]
    + [(".tif", mode) for mode in ("L", "1", "P", "RGBA", "CMYK")],
)
def test_every_kind_of_picture_becomes_rgb(suffix, mode, tmp_path):
    picture = Image.fromarray(RGB).convert(mode)
    picture.save(tmp_path / f"a{suffix}")
    image = read_image(tmp_path / f"a{suffix}")
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, np.asarray(picture.convert("RGB")))


def test_a_jpeg_is_read(tmp_path):
    flat = np.full((16, 16, 3), (200, 120, 180), np.uint8)
    Image.fromarray(flat).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - flat).max() <= 3


@pytest.mark.parametrize("compression", ["jpeg", "tiff_lzw", "packbits"])
def test_tiffs_that_tifffile_cannot_unpack_alone_are_read(compression, tmp_path):
    flat = np.full((16, 16, 3), (200, 120, 180), np.uint8)
    Image.fromarray(flat).save(tmp_path / "a.tif", compression=compression)
    assert np.abs(read_image(tmp_path / "a.tif").astype(int) - flat).max() <= 3


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
def test_16_bits_are_scaled_by_their_full_range(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    np.save(path, GRAY16) if suffix == ".npy" else Image.fromarray(GRAY16).save(path)
    np.testing.assert_array_equal(read_image(path), np.repeat([[[0], [1], [255]]], 3, axis=-1))


def test_channels_that_come_first_are_moved_last(tmp_path):
    planes = np.ascontiguousarray(np.moveaxis(RGB, -1, 0))
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif"), RGB)
    tifffile.imwrite(tmp_path / "b.ome.tif", planes, photometric="minisblack", metadata={"axes": "CYX"})
    np.testing.assert_array_equal(read_image(tmp_path / "b.ome.tif"), RGB)


def test_floats_run_from_0_to_1(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[0.0, 0.5, 1.0]]))
    np.testing.assert_array_equal(read_image(tmp_path / "a.npy")[..., 0], [[0, 128, 255]])


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array([[0.0, np.nan]]), r"a\.npy holds floats, which must lie in \[0, 1\], got nan to nan"),
        (np.array([[0.0, 255.0]]), r"a\.npy holds floats, which must lie in \[0, 1\], got 0.0 to 255.0"),
        (
            np.zeros((4, 5, 2), np.uint8),
            r"a\.npy must be one picture of 1, 3 or 4 channels, .* got \(4, 5, 2\)",
        ),
        (np.zeros((4, 5, 5), np.uint8), r"got \(4, 5, 5\)"),
        (np.zeros((2, 4, 5, 3), np.uint8), r"got \(2, 4, 5, 3\)"),
        (np.zeros((0, 5, 3), np.uint8), r"got \(0, 5, 3\)"),
        (np.zeros(5, np.uint8), r"got \(5,\)"),
        (np.zeros((4, 5), np.int64), r"a\.npy must hold 1, 8 or 16 bits or floats in \[0, 1\], got int64"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(array, words, tmp_path):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises((ValueError, TypeError), match=words):
        read_image(tmp_path / "a.npy")


def test_a_pyramid_that_only_pillow_can_unpack_is_read_at_its_first_level(tmp_path):
    path, flat = tmp_path / "a.tif", np.full((64, 48, 3), (200, 120, 180), np.uint8)
    with tifffile.TiffWriter(path) as file:
        for step in (1, 2):
            how = {"photometric": "rgb", "tile": (16, 16), "compression": "lzw"}
            file.write(flat[::step, ::step], subfiletype=step - 1, **how)
    code = (
        "import sys; sys.modules['imagecodecs'] = None; from napari_sharpgan.formats import read_image;"
        f"image = read_image({str(path)!r}); print(image.shape, image.min((0, 1)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "(64, 48, 3) [200 120 180]"


def test_a_tiff_with_pages_is_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 4, 5), np.uint8), photometric="minisblack")
    with pytest.raises(ValueError, match=r"a\.tif must be one picture .* got \(6, 4, 5\)"):
        read_image(tmp_path / "a.tif")
    pages = [Image.fromarray(RGB)] * 3
    pages[0].save(tmp_path / "b.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    with pytest.raises(ValueError, match=r"b\.tif"):
        read_image(tmp_path / "b.tif")


@pytest.mark.parametrize("suffix", [suffix for suffix in IMAGE_SUFFIXES if "zarr" not in suffix])
@pytest.mark.parametrize("content", [b"", b"\x00\xff rubbish" * 40])
def test_rubbish_is_one_sentence_with_the_name_of_the_file(suffix, content, tmp_path):
    (tmp_path / f"broken{suffix}").write_bytes(content)
    with pytest.raises(ValueError, match=rf"broken\{suffix} cannot be read as") as error:
        read_image(tmp_path / f"broken{suffix}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
def test_a_truncated_picture_never_passes_for_a_whole_one(suffix, tmp_path):
    path = tmp_path / f"broken{suffix}"
    noise = np.random.default_rng(1).integers(0, 256, (80, 90, 3)).astype(np.uint8)
    np.save(path, noise) if suffix == ".npy" else write_image(noise, path)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(ValueError, match=rf"broken\{suffix} cannot be read as"):
        read_image(path)


def test_missing_files_and_unknown_types_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.png does not exist"):
        read_image(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"unknown file type '\.bmp' of a\.bmp; use one of \.png"):
        read_image(tmp_path / "a.bmp")
    with pytest.raises(
        ValueError, match=r"unknown file type '\.jpg' of a\.jpg; use one of \.png, \.tif, \.tiff, \.ome\.zarr"
    ):
        write_image(RGB, tmp_path / "a.jpg")


@pytest.mark.parametrize("image", [RGB.astype(float), RGB[..., :2], RGB[..., 0], RGB[None]])
def test_only_eight_bit_rgb_is_written(image, tmp_path):
    with pytest.raises(ValueError, match=r"image must be \(H, W, 3\) uint8, got"):
        write_image(image, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_is_no_json_leaves_the_older_picture(tmp_path):
    write_image(RGB, tmp_path / "a.png")
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_image(RGB[::-1], tmp_path / "a.png", {"beta": float("nan")})
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), RGB)
