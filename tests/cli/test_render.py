import hashlib
import json

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_sharpgan.rendering import render


@pytest.fixture
def rendered(sharpgan, tmp_path, nuclei_file, tiny_generator):
    """Render the three nuclei to a file, and return what the command said."""

    def run(name, *more):
        ended = sharpgan(
            "render", nuclei_file, tmp_path / name, "--generator", tiny_generator, "--device", "cpu", *more
        )
        assert ended.status == 0, ended.err
        return ended

    return run


def test_it_is_the_picture_that_python_renders(rendered, tmp_path, labels, tiny_generator):
    rendered("t.tif", "--seed", 5)
    expected = render(labels, tiny_generator, device="cpu", seed=5)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "t.tif"), expected)


def test_the_picture_says_that_it_is_synthetic_and_how_to_make_it_again(rendered, tmp_path, tiny_generator):
    rendered("t.png", "--seed", 5)
    with Image.open(tmp_path / "t.png") as image:
        note = json.loads(image.info["Description"])
    assert note == {
        "synthetic": True,
        "software": note["software"],
        "generator": "tiny",
        "weights_sha256": hashlib.sha256(tiny_generator.read_bytes()).hexdigest(),
        "seed": 5,
        "nuclei": "three.png",
        "stain": None,
    }
    assert note["software"].startswith("napari-sharpgan ")


def test_the_same_call_gives_the_same_file_and_another_seed_another(rendered, tmp_path):
    for name, seed in (("a.png", 1), ("b.png", 1), ("c.png", 2)):
        rendered(name, "--seed", seed)
    first, second, third = (
        hashlib.sha256((tmp_path / name).read_bytes()).digest() for name in ("a.png", "b.png", "c.png")
    )
    assert first == second != third


def test_the_stain_of_an_image_is_used_and_noted(rendered, tmp_path, tissue_file):
    rendered("plain.png")
    rendered("stained.png", "--stain-of", tissue_file)
    pixels = np.asarray(Image.open(tissue_file)).reshape(-1, 3) / 255
    with Image.open(tmp_path / "stained.png") as image:
        stain = json.loads(image.info["Description"])["stain"]
        assert (np.asarray(image) != np.asarray(Image.open(tmp_path / "plain.png"))).any()
    np.testing.assert_allclose(stain, [*pixels.mean(axis=0), *pixels.std(axis=0)], atol=1e-4)


def test_a_generator_that_knows_no_stain_says_so(sharpgan, tmp_path, nuclei_file, tissue_file):
    from napari_sharpgan.models import TissueGenerator
    from napari_sharpgan.rendering import save_generator

    save_generator(TissueGenerator(width=1), tmp_path / "plain.safetensors")
    arguments = ["--generator", tmp_path / "plain.safetensors", "--stain-of", tissue_file]
    ended = sharpgan("render", nuclei_file, tmp_path / "t.png", *arguments)
    assert ended.status == 2
    assert "without stains" in ended.err
    assert not (tmp_path / "t.png").exists()


def test_the_picture_does_not_replace_what_is_read(sharpgan, nuclei_file, tissue_file, tiny_generator):
    for out in (nuclei_file, tissue_file):
        before = out.read_bytes()
        arguments = ["--generator", tiny_generator, "--stain-of", tissue_file]
        ended = sharpgan("render", nuclei_file, out, *arguments)
        assert ended.status == 2
        assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--generator", "missing.safetensors"], "missing.safetensors"),
        (["--generator", "nobody"], "no generator 'nobody'"),
        (["--device", "abacus"], "unknown device 'abacus'"),
    ],
)
def test_bad_choices_are_named(sharpgan, tmp_path, nuclei_file, tiny_generator, arguments, sentence):
    given = arguments if "--generator" in arguments else ["--generator", tiny_generator, *arguments]
    ended = sharpgan("render", nuclei_file, tmp_path / "t.png", *given)
    assert ended.status == 2
    assert sentence in ended.err


def test_truncated_weights_are_named(sharpgan, tmp_path, nuclei_file, tiny_generator):
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(tiny_generator.read_bytes()[:-100])
    ended = sharpgan("render", nuclei_file, tmp_path / "t.png", "--generator", cut)
    assert ended.status == 2
    assert "cut.safetensors is no whole safetensors file" in ended.err
