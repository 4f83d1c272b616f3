"""Hashes of settings and of data: two rows with equal ones are the same experiment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from napari_sharpgan._files import sha256_of
from napari_sharpgan.data import DataFile, search, tile_set_in
from napari_sharpgan.training import GanConfig, SegmenterConfig
from napari_sharpgan.training.kinds import KINDS, kind_of

PLACES = ("synthetic",)  # settings that say where something lies; what lies there counts as data


def settings_of(config: GanConfig | SegmenterConfig) -> dict[str, Any]:
    """Return all settings that a result follows from, without places of files."""
    return {name: value for name, value in asdict(config).items() if name not in PLACES}


def hash_of(facts: Any) -> str:
    """Return the SHA-256, as hexadecimal digits, of what JSON can hold."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def hash_of_training_data(data: Path, config: GanConfig | SegmenterConfig) -> str:
    """Return one hash of what a row is trained on: images and labels of its data folders, in order."""
    folders = [data, *KINDS[kind_of(config)].more_data(config)]
    return hash_of([pair for folder in folders for pair in _hashes(folder, config.validation)])


def _hashes(folder: Path, share: float) -> list[tuple[str, str]]:
    """Return the hashes of images and labels to train on; of a set of tiles those that it has noted."""
    tiles = tile_set_in(folder)
    if tiles is None:
        return [(sha256_of(image), sha256_of(labels)) for image, labels in search(folder, share).train]
    train, _ = tiles.divided(share)
    files = train.files([0] * len(train.shards))
    return [(file.image_sha256, file.labels_sha256) for file in files]


def hash_of_files(files: Iterable[DataFile]) -> str:
    """Return one hash of images and labels, in order, wherever they lie."""
    return hash_of([(file.image_sha256, file.labels_sha256) for file in files])
