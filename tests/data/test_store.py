"""How much memory samples take is what their arrays take."""

import numpy as np
import pytest

from napari_sharpgan.data import CropSource, Sample, joined, memory_of_images, store, tile_set_in
from napari_sharpgan.maps import binary_map


def sample(height, width):
    return Sample("tile", np.zeros((height, width, 3), np.uint8), np.ones((height, width), np.int32))


def tiles_in(tile_sets):
    return tile_set_in(tile_sets["zarr"]).divided(0)[0]


def bytes_of_maps(samples, size):
    kept = CropSource(samples, binary_map, size=size)._store
    return sum(layer.nbytes for number in range(len(samples)) for layer in kept[number].layers)


@pytest.mark.parametrize("size", [8, 24, 40])
def test_of_images_it_is_theirs_and_that_of_their_maps_as_large_as_a_crop(size):
    samples = [sample(20, 28), sample(32, 16)]
    images = sum(one.image.nbytes + one.labels.nbytes for one in samples)
    assert memory_of_images(samples, size) == images + bytes_of_maps(samples, size)


def test_of_images_at_least_as_large_as_a_crop_it_is_15_bytes_a_pixel():
    assert memory_of_images([sample(20, 28)], 16) == 15 * 20 * 28


@pytest.mark.parametrize("size", [32, 96])
def test_of_a_set_it_is_that_of_the_maps_as_large_as_a_crop(size, tile_sets):
    tiles = tiles_in(tile_sets)
    assert memory_of_images(tiles, size) == bytes_of_maps(tiles, size)


def test_of_sets_it_is_no_more_than_they_may_keep(tile_sets, monkeypatch):
    monkeypatch.setattr(store, "kept_bytes", lambda: 30_000)
    tiles, images = tiles_in(tile_sets), [sample(20, 28)]
    assert memory_of_images(tiles, 64) == 30_000
    mixed = joined([images, tiles])
    assert memory_of_images(mixed, 64) == memory_of_images(images, 64) + 30_000 // 2
