"""What a network made of the same windows at each look: the truth above, a sample below, a slider."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from qtpy.QtWidgets import QLabel, QSizePolicy, QSlider, QToolButton, QVBoxLayout, QWidget

from napari_sharpgan.formats import read_image
from napari_sharpgan.run_folders.names import SAMPLES
from napari_sharpgan.widgets._newest import Newest
from napari_sharpgan.widgets._parts import row
from napari_sharpgan.widgets._training_kinds import GENERATOR, KindLook

REAL_HELP = "The real tissue of a few windows, held out of the training where there are enough images."


class Picture(QWidget):  # type: ignore[misc]
    """A picture as wide as its place, as high as it needs."""

    def __init__(self, tooltip: str) -> None:
        super().__init__()
        self.setToolTip(tooltip)
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_pixels(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show (H, W, 3) pixels, or nothing."""
        self._image = QImage() if pixels is None else qt_image(pixels)
        self.setVisible(pixels is not None)
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shape."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._image.width():
            self.setFixedHeight(round(self.width() * self._image.height() / self._image.width()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it smoothly."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self._image)
        painter.end()


class SampleStrip(QWidget):  # type: ignore[misc]
    """Real windows, the sample of a step, a slider through all steps; the newest until one goes back."""

    shown = Signal(object, object)  # pixels of the real windows and of the sample, (H, W, 3) uint8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self._above = GENERATOR.above
        self.steps: list[tuple[int, str]] = []  # step and name of the file
        self.real, self.sample = Picture(REAL_HELP), Picture(GENERATOR.sample_help)
        self.says = QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal, toolTip="Go through the samples of this run.")
        self.back = self._arrow("◀", "The sample before.", -1)
        self.forth = self._arrow("▶", "The next sample.", +1)
        self.slider.valueChanged.connect(self._load)
        self._reader = Newest(self, pause=0)
        self._reader.done.connect(self._show)
        self._reader.failed.connect(self._miss)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for part in (self.real, self.sample, row(self.back, self.slider, self.forth, self.says)):
            layout.addWidget(part)
        self.follow(None)

    @property
    def step(self) -> int | None:
        """The step whose sample is asked for."""
        return self.steps[self.slider.value()][0] if self.steps else None

    def follow(self, folder: Path | None, look: KindLook = GENERATOR) -> None:
        """Begin with the samples of another run, or of the same one anew."""
        self.folder, self.steps, self._above = folder, [], look.above
        self.sample.setToolTip(look.sample_help)
        self._reader.forget()
        for picture in (self.real, self.sample):
            picture.show_pixels(None)
        self._set_range()

    def add(self, events: list[dict[str, Any]]) -> None:
        """Take the samples that events name; at the end of the slider the newest is shown."""
        found = [(event["step"], str(event["sample"])) for event in events if event.get("sample")]
        if not found:
            return
        at_end = self.slider.value() == self.slider.maximum()
        self.steps += found
        self._set_range()
        if at_end and self.slider.value() != len(self.steps) - 1:
            self.slider.setValue(len(self.steps) - 1)
        else:
            self._load()

    def _set_range(self) -> None:
        self.setVisible(bool(self.steps))
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(self.steps) - 1))
        self.slider.blockSignals(False)
        self._say()

    def _arrow(self, text: str, tooltip: str, by: int) -> QToolButton:
        made = QToolButton(text=text, toolTip=tooltip, autoRaise=True)
        made.clicked.connect(partial(self._go, by))
        return made

    def _go(self, by: int, _clicked: bool = False) -> None:
        self.slider.setValue(self.slider.value() + by)

    def _say(self) -> None:
        place, count = self.slider.value(), len(self.steps)
        self.says.setText("" if self.step is None else f"step {self.step:,} · {place + 1} of {count}")
        self.back.setEnabled(place > 0)
        self.forth.setEnabled(place < count - 1)

    def _load(self, _place: int = 0) -> None:
        self._say()
        if self.folder is not None and self.steps:
            name = self.steps[self.slider.value()][1]
            self._reader.ask(partial(_read, self.folder / SAMPLES, self._above, name))

    def _show(self, read: tuple[Path, NDArray[np.uint8], NDArray[np.uint8]]) -> None:
        folder, real, sample = read
        if self.folder is None or folder != self.folder / SAMPLES:
            return
        self.real.show_pixels(real)
        self.sample.show_pixels(sample)
        self.shown.emit(real, sample)

    def _miss(self, error: BaseException) -> None:
        self.says.setText("this sample cannot be read")
        self.says.setToolTip(str(error))


def _read(folder: Path, above: str, name: str) -> tuple[Path, NDArray[np.uint8], NDArray[np.uint8]]:
    return folder, read_image(folder / above), read_image(folder / Path(name).name)


def qt_image(pixels: NDArray[np.uint8]) -> QImage:
    """Return pixels (H, W, 3) as a picture of Qt that has them for itself."""
    height, width = pixels.shape[:2]
    kept = np.ascontiguousarray(pixels)
    return QImage(kept.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
