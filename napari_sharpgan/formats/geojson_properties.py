"""QuPath's properties of an object to and from `NucleusInfo`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from napari_sharpgan.formats.record import Color, NucleusInfo


def to_properties(info: NucleusInfo) -> dict[str, Any]:
    """Return the properties as QuPath writes them: only what is there, and only finite numbers."""
    classification = {"name": info.class_name, "color": _list(info.class_color)} if info.class_name else None
    found = {
        "objectType": info.object_type,
        "name": info.name,
        "color": _list(info.color),
        "classification": _there(classification or {}),
        "isLocked": info.is_locked,
        "measurements": {name: float(v) for name, v in info.measurements.items() if math.isfinite(v)},
        "metadata": dict(info.metadata),
    }
    return _there(found)


def from_properties(feature: Mapping[str, Any]) -> NucleusInfo:
    """Return what a feature says of its nucleus, in the words of QuPath 0.2 to 0.6 and of TIAToolbox."""
    properties = feature.get("properties") or {}
    classification = properties.get("classification") or {}
    if isinstance(classification, str):
        classification = {"name": classification}
    return NucleusInfo(
        id=str(feature.get("id", "")),
        object_type="detection" if _object_type(properties) in ("detection", "cell") else "annotation",
        name=str(properties.get("name") or ""),
        color=_color(properties),
        class_name=str(classification.get("name") or ": ".join(classification.get("names") or ())),
        class_color=_color(classification),
        is_locked=bool(properties.get("isLocked", False)),
        measurements=_measurements(properties.get("measurements") or {}),
        metadata={str(name): str(value) for name, value in (properties.get("metadata") or {}).items()},
    )


def _there(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value}


def _list(color: Color | None) -> list[int] | None:
    return None if color is None else list(color)


def _object_type(properties: Mapping[str, Any]) -> Any:
    return properties.get("objectType", properties.get("object_type", properties.get("type")))


def _color(content: Mapping[str, Any]) -> Color | None:
    """Return a color given as [red, green, blue] or, by older versions, packed into one integer."""
    return as_color(content.get("color", content.get("colorRGB")))


def as_color(value: Any) -> Color | None:
    """Return [red, green, blue], 0 to 255, or one integer 0xRRGGBB as a color; None for all else."""
    if isinstance(value, int):
        return (value >> 16) & 255, (value >> 8) & 255, value & 255
    if isinstance(value, list) and len(value) in (3, 4) and all(_is_level(level) for level in value):
        return int(value[0]), int(value[1]), int(value[2])
    return None


def _is_level(value: Any) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 255


def _measurements(content: Mapping[str, Any] | list[Mapping[str, Any]]) -> dict[str, float]:
    """Return measurements by name, also from a list of {"name": …, "value": …}."""
    pairs = content.items() if isinstance(content, Mapping) else ((m["name"], m["value"]) for m in content)
    return {str(name): float(value) for name, value in pairs if value is not None}
