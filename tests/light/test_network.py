"""The U-Net as OpenVINO runs it is the one that torch runs."""

import inspect
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from napari_sharpgan.light.engine import compiled
from napari_sharpgan.light.generator_file import GeneratorSettings
from napari_sharpgan.light.network import unet_model
from napari_sharpgan.models import TissueGenerator

pytest.importorskip("openvino", reason="the extra 'fast' is not installed")

SETTINGS = GeneratorSettings(width=2)


def made(settings):
    """Return a generator in eval mode whose batch norms have seen something, and the tensors of its U-Net."""
    torch.manual_seed(0)
    generator = TissueGenerator(**vars(settings)).eval().requires_grad_(False)
    for name, value in generator.state_dict().items():
        if "running_var" in name or value.ndim == 4:
            value.uniform_(*(-0.2, 0.2) if value.ndim == 4 else (0.05, 0.15))
        elif value.is_floating_point():
            value.uniform_(0.2, 0.8)
    return generator, {name: value.numpy() for name, value in generator.network.state_dict().items()}


@pytest.mark.parametrize(
    "changes",
    [{}, {"resize_levels": 2}, {"resize_levels": 8, "dropout": 0.5}, {"noise": True, "stain": (0.5,) * 6}],
)
def test_it_gives_what_torch_gives(changes):
    settings = replace(SETTINGS, **changes)
    generator, tensors = made(settings)
    planes = torch.randn(1, settings.channels, 256, 256, generator=torch.Generator().manual_seed(1))
    request = compiled(unet_model(tensors, settings), bfloat16=False, threads=1)
    request.infer([planes.numpy()])
    expected = generator.network(planes).numpy()
    assert expected.std() > 0.05
    np.testing.assert_allclose(request.get_output_tensor(0).data, expected, atol=1e-4)


def test_tensors_that_do_not_fit_are_refused():
    _, tensors = made(SETTINGS)
    with pytest.raises(ValueError, match=r"expected 4 kernels of 1 channels first, got \(2, 1\)"):
        unet_model(tensors, replace(SETTINGS, width=4))
    with pytest.raises(ValueError, match=r"unexpected tensors up\.9\.0\.weight"):
        unet_model(tensors | {"up.9.0.weight": tensors["up.1.0.weight"]}, SETTINGS)
    with pytest.raises(KeyError, match=r"up\.3\.0\.weight"):
        unet_model({name: v for name, v in tensors.items() if name != "up.3.0.weight"}, SETTINGS)


def test_settings_are_the_arguments_of_the_generator():
    arguments = inspect.signature(TissueGenerator.__init__).parameters
    expected = {name: argument.default for name, argument in arguments.items() if name != "self"}
    assert {field.name: field.default for field in fields(GeneratorSettings)} == expected
