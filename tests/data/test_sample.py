import numpy as np
import pytest

from napari_sharpgan.data import Sample, stain_of


def test_stain_is_means_and_deviations_of_rgb():
    image = np.zeros((2, 2, 3), np.uint8)
    image[0, :, 0], image[..., 1] = 255, 51
    np.testing.assert_allclose(stain_of(image), [0.5, 0.2, 0, 0.5, 0, 0], atol=1e-6)


def test_a_mask_of_another_size_is_named_with_both_sizes():
    with pytest.raises(ValueError, match=r"tile: the mask is 4 × 6 but the image is 4 × 5"):
        Sample("tile", np.zeros((4, 5, 3), np.uint8), np.zeros((4, 6), np.int32))


@pytest.mark.parametrize(
    "image", [np.zeros((4, 5), np.uint8), np.zeros((4, 5, 4), np.uint8), np.zeros((4, 5, 3), float)]
)
def test_what_is_no_rgb_of_bytes_is_refused(image):
    with pytest.raises(ValueError, match=r"the image must be \(H, W, 3\) of uint8"):
        Sample("tile", image, np.zeros((4, 5), np.int32))


def test_labels_are_checked():
    with pytest.raises(TypeError, match="tile: labels must hold integers"):
        Sample("tile", np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5)))
