"""The harness of the benchmarks: rows hold numbers, results come back from JSON, a slowdown is named."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
CHEAP = ("scene", "nuclei")


@pytest.fixture(autouse=True)
def _benchmarks_are_found(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def run_quickly(out, *options):
    command = [sys.executable, str(BENCHMARKS / "run_all.py"), "--quick", "--out", str(out), *options]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench")
    return out, run_quickly(out, "--only", *CHEAP)


def report_of(*rows, **machine):
    from _results import Report

    facts = {"cpu": "A", "cores": 2, "device": "cpu", "date": "2026-01-01"} | machine
    return Report(facts, rows={"scene": list(rows)})


def test_a_quick_run_prints_one_table_with_all_rows(quick_run):
    from _results import read_report

    out, done = quick_run
    assert done.returncode == 0, done.stderr
    report = read_report(out / "bench_part.json")
    assert list(report.rows) == list(CHEAP)
    lines = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert len(lines) == 2 + len(report.all_rows)
    assert len({len(line) for line in lines}) == 1, "columns do not stand below each other"


def test_rows_of_a_quick_run_have_numbers_and_goals(quick_run):
    from _bench import all_finite
    from _results import read_report

    rows = read_report(quick_run[0] / "bench_part.json").all_rows
    assert all(all_finite(row) and row.ours > 0 for row in rows)
    assert all(row.low <= row.ratio <= row.high for row in rows if row.ratio is not None)
    assert {"≤ 1 ms, ≥ 500 ×", "≤ 20 s, ≥ 95 % placed"} <= {row.goal for row in rows}
    assert all((row.met is None) == (not row.goal) for row in rows)


def test_a_slowdown_since_a_doctored_run_is_named(quick_run, capsys):
    from _results import read_report
    from run_all import compare

    out, _ = quick_run
    facts = json.loads((out / "bench_part.json").read_text(encoding="utf-8"))
    row = next(row for row in facts["rows"]["scene"] if "against scikit-image" in row["what"])
    for name in ("ratio", "low", "high"):
        row[name] *= 100
    (out / "doctored.json").write_text(json.dumps(facts), encoding="utf-8")
    now = read_report(out / "bench_part.json")
    assert compare(now, out / "doctored.json", out) == 1
    assert f"slower than before: {row['what']}" in capsys.readouterr().out
    assert compare(now, out / "bench_part.json", out) == 0
    assert "Nothing is slower" in capsys.readouterr().out


def test_earlier_results_that_cannot_be_read_are_one_sentence(quick_run, tmp_path, capsys):
    from _results import read_report
    from run_all import compare

    (tmp_path / "bench.json").write_text("{")
    now = read_report(quick_run[0] / "bench_part.json")
    assert compare(now, tmp_path / "bench.json", tmp_path) == 0
    assert "bench.json holds no results" in capsys.readouterr().out


def test_no_earlier_results_are_told_before_anything_is_measured(tmp_path):
    done = run_quickly(tmp_path, "--against", str(tmp_path / "absent.json"))
    assert done.returncode == 2
    assert "absent.json to compare with" in done.stderr
    assert "==>" not in done.stdout


def test_a_report_comes_back_from_json(tmp_path):
    from _bench import Goal, Point, compared
    from _results import read_report, write_report

    report = report_of(
        compared("moved", [1.0, 3.0, 2.0], [10.0, 30.0, 20.0], goal=Goal(most=2)), compared("built", 5)
    )
    report = replace(report, points=[Point("time against size", "ours", 100, 0.5)])
    write_report(report, tmp_path / "bench.json")
    assert read_report(tmp_path / "bench.json") == report


def test_what_is_no_report_is_one_sentence(tmp_path):
    from _results import read_report

    for text in ("[]", "{", '{"rows": {"scene": [{"speed": 1}]}, "points": []}'):
        (tmp_path / "bench.json").write_text(text)
        with pytest.raises(ValueError, match=r"bench\.json holds no results of `make bench`"):
            read_report(tmp_path / "bench.json")


def test_turns_are_compared_one_by_one():
    """A machine that is slower in one turn slows both, and the ratio stays."""
    from _bench import compared

    row = compared("moved", [1.0, 10.0, 2.0], [4.0, 40.0, 8.0])
    assert (row.ours, row.plain, row.ratio, row.low, row.high) == (2.0, 8.0, 4.0, 4.0, 4.0)
    more = compared("trained", [8.0, 6.0], [4.0, 3.0], unit="images/s", more_is_better=True)
    assert more.ratio == 2.0


def test_goals_are_judged_by_medians_and_ratio():
    from _bench import Check, Goal, compared

    def met(**goal):
        return compared("moved", [1.0, 2.0, 3.0], [20.0, 40.0, 60.0], goal=Goal(**goal)).met

    assert [met(most=2), met(most=1.9), met(least=2), met(least=2.1)] == [True, False, True, False]
    assert [met(ratio=20), met(ratio=21), met(most=2, ratio=21)] == [True, False, False]
    assert met(most=2, also=(Check("no torch", False),)) is False
    assert met() is None


@pytest.mark.parametrize(("ratio", "is_slower"), [(8.0, False), (7.6, False), (7.4, True), (20.0, False)])
def test_a_ratio_may_fall_by_its_spreads_and_15_percent(ratio, is_slower):
    """From 10 with 9.5 at the low end, to one with 0.5 up to its high end: 10 − 0.5 − 0.5 − 1.5 = 7.5."""
    from _bench import Row
    from _results import slower

    before = Row("moved", 1.0, "ms", 10.0, ratio=10.0, low=9.5, high=10.5)
    now = replace(before, ratio=ratio, low=ratio - 0.5, high=ratio + 0.5)
    assert bool(slower(report_of(now), report_of(before))) == is_slower


def test_rows_without_ratio_or_without_an_earlier_one_are_not_compared():
    from _bench import Row
    from _results import slower

    fast, slow = Row("built", 1.0, "ms"), Row("built", 9.0, "ms")
    new = Row("moved", 1.0, "ms", 1.0, ratio=1.0, low=1.0, high=1.0)
    assert slower(report_of(slow, new), report_of(fast)) == []


def test_only_results_of_such_a_machine_are_taken_the_first_first(tmp_path):
    from _results import earlier_report, write_report

    now = report_of()
    paths = [tmp_path / name for name in ("absent.json", "other.json", "quick.json", "one.json", "two.json")]
    write_report(report_of(cores=8), paths[1])
    write_report(replace(now, quick=True), paths[2])
    for path in paths[3:]:
        write_report(report_of(date=path.stem), path)
    assert earlier_report(now, *paths)[0] == paths[3]
    assert earlier_report(now, *paths[:3]) is None


def test_charts_show_each_curve_in_its_color(tmp_path):
    from _bench import Point
    from _chart import COLORS, HEIGHT, WIDTH, draw_charts

    points = [
        Point(chart, curve, 10.0**x, 10.0 ** (x * power))
        for chart in ("edits", "pixels")
        for power, curve in enumerate(("ours", "plain"))
        for x in range(3)
    ]
    draw_charts(points, tmp_path / "growth.png", tmp_path / "growth.webp")
    picture = np.asarray(Image.open(tmp_path / "growth.png"))
    assert picture.shape == (HEIGHT, 2 * WIDTH, 3)
    for half in (picture[:, :WIDTH], picture[:, WIDTH:]):
        for color in COLORS[:2]:
            rgb = [int(color[place : place + 2], 16) for place in (1, 3, 5)]
            assert (np.abs(half.astype(int) - rgb).max(axis=2) < 12).sum() > 60
    assert (tmp_path / "growth.webp").stat().st_size > 1000


def test_numbers_are_short():
    from _bench import number, with_unit

    assert [number(value) for value in (0.48123, 12.345, 123.4, 12345.6)] == [
        "0.481",
        "12.3",
        "123",
        "12,346",
    ]
    assert [with_unit(value, "ms") for value in (0.5, 999, 2500)] == ["0.5 ms", "999 ms", "2.5 s"]


def test_every_benchmark_is_run():
    from run_all import NAMES

    assert sorted(NAMES) == sorted(path.stem.removeprefix("bench_") for path in BENCHMARKS.glob("bench_*.py"))
