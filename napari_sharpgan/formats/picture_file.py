"""PNG and TIFF as we write them: pixels, a note in JSON, and the size of a pixel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

import tifffile
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from napari_sharpgan.formats.paths import understood

Note = Mapping[str, Any] | None
OME = (".ome.tif", ".ome.tiff")


def write_png(pixels: NDArray[Any], path: Path, note: Note = None, size: float | None = None) -> None:
    """Write a PNG with ``note`` as text chunk ``Description`` and ``size`` (µm/px) as resolution."""
    text = PngInfo()
    if note is not None:
        text.add_itxt("Description", _json(note))
    resolution = {} if size is None else {"dpi": (25400 / size, 25400 / size)}
    Image.fromarray(pixels).save(path, format="PNG", pnginfo=text, **resolution)


def write_tiff(pixels: NDArray[Any], path: Path, note: Note = None, size: float | None = None) -> None:
    """Write a zlib-compressed TIFF; (H, W, 3) is RGB, (H, W) is gray.

    ``note`` becomes the ``ImageDescription``, ``size`` (µm/px) the resolution; in an ``.ome.tif`` both stand
    in the OME-XML.
    """
    text = None if note is None else _json(note)
    photometric: Literal["rgb", "minisblack"] = "rgb" if pixels.ndim == 3 else "minisblack"
    about: dict[str, Any] = {"photometric": photometric, "compression": "zlib"}
    if path.name.lower().endswith(OME):
        sizes = {} if size is None else {"PhysicalSizeX": size, "PhysicalSizeY": size}
        described = {} if text is None else {"Description": text}
        about |= {"ome": True, "metadata": {"axes": "YXS"[: pixels.ndim], **sizes, **described}}
    else:
        about |= {"metadata": None, "description": text}
        about |= {} if size is None else {"resolution": (1e4 / size,) * 2, "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(path, pixels, **about)


def read_png_note(path: Path) -> dict[str, Any]:
    """Return the note of a PNG; empty where there is none of ours."""
    with understood(path, "a PNG image"), Image.open(path, formats=["PNG"]) as image:
        return _noted(str(image.info.get("Description", "")))


def read_tiff_note(path: Path) -> dict[str, Any]:
    """Return the note of a TIFF; empty where there is none of ours."""
    with understood(path, "a TIFF image"), tifffile.TiffFile(path) as file:
        if file.is_ome and file.ome_metadata:
            found = ElementTree.fromstring(file.ome_metadata).findtext(".//{*}Image/{*}Description")
            return _noted(found or "")
        return _noted(str(file.pages.first.description))


def _json(note: Mapping[str, Any]) -> str:
    return json.dumps(dict(note), allow_nan=False)


def _noted(text: str) -> dict[str, Any]:
    """Return a note of ours from the text of a file, which may be of somebody else."""
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
