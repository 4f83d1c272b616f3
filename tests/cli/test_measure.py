import csv

import numpy as np
import pytest

from napari_sharpgan.formats import Nuclei, write_nuclei
from napari_sharpgan.nuclei import polygonize


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_has_a_row_a_nucleus(sharpgan, tmp_path, nuclei_file, tissue_file):
    out = tmp_path / "t.csv"
    ended = sharpgan(
        "measure", nuclei_file, "--image", tissue_file, "--micrometers-per-pixel", 0.5, "--out", out
    )
    assert ended.status == 0, ended.err
    assert "3 nuclei" in ended.out
    rows = rows_of(out)
    assert [row["nucleus"] for row in rows] == ["1", "2", "3"]
    assert [row["area_um2"] for row in rows] == ["20", "20", "36"]
    assert [row["neighbors"] for row in rows] == ["1", "1", "0"]
    assert all(float(row["hematoxylin"]) > 0.3 for row in rows)


def test_the_size_of_a_pixel_is_that_of_the_file_unless_it_is_given(sharpgan, tmp_path, labels):
    source, out = tmp_path / "n.geojson", tmp_path / "t.csv"
    nuclei = Nuclei(polygons=polygonize(labels), shape=labels.shape, micrometers_per_pixel=0.25)
    write_nuclei(nuclei, source)
    assert sharpgan("measure", source, "--out", out).status == 0
    plain = rows_of(out)[0]
    if "area_um2" in plain:  # where the format carries the size
        assert float(plain["area_um2"]) == pytest.approx(5)
    assert sharpgan("measure", source, "--micrometers-per-pixel", 1, "--out", out).status == 0
    assert float(rows_of(out)[0]["area_um2"]) == 80


def test_no_nuclei_give_a_table_of_no_rows(sharpgan, tmp_path):
    np.save(tmp_path / "n.npy", np.zeros((9, 9), np.int32))
    ended = sharpgan("measure", tmp_path / "n.npy", "--out", tmp_path / "t.csv")
    assert (ended.status, ended.out.strip()) == (0, f"{tmp_path / 't.csv'}: 0 nuclei")
    assert rows_of(tmp_path / "t.csv") == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--micrometers-per-pixel", "0"), "micrometers_per_pixel must be a number above 0"),
        (("--contrast", "0"), "contrast (lambda) must be a number above 0"),
        (("--image", "missing.png"), "missing.png"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(sharpgan, tmp_path, nuclei_file, more, message):
    ended = sharpgan("measure", nuclei_file, "--out", tmp_path / "t.csv", *more)
    assert ended.status == 2
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "t.csv").exists()


def test_only_csv_is_written_and_never_over_what_is_read(sharpgan, tmp_path, nuclei_file):
    ended = sharpgan("measure", nuclei_file, "--out", tmp_path / "t.xlsx")
    assert ended.status == 2
    assert ".csv" in ended.err
