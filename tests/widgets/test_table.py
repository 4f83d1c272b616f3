"""The table of nuclei: sorted, quick, and true to the nucleus that was chosen."""

import time

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_sharpgan.widgets._table import Column, NucleusTable

COLUMNS = [Column("Nucleus", "label"), Column("Blur", "S", "{:.2f}", descending=True)]


@pytest.fixture
def table(qtbot):
    table = NucleusTable(COLUMNS, sort_by=1)
    qtbot.addWidget(table)
    table.resize(300, 400)
    table.show()
    return table


def cells(table, column):
    model = table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_rows_go_from_the_blurriest_to_the_sharpest(table):
    table.show_numbers(np.array([4, 5, 9]), np.array([1.0, 3.0, 2.0]))
    assert cells(table, 0) == ["5", "9", "4"]
    assert cells(table, 1) == ["3.00", "2.00", "1.00"]


def test_a_click_on_a_title_sorts_by_it_and_new_numbers_stay_sorted(qtbot, table):
    table.show_numbers(np.array([9, 4, 5]), np.array([1.0, 3.0, 2.0]))
    header = table.horizontalHeader()
    qtbot.mouseClick(
        header.viewport(),
        Qt.MouseButton.LeftButton,
        pos=header.viewport().rect().topLeft() + _into(header, 0),
    )
    assert cells(table, 0) in (["4", "5", "9"], ["9", "5", "4"])
    before = cells(table, 0)[0] < cells(table, 0)[-1]
    table.show_numbers(np.array([1, 3, 2]), np.array([1.0, 3.0, 2.0]))
    assert cells(table, 0) == (["1", "2", "3"] if before else ["3", "2", "1"])


def test_a_click_on_a_row_and_the_arrow_keys_choose_a_nucleus(qtbot, table):
    table.show_numbers(np.array([4, 5, 9]), np.array([1.0, 3.0, 2.0]))
    chosen = []
    table.nucleus_chosen.connect(chosen.append)
    place = table.visualRect(table.model().index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)  # there is no further row
    assert chosen == [9, 4]


def test_the_chosen_nucleus_stays_marked_when_its_row_moves(table):
    table.show_numbers(np.array([4, 5, 9]), np.array([1.0, 3.0, 2.0]))
    table.choose(4)
    heard = []
    table.nucleus_chosen.connect(heard.append)
    table.show_numbers(np.array([4, 5, 9]), np.array([8.0, 3.0, 2.0]))
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]
    table.show_numbers(np.array([5, 9]), np.array([3.0, 2.0]))
    assert table.selectionModel().selectedRows() == []
    assert heard == []


def test_ten_thousand_rows_are_there_at_once(qtbot, table):
    rng = np.random.default_rng(0)
    table.show_numbers(np.arange(10_000), rng.random(10_000))
    times = []
    for _ in range(5):
        start = time.thread_time()
        table.show_numbers(np.arange(10_000), rng.random(10_000))
        table.choose(77)
        times.append(time.thread_time() - start)
    assert min(times) < 0.1


def _into(header, section):
    from qtpy.QtCore import QPoint

    return QPoint(header.sectionViewportPosition(section) + 8, header.height() // 2)
