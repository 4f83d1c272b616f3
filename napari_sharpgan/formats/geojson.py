"""QuPath's GeoJSON: a feature a nucleus.

Beside QuPath's own words we write two of ours, which other programs pass over: ``imageShape`` (rows,
columns) of the collection, and ``label`` in each nucleus's ``metadata``, which QuPath 0.5 and later carry
along.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_shape
from napari_sharpgan.formats.geojson_properties import from_properties, to_properties
from napari_sharpgan.formats.geometry import from_geometry, to_geometry
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Nuclei, NucleusInfo

_LABEL = "label"
_SHAPE = "imageShape"


def read(path: Path) -> Nuclei:
    """Read a FeatureCollection, a bare array of features, or one feature.

    Polygons and MultiPolygons become nuclei; of a QuPath cell its nucleus does. Other geometries are left
    out and noted. Invalid outlines are repaired and noted. A label in the metadata is kept by the first
    nucleus that has it; nuclei without one get the next free numbers.
    """
    with understood(path, "GeoJSON"):
        content = json.loads(path.read_bytes())
    polygons: list[NDArray[np.float64]] = []
    infos: list[NucleusInfo] = []
    notes: list[str] = []
    for place, feature in enumerate(_features(content, path), start=1):
        with understood(path, f"GeoJSON of nuclei, at feature {place}"):
            ring, note = from_geometry(feature.get("nucleusGeometry") or feature["geometry"])
            if note:
                notes.append(f"feature {place} of {path.name}: {note}")
            if ring is not None:
                polygons.append(ring)
                infos.append(from_properties(feature))
    numbers = _numbers([info.metadata.get(_LABEL, "") for info in infos])
    with understood(path, f"GeoJSON, at {_SHAPE}"):
        shape = check_shape(content[_SHAPE]) if isinstance(content, dict) and _SHAPE in content else None
    info = {number: _without_label(about) for number, about in zip(numbers, infos, strict=True)}
    return Nuclei(polygons=polygons, numbers=numbers, info=info, shape=shape, notes=notes)


def write(nuclei: Nuclei, path: Path) -> None:
    """Write a FeatureCollection; every geometry is valid and every feature has a UUID.

    Nuclei that enclose nothing are left out with a warning.
    """
    features = []
    used: set[str] = set()
    for number, ring in zip(*nuclei.to_polygons(), strict=True):
        geometry = to_geometry(ring)
        if geometry is None:
            warnings.warn(f"nucleus {number} encloses nothing and was not written", stacklevel=3)
            continue
        info = nuclei.info.get(number, NucleusInfo())
        info = replace(info, metadata={**info.metadata, _LABEL: str(number)})
        key = _uuid(info.id, number, ring, used)
        used.add(key)
        features.append(
            {"type": "Feature", "id": key, "geometry": geometry, "properties": to_properties(info)}
        )
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if nuclei.shape is not None:
        collection[_SHAPE] = list(nuclei.shape)
    path.write_text(json.dumps(collection, allow_nan=False), encoding="utf-8")


def _features(content: Any, path: Path) -> list[dict[str, Any]]:
    """Return the features of a parsed file."""
    if isinstance(content, dict):
        content = content.get("features", [content])
    if not isinstance(content, list) or not all(isinstance(f, dict) and "geometry" in f for f in content):
        raise ValueError(
            f"{path.name} must hold GeoJSON features, each with a geometry, and holds something else"
        )
    return content


def _numbers(texts: Sequence[str]) -> list[int]:
    """Return a number for each text: its own where it has one of its own, else the next free one."""
    wanted = [int(text) if text.isdecimal() else 0 for text in texts]
    taken = set(wanted)
    free = (number for number in count(1) if number not in taken)
    given: set[int] = {0}
    numbers = []
    for number in wanted:
        numbers.append(next(free) if number in given else number)
        given.add(number)
    return numbers


def _without_label(info: NucleusInfo) -> NucleusInfo:
    """Return ``info`` without our own word, which became the number."""
    return replace(info, metadata={name: text for name, text in info.metadata.items() if name != _LABEL})


def _uuid(known: str, number: int, ring: NDArray[np.float64], used: set[str]) -> str:
    """Return the nucleus's own UUID, or one made from its outline, so that equal nuclei give equal files."""
    try:
        own = str(uuid.UUID(known))
    except ValueError:
        own = ""
    if own and own not in used:
        return own
    digest = hashlib.sha256(f"{number}:".encode() + ring.tobytes()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))
