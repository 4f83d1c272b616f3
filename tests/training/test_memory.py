import ctypes
import subprocess
import sys

import pytest

from napari_sharpgan.training import memory
from napari_sharpgan.training.memory import keep_memory

HAS_GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")
WORK = """
import resource, runpy, sys
import numpy as np
module = runpy.run_path(sys.argv[1])
if sys.argv[2] == "keep":
    module["keep_memory"]()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(6 * 2**20)
before = faults()
for _ in range(20):
    np.ones(6 * 2**20)
print(faults() - before)
"""


def page_faults(how):
    """Count the page faults of 20 arrays of 48 MB that come and go."""
    command = [sys.executable, "-c", WORK, memory.__file__, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not HAS_GLIBC, reason="only glibc gives memory back")
def test_memory_that_is_kept_costs_hardly_any_page_faults():
    assert page_faults("keep") < 0.1 * page_faults("give back")


def test_elsewhere_it_does_nothing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", None)
    keep_memory()
