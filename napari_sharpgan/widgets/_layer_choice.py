"""A combo box of layers that follows the viewer's layer list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_sharpgan.widgets._connections import Connections

if TYPE_CHECKING:
    from napari.components import LayerList
    from napari.layers import Layer


class LayerChoice(QComboBox):  # type: ignore[misc]
    """Choose one of the layers that fit; what a person chose stays until the layer is gone.

    Parameters
    ----------
    layers : LayerList
        The layers of a viewer.
    fits : callable
        Whether a layer is offered.
    rank : callable
        Until a person chooses, the layer of highest rank is: among equals the one that was already, else the
        topmost.
    nothing : str
        Words of an entry for no layer, which is chosen until a person chooses; without them there is none.
    named : callable
        What a layer is called here; by default its name.
    """

    layer_changed = Signal(object)  # the layer that is chosen now, or None

    def __init__(
        self,
        layers: LayerList,
        fits: Callable[[Layer], bool],
        *,
        rank: Callable[[Layer], int] = lambda _: 0,
        nothing: str = "",
        named: Callable[[Layer], str] = lambda layer: str(layer.name),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._layers, self._fits, self._rank, self._nothing = layers, fits, rank, nothing
        self._named = named
        self._offered: list[Any] = []
        self._by_hand: Any = None
        self.layer: Any = None
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(self._on_activated)
        events = layers.events
        self._connections = Connections()
        self._connections.add(self.refill, events.inserted, events.removed, events.reordered, events.renamed)
        self.destroyed.connect(self._connections.close)
        self.refill()

    def choose(self, layer: Any) -> None:
        """Choose a layer as a person would; None is no layer, where that is offered."""
        self._by_hand = layer
        self.refill()

    def refill(self, _: Any = None) -> None:
        """Offer what fits now."""
        fitting = [layer for layer in reversed(self._layers) if self._fits(layer)]
        self._offered = [None, *fitting] if self._nothing else fitting
        if self._by_hand not in fitting:
            self._by_hand = None
        self._show(self._preferred())

    def _preferred(self) -> Any:
        """Return the layer to show."""
        if self._by_hand is not None or self._nothing or not self._offered:
            return self._by_hand
        best = max(self._rank(layer) for layer in self._offered)
        equals = [layer for layer in self._offered if self._rank(layer) == best]
        return self.layer if self.layer in equals else equals[0]

    def _show(self, layer: Any) -> None:
        names = [self._nothing if offered is None else self._named(offered) for offered in self._offered]
        self.blockSignals(True)
        self.clear()
        self.addItems(names)
        self.setCurrentIndex(self._offered.index(layer) if layer in self._offered else -1)
        self.blockSignals(False)
        if layer is not self.layer:
            self.layer = layer
            self.layer_changed.emit(layer)

    def _on_activated(self, index: int) -> None:
        self.choose(self._offered[index])
