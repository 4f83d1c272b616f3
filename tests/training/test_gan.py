import copy

import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.losses import sharpness_loss
from napari_sharpgan.training import RECIPES, gan, settled, train_steps


def test_a_batch_follows_from_seed_and_number_alone(trainer_for):
    one, other = trainer_for(), trainer_for()
    one.train_step()
    for name in ("condition", "contour", "tissue", "noise", "stain"):
        assert torch.equal(getattr(one.batch(7), name), getattr(other.batch(7), name))
    assert not torch.equal(one.batch(7).tissue, one.batch(8).tissue)
    assert not torch.equal(one.batch(7).noise, trainer_for(seed=1).batch(7).noise)


def test_a_step_moves_every_weight_of_both_networks(trainer_for):
    trainer = trainer_for(dropout=0.5)
    networks = [trainer.generator, trainer.discriminator, trainer.averaged]
    before = [copy.deepcopy(network.state_dict()) for network in networks]
    losses = trainer.train_step()
    assert set(losses) == {"generator", "discriminator", "adversarial", "sharpness", "l1", "feature"}
    assert all(np.isfinite(value) for value in losses.values())
    for network, old in zip(networks, before, strict=True):
        still = [name for name, weight in network.named_parameters() if torch.equal(weight, old[name])]
        assert [name for name in still if "weight" in name] == []


def test_the_generator_loss_is_the_weighted_sum_of_its_terms(trainer_for):
    trainer = trainer_for(sharpness_weight=3.0, l1_weight=5.0, feature_weight=7.0)
    losses = trainer.train_step()
    weighted = {"adversarial": 1, "sharpness": 3, "l1": 5, "feature": 7}
    total = sum(weight * losses[name] for name, weight in weighted.items())
    assert losses["generator"] == pytest.approx(total, rel=1e-5)


def test_without_averaging_the_averaged_generator_is_the_last_one(trainer_for):
    trainer = trainer_for(ema=0.0)
    trainer.train_step()
    pairs = zip(trainer.averaged.parameters(), trainer.generator.parameters(), strict=True)
    assert all(torch.equal(mean, last) for mean, last in pairs)


def test_the_learning_rate_is_held_and_then_falls_to_0(trainer_for):
    trainer, rates = trainer_for(steps=10, decay=0.5, learning_rate=1e-3), []
    for step in range(11):
        trainer.step = step
        trainer._set_learning_rate()
        rates.append(trainer.optimizers[0].param_groups[0]["lr"])
    assert rates == pytest.approx([1e-3] * 6 + [8e-4, 6e-4, 4e-4, 2e-4, 0])


def test_it_learns_the_two_colors_of_a_picture(trainer_for):
    trainer = trainer_for(steps=16, l1_weight=50.0, learning_rate=0.01, decay=0.0)
    losses = [step.losses["l1"] for step in _steps(trainer)]
    assert np.mean(losses[-3:]) < 0.6 * losses[0]


def test_it_stops_when_it_is_asked(trainer_for):
    trainer = trainer_for(steps=100)
    assert run_to_end(train_steps(trainer, should_stop=lambda: trainer.step == 2)) == 2


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_trains(trainer_for, recipe):
    settings = vars(RECIPES[recipe]) | {"width": 1, "batch_size": 2, "steps": 1, "precision": "bfloat16"}
    (step,) = _steps(trainer_for(**settings))
    assert all(np.isfinite(value) for value in step.losses.values())
    assert step.images_per_second == pytest.approx(2 / step.seconds)


def test_settling_takes_statistics_anew_without_touching_the_trainer(trainer_for):
    trainer = trainer_for(dropout=0.5)
    trainer.train_step()
    before = copy.deepcopy(trainer.state())
    generator = settled(trainer, crops=4)
    assert not generator.training
    _assert_same(trainer.state(), before)
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms
    assert all(norm.num_batches_tracked == 2 for norm in norms)


def test_settled_statistics_are_those_of_the_crops(trainer_for):
    """Over the crops that they were taken from, the eval mode gives what the train mode gives."""
    trainer = trainer_for()
    trainer.train_step()
    settled_one, unsettled = settled(trainer, crops=2), copy.deepcopy(trainer.averaged).eval()
    batch = trainer.batch(trainer.config.steps)
    planes = (batch.condition, batch.noise, batch.stain)
    with torch.no_grad():
        moving = copy.deepcopy(trainer.averaged).train()(*planes)
        away, before = ((g(*planes) - moving).abs().mean() for g in (settled_one, unsettled))
    assert away < 0.1 * moving.std()  # not 0: running variances are unbiased, those of a batch are not
    assert away < 0.5 * before


def test_what_dropout_drops_follows_from_seed_and_step_alone(trainer_for):
    """So a resume drops the same, whatever was drawn in between, such as for a look at held-out images."""
    one, other = trainer_for(dropout=0.5), trainer_for(dropout=0.5)
    losses = [one.train_step() for _ in range(2)]
    assert other.train_step() == losses[0]
    torch.rand(7)
    assert other.train_step() == losses[1]


def test_gradients_of_bfloat16_are_finite_and_near_those_of_float32(trainer_for, monkeypatch):
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self: None)  # keeps weights and gradients
    exact, short = trainer_for(), trainer_for(precision="bfloat16")
    assert short.bfloat16
    for trainer in (exact, short):
        trainer.train_step()
    for mine, theirs in ((exact.generator, short.generator), (exact.discriminator, short.discriminator)):
        gradients = [torch.cat([p.grad.flatten() for p in net.parameters()]) for net in (mine, theirs)]
        assert all(torch.isfinite(g).all() and g.dtype == torch.float32 for g in gradients)
        assert torch.cosine_similarity(*gradients, dim=0) > 0.9


def test_sharpness_is_computed_in_float32_whatever_the_networks_compute_in(trainer_for, monkeypatch):
    seen = []

    def watched(gray, *rest, **settings):
        loss = sharpness_loss(gray, *rest, **settings)
        seen.append((gray.dtype, loss.dtype, loss.item()))
        return loss

    monkeypatch.setattr(gan, "sharpness_loss", watched)
    losses = trainer_for(precision="bfloat16").train_step()
    assert seen == [(torch.float32, torch.float32, losses["sharpness"])]


def _steps(trainer):
    return list(train_steps(trainer))


def _assert_same(one, other):
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            _assert_same(one[key], other[key])
    elif isinstance(one, list | tuple):
        for mine, yours in zip(one, other, strict=True):
            _assert_same(mine, yours)
    else:
        assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other
