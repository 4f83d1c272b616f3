"""What to make in bulk: tiles or a slide, how many or how large, where."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from napari_sharpgan.nuclei import MICRONS_PER_PIXEL
from napari_sharpgan.synthesis import There, TileSettings
from napari_sharpgan.widgets._form import ConfigForm
from napari_sharpgan.widgets._parts import words
from napari_sharpgan.widgets._path_row import FolderRow
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._synthesis_wish import Look, SlideWish, TilesWish, Wish

SLIDE = ".ome.zarr"
TILES_KIND, SLIDE_KIND = "tiles", "slide"
KINDS = {TILES_KIND: "Labeled tiles", SLIDE_KIND: "A whole slide"}
MOST_TILES, MOST_PIXELS, MOST_WORKERS = 100_000_000, 200_000, 256
HELP = {
    "kind": "Many small pictures with their nuclei, to train networks on; or one large one, with nuclei too.",
    "count": "How many tiles there are to be. More can be asked for later: those that are there stay.",
    "side": "Rows and columns of the slide in pixels, at 0.25 µm as of a 40× objective.",
    "workers": "How many processes work at the same time. One renders with all cores; several also draw and "
    "write at the same time, and need the extra “cluster”.",
}
WHERE = {
    TILES_KIND: "Folder for the tiles. One that has some already is gone on with.",
    SLIDE_KIND: "Where the slide is written, ….ome.zarr. One that was begun is gone on with.",
}


class SynthesisSettings(QWidget):  # type: ignore[misc]
    """A form; what it says is a `Wish`."""

    changed = Signal()  # by the user
    moved = Signal()  # another place

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shard: int | None = None
        self.kind = QComboBox(toolTip=HELP["kind"])
        for name, title in KINDS.items():
            self.kind.addItem(title, name)
        self.count = _spin(1, MOST_TILES, 1000, HELP["count"])
        said = {"size": "Size, px", "format": "Files"}
        self.tiles = ConfigForm(TileSettings(), ("size", "format"), said)
        self.rows, self.columns = (_spin(32, MOST_PIXELS, 16_384, HELP["side"]) for _ in range(2))
        self.extent = words()
        self.extent.setToolTip(HELP["side"])
        self.where = OutRow()
        self.workers = _spin(1, MOST_WORKERS, 1, HELP["workers"])
        self._parts = {TILES_KIND: self._tiles_part(), SLIDE_KIND: self._slide_part()}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (
            _form(("Make", self.kind)),
            *self._parts.values(),
            _form(("Where", self.where), ("Workers", self.workers)),
        ):
            layout.addWidget(part)
        labels = [label for label in self.findChildren(QLabel) if label is not self.extent]
        width = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setFixedWidth(width)  # so that all controls stand below each other
        self._come_back()
        self._connect()

    def _tiles_part(self) -> QWidget:
        holder = _form(("How many", self.count))
        holder.layout().addRow(self.tiles.native)
        return holder

    def _slide_part(self) -> QWidget:
        for spin in (self.rows, self.columns):
            spin.setSuffix(" px")
        return _form(("Rows", self.rows), ("Columns", self.columns), ("", self.extent))

    def _connect(self) -> None:
        self.kind.activated.connect(self._turn)
        self.where.chosen.connect(self._move)
        self.tiles.changed.connect(lambda _: self.changed.emit())
        for spin in (self.count, self.rows, self.columns, self.workers):
            spin.valueChanged.connect(self._change)

    # What it says

    @property
    def is_slide(self) -> bool:
        """Whether a slide is to be made."""
        return bool(self.kind.currentData() == SLIDE_KIND)

    @property
    def out(self) -> Path | None:
        """Where; None where nobody said yet."""
        path = self.where.path
        if path is not None and self.is_slide and not path.name.lower().endswith(SLIDE):
            path = path.with_name(path.name + SLIDE)
        return path

    def wish(self, look: Look) -> Wish:
        """Return what is to be made."""
        if self.is_slide:
            return SlideWish(self.out, look, self.workers.value(), (self.rows.value(), self.columns.value()))
        tiles = self.tiles.value
        return TilesWish(
            self.out, look, self.workers.value(), self.count.value(), tiles.size, tiles.format, self._shard
        )

    def show_there(self, there: There | None) -> None:
        """Say how large that is which is there already, so that it can be gone on with."""
        self._shard = None
        if there is None:
            return
        blocked = [spin.blockSignals(True) for spin in (self.count, self.rows, self.columns)]
        if self.is_slide:
            self.rows.setValue(there.settings["shape"][0])
            self.columns.setValue(there.settings["shape"][1])
        else:
            self._shard = int(there.settings["shard"])
            self.count.setValue(there.total)
            asked = {name: there.settings[name] for name in ("size", "format")}
            self.tiles.value = replace(self.tiles.value, **asked)
        for spin, before in zip((self.count, self.rows, self.columns), blocked, strict=True):
            spin.blockSignals(before)
        self._show_extent()

    def keep(self) -> None:
        """Remember what was begun, for the next time."""
        remember("synthesis/kind", self.kind.currentData())
        remember(f"synthesis/{self.kind.currentData()}", str(self.out or ""))

    # How it changes

    def _come_back(self) -> None:
        self.kind.setCurrentIndex(max(0, self.kind.findData(remembered("synthesis/kind"))))
        self._show_kind()

    def _turn(self, _index: int) -> None:
        self._show_kind()
        self.moved.emit()
        self.changed.emit()

    def _show_kind(self) -> None:
        kind = self.kind.currentData()
        for name, part in self._parts.items():
            part.setVisible(name == kind)
        self.where.turn(kind, remembered(f"synthesis/{kind}"))
        self._show_extent()

    def _move(self, _path: object) -> None:
        self.moved.emit()
        self.changed.emit()

    def _change(self, _value: int) -> None:
        self._show_extent()
        self.changed.emit()

    def _show_extent(self) -> None:
        sides = (spin.value() * MICRONS_PER_PIXEL / 1000 for spin in (self.rows, self.columns))
        self.extent.setText(" × ".join(f"{side:.1f}" for side in sides) + " mm at 0.25 µm/px")


class OutRow(FolderRow):
    """A row to choose where tiles or a slide are written, which need not be there yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(WHERE[TILES_KIND], "a folder", parent)
        self._kind = ""
        self._typed: dict[str, Path | None] = {}

    def turn(self, kind: str, usual: str) -> None:
        """Ask for the place of another kind; what was typed for it before comes back, else what is usual."""
        if self._kind:
            self._typed[self._kind] = self.path
        self._kind, self._purpose = kind, WHERE[kind]
        self.line.setPlaceholderText(f"a name, such as slide{SLIDE}" if kind == SLIDE_KIND else "a folder")
        for part in (self, self.button):
            part.setToolTip(self._purpose)
        self.show_path(self._typed.get(kind, Path(usual) if usual else None))

    def _browse(self) -> None:
        if self._kind != SLIDE_KIND:
            super()._browse()
            return
        start = str(self.path or Path.home() / f"slide{SLIDE}")
        name, _ = QFileDialog.getSaveFileName(
            self,
            self._purpose,
            start,
            f"OME-Zarr (*{SLIDE})",
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if name:
            self.suggest(Path(name))


def _spin(low: int, high: int, value: int, tooltip: str) -> QSpinBox:
    spin = QSpinBox(minimum=low, maximum=high, value=value, toolTip=tooltip)
    spin.setGroupSeparatorShown(True)
    return spin


def _form(*rows: tuple[str, QWidget]) -> QWidget:
    holder = QWidget()
    form: Any = QFormLayout(holder)
    form.setContentsMargins(0, 0, 0, 0)
    for label, part in rows:
        form.addRow(QLabel(label, toolTip=part.toolTip()), part)
    return holder
