"""QuPath's GeoJSON: a feature a nucleus.

Beside QuPath's own words we write three of ours, which other programs pass over: ``imageShape`` (rows,
columns) and ``micrometersPerPixel`` of the collection, and ``label`` in each nucleus's ``metadata``, which
QuPath 0.5 and later carry along.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats.gathered import Gathered
from napari_sharpgan.formats.geojson_properties import from_properties, to_properties
from napari_sharpgan.formats.geometry import from_geometry, to_areas, to_geometry
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Nuclei, NucleusInfo

_LABEL = "label"
_SHAPE = "imageShape"
_SIZE = "micrometersPerPixel"
_GZIP = b"\x1f\x8b"


def read(path: Path) -> Nuclei:
    """Read a FeatureCollection, a bare array of features, or one feature, compressed by gzip or not.

    Polygons and MultiPolygons become nuclei; of a QuPath cell its nucleus does. Other geometries are left
    out and noted. Invalid outlines are repaired and noted. A label in the metadata is kept by the first
    nucleus that has it; nuclei without one get the next free numbers.
    """
    with understood(path, "GeoJSON"):
        content = path.read_bytes()
        content = gzip.decompress(content) if content.startswith(_GZIP) else content
        parsed = json.loads(content)
    return parse(parsed, path)


def parse(content: Any, path: Path) -> Nuclei:
    """Return the nuclei of GeoJSON that was read from ``path``."""
    gathered = Gathered(path)
    for place, feature in enumerate(_features(content, path), start=1):
        with understood(path, f"GeoJSON of nuclei, at feature {place}"):
            ring, note = from_geometry(feature.get("nucleusGeometry") or feature["geometry"])
            info = from_properties(feature)
            own = info.metadata.get(_LABEL, "")
            known = {name: text for name, text in info.metadata.items() if name != _LABEL}
            gathered.add(ring, replace(info, metadata=known), number=own, note=note, where=f"feature {place}")
    words = content if isinstance(content, dict) else {}
    with understood(path, "GeoJSON"):
        return gathered.nuclei(shape=words.get(_SHAPE), micrometers_per_pixel=words.get(_SIZE))


def is_geojson(content: Any) -> bool:
    """Return whether parsed JSON looks like GeoJSON."""
    if isinstance(content, list):
        return bool(content) and isinstance(content[0], dict) and "geometry" in content[0]
    return isinstance(content, dict) and ("features" in content or "geometry" in content)


def write(nuclei: Nuclei, path: Path) -> None:
    """Write a FeatureCollection; every geometry is valid and every feature has a UUID.

    Nuclei that enclose nothing are left out with a warning.
    """
    path.write_bytes(_written(nuclei))


def write_gz(nuclei: Nuclei, path: Path) -> None:
    """Write the same compressed by gzip."""
    path.write_bytes(gzip.compress(_written(nuclei), compresslevel=6, mtime=0))


def _written(nuclei: Nuclei) -> bytes:
    """Return the FeatureCollection as text."""
    numbers, rings = nuclei.to_polygons()
    features = []
    used: set[str] = set()
    for number, ring, area in zip(numbers, rings, to_areas(rings), strict=True):
        geometry = to_geometry(area)
        if geometry is None:
            warnings.warn(f"nucleus {number} encloses nothing and was not written", stacklevel=4)
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
    if nuclei.micrometers_per_pixel is not None:
        collection[_SIZE] = nuclei.micrometers_per_pixel
    return json.dumps(collection, allow_nan=False, separators=(",", ":")).encode()


def _features(content: Any, path: Path) -> list[dict[str, Any]]:
    """Return the features of a parsed file."""
    if isinstance(content, dict):
        content = content.get("features", [content])
    if not isinstance(content, list) or not all(isinstance(f, dict) and "geometry" in f for f in content):
        raise ValueError(
            f"{path.name} must hold GeoJSON features, each with a geometry, and holds something else"
        )
    return content


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
