"""What is there of a set or a slide, and its first tiles in one picture, whatever the format."""

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.rendering import Renderer
from napari_sharpgan.synthesis import (
    TILE_FORMATS,
    SlideSettings,
    TileModel,
    contact_sheet,
    synthesize_slide,
    synthesize_tiles,
    what_is_there,
)
from napari_sharpgan.synthesis.there import GAP


@pytest.mark.parametrize("name", TILE_FORMATS)
def test_a_set_that_was_stopped_tells_how_far_it_is_and_shows_its_first_tiles(plan, tmp_path, name):
    steps, asked = [], plan(format=name, nuclei={"level": 2.0})
    stopped = lambda: len(steps) > 1  # noqa: E731 - after the first of two shards
    assert (
        run_to_end(
            synthesize_tiles(tmp_path / "set", asked, 5, device="cpu", should_stop=stopped), steps.append
        )
        == 3
    )
    there = what_is_there(tmp_path / "set")
    assert (there.done, there.total) == (3, 5)
    assert there.settings == {"size": 64, "format": name, "shard": 3}
    tissue, labels = contact_sheet(tmp_path / "set")
    assert tissue.shape == (2 * 64 + GAP, 2 * 64 + GAP, 3)
    renderer = Renderer(asked.settings.generator, device="cpu")
    tiles = [asked.tile(number, renderer) for number in range(3)]
    corners = [(0, 0), (0, 64 + GAP), (64 + GAP, 0)]
    for tile, (row, column) in zip(tiles, corners, strict=True):
        window = slice(row, row + 64), slice(column, column + 64)
        np.testing.assert_array_equal(tissue[window], tile.tissue)
        np.testing.assert_array_equal(labels[window] > 0, tile.labels > 0)
    assert (tissue[64 + GAP :, 64 + GAP :] == 255).all()
    assert labels.max() == sum(int(tile.labels.max()) for tile in tiles)


def test_a_slide_tells_its_size_and_how_many_blocks_are_there(tiny_generator, tmp_path):
    steps, out = [], tmp_path / "a.ome.zarr"
    settings, model = SlideSettings(str(tiny_generator), block=512), TileModel("", NucleiConfig(level=1))
    for most, done in ((1, 1), (9, 2)):
        steps.clear()
        task = synthesize_slide(
            out, (512, 600), settings, model, device="cpu", should_stop=lambda most=most: len(steps) > most
        )
        run_to_end(task, steps.append)
        there = what_is_there(out)
        assert (there.done, there.total, there.settings) == (done, 2, {"shape": (512, 600)})


def test_of_anything_else_nothing_is_there(tmp_path):
    (tmp_path / "manifest.json").write_text("[]")
    (tmp_path / "b.ome.zarr").mkdir()
    for name in ("", "nowhere", "b.ome.zarr", "nowhere.ome.zarr"):
        assert what_is_there(tmp_path / name) is None
    with pytest.raises(ValueError, match="has no tiles that are finished"):
        contact_sheet(tmp_path)
