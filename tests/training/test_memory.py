import ctypes
import subprocess
import sys

import pytest

from napari_sharpgan.training.memory import keep_memory

WORK = """
import resource, sys
import numpy as np
from napari_sharpgan.training.memory import keep_memory
if sys.argv[1] == "keep":
    keep_memory()
for _ in range(60):
    np.ones(2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def faults(how):
    done = subprocess.run([sys.executable, "-c", WORK, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallopt"),
    reason="only glibc gives memory back",
)
def test_memory_that_is_kept_costs_fewer_page_faults():
    assert faults("keep") < 0.5 * faults("give back")


def test_elsewhere_it_does_nothing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(ctypes, "CDLL", None)
    keep_memory()
