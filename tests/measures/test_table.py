import csv

import numpy as np
import pytest

from napari_sharpgan.measures import NucleusTable, measure_nuclei, write_table


def test_a_table_is_read_back_as_it_was(tmp_path):
    labels = np.zeros((20, 20), np.int32)
    labels[2:6, 3:9], labels[10:15, 4:7] = 3, 12
    table = measure_nuclei(labels)
    write_table(table, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["nucleus"] for row in rows] == ["3", "12"]
    assert [row["area"] for row in rows] == ["24", "15"]
    for name, values in table.columns.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values.tolist(), rel=1e-5)


def test_what_is_not_there_is_an_empty_cell(tmp_path):
    write_table(NucleusTable(np.array([1], np.int32), {"sharpness": np.array([np.nan])}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().splitlines() == ["nucleus,sharpness", "1,"]


def test_nothing_is_written_into_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_table(measure_nuclei(np.ones((3, 3), int)), tmp_path / "no" / "t.csv")
