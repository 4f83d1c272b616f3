"""``sharpgan doctor``: what is installed, what runs where, and what is missing."""

from __future__ import annotations

import os
import platform
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

OURS = "napari-sharpgan"
EXTRAS = {
    "": "packages",
    "gui": "the window (napari and Qt)",
    "fast": "rendering twice as fast on CPUs (OpenVINO)",
    "cluster": "several workers (dask)",
}
BINDINGS = ("PyQt5", "PySide2", "PyQt6", "PySide6")  # in the order in which qtpy takes them


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is ``fine``, what was found, and how to mend it if it is not."""

    what: str
    found: str
    fine: bool = True
    needed: bool = True
    remedy: str = ""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the data folder, which is looked at only when given."""
    parser.add_argument("--data", type=Path, metavar="DATA", help="also look whether DATA can be trained on")


def run(options: Namespace) -> int:
    """Print every finding; return 1 if something that this command needs is missing."""
    missing = False
    for finding in findings(options.data):
        mark = "ok" if finding.fine else "MISSING" if finding.needed else "absent"
        print(f"{mark:8}{finding.what}: {finding.found}")
        if not finding.fine:
            print(f"        → {finding.remedy}")
            missing |= finding.needed
    return int(missing)


def findings(data: Path | None = None) -> Iterator[Finding]:
    """Look at packages, device, weights, the window's packages and, if given, a data folder."""
    yield Finding("Python", f"{platform.python_version()} ({sys.executable})")
    yield Finding(OURS, f"{version(OURS) or 'not installed'} ({Path(__file__).parents[1]})")
    yield from packages("", needed=True)
    if version("torch"):
        yield _device()
        yield from _weights()
    yield from packages("gui", needed=False)
    yield _binding()
    yield from packages("fast", needed=False)
    yield from packages("cluster", needed=False)
    if data is not None:
        yield _data(data)


def packages(extra: str, *, needed: bool) -> Iterator[Finding]:
    """Look at the packages of one extra of ours, or of the base where it is ''."""
    absent = []
    for name in required(metadata.requires(OURS) or (), extra):
        found = version(name)
        if found is None:
            absent.append(name)
        else:
            yield Finding(name, found)
    what = EXTRAS[extra]
    if absent:
        target = f"{OURS}[{extra}]" if extra else OURS
        remedy = f'{sys.executable} -m pip install "{target}"'
        yield Finding(what, f"{', '.join(absent)} not installed", False, needed, remedy)


def required(requirements: Iterable[str], extra: str) -> list[str]:
    """Return the names in requirements such as ``napari>=0.7; extra == 'gui'`` that belong to an extra."""
    names = []
    for requirement in requirements:
        name, _, marker = requirement.partition(";")
        of = re.search(r"extra\s*==\s*['\"]([^'\"]+)", marker)
        if (of[1] if of else "") == extra:
            names.append(re.split(r"[^\w.-]", name.strip(), maxsplit=1)[0])
    return names


def version(name: str) -> str | None:
    """Return the version of an installed distribution, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _device() -> Finding:
    """Say where networks run, by which library, in which number format, and why."""
    import torch

    from napari_sharpgan.inference import choose_device, choose_engine, is_faster_in_bfloat16

    device = choose_device("auto")
    if device.type == "cpu":
        built = torch.version.cuda
        where = (
            f"this torch is built for CUDA {built} but finds no GPU" if built else "this torch knows no GPU"
        )
    else:
        where = "the first that is there of cuda, mps, cpu"
    fast = is_faster_in_bfloat16(device)
    numbers = "as the device computes bfloat16 faster" if fast else "as bfloat16 is no faster on it"
    try:
        engine = choose_engine(device)
    except ValueError as error:
        return Finding("device", str(error), False, remedy="set SHARPGAN_ENGINE to auto, or not at all")
    return Finding("device", f"{engine.words}; {where}; {engine.name} {engine.why}; {numbers}")


def _weights() -> Iterator[Finding]:
    """Look whether the shipped generator is there, and whether each in resources/ loads."""
    from napari_sharpgan.rendering import SHIPPED, load_generator, shipped_generators, weights_hash

    reinstall = f"{sys.executable} -m pip install --force-reinstall --no-deps {OURS}"
    try:
        found = shipped_generators()
    except FileNotFoundError as error:
        yield Finding("weights", str(error), False, remedy=reinstall)
        return
    for name, path in found.items():
        try:
            load_generator(path)
        except ValueError as error:
            yield Finding(f"weights {name}", str(error), False, name == SHIPPED, reinstall)
            continue
        size = f"{path.stat().st_size / 2**20:.1f} MiB"
        yield Finding(f"weights {name}", f"{size}, SHA-256 {weights_hash(path)}, {path}")
    if SHIPPED not in found:
        yield Finding(f"weights {SHIPPED}", "not in resources/", False, remedy=reinstall)


def _binding() -> Finding:
    """Say which Qt the window would take: QT_API, else the first that qtpy finds."""
    there = [f"{name} {found}" for name in BINDINGS if (found := version(name))]
    chosen = os.environ.get("QT_API")
    if not there:
        remedy = f"{sys.executable} -m pip install PyQt5"
        return Finding("Qt binding", "none, only the window needs one", False, False, remedy)
    taken = f"QT_API asks for {chosen}" if chosen else f"QT_API is not set, so {there[0]} is taken"
    return Finding("Qt binding", f"{', '.join(there)}; {taken}")


def _data(folder: Path) -> Finding:
    """Say how many images with labels a folder holds."""
    try:
        from napari_sharpgan.data import find_pairs

        pairs = find_pairs(folder)
    except (ImportError, OSError, ValueError) as error:
        remedy = "give a folder with images/ and labels/, or as CPM-15 or CPM-17 are handed out"
        return Finding("data", str(error), False, remedy=remedy)
    return Finding("data", f"{len(pairs)} images with labels to train on in {folder}")
