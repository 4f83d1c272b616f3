"""Sizes of pixels, as other programs write them."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan.formats.images import read_image_with_size
from napari_sharpgan.formats.pixel_size import in_micrometers

RGB = np.zeros((6, 5, 3), np.uint8)


def size_of(path):
    return read_image_with_size(path).micrometers_per_pixel


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(0.25, "µm", 0.25), (250, "nm", 0.25), (0.0005, "mm", 0.5), (2500, "Å", 0.25), (3, "pixel", None)],
)
def test_ome_xml_names_the_unit(value, unit, expected, tmp_path):
    sizes = {f"PhysicalSize{axis}{end}": v for axis in "XY" for end, v in (("", value), ("Unit", unit))}
    how = {"photometric": "rgb", "metadata": {"axes": "YXS", **sizes}}
    tifffile.imwrite(tmp_path / "a.ome.tif", RGB, **how)
    assert size_of(tmp_path / "a.ome.tif") == pytest.approx(expected)


def test_ome_xml_means_micrometers_where_it_names_no_unit(tmp_path):
    how = {"axes": "YXS", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    tifffile.imwrite(tmp_path / "a.ome.tif", RGB, photometric="rgb", metadata=how)
    assert size_of(tmp_path / "a.ome.tif") == 0.5


@pytest.mark.parametrize("unit", ["micron", "\\u00B5m", "um"])
def test_imagej_writes_pixels_per_unit(unit, tmp_path):
    gray = np.zeros((6, 5), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", gray, imagej=True, resolution=(4, 4), metadata={"unit": unit})
    assert size_of(tmp_path / "a.tif") == pytest.approx(0.25)


def test_aperio_writes_microns_per_pixel_into_its_description(tmp_path):
    text = "Aperio Image Library v11.2.1 \r\n6x5 |AppMag = 40|MPP = 0.2521"
    tifffile.imwrite(tmp_path / "a.tif", RGB, photometric="rgb", description=text, metadata=None)
    assert size_of(tmp_path / "a.tif") == 0.2521


@pytest.mark.parametrize(("unit", "number"), [("CENTIMETER", 20000), ("INCH", 50800)])
def test_a_resolution_is_taken_in_both_units(unit, number, tmp_path):
    how = {"photometric": "rgb", "metadata": None, "resolution": (number, number), "resolutionunit": unit}
    tifffile.imwrite(tmp_path / "a.tif", RGB, **how)
    assert size_of(tmp_path / "a.tif") == pytest.approx(0.5)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
@pytest.mark.parametrize("dpi", [72, 300, 600])
def test_the_resolution_of_a_printer_is_no_size_of_a_pixel(suffix, dpi, tmp_path):
    Image.fromarray(RGB).save(tmp_path / f"a{suffix}", dpi=(dpi, dpi))
    assert size_of(tmp_path / f"a{suffix}") is None


def test_a_jpeg_of_a_scanner_has_a_size(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", dpi=(50800, 50800))
    assert size_of(tmp_path / "a.jpg") == pytest.approx(0.5)


def test_pixels_that_are_not_square_have_no_size_and_it_is_said():
    with pytest.warns(UserWarning, match=r"pixels of a\.tif are not square \(0\.25 by 0\.5 µm\)"):
        assert in_micrometers(0.25, 0.5, ("µm", "µm"), "a.tif") is None
    assert in_micrometers(0.25, 0.2501, ("µm", "µm"), "a.tif") == pytest.approx(0.25005)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), None, "wide"])
def test_what_is_no_length_is_no_size(value):
    assert in_micrometers(value, value, ("µm", "µm"), "a.tif") is None
