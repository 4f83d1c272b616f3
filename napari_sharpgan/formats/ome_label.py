"""What is said of nuclei, to and from ``image-label`` of OME-Zarr: colors, and properties by label."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from napari_sharpgan.formats.ome_metadata import versioned
from napari_sharpgan.formats.record import Color, NucleusInfo

_LABEL = "label-value"
_OWN = ("class", "class-color", "color", "name", "id", "object-type", "locked", "measurements", "metadata")


def image_label(info: Mapping[int, NucleusInfo], labels: Collection[int], zarr_format: int) -> dict[str, Any]:
    """Return ``image-label`` for the nuclei that are there.

    ``colors`` has those of nuclei, else of their classes, for other programs; ``properties`` has all that
    there is, a color and the color of a class apart.
    """
    there = {number: about for number, about in sorted(info.items()) if number in labels}
    colors = [
        {_LABEL: number, "rgba": [*(about.color or about.class_color or ()), 255]}
        for number, about in there.items()
        if about.color or about.class_color
    ]
    properties = [{_LABEL: number, **said} for number, about in there.items() if (said := _said(about))]
    content: dict[str, Any] = {}
    if colors:
        content["colors"] = colors
    if properties:
        content["properties"] = properties
    return versioned(content, zarr_format)


def infos(content: Mapping[str, Any], labels: Collection[int]) -> dict[int, NucleusInfo]:
    """Return what ``image-label`` says of the labels that are there.

    Of other programs' properties ``class`` is the class; numbers are measurements, other words metadata.
    """
    found = {int(entry[_LABEL]): dict(entry) for entry in content.get("properties") or () if _LABEL in entry}
    for entry in content.get("colors") or ():
        about = found.setdefault(int(entry[_LABEL]), {}) if _LABEL in entry else {}
        if entry.get("rgba") and "class-color" not in about:
            about.setdefault("color", entry["rgba"][:3])
    return {number: _info(about) for number, about in found.items() if number in labels}


def _said(about: NucleusInfo) -> dict[str, Any]:
    """Return the properties of a nucleus: only what is there, and only finite numbers."""
    words = {
        "class": about.class_name,
        "class-color": about.class_color and list(about.class_color),
        "color": about.color and list(about.color),
        "name": about.name,
        "id": about.id,
        "object-type": about.object_type if about.object_type != "annotation" else "",
        "locked": about.is_locked,
        "measurements": {name: float(v) for name, v in about.measurements.items() if math.isfinite(v)},
        "metadata": dict(about.metadata),
    }
    return {name: value for name, value in words.items() if value}


def _info(words: Mapping[str, Any]) -> NucleusInfo:
    """Return the properties of one label as `NucleusInfo`."""
    others = {name: value for name, value in words.items() if name not in (*_OWN, _LABEL)}
    numbers = {
        name: float(value)
        for name, value in others.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    texts = {name: str(value) for name, value in others.items() if name not in numbers}
    return NucleusInfo(
        id=str(words.get("id", "")),
        object_type="detection" if words.get("object-type") == "detection" else "annotation",
        name=str(words.get("name", "")),
        color=_color(words.get("color")),
        class_name=str(words.get("class", "")),
        class_color=_color(words.get("class-color")),
        is_locked=bool(words.get("locked", False)),
        measurements={**_mapping(words.get("measurements")), **numbers},
        metadata={**_mapping(words.get("metadata")), **texts},
    )


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _color(value: Any) -> Color | None:
    """Return three whole numbers as a color; other programs write 0 to 255 too."""
    if not isinstance(value, list | tuple) or len(value) < 3:
        return None
    return int(value[0]), int(value[1]), int(value[2])
