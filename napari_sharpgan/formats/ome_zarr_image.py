"""Pictures in OME-Zarr: red, green and blue as channels, the size of a pixel, levels of resolution."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats.ome_metadata import describe, described, levels_of, versioned
from napari_sharpgan.formats.ome_zarr_store import new_group, open_group, write_levels
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.pyramid import Pyramid

_CHANNELS = {"red": "FF0000", "green": "00FF00", "blue": "0000FF"}
_NOTE = "provenance"


def open_image(path: Path) -> Pyramid:
    """Open the image of an OME-Zarr folder; of a bioformats2raw folder the first one."""
    group = open_group(path)
    content = described(group)
    if "multiscales" not in content and "bioformats2raw.layout" in content and "0" in group:
        group = group["0"]
        content = described(group)
    return open_levels(group, content, path)


def open_levels(group: Any, content: Mapping[str, Any], path: Path) -> Pyramid:
    """Open the arrays that ``multiscales`` of a group names."""
    levels = levels_of(content, path.name)
    with understood(path, "OME-Zarr"):
        return Pyramid([group[name] for name in levels.paths], levels.axes, levels.micrometers_per_pixel)


def write_image(
    pixels: NDArray[np.uint8], path: Path, note: Mapping[str, Any] | None, size: float | None
) -> None:
    """Write (H, W, 3) uint8 into an empty folder, with ``note`` among the attributes of the image."""
    group = new_group(path)
    planes = np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    describe_image(group, write_levels(group, planes, "cyx", name="image", size=size), note)


def describe_image(group: Any, entry: Mapping[str, Any], note: Mapping[str, Any] | None) -> None:
    """Say of a group what its arrays are, of which ``entry`` tells, that they are colors, and ``note``."""
    window = {"start": 0, "end": 255, "min": 0, "max": 255}
    channels = [
        {"label": name, "color": color, "window": window, "active": True} for name, color in _CHANNELS.items()
    ]
    omero = versioned({"channels": channels, "rdefs": {"model": "color"}}, group.metadata.zarr_format)
    describe(group, {"multiscales": [entry], "omero": omero})
    if note is not None:
        group.attrs[_NOTE] = dict(note)


def read_note(path: Path) -> dict[str, Any]:
    """Return the note of `write_image`; empty where there is none."""
    note = open_group(path).attrs.get(_NOTE, {})
    return note if isinstance(note, dict) else {}
