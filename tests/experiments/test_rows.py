"""A row is trained and scored once; what was begun is gone on with; what does not fit is refused."""

import json
import shutil

import numpy as np
import pytest

from napari_sharpgan._files import sha256_of
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import read_samples
from napari_sharpgan.experiments import table1
from napari_sharpgan.experiments.tissue_scores import rendered, tissue_scores
from napari_sharpgan.rendering import load_generator

from .conftest import ROWS, TINY


def again(folder, out, **settings):
    """Make the table once more; return it, and the steps that were trained for it."""
    steps = []
    asked = {"rows": ROWS, "device": "cpu"} | TINY | settings
    table = run_to_end(table1(folder, out, **asked), lambda step: steps.append(step.training is not None))
    return table, sum(steps)


@pytest.fixture
def copied(made, tmp_path):
    """A copy of a folder with a finished table."""
    return shutil.copytree(made[0], tmp_path / "out")


def test_finished_rows_are_never_done_again(split_folder, made, copied):
    table, trained = again(split_folder, copied)
    assert trained == 0
    assert table.to_json() == made[1].to_json()


def test_scores_are_those_of_the_weights_on_the_test_images(split_folder, made):
    out, table = made
    (sample,) = read_samples(split_folder, "test")
    weights = out / "runs" / "sharp-gan-s1" / "checkpoints" / "best.safetensors"
    tissue = rendered(sample, load_generator(weights), stain=sample.stain.tolist())
    line = next(line for line in table.lines if (line.name, line.view) == ("sharp-gan", "image"))
    assert line.mean == pytest.approx(tissue_scores(sample, tissue), nan_ok=True)
    assert line.results[0].weights_sha256 == sha256_of(weights)
    assert line.config["steps"] == 2


def test_a_generator_without_stains_has_one_view_and_one_with_them_two(made):
    views = [(line.name, line.view) for line in made[1].lines]
    assert views == [
        ("gan-binary-literal", "generator"),
        ("sharp-gan", "generator"),
        ("sharp-gan", "image"),
    ]


def test_a_lost_result_is_scored_again_without_training(split_folder, made, copied):
    (copied / "rows" / "sharp-gan-s1.json").unlink()
    table, trained = again(split_folder, copied)
    assert trained == 0
    assert [line.mean for line in table.lines] == [line.mean for line in made[1].lines]


def test_stopped_in_a_row_it_goes_on_to_the_weights_of_an_unbroken_run(split_folder, made, tmp_path):
    asked = {"rows": ROWS, "device": "cpu"} | TINY
    steps = []
    task = table1(split_folder, tmp_path, should_stop=lambda: bool(steps), **asked)
    table = run_to_end(task, steps.append)
    assert not table.lines
    assert not (tmp_path / "table1.json").exists()
    table, trained = again(split_folder, tmp_path)
    assert trained == 2 * TINY["steps"] - 1
    assert [line.results[0].weights_sha256 for line in table.lines] == [
        line.results[0].weights_sha256 for line in made[1].lines
    ]


def test_another_seed_adds_rows_and_a_spread(split_folder, copied):
    table, trained = again(split_folder, copied, rows=ROWS[:1], seeds=(1, 2))
    assert trained == TINY["steps"]
    line = next(line for line in table.lines if line.name == ROWS[0])
    assert {line.name for line in table.lines} == set(ROWS), "what was finished before is there too"
    first, second = (result.scores("generator")["ssim"] for result in line.results)
    assert line.mean["ssim"] == pytest.approx((first + second) / 2)
    assert line.spread["ssim"] == pytest.approx(abs(first - second) / 2)
    assert first != second
    assert "±" in table.to_markdown()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"steps": 3}, r"other settings \(steps 2, now 3\)"),
        ({"rows": ["gan-ternary"]}, "unknown row 'gan-ternary'; choose one of gan-binary"),
        ({"width": 0}, "width must lie between 1 and 256"),
    ],
)
def test_what_does_not_fit_is_told_before_training(split_folder, made, settings, told):
    with pytest.raises(ValueError, match=told):
        again(split_folder, made[0], **settings)


def test_other_test_images_are_told(split_folder, copied, tmp_path):
    folder = shutil.copytree(split_folder, tmp_path / "data")
    lists = json.loads((folder / "split.json").read_text())
    (folder / "split.json").write_text(json.dumps({"train": lists["train"], "test": lists["train"][:1]}))
    with pytest.raises(ValueError, match="in train and in test"):
        again(folder, copied)
    (folder / "split.json").write_text(json.dumps({"train": lists["test"], "test": lists["train"][:1]}))
    with pytest.raises(ValueError, match=r"sharp-gan|gan-binary.*other images to (train|test) on"):
        again(folder, copied)


def test_rows_of_other_settings_are_not_left_out_in_silence(split_folder, copied):
    with pytest.raises(ValueError, match=r"gan-binary-literal-s1\.json was made with other settings"):
        again(split_folder, copied, rows=["no-l1"], steps=3)


def test_a_folder_that_names_no_test_images_is_refused(tissue_folder, tmp_path):
    with pytest.raises(ValueError, match="has no images to test on"):
        again(tissue_folder, tmp_path)


def test_a_broken_result_is_told(split_folder, copied):
    path = copied / "rows" / "sharp-gan-s1.json"
    path.write_text(path.read_text()[:100])
    with pytest.raises(ValueError, match=r"sharp-gan-s1\.json is no result of a row"):
        again(split_folder, copied)


def test_numbers_that_are_not_finite_survive_as_null(made, copied):
    path = copied / "rows" / "sharp-gan-s1.json"
    facts = json.loads(path.read_text(), parse_constant=pytest.fail)
    image = next(iter(facts["views"]["image"].values()))
    assert np.isfinite([value for value in image.values() if value is not None]).all()
