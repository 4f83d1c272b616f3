import csv
import json

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan.formats import read_nuclei, write_nuclei


def saved(array, path):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(array).save(path)
    return path


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def predicted(labels):
    """Nuclei 1 and 2 as one, nucleus 3 missed, one where there is none."""
    found = np.where((labels == 1) | (labels == 2), 7, 0).astype(np.uint8)
    found[24:34, 2:12] = 9
    return found


def test_a_mask_against_itself_is_perfect(sharpgan, nuclei_file):
    facts = json.loads(sharpgan("score", nuclei_file, nuclei_file, "--json").out)
    assert facts["kind"] == "masks"
    assert facts["mean"] == dict.fromkeys(
        ("dq", "sq", "pq", "aji", "aji_plus", "dice", "precision", "recall"), 1.0
    )
    (image,) = facts["images"]
    assert (image["matched"], image["missed"], image["extra"]) == (3, 0, 0)


def test_an_image_against_itself_is_perfect(sharpgan, tissue_file):
    facts = json.loads(sharpgan("score", tissue_file, tissue_file, "--json").out)
    assert facts["kind"] == "images"
    assert facts["mean"] == pytest.approx({"ssim": 1, "fsim": 1, "gmsd": 0, "nrmse": 0})


def test_each_nucleus_has_a_row_with_its_outcome(sharpgan, nuclei_file, predicted, tmp_path):
    out = tmp_path / "nuclei.csv"
    other = saved(predicted, tmp_path / "found.png")
    ended = sharpgan("score", nuclei_file, other, "--csv", out)
    assert ended.status == 0, ended.err
    rows = {(row["mask"], row["nucleus"]): row for row in rows_of(out)}
    outcomes = {key: row["outcome"] for key, row in rows.items()}
    assert outcomes == {
        ("true", "1"): "merged",
        ("true", "2"): "merged",
        ("true", "3"): "missed",
        ("predicted", "7"): "merged",
        ("predicted", "9"): "extra",
    }
    first = rows["true", "1"]
    assert (first["image"], first["partner"], float(first["iou"])) == ("found.png", "7", 0.5)
    assert (first["area"], first["row"], first["column"]) == ("80", "9.50", "7.50")
    assert rows["true", "3"]["partner"] == ""
    assert ended.out.splitlines()[0].split()[-5:] == ["matched", "missed", "extra", "merged", "split"]
    assert ended.out.splitlines()[1].split()[-5:] == ["0", "1", "1", "2", "0"]


def test_the_error_map_has_the_colors_of_the_outcomes(sharpgan, nuclei_file, predicted, tmp_path):
    other, out = saved(predicted, tmp_path / "found.png"), tmp_path / "errors.png"
    assert sharpgan("score", nuclei_file, other, "--error-map", out).status == 0
    pixels = np.asarray(Image.open(out))
    assert tuple(pixels[8, 8]) == (0xF0, 0xE4, 0x42)  # merged
    assert tuple(pixels[28, 35]) == (0xD5, 0x5E, 0x00)  # missed
    assert tuple(pixels[28, 5]) == (0xFF, 0xFF, 0xFF)  # extra
    assert tuple(pixels[0, 0]) == (0, 0, 0)


def test_folders_are_paired_by_name_and_averaged(sharpgan, labels, predicted, tmp_path):
    for name in ("a", "b", "only"):
        saved(labels, tmp_path / "true" / f"{name}.png")
    saved(labels, tmp_path / "found" / "a.tif")
    saved(predicted, tmp_path / "found" / "b.png")
    table, errors = tmp_path / "images.csv", tmp_path / "errors"
    ended = sharpgan(
        "score", tmp_path / "true", tmp_path / "found", "--per-image", table, "--error-map", errors
    )
    assert ended.status == 0, ended.err
    assert "not scored, without a partner: only.png" in ended.err
    rows = rows_of(table)
    assert [(row["image"], float(row["pq"])) for row in rows] == [("a", 1), ("b", 0), ("mean", 0.5)]
    assert "mean of 2" in ended.out
    assert {path.name for path in errors.iterdir()} == {"a.png", "b.png"}


