import math

import pytest
import torch

from napari_sharpgan.training.augment import SCALES, Warp
from napari_sharpgan.training.batches import paired

CPU = torch.device("cpu")


def spot(row, column, size=65):
    """Return an image of one soft spot, with its place in the second channel's brightness."""
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return torch.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 18.0)[None, None]


def place_of(image):
    weights = image[0, 0] / image.sum()
    return [float((weights.sum(axis) * torch.arange(image.shape[-1])).sum()) for axis in (1, 0)]


def test_no_chance_leaves_every_pixel_where_it_is():
    planes = torch.rand(3, 4, 64, 64)
    torch.testing.assert_close(Warp.drawn(3, 64, 0.0, CPU)(planes), planes, atol=1e-4, rtol=0)


def test_a_spot_turns_about_the_middle_and_moves_out_as_it_is_enlarged():
    torch.manual_seed(2)
    seen = set()
    near = ((torch.arange(65) - 32) ** 2)[:, None] + (torch.arange(65) - 32) ** 2 < 24**2
    for _ in range(40):
        warped = Warp.drawn(1, 65, 1.0, CPU)(spot(32, 38))  # 6 px to the right of the middle
        warped = warped * near  # not what is mirrored into the corners
        row, column = place_of(warped)
        scale = math.hypot(row - 32, column - 32) / 6
        assert SCALES[0] - 0.02 < scale < SCALES[1] + 0.02
        assert warped.sum() == pytest.approx(float(spot(32, 38).sum()) * scale**2, rel=0.03)
        seen.add(int(math.atan2(row - 32, column - 32) // (math.pi / 2)))
    assert seen == {-2, -1, 0, 1}  # all quarters


def test_about_as_many_are_warped_as_was_asked_for():
    torch.manual_seed(0)
    planes = torch.rand(1, 1, 16, 16).expand(2000, -1, -1, -1)
    moved = (Warp.drawn(2000, 16, 0.3, CPU)(planes) - planes).abs().amax(dim=(1, 2, 3)) > 1e-3
    assert float(moved.float().mean()) == pytest.approx(0.3, abs=0.03)


def test_gradients_reach_what_was_warped_in_its_format():
    planes = torch.rand(2, 3, 32, 32, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        warped = Warp.drawn(2, 32, 1.0, CPU)(planes)
    assert warped.dtype == torch.bfloat16
    assert warped.is_contiguous(memory_format=torch.channels_last)
    warped.float().mean().backward()
    assert float(planes.grad.float().abs().min()) >= 0
    assert float(planes.grad.float().sum()) == pytest.approx(1, abs=0.1)


def test_the_discriminator_sees_real_and_rendered_pairs_warped_alike(trainer_for):
    trainer = trainer_for(discriminator_warp=1.0, batch_size=2)
    batch = trainer.batch(0)
    looked = []
    trainer.discriminator.blocks[0].register_forward_pre_hook(
        lambda _, given: looked.append(given[0].clone())
    )
    trainer.train_step(batch)
    plain = paired(batch.given(torch.float32), batch.tissue)
    assert len(looked) == 3  # real, rendered, and rendered again for the generator
    for seen in looked:
        condition = seen[:, :1].float()
        torch.testing.assert_close(condition, looked[0][:, :1].float())
        assert (condition - plain[:, :1]).abs().max() > 0.1
