from pathlib import Path

import pytest
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QFileDialog

from napari_sharpgan.widgets._path_row import FolderRow


@pytest.fixture
def row(qtbot):
    row = FolderRow("Where things lie", "a folder")
    qtbot.addWidget(row)
    return row


@pytest.fixture
def chosen(row):
    seen = []
    row.chosen.connect(seen.append)
    return seen


def test_a_typed_folder_is_told_once(row, chosen, qtbot):
    qtbot.keyClicks(row.line, "~/tissue")
    qtbot.keyClick(row.line, Qt.Key.Key_Return)
    row.line.editingFinished.emit()
    assert chosen == [Path.home() / "tissue"]


def test_an_emptied_line_is_none(row, chosen):
    row.suggest(Path("a"))
    row.line.clear()
    row.line.editingFinished.emit()
    assert chosen == [Path("a"), None]


def test_a_folder_can_be_picked(row, chosen, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    row.button.click()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")  # Cancel
    row.button.click()
    assert chosen == [tmp_path]


def test_a_folder_can_be_dropped(row, chosen, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    row.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert chosen == [tmp_path]
