"""``config.json`` of a run folder: settings, code and data that a run was begun with; written once."""

from __future__ import annotations

import json
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

import napari_sharpgan
from napari_sharpgan._checks import choose
from napari_sharpgan._fields import check_type, from_json
from napari_sharpgan._files import written_whole
from napari_sharpgan.data import Manifest
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.names import CONFIG
from napari_sharpgan.training.kinds import KINDS, kind_of
from napari_sharpgan.training.trainer import Config

FORMAT = 1
FIELDS = ("format", "recipe", "config", "code", "data")
KIND = "kind"  # of what is trained, a name in KINDS; older runs, all of generators, do not have it


def code_versions() -> dict[str, str | None]:
    """Return the versions of what trains, and the commit if the package lies in a checkout of its own."""
    return {
        "napari-sharpgan": metadata.version("napari-sharpgan"),
        "commit": _commit(Path(napari_sharpgan.__file__).parents[1]),
        "torch": str(torch.__version__),
        "python": platform.python_version(),
    }


@dataclass(frozen=True)
class RunRecord:
    """What a run was begun with.

    Parameters
    ----------
    config : GanConfig or SegmenterConfig
        All settings, the seed among them.
    recipe : str or None
        Name of the recipe that they were made from.
    data : Manifest or None
        The files that are trained on and held out, with their hashes; None if they came from no folder.
    code : dict
        See `code_versions`.
    """

    config: Config
    recipe: str | None = None
    data: Manifest | None = None
    code: dict[str, str | None] = field(default_factory=code_versions)

    @property
    def kind(self) -> str:
        """What is trained, a name in `KINDS`."""
        return kind_of(self.config)

    @classmethod
    def from_json(cls, given: object) -> RunRecord:
        """Return a record made of a JSON object; an error names the field that does not fit."""
        if not isinstance(given, dict):
            raise TypeError(f"it must hold an object, got {type(given).__name__}")
        for name in FIELDS:
            if name not in given:
                raise ValueError(f"{name} is missing; expected the fields {', '.join(FIELDS)}")
        if given["format"] != FORMAT:
            raise ValueError(f"format must be {FORMAT}, got {given['format']!r}")
        if given["recipe"] is not None:
            check_type(given["recipe"], str, "recipe")
        if not isinstance(given["code"], dict):
            raise TypeError(f"code must be an object with versions, got {given['code']!r:.80}")
        kind = choose("kind", given.get(KIND, "generator"), KINDS)
        data = None if given["data"] is None else Manifest.from_json(given["data"], "data")
        config = from_json(kind.config, given["config"], "config")
        return cls(config, given["recipe"], data, given["code"])

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        data = None if self.data is None else self.data.to_json()
        settings = {"recipe": self.recipe, "config": asdict(self.config)}
        return {"format": FORMAT, KIND: self.kind, **settings, "code": self.code, "data": data}


def read_record(folder: Path, kind: str | None = None) -> RunRecord | None:
    """Return what a run was begun with, or None if there is no run yet.

    Parameters
    ----------
    folder : Path
        The run folder.
    kind : str, optional
        What has to be trained there, a name in `KINDS`; by default any.

    Raises
    ------
    ValueError
        If the file is not as a run writes it: one sentence names the field and what was expected. Or if
        something else is trained there.
    """
    path = folder / CONFIG
    if not path.is_file():
        return None
    try:
        record = RunRecord.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} is no config of a training: {error}; "
            "put back what stood there, or choose another run folder"
        ) from error
    if kind is not None:
        check_kind(record, folder, kind)
    return record


def check_kind(record: RunRecord, folder: Path, kind: str) -> None:
    """Refuse to train something in a folder where something else is trained."""
    if record.kind != kind:
        raise ValueError(
            f"the run in {folder} trains a {record.kind}, not a {kind}; "
            f"'sharpgan {KINDS[record.kind].command}' goes on with it, or choose another folder"
        )


def changed_settings(before: dict[str, Any], now: dict[str, Any]) -> str:
    """Say which settings are not what they were; nothing if all are."""
    changed = {name: value for name, value in before.items() if value != now.get(name)}
    return ", ".join(f"{name} {value} (now {now.get(name)})" for name, value in changed.items())


def keep_record(record: RunRecord, folder: Path) -> None:
    """Write the record of a run, whole or not at all."""
    with writing(folder), written_whole(folder / CONFIG) as temporary:
        temporary.write_text(json.dumps(record.to_json(), indent=1) + "\n", encoding="utf-8")


def _commit(root: Path) -> str | None:
    """Return the commit of the checkout whose top is ``root``; None if it is none, or there is no git."""
    command = ["git", "-C", str(root), "rev-parse", "--show-toplevel", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    top, commit = answer.splitlines()
    return commit if Path(top).resolve() == root.resolve() else None
