import copy
import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import CropSource, find_pairs, read_sample
from napari_sharpgan.inference import card_of
from napari_sharpgan.metrics import panoptic_quality
from napari_sharpgan.models import SEGMENTERS
from napari_sharpgan.run_folders import run_status
from napari_sharpgan.segmentation import TARGETS, load_segmenter, segment
from napari_sharpgan.training import (
    SEGMENTER_RECIPES,
    GanConfig,
    SavePolicy,
    SegmenterConfig,
    SegmenterTrainer,
    choose_config,
    generator_path,
    plan_run,
    read_record,
    settled,
    train,
    train_run,
    train_steps,
)
from napari_sharpgan.training.segmenter import TissueSources
from napari_sharpgan.training.segmenter_held_out import HeldOutNuclei

CPU = torch.device("cpu")
TINY = SegmenterConfig(
    width=2, batch_size=2, steps=6, crop=64, precision="float32", samples=2, learning_rate=0.01
)


@pytest.fixture
def segmenter_for(samples):
    """Return a function that makes a trainer of a tiny segmenter, with other settings as given."""

    def make(**settings):
        config = replace(TINY, **settings)
        crops = CropSource(samples, TARGETS[config.target].plane, size=config.crop)
        return SegmenterTrainer(config, TissueSources(crops, None), device=CPU)

    return make


def events_of(run):
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("model", SEGMENTERS)
def test_every_network_learns_every_target(segmenter_for, model, target):
    trainer = segmenter_for(model=model, target=target, steps=12, decay=0.0, precision="bfloat16")
    losses = [step.losses["segmenter"] for step in train_steps(trainer)]
    assert np.isfinite(losses).all()
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


def test_the_loss_is_the_sum_of_the_terms_of_the_target(segmenter_for):
    losses = segmenter_for(target="distance").train_step()
    assert losses["segmenter"] == pytest.approx(losses["foreground"] + losses["distance"], rel=1e-5)


def test_a_batch_follows_from_seed_and_number_alone(segmenter_for):
    one, other = segmenter_for(), segmenter_for()
    one.train_step()
    for name in ("tissue", "plane"):
        assert torch.equal(getattr(one.batch(7), name), getattr(other.batch(7), name))
    assert not torch.equal(one.batch(7).tissue, segmenter_for(seed=1).batch(7).tissue)


def test_a_resume_is_bit_for_bit(segmenter_for):
    unbroken, first, second = segmenter_for(), segmenter_for(), segmenter_for()
    for _ in range(4):
        unbroken.train_step()
    for _ in range(2):
        first.train_step()
    second.restore(copy.deepcopy(first.state()))
    for _ in range(2):
        second.train_step()
    states = unbroken.network.state_dict(), second.network.state_dict()
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_a_settled_segmenter_is_in_eval_mode_and_leaves_the_trainer_alone(segmenter_for):
    trainer = segmenter_for()
    trainer.train_step()
    before = copy.deepcopy(trainer.averaged.state_dict())
    assert not settled(trainer, crops=4).training
    assert all(torch.equal(before[name], value) for name, value in trainer.averaged.state_dict().items())


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 400), (0.25, 100)])
def test_the_share_of_synthetic_crops_is_as_asked(samples, share, expected):
    """Real and synthetic ones are told apart by their planes: of the latter all are 1."""
    real = CropSource(samples, lambda labels: np.zeros(labels.shape, np.float32), size=32)
    synthetic = CropSource(samples, lambda labels: np.ones(labels.shape, np.float32), size=32)
    sources = TissueSources(real, synthetic, share)
    drawn = [sources.draw(np.random.default_rng(seed)).condition.max() for seed in range(400)]
    assert sum(drawn) == pytest.approx(expected, abs=4 * np.sqrt(400 * share * (1 - share)))


def test_a_run_folder_holds_what_that_of_a_generator_does(tissue_folder, tmp_path):
    run = tmp_path / "run"
    result = run_to_end(train(tissue_folder, run, TINY, recipe="unet", device="cpu"))
    assert (result.stopped, result.weights) == (False, generator_path(run))
    record = read_record(run)
    assert (record.config, record.kind, record.recipe) == (TINY, "segmenter", "unet")
    events = events_of(run)
    assert [event["step"] for event in events] == [1, 2, 3, 4, 5, 6]
    looks = [event for event in events if "held_out_score" in event]
    assert [look["step"] for look in looks] == [3, 6]
    assert {"loss_segmenter", "loss_foreground", "loss_distance"} <= set(events[0])
    for look in looks:
        assert look["held_out_score"] == pytest.approx(1 - look["held_out_pq"])
    best = min(looks, key=lambda look: look["held_out_score"])
    assert card_of(result.weights, "segmenter")["step"] == best["step"]
    assert {path.name for path in (run / "samples").iterdir()} == {
        *("real.png", "masks.png", "000003.png", "000006.png")
    }
    status = run_status(run)
    assert (status.kind, status.state, status.has_weights) == ("segmenter", "finished", True)
    assert status.best.pq == best["held_out_pq"]
    page = (run / "report.html").read_text()
    assert "Training of a segmenter" in page
    assert "panoptic quality" in page
    assert "generator" not in page


def test_the_best_segmenter_scores_what_its_event_says(segmenter_for, samples, tmp_path):
    trainer = segmenter_for(steps=4, samples=4)
    run_to_end(train_run(trainer, tmp_path, held_out=HeldOutNuclei(samples)))
    card = card_of(generator_path(tmp_path), "segmenter")
    segmenter = load_segmenter(generator_path(tmp_path))
    found = [segment(sample.image, segmenter, device="cpu", precision="float32") for sample in samples]
    scores = [panoptic_quality(one.labels, labels).pq for one, labels in zip(samples, found, strict=True)]
    assert card["held_out_pq"] == pytest.approx(np.mean(scores), abs=1e-9)


