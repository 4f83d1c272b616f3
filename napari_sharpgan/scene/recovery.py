"""What processes that have ended left behind of their scenes, and how to have it back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from napari_sharpgan.scene.autosave import SEEN, copies, ended, mark_seen
from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.facts import Facts, identified
from napari_sharpgan.scene.packing import glance, unpack

SKIPPED = "The newest copy was broken; this is an older one."


@dataclass(frozen=True)
class Left:
    """A document that a process left behind.

    Parameters
    ----------
    folder : Path
        Where its copies lie.
    time : float
        When the newest readable copy was made, in seconds of `time.time`.
    count : int
        How many nuclei it holds.
    facts : Facts
        What else is known of it.
    seen : bool
        Whether the user knows of it: put aside, closed without saving, or dismissed.
    """

    folder: Path
    time: float
    count: int
    facts: Facts
    seen: bool

    @property
    def is_offered(self) -> bool:
        """Whether it is unsaved work by hand of which the user does not know."""
        return self.facts.by_hand and not self.seen

    def __str__(self) -> str:
        """Return it in words: its time, the number of its nuclei, its name."""
        then = datetime.fromtimestamp(self.time)
        today = then.date() == datetime.now().date()
        when = f"{then:%H:%M}" if today else f"{then:%Y-%m-%d %H:%M}"
        nuclei = f"{self.count} nucleus" if self.count == 1 else f"{self.count} nuclei"
        return f"{when} ({', '.join(filter(None, [nuclei, self.facts.title]))})"


def found() -> list[Left]:
    """Return what was left behind by processes that have ended, the newest first.

    Documents without any copy that can be read are passed over.
    """
    left = [one for folder in ended() if (one := _left(folder)) is not None]
    return sorted(left, key=lambda one: one.time, reverse=True)


def recover(left: Left) -> tuple[Scene, Facts, str]:
    """Return a scene that was left behind, what is known of it, and a sentence if its newest copy is broken.

    Its nuclei keep their keys and UUIDs. The copies stay.

    Raises
    ------
    ValueError
        If no copy can be read.
    """
    broken = False
    for path in _copies(left.folder):
        try:
            packed, about = unpack(path.read_bytes())
            facts = Facts.of(about)
            nuclei = {key: nucleus for key, nucleus in packed.items() if nucleus is not None}
            info = identified({key: nucleus.info for key, nucleus in nuclei.items()}, facts.document)
            known = {key: nucleus._replace(info=info[key]) for key, nucleus in nuclei.items()}
            rows, columns = about["shape"]
            return Scene.of((rows, columns), known), facts, SKIPPED if broken else ""
        except (KeyError, OSError, TypeError, ValueError):
            broken = True
    raise ValueError(f"no copy of the nuclei of {left} can be read")


def dismiss(left: Left) -> None:
    """Do not offer it again; it stays in the list."""
    mark_seen(left.folder)


def discard(left: Left) -> None:
    """Remove all its copies."""
    shutil.rmtree(left.folder, ignore_errors=True)


def _left(folder: Path) -> Left | None:
    """Return what lies in a folder, by its newest readable copy."""
    for path in _copies(folder):
        try:
            count, about = glance(path)
            return Left(folder, float(about["time"]), count, Facts.of(about), (folder / SEEN).exists())
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _copies(folder: Path) -> list[Path]:
    try:
        return copies(folder)
    except OSError:
        return []
