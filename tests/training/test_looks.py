import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.metrics.evaluation import combined_score, mean_scores, score_image
from napari_sharpgan.metrics.realism import realism
from napari_sharpgan.rendering import Renderer, load_generator, read_card, render_windows
from napari_sharpgan.run_folders.events import read_events
from napari_sharpgan.training import GanConfig, SavePolicy, train_run
from napari_sharpgan.training.held_out import HeldOutImages
from napari_sharpgan.training.looks import is_due


def trained(trainer, folder, held_out, **options):
    run_to_end(train_run(trainer, folder, held_out=held_out, save=SavePolicy(steps=1), **options))
    return read_events(folder / "events.jsonl")


def contents_of(folder):
    """Return the bytes of pictures, and card and tensors of weights, whose headers come in any order."""
    pictures = {path.name: path.read_bytes() for path in folder.rglob("*.png")}
    weights = {
        path.name: (
            read_card(path),
            {name: value.numpy().tobytes() for name, value in load_file(path).items()},
        )
        for path in folder.rglob("*.safetensors")
    }
    return pictures | weights


@pytest.fixture(scope="module")
def held_out(samples):
    return HeldOutImages(samples)


@pytest.fixture(scope="module")
def unscored(samples):
    return HeldOutImages(samples, scored=False)


@pytest.mark.parametrize(
    ("steps", "samples", "at"),
    [
        (10, 3, [4, 8, 10]),
        (6, 3, [2, 4, 6]),
        (3, 30, [1, 2, 3]),
        (10, 1, [10]),
        (10, 0, []),
        (60, 30, [15, 30, 45, 60]),
    ],
)
def test_looks_are_spread_over_the_steps_and_the_last_is_always_one(steps, samples, at):
    config = GanConfig(steps=steps, samples=samples)
    assert [step for step in range(1, steps + 1) if is_due(config, step)] == at


def test_looks_are_at_least_25_steps_apart_where_the_run_is_long_enough():
    config = GanConfig(steps=150, samples=30)
    assert [step for step in range(1, 151) if is_due(config, step)] == list(range(25, 151, 25))


def test_events_of_looks_hold_scores_and_the_name_of_a_picture(trainer_for, held_out, tmp_path):
    events = trained(trainer_for(steps=4, samples=2), tmp_path, held_out)
    assert [event.get("sample") for event in events] == [None, "000002.png", None, "000004.png"]
    names = ["ssim", "fsim", "gmsd", "nrmse", "nuclei_sd", "nuclei_gradient"]
    names += ["background_sd", "background_gradient", "score"]
    for event in (events[1], events[3]):
        assert {f"held_out_{name}" for name in names} <= set(event)
    assert not any(name.startswith("held_out") for name in events[0])
    assert {path.name for path in (tmp_path / "samples").iterdir()} == {
        "real.png",
        "masks.png",
        "000002.png",
        "000004.png",
    }


def test_the_best_generator_scores_what_its_event_says(trainer_for, held_out, samples, tmp_path):
    """Loaded from its file, rendered and scored here on the whole of the images."""
    events = trained(trainer_for(steps=3, samples=3), tmp_path, held_out)
    best = min(events, key=lambda event: event["held_out_score"])
    path = tmp_path / "checkpoints" / "best.safetensors"
    assert read_card(path)["step"] == best["step"]
    assert read_card(path)["held_out_score"] == best["held_out_score"]
    assert read_card(path)["config"] == json.loads(json.dumps(asdict(trainer_for(steps=3, samples=3).config)))
    rows = []
    for sample in samples:
        renderer = Renderer(path, device="cpu", stain=sample.stain.tolist(), precision="float32")
        tissue = run_to_end(render_windows(sample.labels, renderer))
        rows.append(score_image(sample.image, tissue) | asdict(realism(sample.image, tissue, sample.labels)))
    scores = mean_scores(rows)
    assert {f"held_out_{name}": value for name, value in scores.items()}.items() <= best.items()
    assert combined_score(scores) == best["held_out_score"]


