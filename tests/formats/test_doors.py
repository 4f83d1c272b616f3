"""Which format a name has, and what the doors say when they cannot."""

import errno
import tempfile

import numpy as np
import pytest

from napari_sharpgan.formats import (
    NUCLEI_FORMATS,
    Nuclei,
    NucleiFormat,
    read_labels,
    read_nuclei,
    write_image,
    write_labels,
    write_nuclei,
)
from napari_sharpgan.formats.paths import by_suffix

LABELS = np.array([[0, 1], [2, 2]])


def test_the_longest_suffix_wins_in_any_case():
    table = {".txt": 1, "_mask.txt": 2}
    assert by_suffix("a/IMAGE01_MASK.TXT", table) == 2
    assert by_suffix("a/notes.txt", table) == 1


def test_an_unknown_type_names_those_there_are(tmp_path):
    with pytest.raises(
        ValueError, match=r"unknown file type '\.xyz' of a\.xyz; use one of \.tif, .*_mask\.txt"
    ):
        write_labels(LABELS, tmp_path / "a.xyz")
    with pytest.raises(ValueError, match=r"unknown file type '\.txt' of image01\.txt"):
        read_nuclei(tmp_path / "image01.txt")
    with pytest.raises(ValueError, match="unknown file type of nuclei; use one of"):
        read_nuclei(tmp_path / "nuclei")


def test_a_format_that_is_only_read_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(NUCLEI_FORMATS, ".xml", NucleiFormat("ImageScope XML", lambda path: None, None))
    with pytest.raises(
        ValueError, match=r"ImageScope XML files are only read, not written; a\.xml was not written"
    ):
        write_labels(LABELS, tmp_path / "a.xml")


def test_a_folder_without_leave_to_write_is_one_sentence(tmp_path, monkeypatch):
    def refuse(**_):
        raise PermissionError(errno.EACCES, "Permission denied", "somewhere")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(PermissionError) as error:
        write_labels(LABELS, tmp_path / "a.tif")
    expected = f"the folder {tmp_path} cannot be written to (Permission denied); a.tif was not written"
    assert str(error.value) == expected
    with pytest.raises(PermissionError, match="cannot be written to"):
        write_image(np.zeros((2, 2, 3), np.uint8), tmp_path / "a.png")


def test_labels_of_another_shape_than_the_image_are_refused(tmp_path):
    write_labels(LABELS, tmp_path / "a.npy")
    with pytest.raises(ValueError, match=r"a\.npy must have the shape \(3, 2\), got \(2, 2\)"):
        read_labels(tmp_path / "a.npy", (3, 2))


@pytest.fixture
def folder_format(monkeypatch):
    """A format that is a folder of two files."""

    def read(path):
        return Nuclei(labels=np.load(path / "labels.npy"))

    def write(nuclei, path):
        assert list(path.iterdir()) == []
        np.save(path / "labels.npy", nuclei.to_labels())
        if nuclei.micrometers_per_pixel == 13:
            raise OSError("the disk is full")
        (path / "done").write_text("")

    kind = NucleiFormat("folder", read, write, folder=True)
    monkeypatch.setitem(NUCLEI_FORMATS, ".dir", kind)


@pytest.mark.usefixtures("folder_format")
def test_a_folder_is_written_whole_in_place_of_an_older_one(tmp_path):
    write_labels(LABELS + 1, tmp_path / "a.dir")
    (tmp_path / "a.dir" / "stray").write_text("")
    write_labels(LABELS, tmp_path / "a.dir")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.dir"), LABELS)
    assert sorted(path.name for path in (tmp_path / "a.dir").iterdir()) == ["done", "labels.npy"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.dir"]


@pytest.mark.usefixtures("folder_format")
def test_an_older_folder_survives_when_a_writer_fails_in_the_middle(tmp_path):
    write_labels(LABELS, tmp_path / "a.dir")
    with pytest.raises(OSError, match="the disk is full"):
        write_nuclei(Nuclei(labels=LABELS + 1, micrometers_per_pixel=13), tmp_path / "a.dir")
    np.testing.assert_array_equal(read_labels(tmp_path / "a.dir"), LABELS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.dir"]


@pytest.mark.usefixtures("folder_format")
def test_a_file_in_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "a.dir").write_text("mine")
    with pytest.raises(NotADirectoryError, match=r"a\.dir is a file, not a folder"):
        read_nuclei(tmp_path / "a.dir")
    with pytest.raises(FileNotFoundError, match=r"b\.dir does not exist"):
        read_nuclei(tmp_path / "b.dir")
    with pytest.raises(FileNotFoundError, match=r"does not exist; a\.dir was not written"):
        write_labels(LABELS, tmp_path / "none" / "a.dir")


def test_the_formats_need_neither_torch_nor_qt():
    import subprocess
    import sys

    code = "import sys, napari_sharpgan.formats; print({'torch', 'qtpy', 'napari'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
