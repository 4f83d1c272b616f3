"""Keep memory between the steps of a training.

On a CPU each step allocates and frees the same large activations. glibc maps each of them anew and gives it
back to the system when it is freed, so the next step pays for the same pages again, one page fault each. Told
to keep them, it halves that time on a busy machine. The process then stays as large as its largest step.
"""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # malloc.h


def keep_memory() -> None:
    """Tell glibc not to give memory back to the system; does nothing where there is no glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
