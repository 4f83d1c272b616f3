import pytest
import torch

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.models import PatchGAN, TissueGenerator
from napari_sharpgan.rendering import load_discriminator, load_generator, save_generator
from napari_sharpgan.training import SavePolicy, choose_config, generator_path, train


@pytest.fixture
def trained(tmp_path):
    """A generator of width 2 that sees the binary map, with its discriminator of width 3."""
    torch.manual_seed(5)
    generator = TissueGenerator("binary", 2, resize_levels=1, noise=True, stain=[0.5] * 6)
    path = tmp_path / "trained.safetensors"
    save_generator(generator, path, discriminator=PatchGAN(10, 3))
    return path


def config_for(run, start, **settings):
    few = {"steps": 2, "batch_size": 1, "precision": "float32", "samples": 0}
    return choose_config(run, "fine-tune", start=str(start), **few | settings)


def weights_of(network):
    return torch.cat([value.flatten() for value in network.parameters()])


def test_the_network_is_that_of_the_generator(trained, tmp_path):
    config = config_for(tmp_path / "run", trained)
    assert (config.condition, config.width, config.resize_levels) == ("binary", 2, 1)
    assert config.discriminator_width == 3
    assert config.noise
    assert config.stain


def test_another_network_is_refused(trained, tmp_path):
    with pytest.raises(ValueError, match=r"trained with width 2, but 8 was asked for; leave that away"):
        config_for(tmp_path / "run", trained, width=8)


def test_a_generator_that_is_not_there_is_named_before_any_time_is_spent(tmp_path):
    with pytest.raises(FileNotFoundError, match="no generator 'nobody'"):
        config_for(tmp_path / "run", "nobody")


def test_it_begins_with_the_weights_of_both_networks(trained, tissue_folder, tmp_path):
    """With a step size of next to nothing the weights stay what they were."""
    run = tmp_path / "run"
    config = config_for(run, trained, learning_rate=1e-7)
    run_to_end(train(tissue_folder, run, config))
    for load in (load_generator, load_discriminator):
        before, after = weights_of(load(trained)), weights_of(load(generator_path(run)))
        torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-3)  # float16


def test_a_resume_needs_the_generator_no_more(trained, tissue_folder, tmp_path):
    run = tmp_path / "run"
    config = config_for(run, trained, steps=3)
    steps = train(tissue_folder, run, config, save=SavePolicy(steps=1))
    next(steps)
    steps.close()
    trained.unlink()
    result = run_to_end(train(tissue_folder, run))
    assert result.step == 3
