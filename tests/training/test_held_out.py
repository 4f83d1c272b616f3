import numpy as np
import pytest

from napari_sharpgan.data import Sample
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.training.held_out import HeldOutImages, spread


def sample_of(labels, level=100, name="image"):
    return Sample(name, np.full((*labels.shape, 3), level, np.uint8), labels)


def squares(shape, *corners, side=20):
    labels = np.zeros(shape, np.int32)
    for number, (row, column) in enumerate(corners, start=1):
        labels[row : row + side, column : column + side] = number
    return labels


def test_items_are_spread_evenly():
    assert spread(range(3), 6) == [0, 1, 2]
    assert spread(range(12), 4) == [1, 4, 7, 10]


def test_windows_are_of_different_images_where_there_are_enough():
    samples = [sample_of(squares((300, 300), (10, 10)), level, str(level)) for level in range(8)]
    images = HeldOutImages(samples)
    assert len(set(images.names)) == 4
    assert images.real().shape == (256, 1024, 3)
    levels = [int(name) for name in images.names]
    assert np.array_equal(images.real()[0, ::256, 0], levels)


def test_one_image_gives_up_to_four_windows_but_none_without_nuclei():
    labels = squares((512, 512), (10, 10), (300, 10), (300, 300))
    assert HeldOutImages([sample_of(labels)]).real().shape == (256, 768, 3)


def test_of_a_large_image_the_part_with_most_nuclei_is_taken():
    labels = squares((2000, 1500), (10, 10), (1500, 900), (1560, 960), (1500, 960))
    masks = HeldOutImages([sample_of(labels)]).masks(CONDITION_MAPS["binary"])
    inside = np.count_nonzero(masks.any(axis=-1))
    assert inside == 3 * 20 * 20


def test_images_without_nuclei_are_left_out():
    empty, full = sample_of(squares((300, 300)), 1), sample_of(squares((300, 300), (5, 5)), 2)
    assert np.unique(HeldOutImages([empty, full, empty]).real()).tolist() == [2]
    with pytest.raises(ValueError, match="at least one image with nuclei is needed"):
        HeldOutImages([empty])


def test_a_small_image_is_mirrored_to_a_whole_window():
    labels = squares((100, 120), (10, 10))
    sample = Sample("small", np.arange(100 * 120 * 3, dtype=np.uint8).reshape(100, 120, 3), labels)
    real = HeldOutImages([sample]).real()
    assert real.shape == (256, 256, 3)
    np.testing.assert_array_equal(real[:100, :120], sample.image)
    np.testing.assert_array_equal(real[100:200, :120], sample.image[::-1])


def test_images_that_were_trained_on_are_not_scored():
    empty, full = sample_of(squares((300, 300))), sample_of(squares((300, 300), (5, 5)))
    assert HeldOutImages.chosen([full], [full]).scored
    assert not HeldOutImages.chosen([full], []).scored
    assert not HeldOutImages.chosen([full], [empty]).scored
    assert HeldOutImages.chosen([empty], []) is None
