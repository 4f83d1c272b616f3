"""Table 2 on a small folder: R, S and R+S, each trained on what it says."""

import json

import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import read_samples
from napari_sharpgan.experiments import SyntheticSets, table2
from napari_sharpgan.metrics.evaluation import score_instances
from napari_sharpgan.segmentation import segment

from .conftest import TINY

KINDS = ("r", "s2", "rs2", "s3", "rs3")


@pytest.fixture(scope="module")
def made2(split_folder, tiny_generator, tmp_path_factory):
    out = tmp_path_factory.mktemp("table2")
    sets = SyntheticSets(tiny_generator, (2, 3))
    table = run_to_end(table2(split_folder, out, sets, rows=["unet"], device="cpu", **TINY))
    return out, table


def test_rows_are_r_and_each_set_alone_and_with_r(made2):
    _, table = made2
    assert [line.name for line in table.lines] == [f"unet-{kind}" for kind in KINDS]
    assert [line.system for line in table.lines][1:3] == ["U-Net, S(2)", "U-Net, R+S(2)"]


def test_each_row_is_trained_on_what_it_says(made2):
    out, _ = made2
    for kind, images in zip(KINDS, ((2, 0), (2, 2), (2, 2), (2, 3), (2, 3)), strict=True):
        record = json.loads((out / "runs" / f"unet-{kind}-s1" / "config.json").read_text())
        named = [file["image"] for file in record["data"]["train"]]
        assert (len(named) - sum(map(is_synthetic, named)), sum(map(is_synthetic, named))) == images
        assert record["config"]["synthetic_share"] == {"r": 0.0, "s": 1.0}.get(kind.rstrip("23"), 0.5)


def is_synthetic(name):
    return name.startswith("synthetic")


def test_scores_are_those_of_the_segmenter_on_the_test_images(made2, split_folder):
    out, table = made2
    (sample,) = read_samples(split_folder, "test")
    weights = out / "runs" / "unet-r-s1" / "checkpoints" / "best.safetensors"
    found = segment(sample.image, weights, device="cpu", precision="float32")
    assert table.lines[0].mean == pytest.approx(score_instances(sample.labels, found))


def test_it_is_written_with_figures(made2):
    out, table = made2
    assert json.loads((out / "table2.json").read_text())["rows"][2]["config"]["synthetic_share"] == 0.5
    assert "| U-Net, R+S(10k) | .841 | .797 | .669 | .677 |" in (out / "table2.md").read_text()
    assert sorted(path.name for path in (out / "figures").iterdir()) == ["figure5.png", "tiles.png"]
    assert table.lines[0].config["model"] == "unet"


def test_stopped_among_the_tiles_it_begins_no_row(split_folder, tiny_generator, tmp_path):
    steps, sets = [], SyntheticSets(tiny_generator, (30,))
    task = table2(split_folder, tmp_path, sets, device="cpu", should_stop=lambda: len(steps) > 3, **TINY)
    assert run_to_end(task, steps.append).lines == []
    assert {step.title for step in steps} == {"synthetic tiles"}
    assert not (tmp_path / "runs").exists()
