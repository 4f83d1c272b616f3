import numpy as np
import pytest

from napari_sharpgan._gray import gray_image, unit_image


def test_gray_is_bt601():
    primaries = np.eye(3)[None]  # red, green, blue
    np.testing.assert_allclose(gray_image(primaries), [[0.299, 0.587, 0.114]])


def test_gray_is_not_rounded():
    assert gray_image(np.full((1, 1, 3), (1, 0, 0), np.uint8))[0, 0] == pytest.approx(0.299 / 255)


def test_uint8_is_scaled_even_where_it_is_dark():
    np.testing.assert_array_equal(unit_image(np.array([[0, 1, 255]], np.uint8)), [[0, 1 / 255, 1]])


def test_rounding_in_float32_is_forgiven():
    assert unit_image(np.array([[1 + 5e-7]], np.float32)).max() > 1


def test_levels_of_0_to_255_as_floats_are_refused():
    with pytest.raises(ValueError, match=r"image must lie in \[0, 1\] \(or be uint8\), got 0 to 200"):
        gray_image(np.array([[0.0, 200.0]]))
