import numpy as np
import pytest
import torch

from napari_sharpgan.data import CropSource, Sample, pixels_to_tensor
from napari_sharpgan.maps import binary_map, contour_map


def sample(height, width, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.repeat(rng.integers(0, 5, (height // 4, width // 4)), 4, 0), 4, 1)
    return Sample(f"tile {seed}", rng.integers(0, 256, (height, width, 3), dtype=np.uint8), labels)


def images_of(batch):
    """Return jittered crops as float arrays (N, H, W, 3) in [0, 1]."""
    tissue = pixels_to_tensor(torch.from_numpy(batch.pixels), torch.from_numpy(batch.jitter))
    return ((tissue + 1) / 2).permute(0, 2, 3, 1).numpy()


def is_a_turn_of(crop, image, size):
    """Return whether a crop is some square of an image, turned or flipped in one of the 8 ways."""
    squares = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
    squares = np.moveaxis(squares, 2, -1)  # (rows, columns, size, size, channels)
    ways = [np.rot90(way, turns) for way in (crop, crop[:, ::-1]) for turns in range(4)]
    return any(np.isclose(squares, way, atol=1e-6).all(axis=(2, 3, 4)).any() for way in ways)


def test_crops_are_squares_of_the_image_turned_or_flipped_with_their_maps():
    tile = sample(20, 28)
    batch = CropSource([tile], binary_map, size=8).draw(30, np.random.default_rng(0))
    layers = np.dstack([tile.image / 255, binary_map(tile.labels), contour_map(tile.labels)])
    for image, condition, contour in zip(images_of(batch), batch.condition, batch.contour, strict=True):
        assert is_a_turn_of(np.dstack([image, condition, contour]), layers, 8)


def test_all_eight_ways_to_turn_come_up():
    tile = sample(8, 8)
    batch = CropSource([tile], binary_map, size=8).draw(200, np.random.default_rng(0))
    assert len({image.tobytes() for image in images_of(batch)}) == 8


def test_every_place_comes_up_the_last_row_and_column_included():
    image = np.zeros((10, 9, 3), np.uint8)
    image[..., 0], image[..., 1] = np.arange(10)[:, None], np.arange(9)
    source = CropSource([Sample("tile", image, np.zeros((10, 9), int))], binary_map, size=8)
    batch = source.draw(300, np.random.default_rng(0))
    lowest = np.rint(images_of(batch).min(axis=(1, 2)) * 255).astype(int)
    assert {tuple(place) for place in lowest[:, :2].tolist()} == {(r, c) for r in range(3) for c in range(2)}


def test_the_same_random_numbers_give_the_same_crops():
    source = CropSource([sample(20, 20), sample(24, 20, 1)], binary_map, size=8, stain_jitter=0.2)
    first, second, third = (source.draw(5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    for name in ("condition", "contour", "pixels", "jitter", "stain"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert (first.pixels != third.pixels).any()


def test_maps_are_made_of_whole_images():
    from napari_sharpgan.maps import distance_map

    labels = np.ones((8, 16), int)  # one nucleus, far larger than a crop
    tile = Sample("tile", np.zeros((8, 16, 3), np.uint8), labels)
    batch = CropSource([tile], distance_map, size=8).draw(20, np.random.default_rng(0))
    assert batch.condition.max() == pytest.approx(distance_map(labels).max())


def test_large_images_come_up_more_often():
    dark, bright = (
        Sample(str(level), np.full((side, side, 3), level, np.uint8), np.zeros((side, side), int))
        for level, side in ((0, 30), (255, 10))
    )
    batch = CropSource([dark, bright], binary_map, size=8).draw(1000, np.random.default_rng(0))
    assert images_of(batch)[:, 0, 0, 0].mean() == pytest.approx(100 / 1000, abs=0.03)


def test_small_images_are_mirrored():
    tile = sample(4, 12)
    batch = CropSource([tile], binary_map, size=8).draw(10, np.random.default_rng(0))
    mirrored = np.concatenate([tile.image, tile.image[::-1]]) / 255
    assert all(is_a_turn_of(image, mirrored, 8) for image in images_of(batch))


def test_jitter_moves_the_stain_as_it_moves_the_image():
    rng = np.random.default_rng(0)
    image = rng.integers(110, 140, (8, 8, 3), dtype=np.uint8)  # far from black and white: nothing is clipped
    tile = Sample("tile", image, np.zeros((8, 8), int))
    batch = CropSource([tile], binary_map, size=8, stain_jitter=0.3).draw(6, rng)
    images = images_of(batch)
    measured = np.concatenate([images.mean(axis=(1, 2)), images.std(axis=(1, 2))], axis=1)
    np.testing.assert_allclose(batch.stain, measured, atol=1e-5)
    assert np.ptp(batch.stain, axis=0).min() > 0


def test_no_jitter_leaves_image_and_stain_alone():
    tile = sample(8, 8)
    batch = CropSource([tile], binary_map, size=8).draw(3, np.random.default_rng(0))
    np.testing.assert_array_equal(batch.stain, np.tile(tile.stain, (3, 1)))
    np.testing.assert_array_equal(batch.jitter, np.tile([[1, 1, 1], [0, 0, 0]], (3, 1, 1)))
    assert {array.dtype for array in (batch.jitter, batch.condition, batch.stain)} == {np.dtype(np.float32)}


def test_jittered_images_stay_in_range():
    batch = CropSource([sample(8, 8)], binary_map, size=8, stain_jitter=0.5).draw(
        20, np.random.default_rng(0)
    )
    images = images_of(batch)
    assert images.min() >= 0
    assert images.max() <= 1
    assert images.dtype == np.float32


def test_the_typical_stain_is_that_of_the_middle_image():
    tiles = [
        Sample(str(level), np.full((8, 8, 3), level, np.uint8), np.zeros((8, 8), int))
        for level in (10, 100, 240)
    ]
    np.testing.assert_allclose(
        CropSource(tiles, binary_map, size=8).typical_stain()[:3], 100 / 255, rtol=1e-5
    )


def test_an_epoch_has_a_crop_for_each_crop_sized_part():
    source = CropSource([sample(16, 16), sample(8, 24, 1)], binary_map, size=8)
    assert source.crops_per_epoch == 4 + 3


def test_the_epoch_of_the_split_is_235_crops(real_data):
    from napari_sharpgan.data import read_samples

    assert CropSource(read_samples(real_data), binary_map).crops_per_epoch == 235


def test_no_images_are_refused():
    with pytest.raises(ValueError, match="at least one image with nuclei is needed"):
        CropSource([], binary_map)
