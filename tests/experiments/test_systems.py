"""Each line of a table is what its name says."""

from dataclasses import asdict

import pytest

from napari_sharpgan.experiments import GENERATORS, SEGMENTERS
from napari_sharpgan.experiments.systems import ABLATION, LITERAL, OURS, WITH_L1

OURS_ALONE = asdict(GENERATORS["sharp-gan"].config)


def changes(name):
    return {key: value for key, value in asdict(GENERATORS[name].config).items() if value != OURS_ALONE[key]}


@pytest.mark.parametrize("group", [OURS, LITERAL, WITH_L1])
def test_the_papers_systems_differ_as_the_paper_says(group):
    binary, distance, sharp = (
        next(s.config for s in GENERATORS.values() if (s.title, s.group) == (title, group))
        for title in ("GAN-Binary", "GAN-DIST", "Sharp-GAN")
    )
    assert (binary.condition, binary.sharpness_weight) == ("binary", 0)
    assert distance.condition.startswith("distance")
    assert distance.sharpness_weight == 0 < sharp.sharpness_weight
    assert asdict(binary) | {"condition": distance.condition} == asdict(distance)
    assert asdict(distance) | {"sharpness_weight": sharp.sharpness_weight} == asdict(sharp)


def test_to_the_letter_there_is_eq_1_alone():
    config = GENERATORS["sharp-gan-literal"].config
    assert (config.adversarial, config.l1_weight, config.feature_weight) == ("log", 0, 0)
    assert not config.noise
    assert not config.stain
    assert GENERATORS["sharp-gan-l1"].config.l1_weight == 100


def test_an_ablation_changes_one_thing_of_ours():
    names = [name for name, system in GENERATORS.items() if system.group == ABLATION]
    assert len(names) >= 8
    assert [len(changes(name)) for name in names] == [1] * len(names)
    assert len({str(changes(name)) for name in names}) == len(names)


def test_both_networks_stand_with_both_targets():
    found = {(system.config.model, system.config.target) for system in SEGMENTERS.values()}
    assert found == {(model, target) for model in ("unet", "segnet") for target in ("foreground", "distance")}
