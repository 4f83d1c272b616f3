"""What every format of nuclei promises; a new entry of NUCLEI_FORMATS meets it unasked."""

import uuid

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_sharpgan.formats import (
    NUCLEI_FORMATS,
    Nuclei,
    NucleusInfo,
    read_labels,
    read_nuclei,
    write_labels,
    write_nuclei,
)
from napari_sharpgan.nuclei import random_nuclei, rasterize

WRITTEN = [suffix for suffix, kind in NUCLEI_FORMATS.items() if kind.write is not None]
FILES = [suffix for suffix in WRITTEN if not NUCLEI_FORMATS[suffix].folder]
every_format = pytest.mark.parametrize("suffix", WRITTEN)
every_file = pytest.mark.parametrize("suffix", FILES)
label_images = arrays(
    np.int32,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.sampled_from([0, 0, 1, 2, 3, 7, 500]),
)


@every_format
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(labels=label_images)
def test_every_label_image_comes_back_exactly(suffix, labels, tmp_path):
    write_labels(labels, tmp_path / f"a{suffix}")
    back = read_labels(tmp_path / f"a{suffix}")
    assert back.dtype == np.int32
    np.testing.assert_array_equal(back, labels)


@every_format
@pytest.mark.parametrize("image", ["image01", "image12"])
def test_real_nuclei_come_back_exactly(suffix, image, real_data, tmp_path):
    labels = read_labels(real_data / "cpm15" / f"{image}_mask.txt")
    write_labels(labels, tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(read_labels(tmp_path / f"a{suffix}", labels.shape), labels)


@every_format
def test_synthetic_nuclei_come_back_exactly(suffix, tmp_path):
    labels = rasterize(random_nuclei((200, 260), 60, seed=3), (200, 260)) * 3
    write_labels(labels, tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(read_labels(tmp_path / f"a{suffix}", labels.shape), labels)


@every_format
def test_what_a_format_says_that_it_keeps_comes_back(suffix, tmp_path):
    keeps = NUCLEI_FORMATS[suffix].keeps
    info = NucleusInfo(
        id=str(uuid.uuid4()),
        object_type="detection",
        name="the large one",
        color=(1, 2, 3),
        class_name="Tumor",
        class_color=(200, 0, 0),
        is_locked=True,
        measurements={"Area µm^2": 12.5},
        metadata={"seen by": "A"},
    )
    ring = np.array([[1.25, 1.0], [1.0, 8.5], [9.0, 7.75]])
    nuclei = Nuclei(
        polygons=[ring, ring + 2.5],
        numbers=[9, 4],
        info={4: info},
        shape=(20, 30),
        micrometers_per_pixel=0.2527,
    )
    write_nuclei(nuclei, tmp_path / f"a{suffix}")
    back = read_nuclei(tmp_path / f"a{suffix}")
    found = {name: getattr(back.info.get(4, NucleusInfo()), name) for name in vars(info)}
    assert {name: found[name] for name in keeps & set(found)} == {
        name: value for name, value in vars(info).items() if name in keeps
    }
    assert back.info.get(9, NucleusInfo()).class_name == ""
    assert back.shape == (20, 30)
    assert back.micrometers_per_pixel == (0.2527 if "micrometers_per_pixel" in keeps else None)
    assert back.notes in ((), [])
    if "polygons" in keeps:
        assert list(back.numbers) == [9, 4]
        for one, other in zip(back.polygons, nuclei.polygons, strict=True):
            np.testing.assert_array_equal(one, other)


@every_format
def test_polygons_can_be_written_too(suffix, tmp_path):
    square = np.array([[1.0, 1.0], [1.0, 3.0], [3.0, 3.0], [3.0, 1.0]])
    write_nuclei(Nuclei(polygons=[square], numbers=[4], shape=(6, 5)), tmp_path / f"a{suffix}")
    expected = np.zeros((6, 5), np.int32)
    expected[1:4, 1:4] = 4
    np.testing.assert_array_equal(read_labels(tmp_path / f"a{suffix}"), expected)


@every_file
@pytest.mark.parametrize("content", [b"", b"\x00\xff rubbish \x01\x02" * 40, b"{", b"3 2\n1\n"])
def test_rubbish_is_one_sentence_with_the_name_of_the_file(suffix, content, tmp_path):
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(content)
    with pytest.raises((ValueError, TypeError), match="broken") as error:
        read_nuclei(path)
    assert "\n" not in str(error.value)


@every_file
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_truncated_file_never_passes_for_a_whole_one(suffix, share, tmp_path):
    labels = np.random.default_rng(0).integers(0, 400, (60, 50))
    path = tmp_path / f"broken{suffix}"
    write_labels(labels, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises((ValueError, TypeError), match="broken"):
        read_nuclei(path)


@every_format
def test_a_missing_file_is_named(suffix, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"nothing{suffix} does not exist"):
        read_nuclei(tmp_path / f"nothing{suffix}")


@every_file
def test_a_folder_in_place_of_a_file_is_named(suffix, tmp_path):
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(FileNotFoundError, match="is a folder, not a file"):
        read_nuclei(tmp_path / f"folder{suffix}")


@every_file
def test_an_older_file_survives_when_a_writer_fails_in_the_middle(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"a{suffix}"
    write_labels(np.eye(3, dtype=int), path)
    before = path.read_bytes()
    kind = NUCLEI_FORMATS[suffix]

    def half(nuclei, temporary):
        kind.write(nuclei, temporary)
        temporary.write_bytes(temporary.read_bytes()[:5])
        raise OSError("the disk is full")

    monkeypatch.setitem(NUCLEI_FORMATS, suffix, type(kind)(kind.title, kind.read, half))
    with pytest.raises(OSError, match="the disk is full"):
        write_labels(np.zeros((5, 5), int), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@every_format
def test_a_folder_that_is_none_is_named(suffix, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file does not exist"):
        write_labels(np.eye(3, dtype=int), tmp_path / "file" / f"a{suffix}")


@every_format
@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros((3, 3)), "must hold integers"),
        (np.full((3, 3), -1), "between 0 and 2147483647"),
        (np.full((3, 3), 2**31), "between 0 and 2147483647"),
        (np.zeros((3, 3, 3), int), r"must have shape \(H, W\)"),
        (np.zeros((0, 3), int), "at least 1"),
    ],
)
def test_what_is_no_label_image_is_refused_and_not_written(suffix, labels, words, tmp_path):
    with pytest.raises((ValueError, TypeError), match=words):
        write_labels(labels, tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_suffixes_are_lower_case_and_titles_are_there():
    for suffix, kind in NUCLEI_FORMATS.items():
        assert suffix == suffix.lower()
        assert kind.title
