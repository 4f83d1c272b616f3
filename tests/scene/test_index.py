import numpy as np

from napari_sharpgan.scene.index import GridIndex
from napari_sharpgan.scene.windows import gathered, grown, intersection, union, within


def window(top, bottom, left, right):
    return slice(top, bottom), slice(left, right)


def test_finds_just_the_windows_that_share_pixels():
    rng = np.random.default_rng(2)
    corners = rng.integers(0, 400, (200, 2))
    sides = rng.integers(1, 90, (200, 2))
    windows = [window(r, r + h, c, c + w) for (r, c), (h, w) in zip(corners, sides, strict=True)]
    index = GridIndex()
    for key, place in enumerate(windows):
        index.put(key, place)
    for key in range(0, 200, 3):
        index.drop(key)
    for rows, columns in windows:
        canvas = np.zeros((500, 500), bool)
        canvas[rows, columns] = True
        expected = [key for key, place in enumerate(windows) if key % 3 and canvas[place].any()]
        assert index.near((rows, columns)) == expected


def test_windows_by_hand():
    first, second = window(2, 5, 10, 20), window(4, 9, 0, 12)
    assert union([first, second]) == window(2, 9, 0, 20)
    assert intersection(first, second) == window(4, 5, 10, 12)
    assert within(window(4, 5, 10, 12), first) == window(2, 3, 0, 2)
    assert grown(first, 3, (6, 100)) == window(0, 6, 7, 23)


def test_near_windows_are_gathered_and_far_ones_are_not():
    near = [window(0, 10, 0, 10), window(5, 15, 5, 15)]
    assert gathered(near) == [window(0, 15, 0, 15)]
    far = [window(0, 10, 0, 10), window(3000, 3010, 3000, 3010)]
    assert gathered(far) == far
    assert gathered([]) == []
