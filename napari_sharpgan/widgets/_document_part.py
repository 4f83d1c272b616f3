"""The part of the dock *Nuclei* about canvases and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Image, Labels
from napari.utils.notifications import show_error
from qtpy.QtWidgets import QSpinBox, QVBoxLayout, QWidget

from napari_sharpgan.widgets._parts import button, heading, row

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session


class DocumentPart(QWidget):  # type: ignore[misc]
    """Begin with another canvas, open and save nuclei.

    Parameters
    ----------
    session : Session
        Whose canvases they are.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.head = QWidget()  # what stands at the top of the dock
        self.rows, self.columns = _side(512), _side(512)
        empty, image = "Begin with an empty canvas of so many rows and columns.", "Begin on the pixels of"
        labels = "Make nuclei that can be edited of the chosen labels layer."
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (
            heading("Canvas"),
            row(self.rows, self.columns, button("New canvas", empty, self._new_canvas)),
            row(
                button("From image", f"{image} the chosen image layer.", self._from_image),
                button("From labels", labels, self._from_labels),
            ),
        ):
            layout.addWidget(part)
        session.scene_replaced.connect(self._show_size)
        self._show_size()

    # What the buttons do

    def _new_canvas(self) -> None:
        self._session.new_canvas((self.rows.value(), self.columns.value()))

    def _from_image(self) -> None:
        layer = self._chosen(Image)
        if layer is None:
            show_error("no image layer is there; open an H&E image first")
            return
        try:
            self._session.from_image(layer)
        except ValueError as error:
            show_error(str(error))

    def _from_labels(self) -> None:
        layer = self._chosen(Labels)
        if layer is None:
            show_error("no labels layer is there; open a mask of nuclei first")
            return
        try:
            self._session.from_labels(layer.data, layer)
        except (ValueError, TypeError) as error:
            show_error(str(error))
            return
        layer.visible = False

    def _chosen(self, kind: type) -> Any:
        """Return the selected layer of a kind that is not ours, else the topmost one."""
        layers = self._session.viewer.layers
        ours = self._session.layers.own
        candidates = [layer for layer in layers if isinstance(layer, kind) and layer not in ours]
        active = layers.selection.active
        return active if active in candidates else next(reversed(candidates), None)

    # What the session tells

    def _show_size(self) -> None:
        for box, side in zip((self.rows, self.columns), self._session.scene.shape, strict=True):
            box.setValue(side)


def _side(value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, 32_768)
    box.setValue(value)
    box.setSuffix(" px")
    box.setToolTip("Rows and columns of a new canvas, in pixels of 0.25 µm.")
    return box
