"""Public sets of tiles that are known by their names and counts: what of them is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from napari_sharpgan.data import Tile

CPM15_IMAGES, CPM15_NUCLEI = 15, 2_905
CPM17_IMAGES = {"train": 32, "test": 32}  # as handed out; the paper counts 32 in all


def known_sets(folder: Path, tiles: Sequence[Tile]) -> Iterator[str]:
    """Say, a sentence each, how much of CPM-15 and CPM-17 was read, and whether that is all of it."""
    cpm15 = [tile.file for tile in tiles if re.fullmatch(r"(.*/)?image\d\d_mask\.txt", tile.file.labels)]
    if cpm15:
        nuclei = sum(file.nuclei for file in cpm15)
        is_all = len(cpm15) == CPM15_IMAGES and nuclei == CPM15_NUCLEI
        counts = (
            f"{len(cpm15)} images with {nuclei:,} nuclei"
            if is_all
            else f"{len(cpm15)} of its {CPM15_IMAGES} images, {nuclei:,} of its {CPM15_NUCLEI:,} nuclei"
        )
        yield f"CPM-15: {'complete, ' if is_all else ''}{counts}"
    pattern = r"(.*/)?Labels/image_\d\d\.mat"
    cpm17 = [tile.file for tile in tiles if re.fullmatch(pattern, tile.file.labels)]
    if cpm17:
        parts = [f"{len(cpm17)} images with {sum(file.nuclei for file in cpm17):,} nuclei read"]
        for subset, expected in CPM17_IMAGES.items():
            there = len(list(folder.glob(f"**/{subset}/Images/image_[0-9][0-9].png")))
            parts.append(f"{there} of its {expected} {subset} images are there")
        yield f"CPM-17: {', '.join(parts)}"
