import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.inference import blend_weights
from napari_sharpgan.maps import CONDITION_MAPS, normalized_distance_map
from napari_sharpgan.models import canvas_noise
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import (
    Renderer,
    RenderStep,
    TissueCanvas,
    load_generator,
    render,
    render_windows,
)
from napari_sharpgan.rendering.condition_maps import DEVICE_MAPS


class Gray(nn.Module):
    """Show the condition itself as gray."""

    def forward(self, condition):
        return condition.expand(-1, 3, -1, -1)


@pytest.fixture(scope="module")
def labels():
    shape = 300, 470
    return rasterize(random_nuclei(shape, 40, seed=1), shape)


class White(Gray):
    """Show white, whatever the condition is."""

    def forward(self, condition):
        return super().forward(condition).clone().fill_(1)


@pytest.mark.parametrize("shape", [(1, 1), (200, 100), (500, 300)])
def test_every_pixel_is_rendered_to_the_very_corners(shape):
    assert (render(np.zeros(shape, int), White(), device="cpu") == 255).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 300), (255, 256), (257, 100), (300, 470)])
def test_any_size_is_rendered_without_a_seam(labels, shape):
    """A network that shows its input must show the map of all of it, however it was cut into windows."""
    part = labels[: shape[0], : shape[1]]
    expected = np.rint(normalized_distance_map(part) * 255)
    tissue = render(part, Gray(), device="cpu")
    assert tissue.shape == (*shape, 3)
    assert tissue.dtype == np.uint8
    np.testing.assert_allclose(tissue[..., 2], expected, atol=1)


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(labels, tiny_generator):
    pictures = [render(labels, tiny_generator, device="cpu", seed=seed) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()


def test_the_picture_follows_the_nuclei(labels, tiny_generator):
    empty = render(np.zeros_like(labels), tiny_generator, device="cpu")
    assert (render(labels, tiny_generator, device="cpu") != empty).any()


def test_the_numbers_of_the_nuclei_do_not_matter(labels):
    renumbered = np.where(labels > 0, 1_000_003 - 7 * labels.astype(np.int64), 0)
    np.testing.assert_array_equal(
        render(labels, Gray(), device="cpu"), render(renumbered, Gray(), device="cpu")
    )


def test_the_first_window_does_not_hang_on_the_size_of_the_canvas(tiny_generator):
    settings = {"device": "cpu", "precision": "float32", "batch_size": 1}
    small = render(np.zeros((256, 256), int), tiny_generator, **settings)
    large = render(np.zeros((256, 500), int), tiny_generator, **settings)
    np.testing.assert_array_equal(small[:, :192], large[:, :192])


def test_windows_rendered_one_by_one_in_any_order_make_the_same_picture(labels):
    renderer = Renderer(Gray(), device="cpu")
    canvas = TissueCanvas(labels.shape, renderer)
    condition = renderer.condition_map(labels)
    places = list(canvas.grid)
    for index in np.random.default_rng(0).permutation(len(places)):
        place = places[index]
        changed = canvas.update({place: condition[canvas.grid.extent(place)]})
        assert changed == [canvas.grid.extent(place)]
    np.testing.assert_array_equal(canvas.image, render(labels, Gray(), device="cpu"))


def test_an_update_changes_its_windows_only(labels):
    renderer = Renderer(Gray(), device="cpu")
    canvas = TissueCanvas(labels.shape, renderer)
    condition = renderer.condition_map(labels)
    canvas.update({place: condition[canvas.grid.extent(place)] for place in canvas.grid})
    before = canvas.image.copy()
    (changed,) = canvas.update({(1, 0): torch.ones(108, 256)})
    assert changed == (slice(192, 300), slice(0, 256))
    differs = (canvas.image != before).any(axis=2)
    assert differs[changed].any()
    differs[changed] = False
    assert not differs.any()


@pytest.mark.parametrize(
    ("shape", "batch_size", "done"),
    [
        ((900, 1), 4, [5]),
        ((900, 900), 4, [15, 25]),  # rows of 5, three at a time
        ((900, 900), 23, [20, 25]),
        ((300, 3800), 4, [16, 20, 36, 40]),  # two rows of 20
        ((300, 3800), 40, [40]),
    ],
)
def test_progress_rises_by_whole_rows_where_they_are_short(shape, batch_size, done):
    steps = []
    renderer = Renderer(Gray(), device="cpu", batch_size=batch_size)
    run_to_end(render_windows(np.zeros(shape, int), renderer), steps.append)
    assert steps == [RenderStep(number, done[-1]) for number in done]


def test_it_can_be_stopped_and_leaves_the_rest_black():
    steps = []
    task = render_windows(
        np.ones((900, 900), int),
        Renderer(Gray(), device="cpu"),
        should_stop=lambda: len(steps) >= 1,
    )
    picture = run_to_end(task, steps.append)
    assert len(steps) == 1
    assert picture[:640].any(axis=(1, 2)).all()
    assert not picture[640:].any()


def test_the_labels_are_left_alone(labels):
    before = labels.copy()
    render(labels, Gray(), device="cpu")
    np.testing.assert_array_equal(labels, before)


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        (np.zeros((4, 5)), TypeError, "labels must hold integers"),
        (np.zeros((4, 5, 3), int), ValueError, r"must have shape \(H, W\), got \(4, 5, 3\)"),
        (np.full((4, 5), -1), ValueError, "must lie between 0"),
        (np.zeros((0, 5), int), ValueError, "at least one pixel"),
    ],
)
def test_bad_labels_are_named(labels, error, message):
    with pytest.raises(error, match=message):
        render(labels, Gray(), device="cpu")


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_bad_seeds_are_named(seed):
    with pytest.raises(ValueError, match="seed must lie between 0 and 2147483647"):
        render(np.zeros((4, 5), int), Gray(), device="cpu", seed=seed)


