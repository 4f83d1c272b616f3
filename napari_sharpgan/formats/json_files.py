"""``.json`` files: HoVer-Net's, or GeoJSON or COCO under that name, told apart by what they hold."""

from __future__ import annotations

import json
from pathlib import Path

from napari_sharpgan.formats import coco, geojson, hovernet_json
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Nuclei


def read(path: Path) -> Nuclei:
    """Read whichever of the three it is."""
    with understood(path, "JSON"):
        content = json.loads(path.read_bytes())
    for module, fits in (
        (coco, coco.is_coco),
        (geojson, geojson.is_geojson),
        (hovernet_json, hovernet_json.is_hovernet),
    ):
        if fits(content):
            nuclei: Nuclei = module.parse(content, path)
            return nuclei
    raise ValueError(f"{path.name} must hold nuclei of HoVer-Net, GeoJSON or COCO, and holds other JSON")
