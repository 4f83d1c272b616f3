"""What the shipped generator promises, on tiles that no training has seen."""

import copy
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli import main
from napari_sharpgan.data import Sample, read_samples
from napari_sharpgan.formats import read_image, read_labels
from napari_sharpgan.metrics.realism import color_difference, nuclei_darker, texture
from napari_sharpgan.models import TissueGenerator
from napari_sharpgan.rendering import (
    SHIPPED,
    Renderer,
    load_generator,
    read_card,
    render,
    render_windows,
    shipped_generators,
)


@dataclass
class Tile:
    sample: Sample
    tissue: np.ndarray  # in the stain that the generator has by default
    stained: np.ndarray  # in the stain of the real tile


@pytest.fixture(scope="module")
def generator():
    return load_generator()


@pytest.fixture(scope="module")
def tiles(real_data, generator):
    """The unseen glioblastoma and lower-grade-glioma tiles of the split, rendered from their masks."""
    samples = [s for s in read_samples(real_data, "test") if s.name.startswith(("gbm", "lgg"))]
    assert len(samples) == 14
    renderer = Renderer(generator)

    def rendered(sample, stain=None):
        return run_to_end(render_windows(sample.labels, renderer.in_stain(stain)))

    return [Tile(s, rendered(s), rendered(s, s.stain.tolist())) for s in samples]


def share_darker(tiles, pictures):
    """Return the share of all nuclei of the tiles that are darker than their surroundings."""
    counts = [len(np.unique(tile.sample.labels)) - 1 for tile in tiles]
    shares = [
        nuclei_darker(picture, tile.sample.labels) for tile, picture in zip(tiles, pictures, strict=True)
    ]
    return float(np.average(shares, weights=counts))


def test_it_was_trained_on_real_tissue_and_says_how(generator):
    assert SHIPPED in shipped_generators()
    assert read_card()["step"] > 1000
    assert generator.settings["condition"] != "binary"


def test_95_of_100_nuclei_are_darker_than_their_surroundings(tiles):
    assert share_darker(tiles, [tile.tissue for tile in tiles]) >= 0.95
    assert share_darker(tiles, [tile.stained for tile in tiles]) >= 0.95


def test_every_tile_has_the_color_of_the_real_one_when_asked_for_its_stain(tiles):
    away = {tile.sample.name: color_difference(tile.sample.image, tile.stained) for tile in tiles}
    assert {name: value for name, value in away.items() if value > 25} == {}


@pytest.mark.parametrize("tissue", ["gbm", "lgg"])
def test_without_a_stain_it_has_the_color_of_such_tissue(tiles, tissue):
    away = [
        color_difference(tile.sample.image, tile.tissue)
        for tile in tiles
        if tile.sample.name.startswith(tissue)
    ]
    assert np.mean(away) <= 25


@pytest.mark.parametrize("picture", ["tissue", "stained"])
def test_the_background_has_at_least_7_tenths_of_the_real_texture(tiles, picture):
    real = [texture(tile.sample.image, tile.sample.labels) for tile in tiles]
    synthetic = [texture(getattr(tile, picture), tile.sample.labels) for tile in tiles]
    for name in ("background_sd", "background_gradient"):
        ratios = [getattr(s, name) / getattr(r, name) for s, r in zip(synthetic, real, strict=True)]
        assert np.mean(ratios) >= 0.7, name


def test_with_its_weights_zeroed_the_picture_is_gone(tiles, generator):
    zeroed = copy.deepcopy(generator)
    with torch.no_grad():
        for parameter in zeroed.parameters():
            parameter.zero_()
    gone = render(tiles[0].sample.labels, zeroed)
    assert gone.std() == 0
    assert nuclei_darker(gone, tiles[0].sample.labels) == 0


def test_the_same_nuclei_give_the_same_picture_again(tiles, generator):
    np.testing.assert_array_equal(render(tiles[0].sample.labels, generator), tiles[0].tissue)


def test_another_seed_gives_other_tissue_of_the_same_nuclei(tiles, generator):
    if not generator.noise:
        pytest.skip("this generator has no noise to vary")
    other = render(tiles[0].sample.labels, generator, seed=1)
    assert np.abs(other.astype(int) - tiles[0].tissue).mean() > 0.5
    assert nuclei_darker(other, tiles[0].sample.labels) >= 0.95


def test_windows_leave_no_seam(tiles):
    """Where windows overlap, rows must differ from the next no more than elsewhere."""
    gray = np.mean([tile.tissue.mean(axis=2) for tile in tiles], axis=0)
    steps = np.abs(np.diff(gray, axis=0)).mean(axis=1)
    borders = [192 - 1, 256 - 1, 384 - 1, 448 - 1]
    assert steps[borders].max() < 1.5 * np.median(steps)


@pytest.fixture(scope="module")
def empty(generator):
    """The gray levels, 0 to 255, of tissue without nuclei: where nothing hides what repeats."""
    return render(np.zeros((512, 512), np.int32), generator).mean(axis=2)


@pytest.mark.parametrize("lag", [32, 64, 128, 192])
def test_the_background_does_not_repeat(empty, lag):
    for gray in (empty, empty.T):
        alike = np.corrcoef(gray[:, :-lag].ravel(), gray[:, lag:].ravel())[0, 1]
        assert alike < 0.5, f"pixels {lag} apart are alike"


@pytest.mark.parametrize("period", [2, 4])
def test_there_is_no_fine_grid_in_the_background(empty, period):
    waves = 2 * np.abs(np.fft.fft2(empty - empty.mean())) / empty.size
    place = 512 // period
    assert max(waves[0, place], waves[place, 0], waves[place, place]) < 1  # gray level of 255


def test_the_command_renders_the_131_nuclei_of_a_real_image(real_data, tmp_path, capsys):
    mask, out = real_data / "cpm15" / "image12_mask.txt", tmp_path / "tissue.tif"
    assert main(["render", str(mask), str(out)]) == 0, capsys.readouterr().err
    labels, tissue = read_labels(mask), read_image(out)
    assert len(np.unique(labels)) - 1 == 131
    assert tissue.shape == (*labels.shape, 3)
    assert nuclei_darker(tissue, labels) >= 0.95


def test_weights_are_a_generator_of_ours(generator):
    assert isinstance(generator, TissueGenerator)
    assert all(torch.isfinite(value).all() for value in generator.state_dict().values())
