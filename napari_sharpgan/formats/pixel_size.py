"""How many micrometers a pixel of an image file measures, by the words of each format."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import tifffile

# Names of units in OME-XML, OME-Zarr and ImageJ, and the micrometers of each.
MICROMETERS: dict[str, float] = {
    "µm": 1.0,  # micro sign
    "μm": 1.0,  # Greek mu
    "\\u00B5m": 1.0,  # as ImageJ writes the micro sign
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometre": 1.0,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "mm": 1e3,
    "millimeter": 1e3,
    "cm": 1e4,
    "centimeter": 1e4,
    "m": 1e6,
    "meter": 1e6,
    "Å": 1e-4,
    "angstrom": 1e-4,
    "inch": 25400.0,
}
# A coarser resolution is that of a screen or a printer: 72 dpi would be 353 µm a pixel.
COARSEST = 10.0


def in_micrometers(rows: Any, columns: Any, units: tuple[str, str], name: str) -> float | None:
    """Return the side of a square pixel in micrometers.

    Parameters
    ----------
    rows, columns : number, or text of one
        Height and width of a pixel in ``units``.
    units : (str, str)
        Their units, names of `MICROMETERS`.
    name : str
        Name of the file, for a warning.

    Returns
    -------
    float or None
        None where a unit is no length that we know, where the numbers are none above 0, and, with a warning,
        where the two differ by more than 1 %.
    """
    try:
        height, width = (float(n) * MICROMETERS[unit] for n, unit in zip((rows, columns), units, strict=True))
    except (KeyError, TypeError, ValueError):
        return None
    if not all(math.isfinite(side) and side > 0 for side in (height, width)):
        return None
    if abs(height - width) > 0.01 * max(height, width):
        warnings.warn(
            f"pixels of {name} are not square ({height:g} by {width:g} µm), so their size is not used",
            stacklevel=2,
        )
        return None
    return height if height == width else (height + width) / 2


def picture_size(information: Mapping[Any, Any], name: str) -> float | None:
    """Return the µm/px of a PNG or JPEG from what Pillow found in it, if it is finer than 10."""
    columns, rows = information.get("dpi", (0, 0))
    if not (rows > 0 and columns > 0):
        return None
    return _fine(in_micrometers(1 / float(rows), 1 / float(columns), ("inch", "inch"), name))


def tiff_size(file: tifffile.TiffFile) -> float | None:
    """Return the µm/px of the first image of a TIFF: from OME-XML, Aperio, ImageJ, or its resolution.

    A plain resolution is taken if it is finer than 10 µm/px; coarser ones are those of screens and printers.
    """
    name = Path(file.filename or "TIFF").name
    if file.is_ome and file.ome_metadata:
        return _ome_size(file.ome_metadata, name)
    if file.is_svs:
        mpp = tifffile.tifffile.svs_description_metadata(file.pages.first.description).get("MPP")
        return in_micrometers(mpp, mpp, ("µm", "µm"), name)
    return _resolution(file, name)


def _ome_size(xml: str, name: str) -> float | None:
    """Return the µm/px of the first ``Pixels`` of OME-XML; its unit is µm where it names none."""
    pixels = ElementTree.fromstring(xml).find(".//{*}Pixels")
    if pixels is None:
        return None
    units = (pixels.get("PhysicalSizeYUnit", "µm"), pixels.get("PhysicalSizeXUnit", "µm"))
    return in_micrometers(pixels.get("PhysicalSizeY"), pixels.get("PhysicalSizeX"), units, name)


def _resolution(file: tifffile.TiffFile, name: str) -> float | None:
    """Return the µm/px of the tags XResolution and YResolution, with the unit that ImageJ or a tag names."""
    tags = file.pages.first.tags
    if "XResolution" not in tags or "YResolution" not in tags:
        return None
    columns, rows = (_ratio(tags[key].value) for key in ("XResolution", "YResolution"))
    if not (rows > 0 and columns > 0):
        return None
    unit = str((file.imagej_metadata or {}).get("unit", ""))
    if unit in MICROMETERS:
        return in_micrometers(1 / rows, 1 / columns, (unit, unit), name)
    known = {2: "inch", 3: "cm"}.get(int(tags["ResolutionUnit"].value) if "ResolutionUnit" in tags else 2, "")
    return _fine(in_micrometers(1 / rows, 1 / columns, (known, known), name))


def _ratio(value: Any) -> float:
    """Return a rational number of a TIFF tag, 0 where it is none."""
    numerator, denominator = value if isinstance(value, tuple) else (value, 1)
    return numerator / denominator if denominator else 0.0


def _fine(size: float | None) -> float | None:
    return size if size is not None and size < COARSEST else None
