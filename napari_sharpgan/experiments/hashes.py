"""Hashes of settings and of data: two rows with equal ones are the same experiment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from napari_sharpgan._files import sha256_of
from napari_sharpgan.data import DataFile, search
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
    pairs = [pair for folder in folders for pair in search(folder, config.validation).train]
    return hash_of([(sha256_of(image), sha256_of(labels)) for image, labels in pairs])


def hash_of_files(files: Iterable[DataFile]) -> str:
    """Return one hash of images and labels, in order, wherever they lie."""
    return hash_of([(file.image_sha256, file.labels_sha256) for file in files])
