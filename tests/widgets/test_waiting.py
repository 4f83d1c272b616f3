import pytest
from qtpy.QtCore import QCoreApplication, QEvent, QObject

from napari_sharpgan.widgets import _waiting
from napari_sharpgan.widgets._waiting import Waiting

pytestmark = pytest.mark.gui


@pytest.fixture
def waiting(qapp, monkeypatch):
    monkeypatch.setattr(_waiting, "LONGEST", 50)
    owner = QObject()
    yield Waiting(owner)
    owner.deleteLater()


@pytest.fixture
def owner(qapp):
    return QObject()


def test_work_is_done_at_once_or_in_order_when_the_waiting_ends(waiting, owner):
    done = []
    waiting.do(owner, lambda: done.append(1))
    assert done == [1]
    waiting.begin()
    for number in (2, 3):
        waiting.do(owner, lambda number=number: done.append(number))
    assert done == [1]
    waiting.end()
    assert done == [1, 2, 3]
    waiting.end()
    waiting.do(owner, lambda: done.append(4))
    assert done == [1, 2, 3, 4]


def test_it_ends_by_itself(waiting, owner, qtbot):
    done = []
    waiting.begin()
    waiting.do(owner, lambda: done.append(1))
    qtbot.waitUntil(lambda: done == [1])


def test_what_is_gone_meanwhile_does_nothing(waiting, owner):
    done = []
    waiting.begin()
    waiting.do(owner, lambda: done.append(1))
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    waiting.end()
    assert done == []
