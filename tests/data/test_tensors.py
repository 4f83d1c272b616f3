import numpy as np
import torch

from napari_sharpgan.data import image_to_tensor, map_to_tensor, tensor_to_gray, tensor_to_pixels


def test_every_byte_survives_the_way_there_and_back():
    image = np.arange(256 * 3, dtype=np.uint8).reshape(1, 16, 16, 3)
    tensor = image_to_tensor(image.astype(np.float32) / 255)
    assert tensor.shape == (1, 3, 16, 16)
    np.testing.assert_array_equal(tensor_to_pixels(tensor).numpy(), image)


def test_black_is_minus_1_and_white_is_1():
    image = np.array([[[[0, 0.5, 1]]]], np.float32)
    assert image_to_tensor(image).flatten().tolist() == [-1, 0, 1]


def test_pixels_beyond_the_range_are_clipped():
    tensor = torch.tensor([-3.0, 0.0, 3.0]).view(1, 3, 1, 1)
    assert tensor_to_pixels(tensor)[0, 0, 0].tolist() == [0, 128, 255]


def test_one_map_and_a_stack_of_maps_become_n_1_h_w():
    stack = np.random.default_rng(0).random((2, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(map_to_tensor(stack)[:, 0], stack * 2 - 1)
    assert map_to_tensor(stack[0]).shape == (1, 1, 4, 5)


def test_turned_arrays_are_taken():
    stack = np.random.default_rng(0).random((1, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(map_to_tensor(stack[:, ::-1])[0, 0], stack[0, ::-1] * 2 - 1)


def test_gray_is_bt601_in_0_to_1_and_carries_gradients():
    tissue = (torch.eye(3).view(1, 3, 3, 1) * 2 - 1).requires_grad_()  # red, green, blue, one below the other
    gray = tensor_to_gray(tissue)
    torch.testing.assert_close(gray[0, :, 0], torch.tensor([0.299, 0.587, 0.114]))
    gray.sum().backward()
    torch.testing.assert_close(tissue.grad[0, :, 0, 0], torch.tensor([0.299, 0.587, 0.114]) / 2)


def test_gray_of_half_precision_is_float32():
    assert tensor_to_gray(torch.zeros(1, 3, 2, 2, dtype=torch.bfloat16)).dtype == torch.float32
