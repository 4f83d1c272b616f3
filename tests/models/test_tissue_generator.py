import pytest
import torch

from napari_sharpgan.models import TissueGenerator, stain_planes

STAIN = (0.6, 0.4, 0.7, 0.1, 0.15, 0.2)


@pytest.fixture
def generator():
    torch.manual_seed(0)
    return TissueGenerator(width=2, noise=True, stain=STAIN).eval()


@pytest.fixture
def condition():
    return torch.rand(2, 1, 256, 256) * 2 - 1


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("stain", [None, STAIN])
def test_it_takes_a_map_alone_whatever_it_was_trained_with(noise, stain, condition):
    generator = TissueGenerator(width=1, noise=noise, stain=stain).eval()
    with torch.inference_mode():
        picture = generator(condition)
        assert picture.shape == (2, 3, 256, 256)
        assert torch.equal(picture, generator(condition))


def test_settings_make_the_same_network_again(generator, condition):
    twin = TissueGenerator(**generator.settings).eval()
    twin.load_state_dict(generator.state_dict())
    with torch.inference_mode():
        assert torch.equal(twin(condition), generator(condition))


@torch.inference_mode()
def test_noise_and_stain_change_the_picture(generator, condition):
    plain = generator(condition)
    assert not torch.allclose(plain, generator(condition, noise=torch.randn(2, 1, 256, 256)))
    assert not torch.allclose(plain, generator(condition, stain=torch.full((2, 6), 0.1)))


@torch.inference_mode()
def test_its_own_stain_is_the_default(generator, condition):
    own = torch.tensor(STAIN).expand(2, -1)
    torch.testing.assert_close(generator(condition, stain=own), generator(condition))


def test_planes_are_map_noise_stain(generator, condition):
    noise = torch.randn(2, 1, 256, 256)
    planes = generator.input(condition, noise, None)
    assert planes.shape == (2, 8, 256, 256)
    torch.testing.assert_close(planes[:, :1], condition)
    torch.testing.assert_close(planes[:, 1:2], noise)
    torch.testing.assert_close(planes[1, 2:, 7, 9], torch.tensor([0.2, -0.2, 0.4, 0.4, 0.6, 0.8]))


def test_stain_planes_are_constant():
    planes = stain_planes(torch.tensor([STAIN]), torch.zeros(1, 1, 4, 5))
    assert planes.shape == (1, 6, 4, 5)
    assert (planes == planes[..., :1, :1]).all()


def test_a_stain_of_three_numbers_is_refused():
    with pytest.raises(ValueError, match=r"6 numbers .* got 3"):
        TissueGenerator(width=1, stain=(0.1, 0.2, 0.3))