def test_pictures_are_marked_as_synthetic_and_show_the_windows(trainer_for, held_out, samples, tmp_path):
    trainer = trainer_for(steps=2, samples=1)
    trained(trainer, tmp_path, held_out)
    folder = tmp_path / "samples"
    with Image.open(folder / "real.png") as real, Image.open(folder / "000002.png") as picture:
        assert real.size == picture.size == (512, 256)  # a window of each of the two images
        assert "Description" not in real.info
        note = json.loads(picture.info["Description"])
        assert (note["synthetic"], note["training_step"]) == (True, 2)
        assert note["nuclei"] == [sample.name for sample in samples]
        tissue = np.hstack([sample.image[:256, :256] for sample in samples])
        np.testing.assert_array_equal(np.asarray(real), tissue)
        generator = load_generator(tmp_path / "checkpoints" / "best.safetensors")
        shown = held_out.look(generator, torch.device("cpu")).picture
        assert np.abs(np.asarray(picture).astype(int) - shown).mean() < 2  # bfloat16 where it is faster
    with Image.open(folder / "masks.png") as masks:
        pixels = np.asarray(masks)
    condition = CONDITION_MAPS[trainer.config.condition](samples[0].labels)[:256, :256]
    gray = (pixels[:, :256] == pixels[:, :256, :1]).all(axis=-1)
    levels = np.abs(pixels[:, :256, 0] / 255 - condition)
    assert levels[gray].max() < 1 / 255
    assert 0 < np.count_nonzero(~gray) < gray.size / 20  # contours are in color


@pytest.mark.parametrize("looks", [0, 3])
def test_a_run_with_looks_is_bit_for_bit_one_without(trainer_for, held_out, tmp_path, looks):
    settings = {"steps": 3, "dropout": 0.5}
    run_to_end(train_run(trainer_for(**settings), tmp_path / "without"))
    trained(trainer_for(**settings, samples=looks), tmp_path / "with", held_out)
    weights = [load_file(tmp_path / run / "checkpoints" / "last.safetensors") for run in ("without", "with")]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_run_that_goes_on_ends_with_the_same_pictures_and_best_generator(trainer_for, held_out, tmp_path):
    """As after a kill: the last steps are lost, what they wrote is there."""
    settings = {"steps": 6, "samples": 3}
    unbroken = trained(trainer_for(**settings), tmp_path / "unbroken", held_out)
    task = train_run(
        trainer_for(**settings), tmp_path / "killed", held_out=held_out, save=SavePolicy(steps=3)
    )
    for _ in range(5):
        next(task)
    task.close()
    again = trained(trainer_for(**settings), tmp_path / "killed", held_out)
    assert [event["step"] for event in again] == [1, 2, 3, 4, 5, 6]
    scores = [event.get("held_out_score") for event in again]
    assert [score is not None for score in scores] == [False, True] * 3
    assert scores == [event.get("held_out_score") for event in unbroken]
    assert contents_of(tmp_path / "killed") == contents_of(tmp_path / "unbroken")


def test_a_run_that_is_stopped_between_looks_is_looked_at(trainer_for, held_out, tmp_path):
    trainer = trainer_for(steps=8, samples=1)
    events = trained(trainer, tmp_path, held_out, should_stop=lambda: trainer.step == 3)
    assert [event["step"] for event in events] == [1, 2, 3]
    assert events[2]["sample"] == "000003.png"
    assert read_card(tmp_path / "checkpoints" / "best.safetensors")["step"] == 3
    before = contents_of(tmp_path)
    again = trainer_for(steps=8, samples=1)
    assert trained(again, tmp_path, held_out, should_stop=lambda: True) == events
    assert contents_of(tmp_path) == before


def test_without_held_out_images_the_newest_generator_is_the_best(trainer_for, unscored, tmp_path):
    trainer = trainer_for(steps=4, samples=2)
    seen = []
    for step in train_run(trainer, tmp_path, held_out=unscored):
        path = tmp_path / "checkpoints" / "best.safetensors"
        seen.append((step.step, read_card(path)["step"] if path.is_file() else 0))
    assert seen == [(1, 0), (2, 2), (3, 2), (4, 4)]
    events = read_events(tmp_path / "events.jsonl")
    assert [event.get("sample") for event in events] == [None, "000002.png", None, "000004.png"]
    assert not any(name.startswith("held_out") for event in events for name in event)


def test_a_run_without_looks_ends_with_a_generator_and_no_pictures(trainer_for, held_out, tmp_path):
    trained(trainer_for(steps=2, samples=0), tmp_path, held_out)
    assert read_card(tmp_path / "checkpoints" / "best.safetensors")["step"] == 2
    assert not (tmp_path / "samples").exists()
