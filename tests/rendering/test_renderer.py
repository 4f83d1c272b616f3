import numpy as np
import pytest
import torch
from torch import nn

from napari_sharpgan.models import TissueGenerator, canvas_noise
from napari_sharpgan.rendering import Renderer, load_generator

CONDITIONS = torch.rand(5, 256, 256, generator=torch.Generator().manual_seed(0))


class Gray(nn.Module):
    """Show the condition itself as gray."""

    def forward(self, condition):
        return condition.expand(-1, 3, -1, -1)


class Hungry(Gray):
    """Run out of memory with more than so many windows at once."""

    def __init__(self, most):
        super().__init__()
        self.most = most

    def forward(self, condition):
        if len(condition) > self.most:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(condition)


def test_a_condition_of_0_is_minus_1_and_of_1_is_1():
    expected = (CONDITIONS * 255).round()
    np.testing.assert_allclose(Renderer(Gray(), device="cpu")(CONDITIONS)[..., 1], expected, atol=1)


def test_batches_do_not_change_the_picture():
    results = [Renderer(Gray(), device="cpu", batch_size=size)(CONDITIONS) for size in (1, 2, 8)]
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_out_of_memory_halves_the_batch_and_goes_on():
    renderer = Renderer(Hungry(1), device="cpu", batch_size=4)
    np.testing.assert_array_equal(renderer(CONDITIONS), Renderer(Gray(), device="cpu")(CONDITIONS))
    assert renderer.batch_size == 1


def test_no_room_for_one_window_is_said():
    with pytest.raises(MemoryError, match="one window of 256 × 256 does not fit into the memory of cpu"):
        Renderer(Hungry(0), device="cpu")(CONDITIONS)


def test_the_callers_generator_is_left_as_it_is():
    generator = TissueGenerator(width=1).train()
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    Renderer(generator, device="cpu", precision="bfloat16")(CONDITIONS[:1])
    assert generator.training
    assert all(parameter.requires_grad for parameter in generator.parameters())
    for name, value in generator.state_dict().items():
        assert torch.equal(value, before[name])


def test_batch_norm_is_in_eval_mode():
    torch.manual_seed(0)
    renderer = Renderer(TissueGenerator(width=1).train(), device="cpu", precision="float32")
    np.testing.assert_array_equal(renderer(CONDITIONS[:2])[:1], renderer(CONDITIONS[:1]))


def test_bfloat16_is_near_float32(tiny_generator):
    exact, quick = (
        Renderer(tiny_generator, device="cpu", precision=precision)(CONDITIONS[:1]).float()
        for precision in ("float32", "bfloat16")
    )
    assert (exact - quick).abs().mean() < 4


def test_a_generator_sees_the_map_that_it_was_trained_with():
    labels = np.array([[0, 2, 2, 2]])
    seen = {
        name: Renderer(TissueGenerator(name, width=1), device="cpu").condition_map(labels).tolist()
        for name in ("binary", "distance")
    }
    assert seen == {"binary": [[0, 1, 1, 1]], "distance": [[0, 1, 0, 1]]}
    assert Renderer(Gray(), device="cpu").condition_map(labels).tolist() == [[0, 1, 0, 1]]


def test_stain_and_noise_reach_the_generator(tiny_generator):
    conditions = CONDITIONS[:1]
    plain = Renderer(tiny_generator, device="cpu", precision="float32")(conditions, [(5, 700)], seed=2)
    renderer = Renderer(tiny_generator, device="cpu", precision="float32", stain=[0.9] * 6)
    stained = renderer(conditions, [(5, 700)], seed=2)
    assert (stained != plain).any()
    assert (stained != renderer(conditions)).any()
    with torch.inference_mode():
        expected = load_generator(tiny_generator)(
            conditions[:, None] * 2 - 1,
            torch.from_numpy(canvas_noise(5, 700, 256, 256, seed=2))[None, None],
            torch.full((1, 6), 0.9),
        )
    expected = (expected[0].permute(1, 2, 0).numpy() + 1) * 127.5
    np.testing.assert_allclose(stained[0], expected, atol=1)


def test_a_generator_of_other_pictures_is_refused():
    with pytest.raises(ValueError, match=r"must give \(N, 3, 256, 256\) .* got \(2, 1, 256, 256\)"):
        Renderer(nn.Identity(), device="cpu")(CONDITIONS[:2])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stain": [0.1, 0.2]}, "six numbers in"),
        ({"stain": [0.1, 0.2, 0.3, 0.4, 0.5, 1.6]}, "six numbers in"),
        ({"precision": "float64"}, "unknown precision 'float64'; choose one of auto, float32, bfloat16"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"device": "abacus"}, "unknown device 'abacus'"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        Renderer(Gray(), **{"device": "cpu", **settings})


def test_a_generator_of_an_unknown_map_is_named():
    with pytest.raises(ValueError, match="unknown condition map 'heat'"):
        Renderer(TissueGenerator("heat", 1), device="cpu")


def test_openvino_makes_the_same_picture():
    pytest.importorskip("openvino", reason="the extra 'fast' is not installed")
    exact, other, quick = (
        Renderer(None, device="cpu", precision=precision, engine=engine, stain=[0.6] * 3 + [0.1] * 3)
        for precision, engine in (("float32", "torch"), ("float32", "openvino"), ("bfloat16", "openvino"))
    )
    expected = exact(CONDITIONS[:2]).int()
    assert (expected - other(CONDITIONS[:2])).abs().max() <= 1
    assert (expected - quick(CONDITIONS[:2])).abs().max() <= 4
