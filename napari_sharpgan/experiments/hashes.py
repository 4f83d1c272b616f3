"""Hashes of settings and of data: two rows with equal ones are the same experiment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from napari_sharpgan.data import DataFile
from napari_sharpgan.training import GanConfig, SegmenterConfig

PLACES = ("synthetic",)  # settings that say where something lies; what lies there counts as data


def settings_of(config: GanConfig | SegmenterConfig) -> dict[str, Any]:
    """Return all settings that a result follows from, without places of files."""
    return {name: value for name, value in asdict(config).items() if name not in PLACES}


def hash_of(facts: Any) -> str:
    """Return the SHA-256, as hexadecimal digits, of what JSON can hold."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def hash_of_files(files: Iterable[DataFile]) -> str:
    """Return one hash of images and labels, in order, wherever they lie."""
    return hash_of([(file.image_sha256, file.labels_sha256) for file in files])
