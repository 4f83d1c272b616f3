"""How our docks stand in the window: one opens another, and all are tabs of one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

if TYPE_CHECKING:
    from napari import Viewer

OURS = "one column"  # the name of the object that marks a dock as one of ours
PLUGIN = " (napari-sharpgan)"  # what napari adds to the names of docks
TABS = "QTabBar::tab { padding: 3px; }"  # six names have room in one column


def dock_of(viewer: Viewer, name: str) -> Any:
    """Open one of our docks by its display name, or bring it to the front; return its widget."""
    dock, widget = viewer.window.add_plugin_dock_widget("napari-sharpgan", name, tabify=True)
    dock.show()
    dock.raise_()
    return widget


class OneColumn(QObject):  # type: ignore[misc]
    """Lets a dock, when it is shown first, be a tab of the column in which others of ours stand.

    napari's menu lays each dock below the one before, where seven of them have no room. Who drags docks
    apart afterwards has them so. Tabs have short names, which can be read.

    Parameters
    ----------
    owner : QWidget
        The content of the dock.
    """

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.setObjectName(OURS)
        self._timer: QTimer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._join)
        owner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first time that the dock is shown."""
        if event.type() == QEvent.Type.Show:
            watched.removeEventFilter(self)
            self._timer.start()
        return False

    def _join(self) -> None:
        """Stand with another dock of ours, if there is one in the same place of the window."""
        dock = _around(self.parent(), QDockWidget)
        window = None if dock is None else _around(dock.parentWidget(), QMainWindow)
        if window is not None:
            dock.setWindowTitle(dock.windowTitle().removesuffix(PLUGIN))
            self._tabify(dock, window)
            for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setStyleSheet(TABS)

    def _tabify(self, dock: QDockWidget, window: QMainWindow) -> None:
        if dock.isFloating() or window.tabifiedDockWidgets(dock):
            return
        area = window.dockWidgetArea(dock)
        for other in window.findChildren(QDockWidget):
            is_there = other is not dock and other.isVisible() and not other.isFloating()
            is_ours = other.findChild(OneColumn, OURS) is not None
            if is_there and is_ours and window.dockWidgetArea(other) == area:
                window.tabifyDockWidget(other, dock)
                dock.raise_()
                return


def _around(widget: QWidget | None, kind: type) -> Any:
    """Return the nearest widget of a kind that a widget lies in, itself too; None if there is none."""
    while widget is not None and not isinstance(widget, kind):
        widget = widget.parentWidget()
    return widget