def test_a_run_that_goes_on_ends_with_the_same_files(segmenter_for, samples, tmp_path):
    """As after a kill: the last steps are lost, what they wrote is there."""
    images = HeldOutNuclei(samples)
    run_to_end(train_run(segmenter_for(), tmp_path / "unbroken", held_out=images))
    task = train_run(segmenter_for(), tmp_path / "killed", held_out=images, save=SavePolicy(steps=2))
    for _ in range(5):
        next(task)
    task.close()
    run_to_end(train_run(segmenter_for(), tmp_path / "killed", held_out=images))
    for name in ("last.safetensors", "best.safetensors"):
        one, other = (load_file(tmp_path / run / "checkpoints" / name) for run in ("unbroken", "killed"))
        assert all(torch.equal(one[key], other[key]) for key in one)
    pictures = [
        {path.name: np.asarray(Image.open(path)).tobytes() for path in (tmp_path / run / "samples").iterdir()}
        for run in ("unbroken", "killed")
    ]
    assert pictures[0] == pictures[1]


def test_synthetic_folders_are_trained_on_and_recorded(tissue_folder, tmp_path):
    config = replace(TINY, steps=1, samples=0, synthetic=os.pathsep.join([str(tissue_folder)] * 2))
    told = []
    run_to_end(train(tissue_folder, tmp_path, config, device="cpu", on_survey=told.append))
    assert [len(found.train) for found in told] == [1, 2, 2]
    names = [file.image for file in read_record(tmp_path).data.train]
    assert names == [
        "images/0.png",
        *(f"synthetic {folder}/images/{number}.png" for folder in (1, 2) for number in (0, 1)),
    ]
    assert run_to_end(train(None, tmp_path, device="cpu")).step == 1


def test_a_missing_synthetic_folder_is_said_before_there_is_a_run(tissue_folder, tmp_path):
    config = replace(TINY, synthetic=str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match="gone is no folder"):
        next(train(tissue_folder, tmp_path / "run", config, device="cpu"))
    assert not (tmp_path / "run").exists()


def test_a_run_of_a_segmenter_is_not_gone_on_with_as_a_generator(tissue_folder, tmp_path):
    run_to_end(train(tissue_folder, tmp_path, replace(TINY, steps=1, samples=0), device="cpu"))
    expected = r"trains a segmenter, not a generator; 'sharpgan train-segmenter' goes on with it"
    with pytest.raises(ValueError, match=expected):
        plan_run(tmp_path)
    with pytest.raises(ValueError, match=expected):
        choose_config(tmp_path)
    with pytest.raises(ValueError, match=expected):
        read_record(tmp_path, "generator")
    with pytest.raises(ValueError, match=expected):
        next(train(tissue_folder, tmp_path, GanConfig(steps=1), device="cpu"))


def test_it_begins_with_the_weights_and_the_network_of_another(segmenter_for, tmp_path, tissue_folder):
    first = segmenter_for(model="segnet", width=1, target="distance", steps=1)
    run_to_end(train_run(first, tmp_path / "first"))
    start = str(tmp_path / "first" / "checkpoints" / "last.safetensors")
    few = {"steps": 1, "batch_size": 1, "samples": 0, "learning_rate": 1e-7, "crop": 64, "start": start}
    plan = plan_run(tmp_path / "second", kind="segmenter", precision="float32", ema=0.0, **few)
    assert (plan.config.model, plan.config.width, plan.config.target) == ("segnet", 1, "distance")
    with pytest.raises(ValueError, match=r"was trained with width 1, but 8 was asked for; leave that away"):
        plan_run(tmp_path / "third", kind="segmenter", width=8, **few)
    result = run_to_end(train(tissue_folder, tmp_path / "second", plan.config, device="cpu"))
    for name, value in load_segmenter(result.weights).named_parameters():
        torch.testing.assert_close(value, load_segmenter(start).get_parameter(name), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("recipe", SEGMENTER_RECIPES)
def test_every_recipe_has_a_plan(recipe, tmp_path):
    assert plan_run(tmp_path, recipe, kind="segmenter").config == SEGMENTER_RECIPES[recipe]


def test_settings_that_no_run_could_use_are_refused():
    with pytest.raises(ValueError, match="crop must be a multiple of 32, got 100"):
        SegmenterConfig(crop=100)
    with pytest.raises(ValueError, match="target must be one of foreground, contour, distance; got 'edges'"):
        SegmenterConfig(target="edges")


def test_real_nuclei_are_found_after_a_few_dozen_steps(real_data):
    """A U-Net of width 4 on four tiles, scored on a fifth of the same set."""
    samples = [read_sample(*pair) for pair in find_pairs(real_data / "gbm")[:5]]
    config = replace(SegmenterConfig(), width=4, batch_size=4, steps=60, learning_rate=0.01)
    crops = CropSource(samples[:4], TARGETS[config.target].plane, size=128, stain_jitter=0.1)
    trainer = SegmenterTrainer(config, TissueSources(crops, None), device=CPU)
    losses = [step.losses["segmenter"] for step in train_steps(trainer)]
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:5])
    look = HeldOutNuclei(samples[4:]).look(settled(trainer, 16), CPU)
    assert look.scores["pq"] > 0.1
