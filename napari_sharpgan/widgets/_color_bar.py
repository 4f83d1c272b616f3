"""What colors mean: a bar from the smallest to the largest number."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.utils.colormaps import Colormap
from qtpy.QtCore import QPointF
from qtpy.QtGui import QColor, QLinearGradient, QPainter
from qtpy.QtWidgets import QHBoxLayout, QLabel, QWidget

HEIGHT = 12  # px
STOPS = 9


class ColorBar(QWidget):  # type: ignore[misc]
    """A bar in the colors of a colormap between two numbers.

    Parameters
    ----------
    colormap : Colormap
        A colormap of napari.
    """

    def __init__(self, colormap: Colormap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.low, self.high = QLabel(), QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.low)
        layout.addWidget(_Gradient(colormap), 1)
        layout.addWidget(self.high)

    def show_range(self, low: str, high: str) -> None:
        """Say what has the first and the last color."""
        self.low.setText(low)
        self.high.setText(high)


class _Gradient(QWidget):  # type: ignore[misc]
    """The colors, from left to right."""

    def __init__(self, colormap: Colormap) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        shares = np.linspace(0, 1, STOPS)
        self._stops = list(zip(shares.tolist(), colormap.map(shares), strict=True))

    def paintEvent(self, _event: Any) -> None:
        """Paint the colors."""
        gradient = QLinearGradient(QPointF(0, 0), QPointF(self.width(), 0))
        for share, color in self._stops:
            gradient.setColorAt(share, QColor.fromRgbF(*(float(part) for part in color)))
        painter = QPainter(self)
        painter.fillRect(self.rect(), gradient)
        painter.end()
