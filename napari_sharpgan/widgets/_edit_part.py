"""The part *Edit* of the Nuclei dock: tools, what is done to the selected, where nuclei meet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from napari_sharpgan.scene import MEETINGS
from napari_sharpgan.widgets._classes_part import ClassesPart
from napari_sharpgan.widgets._edit_tools import SIZES
from napari_sharpgan.widgets._parts import button, heading, labeled, row

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

LABEL_WIDTH = 66  # px: of the words before slider and lists, so that these stand below each other
TOOLS = {  # name of the tool: words, tooltip
    "select": ("Move", "Drag whole nuclei; a box or Shift selects many (S). Escape comes back to it."),
    "direct": ("Reshape", "Drag the points of a nucleus (D)."),
    "add_polygon": ("Points", "Click a new nucleus point after point; double-click ends (P)."),
    "add_polygon_lasso": ("Freehand", "Draw a new nucleus with the mouse held down (Shift+P)."),
    "brush": (
        "Brush",
        "Paint: begun in a nucleus it makes that one larger, begun beside it a new one. "
        "With Alt held it erases (B).",
    ),
    "eraser": ("Eraser", "Erase from the selected nucleus, else from all that the circle crosses (E)."),
    "knife": ("Knife", "Drag a line across nuclei: they fall apart along it (K)."),
}
DEEDS = {  # name of the method: words, tooltip
    "merge": ("Merge", "Make one nucleus of the selected (M)."),
    "fill": ("Fill holes", "Close the holes in the selected (H)."),
    "smooth": ("Smooth", "Take the jags out of the selected outlines (Shift+S)."),
    "lighten": (
        "Simplify",
        "Fewer points in the selected, easier to drag; nearly the same pixels (Shift+F).",
    ),
}
MEET = {
    "overlap": "lie on each other",
    "keep existing": "keep the existing one",
    "overwrite": "keep the new one",
}
MEET_HELP = (
    "What happens when a nucleus is drawn, moved or painted into another: both stay whole and the later one "
    "lies on top; or the new one is cut where another lies; or the others are cut. Locked ones are never cut."
)


class EditPart(QWidget):  # type: ignore[misc]
    """Tools and deeds of a session, as buttons.

    Parameters
    ----------
    session : Session
        Whose nuclei are edited.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._tools = session, session.tools
        self.modes = {name: self._mode(name, *words) for name, words in TOOLS.items()}
        self.size, self.size_words = self._brush_size(), QLabel()
        self.lock = button("Lock", "Protect the selected against every edit (L).", self._tools.toggle_lock)
        self.meeting = self._meeting()
        self.classes = ClassesPart(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in self._parts():
            layout.addWidget(part)
        self._tools.taken.connect(self._show_tool)
        self._tools.size_changed.connect(self._show_size)
        self._tools.meeting_changed.connect(self._show_meeting)
        self._tools.selection_changed.connect(self._show_selection)
        self._show_tool(self._tools.active)
        self._show_size(self._tools.size)
        self._show_meeting(self._tools.meeting)
        self._show_selection()

    def _parts(self) -> list[QWidget]:
        """Return the rows, from top to bottom."""
        session, names = self._session, list(self.modes)
        deeds = [button(*words, self._deed(name)) for name, words in DEEDS.items()]
        return [
            heading("Edit"),
            row(*(self.modes[name] for name in names[:4])),
            row(*(self.modes[name] for name in names[4:])),
            labeled("Brush", row(self.size, self.size_words), LABEL_WIDTH),
            row(*deeds),
            row(
                self.lock,
                button("Delete", "Take the selected away (Delete).", self._tools.delete),
                button("Undo", "Take the last step back (Ctrl+Z).", lambda: session.undo()),
                button("Redo", "Do it again (Ctrl+Shift+Z).", lambda: session.redo()),
            ),
            labeled("Class", self.classes, LABEL_WIDTH),
            labeled("Meeting", self.meeting, LABEL_WIDTH),
        ]

    def _mode(self, name: str, words: str, tooltip: str) -> QPushButton:
        made = button(words, tooltip, partial(self._take, name))
        made.setCheckable(True)
        return made

    def _brush_size(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(*SIZES)
        slider.setToolTip("How wide brush and eraser are, in pixels of the canvas ([ and ]).")
        slider.valueChanged.connect(self._resize)
        return slider

    def _meeting(self) -> QComboBox:
        choice = QComboBox()
        choice.setToolTip(MEET_HELP)
        for name in MEETINGS:
            choice.addItem(MEET.get(name, name), name)
        choice.activated.connect(self._choose_meeting)
        return choice

    def _deed(self, name: str) -> Callable[[], Any]:
        return lambda: getattr(self._tools, name)()

    # What the buttons do

    def _take(self, name: str) -> None:
        self._tools.take(name)
        self._show_tool(self._tools.active)  # a click on the one that is taken up leaves it checked

    def _resize(self, size: int) -> None:
        if size != self._tools.size:
            self._tools.size = size

    def _choose_meeting(self, index: int) -> None:
        self._tools.meeting = self.meeting.itemData(index)

    # What the tools tell

    def _show_tool(self, tool: str) -> None:
        for name, mode in self.modes.items():
            mode.setChecked(name == tool)

    def _show_size(self, size: int) -> None:
        self.size.setValue(size)
        self.size_words.setText(f"{size} px")

    def _show_meeting(self, name: str) -> None:
        self.meeting.setCurrentIndex(self.meeting.findData(name))

    def _show_selection(self) -> None:
        self.lock.setText("Unlock" if self._tools.all_locked else "Lock")
