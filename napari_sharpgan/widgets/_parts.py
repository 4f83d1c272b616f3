"""Small parts that docks share: buttons with tooltips, folds, rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QCollapsible

from napari_sharpgan.widgets._docks import OneColumn

WIDTH = 340  # px: what a dock is laid out for
WIDEST = 360
HIGHEST = 2**24 - 1  # px: Qt's word for no limit


def button(text: str, tooltip: str, clicked: Callable[[], Any]) -> QPushButton:
    """Return a push button."""
    made = QPushButton(text)
    made.setToolTip(tooltip)
    made.clicked.connect(lambda _=False: clicked())
    return made


def row(*parts: QWidget) -> QWidget:
    """Return widgets side by side."""
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        layout.addWidget(part)
    return holder


def labeled(text: str, part: QWidget, width: int = 0) -> QWidget:
    """Return a widget with a label before it, at least ``width`` wide, which says the same tooltip."""
    holder = QWidget()
    form = QFormLayout(holder)
    form.setContentsMargins(0, 0, 0, 0)
    label = QLabel(text, toolTip=part.toolTip())
    label.setMinimumWidth(width)
    form.addRow(label, part)
    return holder


def fold(title: str, content: QWidget, *, tooltip: str = "") -> QCollapsible:
    """Return a group that is folded away until its title is clicked."""
    made = _Fold(title)
    made.setToolTip(tooltip)
    made.addWidget(content)
    made.layout().setContentsMargins(0, 0, 0, 0)
    return made


class _Fold(QCollapsible):  # type: ignore[misc]
    """A fold whose content may grow while it is open, as words do that come later."""

    def __init__(self, title: str) -> None:
        super().__init__(title, expandedIcon="▾", collapsedIcon="▸")
        self.toggled.connect(self._let_grow)
        self._animation.finished.connect(self._let_grow)

    def eventFilter(self, _watched: QObject, _event: QEvent) -> bool:
        """Leave the height to the layout; superqt would keep that of the first words."""
        return False

    def _let_grow(self, _open: bool = True) -> None:
        if self.isExpanded() and not self._is_animating:
            self.content().setMaximumHeight(HIGHEST)


def note(text: str = "") -> QLabel:
    """Return a line of text that wraps and can be selected."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def words(text: str = "") -> QLabel:
    """Return words that wrap, a long path too, instead of making the dock wider."""
    made: QLabel = note(text)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


def heading(text: str) -> QLabel:
    """Return the title of a group."""
    return QLabel(f"<b>{text}</b>")


def column(owner: QWidget, *parts: QWidget, fills: QWidget | None = None) -> None:
    """Lay widgets out below each other in a dock that scrolls when the window is low.

    Parameters
    ----------
    owner : QWidget
        The dock.
    *parts : QWidget
        What it holds, from top to bottom.
    fills : QWidget, optional
        The part that takes what height is left; without it that is empty.
    """
    inner = QWidget()
    layout = QVBoxLayout(inner)
    layout.setContentsMargins(6, 6, 6, 6)
    for part in parts:
        layout.addWidget(part, stretch=int(part is fills))
    if fills is None:
        layout.addStretch(1)
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    outer = QVBoxLayout(owner)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(area)
    owner.setMinimumWidth(WIDTH)
    owner.setMaximumWidth(WIDEST)
    OneColumn(owner)
