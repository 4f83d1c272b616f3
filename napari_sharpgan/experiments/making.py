"""How every table is made: refuse what does not fit, make the rows that are missing, write, draw."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

from napari_sharpgan.experiments.results import Result, Work
from napari_sharpgan.experiments.rows import Evaluate, Row, TableStep, finished_rows, make_rows
from napari_sharpgan.experiments.table import Form, Table, lines_of, write_table

Draw = Callable[[Mapping[Row, Result], Work], Generator[str, None, None]]


def make_table(
    form: Form, asked: Sequence[Row], known: Sequence[Row], work: Work, evaluate: Evaluate, draw: Draw
) -> Generator[TableStep, None, Table]:
    """Make the rows that are asked for, and a table of all that are finished.

    Parameters
    ----------
    form : Form
        What table.
    asked, known : sequence of Row
        Rows to make, and all that may be there already, in the order of the table.
    work, evaluate
        See `make_rows`.
    draw : callable
        Draws the figures of finished rows, saying which.

    Returns
    -------
    Table
        With all rows that are finished; it is written, and drawn unless it was stopped.
    """
    before = finished_rows(known, work)  # one that does not fit is told before time is spent
    there = before | (yield from make_rows(asked, before, work, evaluate))
    finished = {row: there[row] for row in known if row in there}
    table = Table(form, lines_of(finished), work.test)
    if finished:
        write_table(table, work.out)
    if finished and not work.should_stop():
        for doing in draw(finished, work):
            yield TableStep(0, len(asked), "figures", doing)
            if work.should_stop():
                break
    return table
