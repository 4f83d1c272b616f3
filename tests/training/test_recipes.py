from dataclasses import asdict

import pytest

from napari_sharpgan.training import DEFAULT_RECIPE, RECIPES, GanConfig


def differing(one, other):
    return {name for name, value in asdict(one).items() if asdict(other)[name] != value}


def test_the_defaults_are_the_default_recipe():
    assert RECIPES[DEFAULT_RECIPE] == GanConfig()


def test_the_ablation_differs_just_where_it_should():
    sharp, dist, binary = (RECIPES[name] for name in ("sharp-gan", "gan-dist", "gan-binary"))
    assert differing(sharp, dist) == {"sharpness_weight"}
    assert differing(dist, binary) == {"condition"}
    assert (dist.sharpness_weight, binary.condition) == (0, "binary")


def test_the_paper_to_the_letter_runs_for_its_500_epochs():
    paper = RECIPES["paper-literal"]
    assert paper.steps * paper.batch_size == pytest.approx(500 * 235, abs=paper.batch_size)
    assert (paper.batch_size, paper.width, paper.learning_rate) == (16, 64, 1e-4)
    assert (paper.adversarial, paper.l1_weight, paper.feature_weight) == ("log", 0, 0)
    assert not any((paper.noise, paper.stain, paper.resize_levels, paper.ema, paper.stain_jitter))
    assert paper.sharpness_weight > 0


def test_pix2pix_with_sharpness_has_the_weights_of_pix2pix():
    pix2pix = RECIPES["pix2pix-sharpness"]
    assert (pix2pix.l1_weight, pix2pix.dropout, pix2pix.learning_rate) == (100, 0.5, 2e-4)
    assert pix2pix.sharpness_weight > 0
