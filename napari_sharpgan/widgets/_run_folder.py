"""What a run folder has written down of its data, and where a new one may lie."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from napari_sharpgan.run_folders.names import CONFIG
from napari_sharpgan.run_folders.registry import default_runs_folder

REPORT = "report.html"  # in a run folder, at the end

GONE = "⚠ The folder is not there any more: choose where it is now to go on."

Pair = tuple[Path, Path]  # an image and its labels


@dataclass(frozen=True)
class Manifest:
    """The data that a run was begun with: its ``folder``, what it holds in a ``sentence``, its ``pairs``."""

    folder: Path
    sentence: str
    pairs: list[Pair]


def read_manifest(run: Path) -> Manifest | None:
    """Return what a run wrote down of its data; None where it did not."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        data: dict[str, Any] = json.loads((run / CONFIG).read_text(encoding="utf-8"))["data"]
        folder, held_out = Path(data["folder"]), list(data.get("validation", []))
        files = [*data["train"], *held_out]
        nuclei = sum(int(file["nuclei"]) for file in files)
        apart = f", {len(held_out):,} of them held out" if held_out else ""
        sentence = f"{len(files):,} images with {nuclei:,} nuclei{apart}."
        if not folder.is_dir():
            return Manifest(folder, f"{sentence} {GONE}", [])
        pairs = [(folder / file["image"], folder / file["labels"]) for file in files]
        return Manifest(folder, sentence, pairs)
    return None


def free_run_folder(data: Path) -> Path:
    """Return the first folder for a new run on this data that is not there yet."""
    runs = default_runs_folder()
    return next(path for n in count(1) if not (path := runs / f"{data.resolve().name}-{n}").exists())
