import json
import subprocess
import sys

import pytest

from napari_sharpgan.widgets import _load_torch

LOADED = """
import json, sys
from napari_sharpgan.widgets._load_torch import load_torch_libraries

said, early = load_torch_libraries(), "torch" in sys.modules
maps = open("/proc/self/maps").read() if sys.platform == "linux" else ""
import torch

print(json.dumps([said, early, "libtorch_cpu" in maps, torch.ones(3).sum().item()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="libraries are loaded so on Linux only")
def test_libraries_are_loaded_before_torch_is_imported_and_it_works_with_them():
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == [True, False, True, 3.0]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_nothing_happens(monkeypatch, platform):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert _load_torch.load_torch_libraries() is False


def test_without_torch_or_its_library_nothing_happens(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(_load_torch, "LIBRARY", "libnone.so")
    assert _load_torch.load_torch_libraries() is False
    library = tmp_path / "broken.so"
    library.write_bytes(b"no library")
    monkeypatch.setattr(_load_torch, "_library", lambda: library)
    assert _load_torch.load_torch_libraries() is False
