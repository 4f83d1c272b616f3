"""The part of the dock *Nuclei* about canvases and files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.layers import Image, Labels
from napari.utils.notifications import show_error
from qtpy.QtWidgets import QMenu, QPushButton, QSpinBox, QVBoxLayout, QWidget

from napari_sharpgan.scene.recovery import found
from napari_sharpgan.widgets._parts import button, heading, row, words
from napari_sharpgan.widgets._safety import open_nuclei_file, save_nuclei

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

MARK = "•"  # of work that no file holds


class DocumentPart(QWidget):  # type: ignore[misc]
    """Begin with another canvas, open, save and recover nuclei.

    Parameters
    ----------
    session : Session
        Whose canvases they are.

    Attributes
    ----------
    head : QWidget
        What stands at the top of the dock: what is open, opening and saving, what was left behind.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._documents = session.documents
        self.rows, self.columns = _side(512), _side(512)
        self.title, self.offer = words(), words()
        self.bar = self._bar()
        self.head = _column(QWidget(), self.bar, self.title, self._files())
        empty, image = "Begin with an empty canvas of so many rows and columns.", "Begin on the pixels of"
        labels = "Make nuclei that can be edited of the chosen labels layer."
        _column(
            self,
            heading("Canvas"),
            row(self.rows, self.columns, button("New canvas", empty, self._new_canvas)),
            row(
                button("From image", f"{image} the chosen image layer.", self._from_image),
                button("From labels", labels, self._from_labels),
                self._recovery(),
            ),
        )
        session.scene_replaced.connect(self._show_size)
        self._documents.changed.connect(self._show_title)
        self._documents.left_changed.connect(self._show_offer)
        self._show_size()
        self._show_title()
        self._show_offer()

    def _files(self) -> QWidget:
        """Return the buttons for files."""
        opening = "Open QuPath GeoJSON, label images, HoVer-Net, COCO, … on the image that is open."
        saving = "Save nuclei with classes, locks and UUIDs; the end of the name says the format."
        return row(
            button("Open nuclei…", opening, lambda: open_nuclei_file(self._documents, self.window())),
            button("Save", "Save to the file that they came from.", self._save),
            button("Save as…", saving, partial(self._save, again=False)),
        )

    def _bar(self) -> QWidget:
        """Return what is seen while unsaved work of a crashed process is there."""
        back = "Bring them back; what is open now is put aside."
        later = "Not now; Recover… has them still."
        return _column(
            QWidget(),
            self.offer,
            row(
                button("Restore", back, self._restore),
                button("Dismiss", later, self._documents.dismiss),
            ),
        )

    def _recovery(self) -> QPushButton:
        """Return the button with a menu of all that was left behind."""
        made = QPushButton("Recover…")
        made.setToolTip("Nuclei that were put aside, closed without saving, or left by a crash: the last 20.")
        self.menu = QMenu(made)
        self.menu.aboutToShow.connect(self._list)
        made.setMenu(self.menu)
        return made

    # What the buttons do

    def _save(self, *, again: bool = True) -> None:
        save_nuclei(self._documents, self.window(), again=again)

    def _restore(self) -> None:
        if self._documents.offered is not None:
            self._documents.restore(self._documents.offered)

    def _list(self) -> None:
        """List what was left behind."""
        self.menu.clear()
        for left in found():
            self.menu.addAction(str(left), _told(self._documents.restore, left))
        if self.menu.isEmpty():
            self.menu.addAction("nothing was left behind").setEnabled(False)

    def _new_canvas(self) -> None:
        _try(lambda: self._session.new_canvas((self.rows.value(), self.columns.value())))

    def _from_image(self) -> None:
        layer = self._chosen(Image)
        if layer is None:
            show_error("no image layer is there; open an H&E image first")
            return
        if _try(lambda: self._session.from_image(layer)):
            self._session.viewer.reset_view()

    def _from_labels(self) -> None:
        layer = self._chosen(Labels)
        if layer is None:
            show_error("no labels layer is there; open a mask of nuclei first")
            return
        self._documents.from_labels(layer)

    def _chosen(self, kind: type) -> Any:
        """Return the selected layer of a kind that is not ours, else the topmost one."""
        layers = self._session.viewer.layers
        ours = self._session.layers
        candidates = [layer for layer in layers if isinstance(layer, kind) and layer not in ours]
        active = layers.selection.active
        return active if active in candidates else next(reversed(candidates), None)

    # What the session tells

    def _show_size(self) -> None:
        for box, side in zip((self.rows, self.columns), self._session.scene.shape, strict=True):
            box.setValue(side)

    def _show_title(self) -> None:
        documents = self._documents
        state = f" {MARK} not saved" if documents.is_unsaved else ""
        self.title.setText(f"<b>{documents.title}</b>{' … ' if documents.is_busy else state}")

    def _show_offer(self) -> None:
        left = self._documents.offered
        self.bar.setVisible(left is not None)
        self.offer.setText("" if left is None else f"Unsaved nuclei of {left}")


def _column(owner: QWidget, *parts: QWidget) -> QWidget:
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        layout.addWidget(part)
    return owner


def _try(act: Callable[[], None]) -> bool:
    """Do what may not be possible; return whether it was, and say why not."""
    try:
        act()
    except (TypeError, ValueError) as error:
        show_error(str(error))
        return False
    return True


def _told(act: Callable[[Any], None], what: Any) -> Callable[[], None]:
    return lambda: act(what)


def _side(value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, 32_768)
    box.setValue(value)
    box.setSuffix(" px")
    box.setToolTip("Rows and columns of a new canvas, in pixels of 0.25 µm.")
    return box
