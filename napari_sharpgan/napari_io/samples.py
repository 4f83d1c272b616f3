"""Sample data of the File menu: synthetic ones at once, real tissue from where its authors keep it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats import Nuclei
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.napari_io.downloads import TNBC, fetch
from napari_sharpgan.napari_io.nuclei_layers import LayerData, nuclei_layers
from napari_sharpgan.nuclei import random_nuclei, rasterize

_SHAPE = (512, 512)
_COUNT = 130
_SEED = 15
_TILE = re.compile(r"(?:^|/)(Slide|GT)_\d+/(\d+_\d+)\.png$", re.IGNORECASE)


def sample_nuclei() -> list[LayerData]:
    """Return a label image of random nuclei, the same each time."""
    return [(_synthetic(), {"name": "sample nuclei"}, "labels")]


def sample_tissue() -> list[LayerData]:
    """Return the same nuclei and the tissue that the shipped generator renders from them."""
    from napari_sharpgan.rendering import render, synthetic_note  # torch takes seconds; other doors spare it

    labels = _synthetic()
    note = synthetic_note(nuclei="sample nuclei")
    return [
        (render(labels), {"name": "sample tissue", "metadata": note}, "image"),
        (labels, {"name": "sample nuclei", "opacity": 0.3}, "labels"),
    ]


def sample_tnbc() -> list[LayerData]:
    """Return a tile of breast cancer at 40× with the nuclei that its authors drew, downloaded once (25 MB).

    Naylor et al., *Segmentation of Nuclei in Histopathology Images by Deep Regression of the Distance Map*,
    IEEE TMI 2019; see `downloads.TNBC`.
    """
    return tnbc_tile(fetch(TNBC), "01_1")


def tnbc_tile(archive: Path, name: str) -> list[LayerData]:
    """Return the image and the nuclei of one tile of the TNBC archive; nothing of it is unpacked to the disk.

    Its masks are 0 off nuclei; each 8-connected region is a nucleus (so counted, 50 tiles hold the 4,022 of
    the paper).
    """
    from skimage.measure import label

    with understood(archive, "the TNBC archive"), zipfile.ZipFile(archive) as file:
        found = {
            (match[1].lower(), match[2]): member
            for member in file.namelist()
            if "__MACOSX" not in member and (match := _TILE.search(member))
        }
        picture, mask = (_png(file.read(found[kind, name])) for kind in ("slide", "gt"))
    flat = mask if mask.ndim == 2 else mask[..., :3].max(axis=-1)
    labels = label(flat > 0, connectivity=2).astype(np.int32)
    told = {"name": f"TNBC {name}", "metadata": {"source": TNBC.cite, "licence": TNBC.licence}}
    return [
        (np.ascontiguousarray(picture[..., :3]), told, "image"),
        *nuclei_layers(Nuclei(labels=labels), f"TNBC {name} nuclei"),
    ]


def _png(content: bytes) -> NDArray[Any]:
    """Return the pixels of a PNG."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
        return np.asarray(image.convert("RGB") if image.mode == "P" else image)


def _synthetic() -> NDArray[np.int32]:
    """Return the nuclei of both synthetic samples."""
    return rasterize(random_nuclei(_SHAPE, _COUNT, seed=_SEED), _SHAPE)
