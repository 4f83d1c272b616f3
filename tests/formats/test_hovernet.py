import numpy as np
import pytest
from scipy.io import loadmat, savemat

from napari_sharpgan.formats import Nuclei, NucleusInfo, read_labels, read_nuclei, write_labels, write_nuclei

LABELS = np.array([[0, 2, 2], [5, 5, 0]])


def test_scipy_finds_the_labels_and_the_centroids_as_x_and_y(tmp_path):
    write_labels(LABELS, tmp_path / "a.mat")
    content = loadmat(tmp_path / "a.mat")
    np.testing.assert_array_equal(content["inst_map"], LABELS)
    assert content["inst_map"].dtype == np.int32
    np.testing.assert_allclose(content["inst_centroid"], [[1.5, 0], [0.5, 1]])
    assert "inst_type" not in content


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8, np.uint16, np.int32, np.int64, bool])
def test_whole_numbers_of_any_kind_are_labels(kind, tmp_path):
    savemat(tmp_path / "a.mat", {"inst_map": LABELS.astype(kind)})
    np.testing.assert_array_equal(read_labels(tmp_path / "a.mat"), LABELS.astype(kind))


def test_a_file_of_cpm17_or_consep_gives_labels_and_classes(tmp_path):
    types = np.array([[3.0], [1.0]])
    savemat(
        tmp_path / "a.mat", {"inst_map": LABELS.astype(float), "inst_type": types, "inst_centroid": types}
    )
    nuclei = read_nuclei(tmp_path / "a.mat")
    assert {number: info.class_name for number, info in nuclei.info.items()} == {2: "3", 5: "1"}


def test_without_inst_type_the_most_frequent_type_of_a_nucleus_is_its_class(tmp_path):
    savemat(tmp_path / "a.mat", {"inst_map": LABELS, "type_map": [[0, 4, 4], [1, 1, 0]]})
    nuclei = read_nuclei(tmp_path / "a.mat")
    assert {number: info.class_name for number, info in nuclei.info.items()} == {2: "4", 5: "1"}


@pytest.mark.parametrize("names", [("3", "1"), ("Tumor", "Lymphocyte"), ("", "Tumor")])
def test_classes_come_back(names, tmp_path):
    info = {number: NucleusInfo(class_name=name) for number, name in zip((2, 5), names, strict=True) if name}
    write_nuclei(Nuclei(labels=LABELS, info=info), tmp_path / "a.mat")
    assert read_nuclei(tmp_path / "a.mat").info == info


def test_named_classes_are_numbered_in_alphabetical_order(tmp_path):
    info = {2: NucleusInfo(class_name="Tumor"), 5: NucleusInfo(class_name="Lymphocyte")}
    write_nuclei(Nuclei(labels=LABELS, info=info), tmp_path / "a.mat")
    content = loadmat(tmp_path / "a.mat")
    np.testing.assert_array_equal(content["inst_type"], [[2], [1]])
    np.testing.assert_array_equal(content["type_map"], [[0, 2, 2], [1, 1, 0]])


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"image": [[1]], "mask": [[1]]}, "a.mat must hold a variable inst_map, got image, mask"),
        ({"inst_map": [[0.5, 1]]}, "inst_map in a.mat must hold whole numbers"),
        ({"inst_map": [[np.nan, 1]]}, "inst_map in a.mat must hold whole numbers"),
        ({"inst_map": "text"}, "inst_map in a.mat must hold whole numbers"),
        ({"inst_map": [[-1, 1]]}, "inst_map in a.mat must lie between 0 and 2147483647"),
        ({"inst_map": np.zeros((2, 2, 2))}, "inst_map in a.mat must have shape"),
        (
            {"inst_map": LABELS, "inst_type": [[1]]},
            "inst_type in a.mat must have 2 rows, one a nucleus, got 1",
        ),
        (
            {"inst_map": LABELS, "type_map": [[1]]},
            r"type_map in a.mat must have the shape \(2, 3\), got \(1, 1\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(variables, words, tmp_path):
    savemat(tmp_path / "a.mat", variables)
    with pytest.raises((ValueError, TypeError), match=words):
        read_nuclei(tmp_path / "a.mat")


def test_a_file_of_matlab_7_3_says_how_to_save_it(tmp_path):
    (tmp_path / "a.mat").write_bytes(
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512, b" ") + b"\x89HDF\r\n"
    )
    with pytest.raises(
        ValueError, match=r"a\.mat is a MATLAB 7\.3 \(HDF5\) file; save it with '-v7' in MATLAB"
    ):
        read_nuclei(tmp_path / "a.mat")
