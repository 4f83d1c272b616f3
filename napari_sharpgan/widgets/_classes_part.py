"""The row *Class* of the Nuclei dock: what the selected nuclei are, and classes of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import QColorDialog, QComboBox, QHBoxLayout, QInputDialog, QSizePolicy, QWidget

from napari_sharpgan.scene.classes import NucleusClass
from napari_sharpgan.widgets._parts import button

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

NO_CLASS = "no class"
SWATCH = 12  # px


class ClassesPart(QWidget):  # type: ignore[misc]
    """A list of classes, which shows that of the selected nuclei and gives them another.

    Parameters
    ----------
    session : Session
        Whose nuclei have classes.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session, self._tools = session, session.tools
        self.choice = QComboBox()
        self.choice.setToolTip("What the selected nuclei are; colors their outlines, and QuPath reads it.")
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.choice.setMinimumContentsLength(8)
        self.choice.activated.connect(self._tools.classify)
        new = button("New…", "Add a class of your own, with a name and a color.", self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.choice, 1)
        layout.addWidget(new)
        self._kinds: list[NucleusClass] = []
        self._tools.classes_changed.connect(self._fill)
        self._tools.selection_changed.connect(self._show_selection)
        self._fill()

    def add(self, name: str, color: tuple[int, int, int]) -> None:
        """Add a class, or say what keeps it from being one."""
        try:
            self._tools.add_class(NucleusClass(name, color))
        except ValueError as error:
            show_error(str(error))

    def _fill(self) -> None:
        kinds = list(self._tools.classes.values())
        if kinds != self._kinds or not self.choice.count():
            self._kinds = kinds
            self.choice.clear()
            self.choice.addItem(_swatch(None), NO_CLASS)
            for number, kind in enumerate(kinds, 1):
                self.choice.addItem(_swatch(kind.color), f"{number}  {kind.name}")
        self._show_selection()

    def _show_selection(self) -> None:
        """Show the class of the selected nuclei, nothing if they have several."""
        info = self._session.scene.info
        names = {info[key].class_name for key in self._session.selected}
        places = {name: place for place, name in enumerate(["", *(kind.name for kind in self._kinds)])}
        self.choice.setCurrentIndex(places.get(names.pop(), -1) if len(names) == 1 else -1 if names else 0)

    def _ask(self) -> None:
        """Ask for a name and a color."""
        name, given = QInputDialog.getText(self, "New class", "Name of the class:")
        if not given:
            return
        color = QColorDialog.getColor(QColor(0, 160, 220), self, f"Color of {name}")
        if color.isValid():
            self.add(name.strip(), (color.red(), color.green(), color.blue()))


def _swatch(color: tuple[int, int, int] | None) -> QIcon:
    """Return a square of a color; empty without one."""
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(QColor(*color) if color else QColor(0, 0, 0, 0))
    return QIcon(picture)
