"""Where the program keeps what it remembers from one start to the next."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STATE = "SHARPGAN_STATE"  # environment variable: the folder


def state_folder() -> Path:
    """Return where what is remembered lies: the folder in SHARPGAN_STATE, else that of the system for it."""
    own = os.environ.get(STATE)
    return Path(own) if own else Path(platformdirs.user_state_path("napari-sharpgan", appauthor=False))
