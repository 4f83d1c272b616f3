"""The error layer of the Score dock and the box that shows and hides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.layers import Labels
from qtpy.QtWidgets import QCheckBox

from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._error_layer import ErrorLayer

if TYPE_CHECKING:
    from napari_sharpgan.widgets._score_work import Result
    from napari_sharpgan.widgets.session import Session


class ShownErrors:
    """Show the errors of a result as a layer, unless a person hid or deleted it.

    Parameters
    ----------
    session : Session
        In whose viewer it stands, below its outlines.
    box : QCheckBox
        Says whether it is seen.
    """

    def __init__(self, session: Session, box: QCheckBox) -> None:
        self._session, self._box = session, box
        self._errors = ErrorLayer(session.viewer)
        self._is_wanted = True
        self._result: Result | None = None
        self._masks: tuple[Any, Any] | None = None  # whose errors are shown
        self._lasting, self._followed = Connections(), Connections()
        self._lasting.add(self._on_removed, session.viewer.layers.events.removed)
        box.toggled.connect(self._show_or_hide)
        box.destroyed.connect(self._lasting.close)
        box.destroyed.connect(self._followed.close)
        self._follow_eye()

    @property
    def is_seen(self) -> bool:
        """Whether the layer is there and visible."""
        layer = self._errors.layer
        return bool(layer is not None and self._errors.is_there and layer.visible)

    def want(self) -> None:
        """Let a layer that was deleted come back."""
        self._is_wanted = True

    def show(self, result: Result) -> None:
        """Show the errors of masks, on the grid of the true one; nothing for images."""
        if result.errors is None:
            self.clear()
            return
        self._result = result
        masks = (result.compared.true, result.compared.predicted)
        if not self._is_wanted or not self._box.isChecked():
            return
        is_new = not self._errors.is_there or masks != self._masks
        own = self._session.layers.own
        self._errors.show(result.errors, result.compared.true)
        if is_new:
            self._masks = masks
            self._hide_masks(result)
            self._errors.rise(self._session.layers.nuclei if own else None)
        self._follow_eye()

    def clear(self) -> None:
        """Show nothing."""
        self._result = None
        self._errors.clear()

    def _follow_eye(self) -> None:
        """Listen to the eye of the layer in napari's list."""
        self._followed.close()
        if self._errors.layer is not None:
            self._followed.add(self._show_state, self._errors.layer.events.visible)

    def _hide_masks(self, result: Result) -> None:
        """Hide the masks, whose many colors would cover what the colors of the errors say."""
        for layer in result.compared.layers:
            if isinstance(layer, Labels):
                layer.visible = False

    def _show_or_hide(self, on: bool) -> None:
        if on and self._result is not None:
            self._is_wanted = True
            self.show(self._result)
        if self._errors.layer is not None and self._errors.is_there:
            self._errors.layer.visible = on

    def _show_state(self, _: Any = None) -> None:
        layer: Any = self._errors.layer
        self._box.setChecked(bool(layer.visible))

    def _on_removed(self, event: Any) -> None:
        """Do not bring back a layer that a person deleted, until it is asked for."""
        if event.value is self._errors.layer:
            self._is_wanted = False
