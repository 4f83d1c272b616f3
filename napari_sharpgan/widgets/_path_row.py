"""A row to choose a folder: type it, drop it, or browse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget


class FolderRow(QWidget):  # type: ignore[misc]
    """A line with the path of a folder, and a button that looks for one.

    Parameters
    ----------
    purpose : str
        What the folder is for: title of the dialog, and tooltip.
    placeholder : str
        What stands in the empty line.
    """

    chosen = Signal(object)  # Path; after it was typed, dropped or picked

    def __init__(self, purpose: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._purpose = purpose
        self.setToolTip(purpose)
        self._last = ""
        self.setAcceptDrops(True)
        self.line = QLineEdit(placeholderText=placeholder, toolTip=purpose)
        self.line.setAcceptDrops(False)  # a dropped folder comes to this row, not as text into the line
        self.line.editingFinished.connect(self._take_line)
        self.button = QToolButton(text="…", toolTip=purpose)
        self.button.clicked.connect(self._browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        layout.addWidget(self.button)

    @property
    def path(self) -> Path | None:
        """The folder, or None while the line is empty."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def suggest(self, path: Path) -> None:
        """Put a folder into the line as if it was picked."""
        self.line.setText(str(path))
        self._take_line()

    def clear(self) -> None:
        """Empty the line as if a person did."""
        self.line.clear()
        self._take_line()

    def show_path(self, path: Path | None) -> None:
        """Put a folder into the line, without a signal."""
        self._last = "" if path is None else str(path)
        self.line.setText(self._last)
        self._take_line()

    def dragEnterEvent(self, event: Any) -> None:
        """Take a folder that is dragged over the row."""
        if any(Path(url.toLocalFile()).is_dir() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        """Take the folder that is dropped."""
        self.suggest(Path(event.mimeData().urls()[0].toLocalFile()))

    def _browse(self) -> None:
        start = str(self.path or Path.home())
        folder = QFileDialog.getExistingDirectory(self, self._purpose, start)
        if folder:
            self.suggest(Path(folder))

    def _take_line(self) -> None:
        self.line.setCursorPosition(len(self.line.text()))
        self.line.setToolTip(f"{self._purpose}\n{self.line.text()}".strip())
        if self.line.text().strip() != self._last:
            self._last = self.line.text().strip()
            self.chosen.emit(self.path)
