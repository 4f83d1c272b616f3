"""Checkpoints of a run: the newest and the one before, each whole, whatever happens while it is written."""

from __future__ import annotations

import logging
import os
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from napari_sharpgan._files import written_whole
from napari_sharpgan.run_folders.disk import writing
from napari_sharpgan.run_folders.names import BEFORE, CHECKPOINTS, CONFIG, LAST, RESUME, SAMPLES
from napari_sharpgan.training.kinds import kind_of
from napari_sharpgan.training.record import changed_settings
from napari_sharpgan.training.trainer import Trainer

_log = logging.getLogger(__name__)
_BROKEN = (OSError, RuntimeError, pickle.UnpicklingError, KeyError, EOFError, ValueError, TypeError)


def save_checkpoint(trainer: Trainer, folder: Path) -> None:
    """Write the weights of the network, then what a resume needs; each file whole or not at all.

    In this order a kill between the two leaves a resume that does the last steps again and writes both anew.
    The checkpoint before is kept: when the new one is whole on the disk, ``last.resume`` becomes
    ``previous.resume``, and the new one ``last.resume``. A kill between the two leaves just the former.
    """
    checkpoints = folder / CHECKPOINTS
    with writing(folder):
        trainer.save(trainer.network, checkpoints / LAST, card={"step": trainer.step})
        with written_whole(checkpoints / RESUME) as temporary:
            torch.save({"config": asdict(trainer.config), **trainer.state()}, temporary)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            if (checkpoints / RESUME).is_file():
                (checkpoints / RESUME).replace(checkpoints / BEFORE)


def resume(trainer: Trainer, folder: Path) -> bool:
    """Restore the newest checkpoint of a run that is whole; return whether it has any.

    Raises
    ------
    ValueError
        If the run was trained with other settings than its ``config.json`` says, or neither of its
        checkpoints is whole.
    """
    reasons: dict[str, str] = {}
    for name in (RESUME, BEFORE):
        path = folder / CHECKPOINTS / name
        if not path.is_file():
            continue
        try:
            state: dict[str, Any] = torch.load(path, weights_only=True, map_location=trainer.device)
            _check_settings(state.pop("config"), trainer, folder)
            trainer.restore(state)
        except (torch.OutOfMemoryError, ChangedSettingsError):
            raise
        except _BROKEN as error:
            reasons[name] = _reason(error)
            continue
        if reasons:
            _take_the_one_before(trainer, folder)
            _log.warning(
                "%s in %s cannot be read (%s); going on from %s, at step %d",
                *(RESUME, folder, reasons[RESUME], BEFORE, trainer.step),
            )
        return True
    if reasons:
        raise ValueError(_neither(folder, reasons, kind_of(trainer.config)))
    return False


def _reason(error: Exception) -> str:
    """Return in a few words why a checkpoint cannot be read."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    return "it is cut off or damaged" if "zip archive" in said else said


def _take_the_one_before(trainer: Trainer, folder: Path) -> None:
    """Put the whole checkpoint in the place of the broken one, which must never become the one before."""
    checkpoints = folder / CHECKPOINTS
    with writing(folder):
        (checkpoints / BEFORE).replace(checkpoints / RESUME)
        trainer.save(trainer.network, checkpoints / LAST, card={"step": trainer.step})


def remove_leftovers(folder: Path) -> None:
    """Remove what a kill left half written in a run folder, which no other process may write to."""
    with writing(folder):
        for place in (folder, folder / CHECKPOINTS, folder / SAMPLES):
            for path in place.glob(".*-*"):  # the temporary names of `written_whole`
                path.unlink()


class ChangedSettingsError(ValueError):
    """A checkpoint was trained with other settings than ``config.json`` says."""


def _check_settings(before: dict[str, Any], trainer: Trainer, folder: Path) -> None:
    """Refuse a config that was edited after the run was begun."""
    told = changed_settings(before, asdict(trainer.config))
    if told:
        raise ChangedSettingsError(
            f"{folder / CONFIG} was changed: the run was trained with {told}; "
            "put that back or choose another run folder"
        )


def _neither(folder: Path, reasons: dict[str, str], kind: str) -> str:
    """Say that no checkpoint can be gone on from, what still stands, and what to do."""
    told = " and ".join(f"{name} ({reason})" for name, reason in reasons.items())
    left = sorted(path.name for path in (folder / CHECKPOINTS).glob("*.safetensors"))
    works = {"generator": "render", "segmenter": "segment"}[kind]
    stands = f"{' and '.join(left)} still stand there and {works}" if left else f"no {kind} was saved yet"
    return (
        f"the run in {folder} cannot be gone on from: {told} cannot be read; {stands}; "
        "to train anew choose another run folder"
    )
