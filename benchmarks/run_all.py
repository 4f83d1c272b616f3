"""Run all benchmarks, each in a process of its own, and print one table: ours beside the plain choice.

    python benchmarks/run_all.py [--quick] [--device cpu] [--only scene nuclei] [--against FILE]

Writes ``bench.json``, ``bench.md`` and the charts ``bench_growth.png`` and ``.webp`` into ``out/``. A row
whose ratio fell since an earlier run on such a machine is named: since ``results/bench.json`` if that is of
such a machine, else since the last ``out/bench.json``. Windows need a display, or xvfb-run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _bench import Point, Row, add_options, table
from _chart import draw_charts
from _results import ROOT, Report, earlier_report, read_report, slower, this_machine, write_report

HERE = Path(__file__).parent
NAMES = (
    "startup",
    "scene",
    "nuclei",
    "instances",
    "metrics",
    "rendering",
    "segmentation",
    "training",
    "window",
    "editing",
    "growth",
)
LONGEST = 900  # seconds for one script


def run_one(name: str, extra: list[str], scratch: Path) -> tuple[list[Row], list[Point]] | None:
    """Run one script; return its rows and points, or None if it failed, which is said."""
    path, start = scratch / f"{name}.json", time.perf_counter()
    print(f"==> {name}", flush=True)
    command = [sys.executable, str(HERE / f"bench_{name}.py"), "--json", str(path), *extra]
    state = {"SHARPGAN_STATE": str(scratch / "state"), "SHARPGAN_RUNS": str(scratch / "runs")}
    try:
        code = subprocess.run(command, env=os.environ | state, timeout=LONGEST, check=False).returncode
    except subprocess.TimeoutExpired:
        code = f"none within {LONGEST} s"
    if code or not path.is_file():
        print(f"    {name} failed, exit status {code}", flush=True)
        return None
    print(f"    {time.perf_counter() - start:.0f} s", flush=True)
    facts = json.loads(path.read_text(encoding="utf-8"))
    return [Row(**row) for row in facts["rows"]], [Point(**point) for point in facts["points"]]


def measure(names: list[str], options: argparse.Namespace) -> Report:
    """Run some scripts one after another."""
    report = Report(this_machine(options.device), options.quick)
    extra = ["--device", options.device, *(["--quick"] if options.quick else [])]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            result = run_one(name, extra, Path(folder))
            if result is None:
                report.failed.append(name)
            else:
                report.rows[name] = result[0]
                report.points.extend(result[1])
    return report


def tell(report: Report, out: Path) -> None:
    """Print the table; write it with details, and the charts."""
    machine = report.machine
    facts = f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['device']}"
    facts += f"; {machine['commit']}, {machine['date']}, load {machine['load']} at the start"
    note = "\nQuick: small and rough; goals are those of full sizes." if report.quick else ""
    judged = [row for row in report.all_rows if row.met is not None]
    goals = f"{sum(row.met for row in judged)} of {len(judged)} goals are met."
    print(f"\n{facts}{note}\n\n{table(report.all_rows, details=False)}\n\n{goals}", flush=True)
    (out / "bench.md").write_text(f"{facts}\n\n{table(report.all_rows, details=True)}\n\n{goals}\n", "utf-8")
    if report.points:
        draw_charts(report.points, out / "bench_growth.png", out / "bench_growth.webp")
        print(f"How it grows: {out.name}/bench_growth.png", flush=True)


def compare(report: Report, against: Path | None, out: Path) -> int:
    """Name what is slower than before; return how many rows are."""
    try:
        if against is not None:
            found = (against, read_report(against))
        else:
            found = earlier_report(report, ROOT / "results" / "bench.json", out / "bench.json")
    except ValueError as error:
        print(error, flush=True)
        return 0
    if found is None:
        print("No earlier results of such a machine to compare with.", flush=True)
        return 0
    path, before = found
    fallen = slower(report, before)
    for one in fallen:
        print(one, flush=True)
    if not fallen:
        print(f"Nothing is slower than in {path.name} of {before.machine['date']}.", flush=True)
    return len(fallen)


def main(argv: list[str] | None = None) -> int:
    """Return 0; 1 if a benchmark failed, or with ``--strict`` if something is slower or misses its goal."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add_options(parser)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="some of them")
    parser.add_argument("--against", type=Path, metavar="FILE", help="the earlier results")
    parser.add_argument("--out", type=Path, default=ROOT / "out", metavar="FOLDER")
    parser.add_argument(
        "--strict", action="store_true", help="end with 1 if one is slower or misses its goal"
    )
    options = parser.parse_args(argv)
    if options.against is not None and not options.against.is_file():
        parser.error(f"there is no file {options.against} to compare with")
    options.out.mkdir(parents=True, exist_ok=True)
    report = measure(list(options.only), options)
    tell(report, options.out)
    fallen = compare(report, options.against, options.out)
    is_part = set(options.only) != set(NAMES)
    write_report(report, options.out / ("bench_part.json" if is_part else "bench.json"))
    if report.failed:
        print(f"failed: {', '.join(report.failed)}", flush=True)
    missed = any(row.met is False for row in report.all_rows)
    return int(bool(report.failed) or (options.strict and bool(fallen or missed)))


if __name__ == "__main__":
    sys.exit(main())
