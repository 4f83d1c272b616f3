"""The command of a wish asks for what the docks show."""

import shlex
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

import pytest

from napari_sharpgan.cli import synthesize
from napari_sharpgan.cli._likeness import asked_stain, given_nuclei
from napari_sharpgan.cli._options import config_from
from napari_sharpgan.nuclei import NucleiConfig, mean_density
from napari_sharpgan.synthesis import SlideSettings, TileSettings
from napari_sharpgan.synthesis.models import slide_model
from napari_sharpgan.widgets._synthesis_wish import Look, SlideWish, TilesWish

NUCLEI = NucleiConfig(level=3.0, spikiness=0.2, rounding=2, vertices_min=8, seed=5)
LOOK = Look(NUCLEI, (512, 512))


def parsed(wish):
    """Return what the command understands of a wish."""
    parser = ArgumentParser()
    synthesize.add_arguments(parser)
    program, command, *arguments = shlex.split(wish.command)
    assert (program, command) == ("sharpgan", "synthesize")
    assert arguments == wish.arguments[1:]
    return parser.parse_args(arguments)


def of_slide(nuclei):
    """Return the same nuclei on a slide, where what is drawn once a canvas has its mean."""
    return replace(nuclei, size_spread=0.0, density=mean_density(nuclei.level))


def test_tiles_are_asked_for_with_all_that_differs_from_the_usual(tiny_generator):
    stain = (0.71239, 0.5, 0.7, 0.1, 0.12, 0.09)
    look = replace(LOOK, generator=str(tiny_generator), device="cpu", stain=stain, seed=4)
    options = parsed(TilesWish(Path("my tiles"), look, 3, 5000, 128, "zarr"))
    assert (options.out, options.count, options.workers) == (Path("my tiles"), 5000, 3)
    asked = TileSettings(str(tiny_generator), seed=4, size=128, format="zarr", shard=100)
    assert config_from(options, TileSettings) == asked
    assert NucleiConfig(**given_nuclei(options)) == replace(NUCLEI, seed=0)
    assert (options.device, asked_stain(options)) == ("cpu", (0.7124, *stain[1:]))


def test_what_is_usual_is_left_out():
    wish = TilesWish(None, Look(NucleiConfig(), (512, 512)), 1, 5000)
    assert wish.command == "sharpgan synthesize tiles --count 5000 --level 2.0 --rounding 0"
    wish = SlideWish(None, Look(NucleiConfig(), (512, 512)), 1, (16_384, 16_384))
    assert slide_model(given_nuclei(parsed(wish))).nuclei == of_slide(NucleiConfig())
    assert wish.command == "sharpgan synthesize slide.ome.zarr --shape 16384 16384 --level 2.0 --rounding 0"


def test_few_tiles_are_made_in_small_jobs_but_those_of_a_set_that_is_there():
    assert parsed(TilesWish(None, LOOK, 1, 1000)).shard == 10
    assert config_from(parsed(TilesWish(None, LOOK, 1, 1001)), TileSettings).shard == 100
    assert parsed(TilesWish(None, LOOK, 1, 5000, shard=10)).shard == 10


def test_a_count_on_a_canvas_is_as_many_a_square_millimeter():
    look = Look(NucleiConfig(count=164), (1024, 640))
    options = parsed(TilesWish(None, look, 1))  # 0.256 mm x 0.16 mm
    assert options.density == pytest.approx(164 / (0.256 * 0.16), abs=0.001)
    assert parsed(TilesWish(None, replace(look, nuclei=NucleiConfig(count=0)), 1)).density > 0


@pytest.mark.parametrize(
    ("shape", "workers", "block"),
    [
        ((16_384, 16_384), 1, 4096),
        ((16_384, 16_384), 8, 2048),
        ((2048, 2000), 1, 512),
        ((300, 300), 1, 512),
        ((200_000, 200_000), 1, 4096),
    ],
)
def test_a_slide_has_blocks_enough_to_see_it_go_on(shape, workers, block):
    wish = SlideWish(Path("a.ome.zarr"), LOOK, workers, shape)
    options = parsed(wish)
    assert tuple(options.shape) == shape
    assert config_from(options, SlideSettings).block == block
    assert slide_model(given_nuclei(options)).nuclei == of_slide(replace(NUCLEI, seed=0))


def test_what_is_left_of_a_set_that_grows_and_of_a_slide():
    assert TilesWish(None, LOOK, 1, 100, 64).pixels_left(40, 50) == 60 * 64 * 64
    assert TilesWish(None, LOOK, 1, 100, 64).pixels_left(140, 140) == 0
    assert SlideWish(None, LOOK, 1, (1000, 1000)).pixels_left(3, 4) == 250_000


def test_a_generator_that_lies_in_no_file_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="lies in no file; choose another one in the dock Tissue"):
        _ = TilesWish(None, replace(LOOK, generator=object()), 1).command


def test_what_is_about_equally_fast_has_one_name():
    one, other = TilesWish(Path("a"), LOOK, 1, 10), TilesWish(Path("b"), replace(LOOK, seed=3), 1, 20)
    assert one.speed_name == other.speed_name
    slower = replace(LOOK, generator="/weights/large.safetensors")
    assert (
        len({one.speed_name, SlideWish(None, LOOK, 1).speed_name, replace(one, look=slower).speed_name}) == 3
    )
