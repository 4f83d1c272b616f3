"""Load torch's libraries without holding up the window; importing torch is quick after that."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path

LIBRARY = "libtorch_python.so"  # brings all that ``import torch`` loads


def load_torch_libraries() -> bool:
    """Load the libraries that ``import torch`` loads, while other threads go on; call it in a thread.

    An import holds Python's lock while the system loads a library, torch's for half a second. A function that
    is called through ctypes does not. It is Linux that does so here; elsewhere, and if anything is not as
    expected, nothing happens and the import does it all.

    Returns
    -------
    bool
        Whether the libraries are loaded.
    """
    if "torch" in sys.modules:
        return True
    path = _library()
    if path is None:
        return False
    try:
        load = ctypes.CDLL(None).dlopen
        load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
        return bool(load(os.fsencode(path), os.RTLD_LAZY))
    except (OSError, AttributeError):
        return False


def _library() -> Path | None:
    """Return where torch's library is, without importing torch; None if that is not known."""
    found = find_spec("torch") if sys.platform == "linux" else None
    if found is None or not found.origin:
        return None
    path = Path(found.origin).parent / "lib" / LIBRARY
    return path if path.is_file() else None
