"""How soon one can begin: importing the package, the first dock in an empty window, its sample and tissue.

Run with a display (or under xvfb-run): ``python benchmarks/bench_startup.py``. Each measurement is made in
processes of their own, and times count from napari's window being up: until the dock is painted, until tissue
is there, until the sample's nuclei are maps, labels and outlines too. Meanwhile the gaps of the event loop
are measured. A cold start is one whose libraries are on the disk only, no longer in memory, as after booting.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from _bench import Check, Goal, Options, Row, compared, in_turns, main, number
from _window import Beats, Heart, has_display, open_viewer

DOCKS = ("Nuclei", "Tissue")
HEAVY = ("torch", "napari", "qtpy", "PyQt5", "PyQt6", "numpy", "skimage")
SEES = f"import sys; import napari_sharpgan; print(*(n for n in {HEAVY} if n in sys.modules))"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)


def importing(options: Options) -> Row:
    """Compare an interpreter that imports the package with one that does nothing."""
    ways = {
        "empty": lambda: run("-c", "pass"),
        "package": lambda: run("-c", "import napari_sharpgan"),
    }
    times = in_turns(ways, options.of(15, 3))
    seen = run("-c", SEES).stdout.split()
    told = run("-X", "importtime", "-c", "import napari_sharpgan").stderr
    own = [int(us) / 1e3 for us in re.findall(r"\|\s*(\d+) \|\s*napari_sharpgan$", told, re.MULTILINE)]
    light = Check("no torch, no Qt", not {"torch", "napari", "qtpy", "PyQt5", "PyQt6"} & set(seen))
    detail = f"an empty interpreter {number(median(times['empty']))} ms; {number(own[0])} ms by -X importtime"
    return compared(
        "import napari_sharpgan",
        max(float(np.median(times["package"] - times["empty"])), own[0]),
        goal=Goal(most=50, also=(light,)),
        detail=f"{detail}; of {', '.join(HEAVY)} it imports {', '.join(seen) or 'none'}",
    )


def watch_painting(widget: Any) -> list[float]:
    """Return a list that gets the time of each turn in which a widget is painted."""
    from qtpy.QtCore import QEvent, QObject

    class Watch(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                times.append(time.perf_counter())
            return False

    times: list[float] = []
    widget.installEventFilter(Watch(widget))
    return times


def open_dock(name: str) -> dict[str, Any]:
    """Open a window, then one dock, and watch the event loop until the first tissue is there."""
    from qtpy.QtWidgets import QApplication

    start = time.perf_counter()
    viewer = open_viewer()
    window, work = time.perf_counter(), time.thread_time()
    dock, widget = viewer.window.add_plugin_dock_widget("napari-sharpgan", name)
    called = time.perf_counter()
    times = watch_painting(widget)
    while not times:
        QApplication.processEvents()
    painted, own = time.perf_counter(), 1e3 * (time.thread_time() - work)
    assert dock.isVisible()
    from napari_sharpgan.widgets.session import session_of

    session, since, rendered = session_of(viewer), time.perf_counter(), []
    session.tissue.rendered.connect(lambda _: rendered.append(time.perf_counter()))
    heart = Heart()
    parts = [heart.watch(lambda: is_shown(session)), heart.watch(lambda: session.is_rendered)]
    nuclei = since + parts[0].gaps.sum() / 1e3
    viewer.close()
    return {
        "window": 1e3 * (window - start),
        "call": 1e3 * (called - window),
        "dock": 1e3 * (painted - window),
        "own": own,
        "first": 1e3 * (rendered[0] - window),
        "tissue": 1e3 * (rendered[-1] - window),
        "nuclei": 1e3 * (nuclei - window),
        "torch": "torch" in sys.modules,
        "gaps": np.concatenate([part.gaps for part in parts]).tolist(),
        "work": np.concatenate([part.work for part in parts]).tolist(),
    }


def is_shown(session: Any) -> bool:
    """Return whether the sample's nuclei are outlines and labels, and its layers all there."""
    if not session.layers.own or not len(session.scene):
        return False
    return session.layers.nuclei.nshapes == len(session.scene) and bool(session.layers.labels.data.any())


def opened_apart(name: str) -> dict[str, Any]:
    """Return what `open_dock` says in a fresh interpreter."""
    return json.loads(run(__file__, "--open", name).stdout.splitlines()[-1])


def forget_files() -> bool:
    """Let the system forget what it has in memory of the libraries' files; return whether it can."""
    if not hasattr(os, "posix_fadvise"):
        return False
    package = Path(__file__).resolve().parents[1]
    for folder in (sysconfig.get_path("purelib"), package / "napari_sharpgan", package / "resources"):
        for path in Path(folder).rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


TIMES = ("window", "call", "dock", "own", "first", "tissue", "nuclei")


def docks(options: Options) -> Iterator[Row]:
    for name in DOCKS[: options.of(len(DOCKS), 1)]:
        opened_apart(name)  # so that all that follow are warm
        opened = [opened_apart(name) for _ in range(options.of(3, 1))]
        of = {key: [one[key] for one in opened] for key in TIMES}
        yield compared(
            f"dock {name} in an empty viewer, painted",
            of["dock"],
            of["window"],
            beside="napari's window itself",
            goal=Goal(most=500),
            detail=f"own work {number(median(of['own']))} ms; the call {number(median(of['call']))} ms",
        )
        beats = Beats(*(np.concatenate([one[key] for one in opened]) for key in ("gaps", "work")))
        yield beats.row(f"after dock {name} until all of the sample is there", f"{len(opened)} starts")
        yield compared(
            f"all of the sample's tissue, dock {name}, since the window",
            of["tissue"],
            goal=Goal(most=3000),
            detail=f"the first of it {number(median(of['first']) / 1e3)} s; "
            f"torch is {'' if opened[0]['torch'] else 'not '}imported",
        )
        yield compared(
            f"maps, labels and outlines too, dock {name}, since the window",
            of["nuclei"],
            goal=Goal(most=3000),
        )
    yield from cold(DOCKS[0])


def cold(name: str) -> Iterator[Row]:
    """Measure a start for which all has to be read from the disk, but what other processes use."""
    if forget_files():
        one = opened_apart(name)
        yield compared(
            f"all of the sample's tissue, dock {name}, since the window, cold start",
            one["tissue"],
            detail=f"window {number(one['window'] / 1e3)} s, dock {number(one['dock'])} ms, the first tissue "
            f"{number(one['first'] / 1e3)} s, outlines too {number(one['nuclei'] / 1e3)} s; one start",
        )


def rows(options: Options) -> Iterator[Row]:
    yield importing(options)
    if has_display():
        yield from docks(options)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--open"]:
        print(json.dumps(open_dock(sys.argv[2])))
    else:
        main(rows, __doc__)
