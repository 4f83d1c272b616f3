import numpy as np
import pytest
from PIL import Image

from napari_sharpgan.formats import read_labels, write_labels


def test_width_comes_first_and_labels_follow_row_by_row(tmp_path):
    (tmp_path / "a_mask.txt").write_text("3 2\n0\n1\n1\n0\n0\n2\n")
    np.testing.assert_array_equal(read_labels(tmp_path / "a_mask.txt"), [[0, 1, 1], [0, 0, 2]])


def test_it_is_written_as_the_challenge_hands_it_out(tmp_path):
    write_labels(np.array([[0, 1, 1], [0, 0, 2]]), tmp_path / "a_mask.txt")
    assert (tmp_path / "a_mask.txt").read_bytes() == b"3 2\n0\n1\n1\n0\n0\n2\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3 2\n0\n1\n", r"must hold 3 × 2 = 6 labels, got 2"),
        ("3 2\n" + "0\n" * 7, r"must hold 3 × 2 = 6 labels, got 7"),
        ("3\n", r"must begin with width and height, both at least 1, got \[3\]"),
        ("0 2\n", r"must begin with width and height, both at least 1, got \[0, 2\]"),
        ("2 1\n1.5\n0\n", "cannot be read as a CPM-15 mask"),
        ("width height\n", "cannot be read as a CPM-15 mask"),
        ("2 1\n-1\n0\n", "must lie between 0 and 2147483647"),
    ],
)
def test_wrong_counts_and_values_are_named(text, words, tmp_path):
    (tmp_path / "a_mask.txt").write_text(text)
    with pytest.raises(ValueError, match=rf"a_mask\.txt {words}|labels in a_mask\.txt {words}"):
        read_labels(tmp_path / "a_mask.txt")


def test_the_challenge_has_2905_nuclei_on_the_shapes_of_its_images(real_data):
    count = 0
    for mask in sorted((real_data / "cpm15").glob("*_mask.txt")):
        with Image.open(mask.with_name(mask.name.replace("_mask.txt", ".png"))) as image:
            labels = read_labels(mask, image.size[::-1])
        count += len(np.unique(labels)) - 1
    assert count == 2905
