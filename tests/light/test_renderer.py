"""Tissue without torch is the tissue with it."""

import subprocess
import sys

import numpy as np
import pytest

from napari_sharpgan.light import LightCanvas, LightRenderer
from napari_sharpgan.models import TissueGenerator
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import render, save_generator

pytest.importorskip("openvino", reason="the extra 'fast' is not installed")

STAIN = (0.6, 0.4, 0.7, 0.2, 0.1, 0.1)
ALONE = """
import sys
from napari_sharpgan.light import LightCanvas, LightRenderer
import numpy as np

canvas = LightCanvas((40, 50), LightRenderer())
canvas.update({(0, 0): np.zeros((40, 50), np.float32)})
print("torch" in sys.modules, canvas.image.any())
"""


@pytest.fixture(scope="module")
def labels():
    return rasterize(random_nuclei((300, 420), 50, seed=4, rounding=2), (300, 420))


def rendered(labels, renderer, seed=0):
    canvas = LightCanvas(labels.shape, renderer, seed=seed)
    condition = renderer.condition_map(labels)
    for place in reversed(list(canvas.grid)):
        canvas.update({place: condition[canvas.grid.extent(place)]})
    return canvas.image


@pytest.mark.parametrize("settings", [{}, {"stain": STAIN}])
def test_a_canvas_is_what_torch_renders(labels, settings):
    image = rendered(labels, LightRenderer(bfloat16=False, **settings), seed=3)
    expected = render(labels, seed=3, device="cpu", engine="torch", precision="float32", **settings)
    assert np.abs(image.astype(int) - expected).max() <= 1
    coarse = rendered(labels, LightRenderer(bfloat16=True, **settings), seed=3)
    assert np.abs(coarse.astype(int) - expected).max() <= 4


def test_another_generator_is_taken_by_its_file(labels, tmp_path):
    generator = TissueGenerator("binary", width=1)
    save_generator(generator, tmp_path / "mine.safetensors")
    image = rendered(labels, LightRenderer(tmp_path / "mine.safetensors", bfloat16=False))
    expected = render(labels, generator.eval(), device="cpu", engine="torch", precision="float32")
    assert np.abs(image.astype(int) - expected).max() <= 1


def test_torch_is_not_imported():
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_files_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no generator 'none'"):
        LightRenderer("none")
    (tmp_path / "broken.safetensors").write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"broken\.safetensors is no whole safetensors file"):
        LightRenderer(tmp_path / "broken.safetensors")
    wide = TissueGenerator(width=1)
    wide.settings["width"] = 2
    save_generator(wide, tmp_path / "wide.safetensors")
    with pytest.raises(ValueError, match=r"wide\.safetensors does not fit the generator that its header"):
        LightRenderer(tmp_path / "wide.safetensors")
    with pytest.raises(ValueError, match="a stain is means and SDs"):
        LightRenderer(stain=(2,) * 6)
