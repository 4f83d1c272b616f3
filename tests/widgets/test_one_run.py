"""One task at a time: the newest is heard, and an error ends only its own."""

import threading
from types import SimpleNamespace

import pytest
from napari.utils.progress import progress

from napari_sharpgan.widgets._activity import Activity
from napari_sharpgan.widgets._one_run import OneRun


@pytest.fixture
def heard(qtbot):
    """A place for one run, and what it said."""
    run, said = OneRun(), []
    for name in ("progressed", "succeeded", "failed"):
        getattr(run, name).connect(lambda what, name=name: said.append((name, what)))
    yield run, said
    run.leave()


def counting(gate, result, should_stop):
    yield SimpleNamespace(done=1, total=2)
    assert gate.wait(10)
    return result


def failing(gate, should_stop):
    yield SimpleNamespace(done=1, total=2)
    assert gate.wait(10)
    raise ArithmeticError("broken")


def bars():
    return [bar for bar in progress._all_instances if isinstance(bar, Activity)]


def test_a_stop_keeps_what_the_task_has_and_the_bar_goes(qtbot, heard):
    run, said = heard
    gate = threading.Event()
    run.begin("counting", counting, gate, "all", canceled=run.stop)
    qtbot.waitUntil(lambda: bool(said))
    assert [bar.n for bar in bars()] == [1]
    bars()[0].cancel()
    assert run.is_busy
    gate.set()
    qtbot.waitUntil(lambda: not run.is_busy)
    assert said[-1] == ("succeeded", "all")
    assert bars() == []


def test_the_end_of_an_older_task_is_not_taken_for_that_of_the_newest(qtbot, heard):
    run, said = heard
    first, second = threading.Event(), threading.Event()
    run.begin("failing", failing, first, canceled=run.leave)
    qtbot.waitUntil(lambda: bool(said))
    run.begin("counting", counting, second, "newest", canceled=run.leave)
    with qtbot.captureExceptions():  # napari shows the error
        first.set()
        qtbot.wait(100)
    assert run.is_busy
    assert len(bars()) == 1
    second.set()
    qtbot.waitUntil(lambda: not run.is_busy)
    assert [name for name, _ in said if name != "progressed"] == ["succeeded"]


def test_an_error_is_told_and_nothing_goes_on(qtbot, heard):
    run, said = heard
    gate = threading.Event()
    gate.set()
    with qtbot.captureExceptions():
        run.begin("failing", failing, gate, canceled=run.leave)
        qtbot.waitUntil(lambda: not run.is_busy)
    assert said[-1][0] == "failed"
    assert "broken" in str(said[-1][1])
    assert bars() == []
