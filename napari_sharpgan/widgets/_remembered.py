"""What a person set stays set: the one place where docks keep it, a file of the user."""

from __future__ import annotations

from qtpy.QtCore import QSettings

from napari_sharpgan._state import state_folder

FILE = "docks.ini"


def remembered(name: str, default: str = "") -> str:
    """Return what was set last under a name, such as ``train/data``."""
    return str(_settings().value(name, default))


def remember(name: str, value: str) -> None:
    """Keep what was set; a file that cannot be written is no reason to stop anyone."""
    _settings().setValue(name, value)


def _settings() -> QSettings:
    return QSettings(str(state_folder() / FILE), QSettings.Format.IniFormat)