def plainly(labels, seed):
    """Return the picture of a scene as the shipped generator and the rules for windows have it, in floats."""
    generator = load_generator()
    condition = CONDITION_MAPS[generator.condition](labels)
    canvas, total = np.zeros((*labels.shape, 3)), np.zeros((*labels.shape, 1))
    for top in range(0, max(labels.shape[0] - 64, 1), 192):
        for left in range(0, max(labels.shape[1] - 64, 1), 192):
            part = condition[top : top + 256, left : left + 256]
            height, width = part.shape
            full = np.pad(part, [(0, 256 - height), (0, 256 - width)], mode="symmetric")
            noise = canvas_noise(top, left, 256, 256, seed=seed)
            noise *= 0.6 + 0.4 * min(5 * (full > 0).mean(), 1)
            with torch.inference_mode():
                tissue = generator(*(torch.from_numpy(plane)[None, None] for plane in (full * 2 - 1, noise)))
            weights = blend_weights()[:height, :width, None]
            here = np.s_[top : top + 256, left : left + 256]
            canvas[here] += weights * (tissue[0].permute(1, 2, 0).numpy()[:height, :width] + 1) * 127.5
            total[here] += weights
    return canvas / total


def test_the_picture_is_that_of_the_plain_rules(labels):
    tissue = render(labels, device="cpu", precision="float32", seed=7)
    assert np.abs(tissue - plainly(labels, 7)).max() < 1.01


def test_the_way_of_a_gpu_gives_the_same_picture(labels):
    """All but the network is torch; a GPU makes the map, too, and takes more windows at once."""
    renderer = Renderer(device="cpu", precision="float32", batch_size=32)
    canvas = TissueCanvas(labels.shape, renderer, seed=7)
    condition = DEVICE_MAPS["distance-inverted"](torch.from_numpy(labels))
    canvas.update({place: condition[canvas.grid.extent(place)] for place in canvas.grid})
    expected = render(labels, device="cpu", precision="float32", seed=7)
    assert np.abs(canvas.image.astype(int) - expected).max() <= 1
