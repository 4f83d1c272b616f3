"""Of many wishes only the newest counts."""

import threading

import pytest

from napari_sharpgan.widgets._newest import Newest


@pytest.fixture
def newest(qtbot):
    return Newest(pause=5)


def test_wishes_in_a_burst_become_the_last_one(qtbot, newest):
    done = []
    newest.done.connect(done.append)
    for number in range(100):
        newest.ask(lambda number=number: number)
    qtbot.waitUntil(lambda: bool(done))
    qtbot.wait(50)
    assert done == [99]


def test_what_is_asked_for_meanwhile_is_done_next_and_the_window_goes_on(qtbot, newest):
    gate, done = threading.Event(), []
    newest.done.connect(done.append)
    newest.ask(lambda: gate.wait(10) and "first")
    qtbot.wait(50)
    for word in ("overtaken", "last"):
        newest.ask(lambda word=word: word)
    qtbot.wait(50)
    assert done == []
    gate.set()
    qtbot.waitUntil(lambda: len(done) == 2)
    assert done == ["first", "last"]


def test_an_error_is_told_and_the_next_wish_is_done(qtbot, newest):
    errors, done = [], []
    newest.failed.connect(errors.append)
    newest.done.connect(done.append)
    newest.ask(lambda: 1 // 0)
    qtbot.waitUntil(lambda: bool(errors))
    newest.ask(lambda: "fine")
    qtbot.waitUntil(lambda: done == ["fine"])
    assert isinstance(errors[0], ZeroDivisionError)


def test_what_is_forgotten_is_not_begun(qtbot, newest):
    done = []
    newest.done.connect(done.append)
    newest.ask(lambda: "forgotten")
    newest.forget()
    qtbot.wait(50)
    assert done == []


def test_of_what_is_forgotten_while_it_goes_on_nothing_is_heard_and_the_next_wish_is(qtbot, newest):
    gate, heard = threading.Event(), []
    newest.done.connect(heard.append)
    newest.failed.connect(heard.append)
    newest.ask(lambda: 1 // (not gate.wait(10)))
    qtbot.waitUntil(lambda: newest._is_busy)
    newest.forget()
    newest.ask(lambda: "next")
    gate.set()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == ["next"]