def test_outlines_are_painted_on_the_size_of_their_partner(sharpgan, nuclei_file, tmp_path):
    outlines = tmp_path / "three.geojson"
    write_nuclei(read_nuclei(nuclei_file), outlines)
    for pair in ((nuclei_file, outlines), (outlines, nuclei_file), (outlines, outlines)):
        facts = json.loads(sharpgan("score", *pair, "--json").out)
        assert facts["mean"]["pq"] == 1


def test_the_files_of_cpm_15_stand_beside_their_images(sharpgan, nuclei_file, tissue_file, tmp_path):
    folder = tmp_path / "cpm"
    folder.mkdir()
    write_nuclei(read_nuclei(nuclei_file), folder / "image00_mask.txt")
    (folder / "image00.png").write_bytes(tissue_file.read_bytes())
    facts = json.loads(sharpgan("score", folder, folder, "--json").out)
    assert (facts["kind"], facts["mean"]["pq"]) == ("masks", 1)


@pytest.mark.parametrize("kind", ["masks", "images"])
def test_a_gray_file_is_what_one_says_it_is(sharpgan, nuclei_file, kind):
    facts = json.loads(sharpgan("score", nuclei_file, nuclei_file, "--as", kind, "--json").out)
    assert facts["kind"] == kind


def test_mistakes_are_said_in_one_sentence(sharpgan, nuclei_file, tissue_file, labels, tmp_path):
    small = saved(labels[:30], tmp_path / "small.png")
    empty = tmp_path / "empty"
    empty.mkdir()
    table = tmp_path / "table.csv"
    for arguments, said in (
        ((nuclei_file, small), "three.png and small.png: true and predicted must have the same shape"),
        ((nuclei_file, tissue_file), "tissue.png holds a color image of shape"),
        ((nuclei_file, empty), "must both be files or both be folders"),
        ((empty, empty), "no file in"),
        ((nuclei_file, tmp_path / "gone.png"), "gone.png does not exist"),
        ((tissue_file, tissue_file, "--error-map", tmp_path / "e.png"), "these are images"),
        ((nuclei_file, nuclei_file, "--csv", nuclei_file), "unknown file type"),
        (
            (nuclei_file, nuclei_file, "--csv", table, "--per-image", empty / ".." / "table.csv"),
            "--csv and --per-image are both",
        ),
    ):
        ended = sharpgan("score", *arguments)
        assert ended.status == 2
        assert said in ended.err
        assert ended.err.count("\n") == 1


def test_images_are_scored_within_nuclei_and_in_color_where_asked_for(
    sharpgan, tissue_file, nuclei_file, tmp_path
):
    nuclei, images = tmp_path / "nuclei.csv", tmp_path / "images.csv"
    options = ("--nuclei", nuclei_file, "--color", "--csv", nuclei, "--per-image", images, "--json")
    facts = json.loads(sharpgan("score", tissue_file, tissue_file, *options).out)
    assert facts["mean"]["fsimc"] == pytest.approx(1)
    assert facts["mean"]["contour_ssim"] == pytest.approx(1)
    rows = rows_of(nuclei)
    assert [(row["nucleus"], row["ssim"], row["nrmse"]) for row in rows] == [
        (number, "1.000000", "0.000000") for number in "123"
    ]
    assert list(rows_of(images)[0])[-4:] == ["contour_ssim", "contour_gms", "contour_gmsd", "contour_nrmse"]


def test_what_is_undefined_is_said_and_null_in_json(sharpgan, tissue_file, labels, tmp_path):
    none = saved((labels * 0).astype(np.uint8), tmp_path / "none.png")
    ended = sharpgan("score", tissue_file, tissue_file, "--nuclei", none, "--json")
    assert "the scores at contours are undefined" in ended.err
    assert json.loads(ended.out)["mean"]["contour_gms"] is None
