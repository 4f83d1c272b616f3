"""Folders are paired by name, scored one after another, and can be stopped."""

import csv

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.scoring.folders import score_pairs
from napari_sharpgan.scoring.pairs import pairs_of, read_pair
from napari_sharpgan.scoring.table import error_picture, image_table, nuclei_table, write_rows


@pytest.fixture
def labels():
    labels = np.zeros((30, 40), np.uint8)
    labels[2:12, 2:12], labels[20:28, 20:30] = 1, 2
    return labels


@pytest.fixture
def folders(labels, tmp_path):
    """Masks a, b and c, of which b is predicted without nucleus 2 and c without any; only has no partner."""
    predictions = {"a": labels, "b": np.where(labels == 1, 4, 0).astype(np.uint8), "c": labels * 0}
    for folder in ("true", "found"):
        (tmp_path / folder).mkdir()
    for name, found in predictions.items():
        Image.fromarray(labels).save(tmp_path / "true" / f"{name}.png")
        Image.fromarray(found).save(tmp_path / "found" / f"{name}.tif")
    Image.fromarray(labels).save(tmp_path / "true" / "only.png")
    return tmp_path / "true", tmp_path / "found"


def test_each_pair_is_a_step_and_what_has_no_partner_is_said(folders):
    pairs, notes = pairs_of(*folders)
    assert [note for note in notes if "only.png" in note] == notes
    assert len(notes) == 1
    steps = []
    scored = run_to_end(score_pairs(pairs), steps.append)
    assert [(step.done, step.total, step.scored.name) for step in steps] == [
        (1, 3, "a"),
        (2, 3, "b"),
        (3, 3, "c"),
    ]
    assert [one.scores["pq"] for one in scored] == [1, pytest.approx(2 / 3), 0]


def test_a_stop_keeps_what_is_scored(folders):
    asked = iter([False, False, True])
    task = score_pairs(pairs_of(*folders).pairs, should_stop=lambda: next(asked))
    assert [one.name for one in run_to_end(task)] == ["a", "b"]


def test_the_tables_have_a_row_a_nucleus_and_a_row_an_image_with_the_mean(folders, tmp_path):
    scored = run_to_end(score_pairs(pairs_of(*folders).pairs))
    columns, rows = image_table(scored)
    assert columns[:5] == ["image", "dq", "sq", "pq", "aji"]
    assert [row[0] for row in rows] == ["a", "b", "c", "mean"]
    assert float(rows[-1][3]) == pytest.approx(np.mean([1, 2 / 3, 0]), abs=1e-6)
    write_rows(nuclei_table(scored), tmp_path / "nuclei.csv")
    with (tmp_path / "nuclei.csv").open(newline="") as file:
        nuclei = list(csv.DictReader(file))
    assert [row["image"] for row in nuclei] == ["a"] * 4 + ["b"] * 3 + ["c"] * 2
    assert [row["outcome"] for row in nuclei[4:]] == ["matched", "missed", "matched", "missed", "missed"]
    assert nuclei[0] == {
        "image": "a", "mask": "true", "nucleus": "1", "outcome": "matched", "partner": "1", "iou": "1.000000",
        "area": "100", "row": "6.50", "column": "6.50",
    }  # fmt: skip


def test_an_undefined_score_is_an_empty_cell(labels, tmp_path):
    Image.fromarray(np.stack([labels + 50] * 3, axis=2)).save(tmp_path / "tissue.png")
    Image.fromarray(labels * 0).save(tmp_path / "none.png")
    pairs = pairs_of(tmp_path / "tissue.png", tmp_path / "tissue.png", tmp_path / "none.png").pairs
    columns, (row,) = image_table(run_to_end(score_pairs(pairs, color=True)))
    facts = dict(zip(columns, row, strict=True))
    assert (facts["contour_ssim"], facts["fsimc"]) == ("", "1.000000")


def test_nuclei_of_images_come_from_a_third_folder_or_are_missed(folders, labels, tmp_path):
    (tmp_path / "tissue").mkdir()
    for name in "ab":
        Image.fromarray(np.stack([labels + 50] * 3, axis=2)).save(tmp_path / "tissue" / f"{name}.png")
    tissue = tmp_path / "tissue"
    scored = run_to_end(score_pairs(pairs_of(tissue, tissue, folders[1]).pairs))
    assert [one.nuclei["nucleus"].tolist() for one in scored] == [[1, 2], [4]]
    (folders[1] / "b.tif").unlink()
    with pytest.raises(FileNotFoundError, match=r"no nuclei of b in .*found"):
        pairs_of(tissue, tissue, folders[1])


def test_a_pair_that_cannot_be_scored_is_named(folders, labels):
    Image.fromarray(labels[:20]).save(folders[1] / "b.tif")
    with pytest.raises(ValueError, match=r"b.png and b.tif: true and predicted must have the same shape"):
        run_to_end(score_pairs(pairs_of(*folders).pairs))
    Image.fromarray(np.stack([labels] * 3, axis=2)).save(folders[1] / "b.tif")
    Image.fromarray(np.stack([labels] * 3, axis=2)).save(folders[0] / "b.png")
    with pytest.raises(ValueError, match="b holds images, the files before masks"):
        run_to_end(score_pairs(pairs_of(*folders).pairs))


def test_masks_are_not_scored_within_other_nuclei(folders):
    pair = pairs_of(folders[0], folders[1], folders[0]).pairs[0]
    with pytest.raises(ValueError, match="only images are scored within other nuclei"):
        read_pair(pair)


def test_three_inputs_are_all_files_or_all_folders(folders):
    with pytest.raises(ValueError, match="must all be files or all be folders"):
        pairs_of(*folders, folders[0] / "a.png")


def test_an_error_picture_has_the_colors_of_the_outcomes():
    picture = error_picture(np.array([[0, 1, 3]], np.uint8))
    assert picture.tolist() == [[[0, 0, 0], [0x00, 0x9E, 0x73], [0xFF, 0xFF, 0xFF]]]


def test_why_a_mask_is_none_is_said_where_its_partner_or_a_word_says_that_it_is_one(labels, tmp_path):
    for name, array in (("mask", labels), ("float", labels / 4), ("minus", labels.astype(np.int16) - 1)):
        tifffile.imwrite(tmp_path / f"{name}.tif", array)
    Image.fromarray(labels).save(tmp_path / "gray.jpg")
    for name, kind, said in (
        ("float.tif", "auto", "the labels in float.tif must hold integers"),
        ("minus.tif", "masks", "the labels in minus.tif "),
        ("gray.jpg", "auto", "gray.jpg is an image by its ending"),
    ):
        for paths in ((tmp_path / name, tmp_path / "mask.tif"), (tmp_path / "mask.tif", tmp_path / name)):
            with pytest.raises((ValueError, TypeError), match=said):
                read_pair(pairs_of(*paths).pairs[0], kind)
    both = pairs_of(tmp_path / "gray.jpg", tmp_path / "gray.jpg").pairs[0]
    assert not read_pair(both).are_masks
    with pytest.raises(ValueError, match="gray"):
        read_pair(both, "masks")
