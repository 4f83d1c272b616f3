import threading

import pytest

from napari_sharpgan.widgets._in_turns import InTurns

pytestmark = pytest.mark.gui


@pytest.fixture
def begin(qapp):
    """A function that begins three steps, and returns the work and a list of what was done in which order."""
    from qtpy.QtCore import QCoreApplication, QEvent, QObject

    owner, ended = QObject(), []

    def begun(prepare=None, inside=lambda work, number: None):
        done = []

        def prepared():
            done.append("main" if threading.current_thread() is threading.main_thread() else "thread")
            return "prepared"

        def steps():
            done.append((yield prepare or prepared))
            for number in range(3):
                done.append(number)
                inside(work, number)
                yield None

        work = InTurns(steps, owner)
        work.ended.connect(lambda: ended.append(work))
        return work, done

    begun.ended = ended
    yield begun
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)


def test_steps_come_in_turns_after_the_thread_has_prepared_them(qtbot, begin):
    from qtpy.QtCore import QTimer

    _, done = begin(inside=lambda work, number: QTimer.singleShot(0, lambda: done.append("turn")))
    assert done == []
    qtbot.waitUntil(lambda: done.count("turn") == 3)
    qtbot.wait(50)
    assert done == ["thread", "prepared", 0, "turn", 1, "turn", 2, "turn"]


def test_who_needs_it_has_it_at_once_and_it_is_not_done_twice(qtbot, begin):
    work, done = begin()
    work.finish()
    assert done == ["main", "prepared", 0, 1, 2]
    work.finish()
    qtbot.wait(150)
    assert len(done) == 5
    assert begin.ended == [work]


def test_what_was_begun_is_finished_and_what_was_not_is_dropped(qtbot, begin):
    work, done = begin()
    work.finish_or_drop()
    qtbot.wait(150)
    assert done == []
    goes_on = threading.Event()
    work, done = begin(lambda: goes_on.wait(10))
    qtbot.waitUntil(lambda: work._job is not None)
    work.finish_or_drop()
    goes_on.set()
    qtbot.wait(150)
    assert done == []
    assert begin.ended[-1] is work
    work, done = begin()
    qtbot.waitUntil(lambda: 0 in done)
    work.finish_or_drop()
    assert done == ["thread", "prepared", 0, 1, 2]


def test_a_step_may_ask_for_the_whole(qtbot, begin):
    work, done = begin(inside=lambda work, number: work.finish())
    work.finish()
    assert done == ["main", "prepared", 0, 1, 2]


def test_who_cannot_wait_for_the_thread_does_its_work_and_what_that_brings_is_left(qtbot, begin):
    goes_on = threading.Event()

    def prepare():
        if threading.current_thread() is not threading.main_thread():
            goes_on.wait(10)
            return "late"
        return "at once"

    work, done = begin(prepare)
    qtbot.waitUntil(lambda: work._job is not None)
    work.finish()
    goes_on.set()
    qtbot.wait(150)
    assert done == ["at once", 0, 1, 2]


def test_steps_come_also_when_the_preparation_fails(qtbot, begin):
    def fail():
        raise ImportError("no such module")

    _, done = begin(fail)
    qtbot.waitUntil(lambda: done == [None, 0, 1, 2])
