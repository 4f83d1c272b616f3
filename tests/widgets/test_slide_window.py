"""A slide in a real window while it is being written: what is there shows, what comes shows later."""

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.synthesis import SlideSettings, TileModel, synthesize_slide

SHAPE = (2048, 2048)


@pytest.fixture
def growing(tiny_generator, tmp_path):
    """The path of a slide with one of four blocks, and what makes the others."""
    out, steps = tmp_path / "growing.ome.zarr", []
    settings = SlideSettings(generator=str(tiny_generator), seed=1, block=1024)

    def make(most):
        steps.clear()
        task = synthesize_slide(
            out,
            SHAPE,
            settings,
            TileModel("", NucleiConfig(density=3000)),
            device="cpu",
            should_stop=lambda: len(steps) > most,
        )
        return run_to_end(task, steps.append)

    assert not make(1)["complete"]
    return out, make


def test_it_opens_with_all_levels_and_shows_what_is_written_later_where_one_looks(
    growing, make_napari_viewer, qtbot
):
    out, make = growing
    viewer = make_napari_viewer(show=True)
    image, labels = viewer.open(out, plugin="napari-sharpgan")
    assert (image.multiscale, labels.multiscale) == (True, True)
    assert image.rgb
    assert [level.shape[:2] for level in labels.data] == [(2048, 2048), (1024, 1024)]
    np.testing.assert_allclose(image.scale, (0.25, 0.25))
    far, there = np.s_[1500:1600, 1500:1600], np.s_[100:900, 100:900]
    assert (np.asarray(image.data[0][far]) == 255).all()
    assert not np.asarray(labels.data[0][far]).any()
    assert np.asarray(labels.data[0][there]).any()
    viewer.camera.center, viewer.camera.zoom = (1536 * 0.25, 1536 * 0.25), 8.0
    qtbot.waitUntil(lambda: image.data_level == 0)
    before = viewer.screenshot(flash=False).astype(int)
    assert make(9)["complete"]
    viewer.camera.center = 1530 * 0.25, 1530 * 0.25  # moved a little, it is read again
    qtbot.waitUntil(lambda: np.asarray(image._slice.image.raw).min() < 255)
    after = viewer.screenshot(flash=False).astype(int)
    assert before[..., :3].min() == 255  # white as glass
    assert after[..., :3].mean() < 240
    assert (np.asarray(image.data[0][far]) != 255).any()
    assert np.asarray(labels.data[0][far]).any()
