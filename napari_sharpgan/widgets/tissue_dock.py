"""The dock *Tissue*: generator, device, stain, live rendering."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from napari.utils.notifications import show_error, show_info
from numpy.typing import ArrayLike
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QMessageBox,
    QProgressBar,
    QSpinBox,
    QWidget,
)

from napari_sharpgan._resources import SHIPPED, shipped_generators
from napari_sharpgan.formats import write_image, write_nuclei
from napari_sharpgan.formats.record import Nuclei
from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._parts import button, column, fold, note, row
from napari_sharpgan.widgets._synthesis_part import HELP, TITLE, SynthesisPart
from napari_sharpgan.widgets.session import session_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

DEVICES = ("auto", "cuda", "mps", "cpu")
AS_TRAINED = "as trained"
FEW = 4  # windows that are rendered so soon that nothing need be said


class TissueDock(QWidget):  # type: ignore[misc]
    """Choose what renders the tissue, and save it.

    Parameters
    ----------
    napari_viewer : napari Viewer
        Where the layers are.
    """

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self._tissue = self._session.tissue
        self._targets: list[Path] = []  # what is to be written as soon as the tissue is whole
        self.status = note("loading the generator …")
        self.progress = QProgressBar()
        self.progress.setVisible(False)
        self.generator = QComboBox()
        self.device = QComboBox()
        self.stain = QComboBox()
        self.live = QCheckBox("Live: the tissue follows every edit")
        self.seed = QSpinBox()
        self._fill()
        self.cancel = button("Cancel", "Leave what is not rendered yet as it is.", self._tissue.cancel)
        self.cancel.setVisible(False)
        self.many = SynthesisPart(self._session)
        many = fold(TITLE, self.many, tooltip=HELP["title"])
        many.toggled.connect(self.many.load)
        column(
            self,
            self.status,
            row(self.progress, self.cancel),
            self._form(),
            self.live,
            row(
                button("Render everything", "Render the whole canvas anew.", self._tissue.render_everything),
                button("Save…", "Save tissue, labels and outlines together, marked synthetic.", self._save),
            ),
            row(
                button("Open generator…", "Render with weights from a .safetensors file.", self._open),
                button("About it", "What the generator was trained on, and how well it does.", self._about),
            ),
            many,
        )
        self._connect(napari_viewer)

    def use_generator(self, path: Path) -> None:
        """Render with the weights in a file."""
        self._tissue.choose(generator=str(path))

    # How it is made

    def _fill(self) -> None:
        """Put choices and tooltips into the controls."""
        for name in sorted(shipped_generators(), key=lambda name: name != SHIPPED):
            self.generator.addItem(name, name)
        self.generator.setToolTip("The trained network that renders tissue from the distance map (G).")
        self.device.addItems(DEVICES)
        self.device.setToolTip("Where it is rendered; auto takes the fastest that this computer has.")
        self.stain.setToolTip("Render in the colors that the generator knows best, or in those of an image.")
        self.live.setChecked(self._tissue.live)
        self.live.setToolTip("Off: the tissue waits until Render everything or Save.")
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setToolTip("Another number gives another texture for the same nuclei.")
        self._list_stains()

    def _form(self) -> QWidget:
        holder = QWidget()
        form = QFormLayout(holder)
        form.setContentsMargins(0, 0, 0, 0)
        dice = button("Another", "Throw the dice for another variation.", self._throw)
        form.addRow("Generator", self.generator)
        form.addRow("Device", self.device)
        form.addRow("Stain", self.stain)
        form.addRow("Variation", row(self.seed, dice))
        return holder

    def _connect(self, viewer: ViewerModel) -> None:
        self.generator.activated.connect(lambda _: self._choose())
        self.device.activated.connect(lambda _: self._choose())
        self.stain.activated.connect(lambda _: self._choose())
        self.live.toggled.connect(lambda on: setattr(self._tissue, "live", on))
        self.seed.valueChanged.connect(self._tissue.vary)
        self.seed.valueChanged.connect(self.many.refresh)  # after that, which it reads
        self._tissue.chosen.connect(self._show_choice)
        self._tissue.ready.connect(self._show_device)
        self._tissue.progressed.connect(self._show_progress)
        self._tissue.failed.connect(self._show_failure)
        self._tissue.settled.connect(self._save_if_whole)
        self._connections = Connections()
        self._connections.add(self._list_stains, viewer.layers.events.inserted, viewer.layers.events.removed)
        self.destroyed.connect(self._connections.close)
        self._device = ""
        self._show_choice(self._tissue.settings)
        if self._tissue.trouble:
            self._show_failure(self._tissue.trouble)
        elif self._tissue.is_ready:
            self._show_device(self._tissue.device_words)

    # What the controls do

    def _choose(self) -> None:
        layer = self.stain.currentData()
        stain = None if layer is None else _stain(layer.data)
        self._tissue.choose(
            generator=self.generator.currentData(), device=self.device.currentText(), stain=stain
        )

    def _throw(self) -> None:
        self.seed.setValue(int(np.random.default_rng().integers(10_000)))

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open generator", "", "Weights (*.safetensors)")
        if name:
            self.use_generator(Path(name))

    def _about(self) -> None:
        from napari_sharpgan.rendering.weights import card_text

        try:
            text = card_text(self.generator.currentData())
        except (ValueError, OSError) as error:
            show_error(str(error))
            return
        QMessageBox.about(self, self.generator.currentText(), text)

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save tissue", "tissue.png", "Images (*.png *.tif)")
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write tissue, label image and outlines beside each other; the picture is marked synthetic.

        A nucleus has the same number in label image and outlines. What is not rendered yet is rendered first.
        """
        self._session.finish()
        self._targets.append(path)
        self._tissue.finish()
        if self._tissue.is_busy:
            self.status.setText(f"{path.name} is saved as soon as its tissue is rendered …")
        else:
            self._save_if_whole()

    def _save_if_whole(self) -> None:
        """Write what waits to be written, or say that it cannot be."""
        if not self._targets:
            return
        outlines = self._session.outlines  # lets nuclei that come in turns come at once, to be rendered too
        if self._tissue.is_busy:
            return
        targets, self._targets = self._targets, []
        for path in targets:
            if self._tissue.is_whole:
                self._write(path, outlines)
            else:
                show_error(f"{path.name} was not saved: not all of the tissue is rendered")

    def _write(self, path: Path, outlines: Nuclei) -> None:
        pixels, size = np.asarray(self._session.scene.labels), outlines.micrometers_per_pixel
        labels = Nuclei(labels=pixels, info=outlines.info, micrometers_per_pixel=size)
        try:
            write_image(np.asarray(self._session.layers.tissue.data), path, self._tissue.note)
            write_nuclei(labels, path.with_name(f"{path.stem}_labels.tif"))
            write_nuclei(outlines, path.with_name(f"{path.stem}.geojson"))
        except (OSError, ValueError) as error:
            show_error(str(error))
            return
        show_info(f"saved {path.name}, {path.stem}_labels.tif and {path.stem}.geojson")

    # What the session tells

    def _list_stains(self, _: Any = None) -> None:
        """Offer the stain of each color image that is open."""
        chosen = self.stain.currentData()
        self.stain.clear()
        self.stain.addItem(AS_TRAINED, None)
        for layer in self._session.viewer.layers:
            color = isinstance(layer, Image) and layer.rgb and not layer.multiscale
            if color and layer not in self._session.layers:
                self.stain.addItem(f"of {layer.name}", layer)
        self.stain.setCurrentIndex(max(0, self.stain.findData(chosen)))

    def _show_choice(self, settings: dict[str, Any]) -> None:
        """Show the generator that is wanted, wherever it was chosen; a file is added to the list."""
        self.status.setText("loading the generator …")
        name = settings["generator"]
        if name is not None and self.generator.findData(name) < 0:
            self.generator.addItem(_words(name), name)
        self.generator.setCurrentIndex(max(0, self.generator.findData(name)))

    def _show_device(self, words: str) -> None:
        self._device = words
        self.status.setText(f"tissue on {words}")

    def _show_progress(self, left: int, seconds: float) -> None:
        total = max(left, self.progress.maximum() if self.progress.isVisible() else left)
        for busy in (self.progress, self.cancel):
            busy.setVisible(left > FEW)
        self.progress.setMaximum(max(total, 1))
        self.progress.setValue(total - left)
        if left == 0 and seconds:
            self.status.setText(f"tissue {1000 * seconds:.0f} ms · {self._device}")

    def _show_failure(self, message: str) -> None:
        """Say why there is no other tissue, and show what it is rendered with still."""
        self.status.setText(message)
        settings = self._tissue.settings
        self.generator.setCurrentIndex(max(0, self.generator.findData(settings["generator"])))
        self.device.setCurrentText(settings["device"])
        if settings["stain"] is None:
            self.stain.setCurrentIndex(0)


def _words(generator: Any) -> str:
    """Return what to call a generator: a file, one of a training run, or a network made in the console."""
    if not isinstance(generator, str | Path):
        return type(generator).__name__
    path = Path(generator)
    return path.parents[1].name if path.parent.name == "checkpoints" else path.stem


def _stain(image: ArrayLike) -> tuple[float, ...]:
    """Return the stain of the data of a color layer: uint8, or floats in [0, 1]."""
    from napari_sharpgan.data import stain_of

    pixels = np.asarray(image)[..., :3]
    if pixels.dtype.kind == "f":
        pixels = np.clip(pixels * 255, 0, 255)
    return tuple(float(value) for value in stain_of(pixels.astype(np.uint8)))
