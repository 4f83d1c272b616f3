"""What a run of all benchmarks came to, as JSON, and whether it is slower than an earlier one."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil
from _bench import Point, Row, number

from napari_sharpgan._files import written_whole

ROOT = Path(__file__).parents[1]
CHANCE = 0.15  # of a ratio: what it may fall beyond its spread before it counts as slower
PACKAGES = ("napari", "numpy", "openvino", "scikit-image", "scipy", "torch")
CLASS = ("cpu", "cores", "device")  # what two machines must share for their results to be compared


@dataclass(frozen=True)
class Report:
    """Rows by script, points of curves, and the machine."""

    machine: dict[str, Any]
    quick: bool = False
    rows: dict[str, list[Row]] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def all_rows(self) -> list[Row]:
        return [row for rows in self.rows.values() for row in rows]


@dataclass(frozen=True)
class Slower:
    """A row whose ratio fell."""

    what: str
    before: float
    now: float

    def __str__(self) -> str:
        return f"slower than before: {self.what}: {number(self.before)} × then, {number(self.now)} × now"


def this_machine(device: str) -> dict[str, Any]:
    """Return what measured: processor, cores that may be used, memory, device, versions, commit, load."""
    from napari_sharpgan.inference import choose_device, device_name

    return {
        "cpu": _processor(),
        "cores": _cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "device": device_name(choose_device(device)),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "load": round(psutil.getloadavg()[0], 2),
    }


def write_report(report: Report, path: Path) -> None:
    """Write a report, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(asdict(report), indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_report(path: Path) -> Report:
    """Read what `write_report` wrote.

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        rows = {name: [Row(**row) for row in some] for name, some in facts.pop("rows").items()}
        return Report(rows=rows, points=[Point(**point) for point in facts.pop("points")], **facts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path.name} holds no results of `make bench`: {error}") from error


def slower(now: Report, before: Report) -> list[Slower]:
    """Return the rows whose ratio fell by more than both its spreads and `CHANCE`.

    Times are not compared: they say more about the machine than about the program. A row without a plain
    choice has no ratio, and is left out; so is one that an earlier report lacks.
    """
    found = []
    for name, rows in now.rows.items():
        earlier = {row.what: row for row in before.rows.get(name, []) if row.ratio is not None}
        for row in (row for row in rows if row.ratio is not None and row.what in earlier):
            old = earlier[row.what]
            may_fall = (old.ratio - old.low) + (row.high - row.ratio) + CHANCE * old.ratio
            if row.ratio < old.ratio - may_fall:
                found.append(Slower(row.what, old.ratio, row.ratio))
    return found


def earlier_report(now: Report, *paths: Path) -> tuple[Path, Report] | None:
    """Return the first report that is there, of the same class of machine and as thorough."""
    for path in paths:
        if path.is_file():
            report = read_report(path)
            alike = all(report.machine.get(name) == now.machine[name] for name in CLASS)
            if alike and report.quick == now.quick:
                return path, report
    return None


def _processor() -> str:
    """Return the name of the processor."""
    info = Path("/proc/cpuinfo")
    names = info.read_text().splitlines() if info.is_file() else []
    named = [line.partition(":")[2].strip() for line in names if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _cores() -> int:
    """Return how many cores this process may use."""
    process = psutil.Process()
    return len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else os.cpu_count() or 1


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """Return the commit that is checked out, with "-dirty" if files differ; empty outside of git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
