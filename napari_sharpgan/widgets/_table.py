"""A sorted table of nuclei that stays quick with many thousands of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

UNKNOWN = "–"
_RIGHT = 0x82  # Qt.AlignRight | Qt.AlignVCenter as a number: PyQt5 and PyQt6 make one in different ways


@dataclass(frozen=True)
class Column:
    """A column: its title, what it says, how a number is written, and whether large ones come first.

    ``form`` is a format or a function; ``mark`` returns a picture that stands before what is written.
    """

    title: str
    tip: str
    form: str | Callable[[Any], str] = "{}"
    descending: bool = False
    mark: Callable[[Any], Any] | None = None

    def written(self, value: Any) -> str:
        """Return what stands in a cell."""
        if value != value:
            return UNKNOWN
        return self.form(value) if callable(self.form) else self.form.format(value)


class NucleusModel(QAbstractTableModel):  # type: ignore[misc]
    """Numbers of nuclei, a row each; the first column is the label.

    Parameters
    ----------
    columns : list of Column
        What the columns are.
    sort_by : int
        The column by which rows are sorted at first.
    """

    def __init__(self, columns: list[Column], sort_by: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._values: list[NDArray[Any]] = [np.empty(0, int) for _ in columns]
        self._sorting = (sort_by, columns[sort_by].descending)

    @property
    def labels(self) -> NDArray[Any]:
        """Labels in the order of the rows."""
        return self._values[0]

    def show(self, *values: NDArray[Any], columns: list[Column] | None = None) -> None:
        """Show other numbers, an array (K,) for each column, sorted as before; or as many other columns."""
        self.beginResetModel()
        self._columns = self._columns if columns is None else columns
        self._values = list(values)
        self._sort()
        self.endResetModel()

    def row_of(self, label: int) -> int | None:
        """Return the row of a nucleus, or None if it has none."""
        found = np.flatnonzero(self.labels == label)
        return int(found[0]) if found.size else None

    def _sort(self) -> None:
        column, descending = self._sorting
        values = self._values[column]
        order = np.argsort(-values if descending else values, kind="stable")
        self._values = [numbers[order] for numbers in self._values]

    # What Qt asks for

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.labels)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column, value = self._columns[index.column()], self._values[index.column()][index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return column.written(value)
        if role == Qt.ItemDataRole.DecorationRole and column.mark is not None:
            return column.mark(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        return None

    def headerData(self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[section].tip
        return None

    def sort(self, column: int, order: Any = Qt.SortOrder.AscendingOrder) -> None:
        self._sorting = (column, order == Qt.SortOrder.DescendingOrder)
        self.beginResetModel()
        self._sort()
        self.endResetModel()


class NucleusTable(QTableView):  # type: ignore[misc]
    """A table of nuclei in which one can be chosen by mouse or arrow keys; the choice survives new numbers.

    Parameters
    ----------
    columns : list of Column
        What the columns are; the first is the label.
    sort_by : int
        The column by which rows are sorted at first.
    """

    nucleus_chosen = Signal(object)  # an int of any size: the label that a person chose

    def __init__(self, columns: list[Column], sort_by: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chosen: int | None = None
        self.numbers = NucleusModel(columns, sort_by, self)
        self.setModel(self.numbers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        descending = columns[sort_by].descending
        header.setSortIndicator(
            sort_by, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        )
        self.setSortingEnabled(True)
        self.numbers.modelReset.connect(self._show_choice)
        self.clicked.connect(lambda index: self._choose_row(index.row()))

    def show_numbers(self, *values: NDArray[Any], columns: list[Column] | None = None) -> None:
        """Show other numbers, an array (K,) for each column; or as many other columns."""
        self.numbers.show(*values, columns=columns)

    def mark(self, label: int | None) -> None:
        """Mark the row of a nucleus that was chosen elsewhere, or none."""
        if label != self.chosen:
            self.chosen = label
            self._show_choice()

    def clear_numbers(self) -> None:
        """Show no nuclei."""
        self.numbers.show(*[np.empty(0, int)] * self.numbers.columnCount())

    def choose(self, label: int) -> None:
        """Choose a nucleus as a person would."""
        self.chosen = label
        self._show_choice()
        self.nucleus_chosen.emit(label)

    def keyPressEvent(self, event: Any) -> None:
        """Choose the nucleus that the arrow keys went to."""
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() not in (before, -1):
            self._choose_row(self.currentIndex().row())

    def _show_choice(self) -> None:
        """Mark the row of the chosen nucleus."""
        row = None if self.chosen is None else self.numbers.row_of(self.chosen)
        if row is None:
            self.clearSelection()
        else:
            self.selectRow(row)

    def _choose_row(self, row: int) -> None:
        self.chosen = int(self.numbers.labels[row])
        self.nucleus_chosen.emit(self.chosen)
