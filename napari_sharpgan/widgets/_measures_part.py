"""The part *Measures* of the Nuclei dock: a table of nuclei, colors by what was measured, CSV."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.colormaps import Colormap
from napari.utils.notifications import show_error, show_info
from qtpy.QtWidgets import QApplication, QComboBox, QFileDialog, QVBoxLayout, QWidget

from napari_sharpgan.measures import MEASURES, NucleusTable, write_table
from napari_sharpgan.widgets._chosen import is_picture
from napari_sharpgan.widgets._color_bar import ColorBar
from napari_sharpgan.widgets._fly import Flight
from napari_sharpgan.widgets._layer_choice import LayerChoice
from napari_sharpgan.widgets._measured import MeasuredNuclei, fits
from napari_sharpgan.widgets._parts import button, fold, labeled, row, words
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._table import Column
from napari_sharpgan.widgets._table import NucleusTable as Table

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

FOLDER = "measures/folder"
LABEL_WIDTH = 56  # px, so that what stands below each other is in line
TABLE_HEIGHT = 170  # px
BY_CLASS, ALIKE = "class", "nothing"  # what colors go by, beside the measures
OUTLIERS = 2  # % of the nuclei on each side that have the first or the last color with others
COLORS = Colormap([[0.0, 0.55, 1.0, 1.0], [0.1, 0.85, 0.75, 1.0], [1.0, 0.9, 0.0, 1.0]], name="measures")
FORMS = {
    "row": "{:.1f}",
    "column": "{:.1f}",
    "area": "{:.0f}",
    "area_um2": "{:.1f}",
    "perimeter": "{:.1f}",
    "perimeter_um": "{:.1f}",
    "diameter": "{:.1f}",
    "diameter_um": "{:.1f}",
    "neighbors": "{:.0f}",
}
INSTEAD = {"area": "area_um2", "perimeter": "perimeter_um", "diameter": "diameter_um"}


class MeasuresPart(QWidget):  # type: ignore[misc]
    """Show what is measured of each nucleus of a session, in a group that folds.

    Parameters
    ----------
    session : Session
        Whose nuclei are measured.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.measured = MeasuredNuclei(session, self)
        self._flight = Flight(session.viewer, self)
        self._wants_image = True
        self._target: Path | None = None  # of a table that is to be written as soon as it is up to date
        self._shown: list[str] = []  # measures that colors can go by now
        self._writing = Background(self)
        self._writing.done.connect(lambda path: show_info(f"{path.name} is written"))
        self._writing.failed.connect(lambda error: show_error(str(error)))
        self._make()
        content = QWidget()
        for owner, parts in ((content, self._parts()), (self, [self._fold(content)])):
            layout = QVBoxLayout(owner)
            layout.setContentsMargins(0, 0, 0, 0)
            for part in parts:
                layout.addWidget(part)
        self._connect()
        self._choose_image()
        self._show()

    def _make(self) -> None:
        session = self._session
        self.image = LayerChoice(
            session.viewer.layers, self._is_offered, nothing="none: form only", parent=self
        )
        self.image.setToolTip("Where stain, contrast and sharpness are measured: tissue, or an H&E image.")
        self.color = QComboBox()
        self.color.setToolTip("What the color of an outline says; selected nuclei are white.")
        self.color.setMinimumContentsLength(8)
        self.bar = ColorBar(COLORS)
        self.bar.setToolTip(f"{OUTLIERS} % of the nuclei lie beyond on each side, in the outermost colors.")
        self.table = Table(self._columns(None, ""), sort_by=0, parent=self)
        self.table.setToolTip("Click a nucleus, or go to it by the arrow keys, to fly there and select it.")
        self.table.setFixedHeight(TABLE_HEIGHT)
        self.said, self.size = words(), words()

    def _parts(self) -> list[QWidget]:
        saving = "Save all measures of all nuclei, a row each."
        copying = "Copy the command that measures the same files."
        return [
            labeled("Image", self.image, LABEL_WIDTH),
            labeled("Color by", self.color, LABEL_WIDTH),
            self.bar,
            self.table,
            self.said,
            self.size,
            row(button("Save CSV…", saving, self.ask), button("Copy command", copying, self._copy_command)),
        ]

    def _fold(self, content: QWidget) -> QWidget:
        tip = "Size, form, neighbors, stain and sharpness of each nucleus."
        self.fold = fold("Measures", content, tooltip=tip)
        return self.fold

    def _connect(self) -> None:
        self.fold.toggled.connect(self._tell_wish)
        self.image.layer_changed.connect(self.measured.measure_in)
        self.image.activated.connect(self._note_wish)
        self.color.activated.connect(self._recolor)
        self.table.nucleus_chosen.connect(self._go_to)
        self.measured.changed.connect(self._show)
        self.measured.failed.connect(self._show_failure)
        self._session.scene_replaced.connect(self._choose_image)
        self._session.tools.selection_changed.connect(self._show_selection)

    # Where it is measured

    def _is_offered(self, layer: Any) -> bool:
        return is_picture(layer) and fits(layer, self._session.scene.shape) and not self._is_map(layer)

    def _is_map(self, layer: Any) -> bool:
        layers = self._session.layers
        return layer in layers and layer not in layers.own[:1]

    def _note_wish(self) -> None:
        self._wants_image = self.image.layer is not None

    def _choose_image(self) -> None:
        """Choose the image that the nuclei lie on, else the tissue, unless a person wants none."""
        image, own = self._session.documents.image, self._session.layers.own
        self.image.refill()
        if self._wants_image and own and self.image.layer is None:
            self.image.choose(image if image in self._session.viewer.layers else self._session.layers.tissue)

    def _tell_wish(self) -> None:
        """Let nuclei be measured while somebody sees it, in the table or in colors."""
        self.measured.is_wanted = self.fold.isExpanded() or self.colored_by in MEASURES or bool(self._target)

    # What is shown

    @property
    def colored_by(self) -> str:
        """What colors go by: a name in ``MEASURES``, "class" or "nothing"."""
        return str(self.color.currentData() or BY_CLASS)

    def _show(self) -> None:
        """Show what is known now, or that it is being measured."""
        table, size = self.measured.table, self.measured.micrometers_per_pixel
        self._offer_colors([] if table is None else [*table.columns])
        known = "In px: the size of a pixel is not known." if size is None else f"1 px is {size:.4g} µm."
        self.size.setText(known)
        self._session.describe(table)
        self._recolor()
        self._show_selection()
        if table is not None and self._target is not None and self.measured.is_current:
            self._write(table)

    def _offer_colors(self, names: list[str]) -> None:
        """Offer to color by what is measured; what was chosen stays, if it is."""
        offered = [n for n in names if n not in ("row", "column") and INSTEAD.get(n) not in names]
        if self.color.count() and (not names or offered == self._shown):
            return
        chosen, self._shown = self.colored_by, offered
        self.color.clear()
        self.color.addItem("Class", BY_CLASS)
        self.color.addItem("Nothing: all alike", ALIKE)
        for name in offered:
            self.color.addItem(titled(name), name)
        self.color.setCurrentIndex(max(self.color.findData(chosen), 0))

    def _recolor(self, _: int = 0) -> None:
        """Color the outlines, and show table and range for what they are colored by."""
        table, name = self.measured.table, self.colored_by
        known = table is not None and name in table.columns
        if known:
            assert table is not None
            low, high = self._range(table[name])
            numbers = dict(zip(table.keys.tolist(), table[name].tolist(), strict=True))
            self._session.color_by(numbers, COLORS, limits=(low, high))
            self.bar.show_range(written(name, low), written(name, high))
        elif name not in MEASURES:
            self._session.color_by(None, by_class=name == BY_CLASS)
        self.bar.setVisible(known)
        self._fill(table, name)
        self._tell_wish()

    def _range(self, values: Any) -> tuple[float, float]:
        """Return what has the first and the last color."""
        finite = values[np.isfinite(values)]
        low, high = np.percentile(finite, [OUTLIERS, 100 - OUTLIERS]) if finite.size else (0.0, 1.0)
        return float(low), float(high)

    def _fill(self, table: NucleusTable | None, name: str) -> None:
        columns = self._columns(table, name)
        if table is None:
            self.table.show_numbers(*[np.empty(0, int)] * len(columns), columns=columns)
        else:
            values = [table[measure] for measure in _listed(table, name)]
            self.table.show_numbers(table.keys, *values, columns=columns)

    def _columns(self, table: NucleusTable | None, name: str) -> list[Column]:
        first = Column("Nucleus", "Number of the nucleus: its value in the labels layer")
        return [first, *map(_column, _listed(table, name))]

    def _show_selection(self) -> None:
        """Mark the nucleus that is selected, and say all that is known of it."""
        selected, table = self._session.selected, self.measured.table
        key = selected[0] if len(selected) == 1 else None
        self.table.mark(key)
        if table is None:
            self.said.setText("Measuring …")
        elif key is not None and key in table.keys:
            self.said.setText(f"Nucleus {key}: {' · '.join(_sentences(table, key, self._shown))}")
        else:
            self.said.setText(f"{len(table):,} nuclei; select one to read all of it.")

    def _show_failure(self, error: BaseException) -> None:
        if not isinstance(error, ValueError | TypeError | OSError):
            raise error
        self._target = None
        self._show()
        self.said.setText(f"{str(error)[:1].upper()}{str(error)[1:]}.")

    # What the buttons do

    def _go_to(self, label: int) -> None:
        self._session.select([label])
        self._flight.to_label(self._session.layers.labels, label)

    def ask(self) -> None:
        """Ask for a file and write the table to it."""
        stem = self._session.documents.name.split(".")[0] or "nuclei"
        place = str(Path(remembered(FOLDER)) / f"{stem}.csv")
        name, _ = QFileDialog.getSaveFileName(self.window(), "Save measures", place, "Table (*.csv)")
        if name:
            path = Path(name)
            remember(FOLDER, str(path.parent))
            self.save(path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv"))

    def save(self, path: Path) -> None:
        """Write the table to a file as soon as it is that of the nuclei as they are."""
        self._target = path
        self._tell_wish()
        if self.measured.is_current and self.measured.table is not None:
            self._write(self.measured.table)

    def _write(self, table: NucleusTable) -> None:
        path, self._target = self._target, None
        assert path is not None

        def write() -> Path:
            write_table(table, path)
            return path

        self._writing.submit(write)
        self._tell_wish()

    def _copy_command(self) -> None:
        current, image = self._session.documents.current, self.image.layer
        nuclei = str(current.path) if current is not None and current.path else "nuclei.geojson"
        options = [] if image is None else ["--image", str(image.source.path or f"{image.name}.tif")]
        if self.measured.micrometers_per_pixel is not None:
            options += ["--micrometers-per-pixel", f"{self.measured.micrometers_per_pixel:g}"]
        command = ["sharpgan", "measure", nuclei, *options, "--out", "measures.csv"]
        QApplication.clipboard().setText(shlex.join(command))
        show_info("the command is on the clipboard")


def titled(name: str) -> str:
    """Return the title of a measure with its unit."""
    measure = MEASURES[name]
    return f"{measure.title}, {measure.unit}" if measure.unit else measure.title


def written(name: str, value: float) -> str:
    """Return a number with its unit."""
    if value != value:
        return "–"
    return f"{FORMS.get(name, '{:.2f}').format(value)} {MEASURES[name].unit}".rstrip()


def _sentences(table: NucleusTable, key: int, names: list[str]) -> list[str]:
    """Return what measures say of a nucleus."""
    place = int(np.searchsorted(table.keys, key))
    titles = [MEASURES[name].title for name in names]
    values = [written(name, table[name][place]) for name in names]
    return [f"{title[0].lower()}{title[1:]} {value}" for title, value in zip(titles, values, strict=True)]


def _listed(table: NucleusTable | None, name: str) -> list[str]:
    """Return the few measures that the table shows: the one that colors go by among them."""
    has_size = table is not None and "area_um2" in table.columns
    usual = ["area_um2" if has_size else "area", "eccentricity", "solidity"]
    is_other = table is not None and name in table.columns and name not in usual
    return [usual[0], name] if is_other else usual


def _column(name: str) -> Column:
    measure = MEASURES[name]
    title = f"{measure.title} {measure.unit}" if name.startswith("area") else measure.title
    tip = f"{titled(name)}. {measure.meaning}"
    return Column(title, tip, FORMS.get(name, "{:.2f}"), descending=name.startswith("area"))
