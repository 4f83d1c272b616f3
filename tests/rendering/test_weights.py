import hashlib
import json

import pytest
import safetensors.torch
import torch
from safetensors import safe_open

from napari_sharpgan import _resources
from napari_sharpgan.inference import HEADER, weights_file
from napari_sharpgan.light.tensors_file import format_of
from napari_sharpgan.models import PatchGAN, TissueGenerator
from napari_sharpgan.rendering import (
    load_discriminator,
    load_generator,
    read_card,
    read_settings,
    save_generator,
    shipped_generators,
    weights_hash,
    weights_path,
)


@pytest.fixture
def generator():
    torch.manual_seed(1)
    generator = TissueGenerator(
        "binary", 1, resize_levels=1, noise=True, stain=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    )
    generator.train()(torch.randn(2, 1, 256, 256))  # moves the batch-norm statistics
    return generator.eval()


def test_what_was_saved_renders_the_same(generator, tmp_path):
    save_generator(generator, tmp_path / "g.safetensors")
    loaded = load_generator(tmp_path / "g.safetensors")
    assert loaded.settings == generator.settings
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    condition = torch.randn(1, 1, 256, 256)
    with torch.inference_mode():
        assert torch.equal(loaded(condition), generator(condition))


def test_half_precision_takes_half_the_room_and_renders_nearly_the_same(generator, tmp_path):
    for half in (False, True):
        save_generator(generator, tmp_path / f"{half}.safetensors", half=half)
    tensors = safetensors.torch.load_file(tmp_path / "True.safetensors")
    floats = [t for t in tensors.values() if t.is_floating_point()]
    assert {t.dtype for t in floats} == {torch.float16}
    condition = torch.randn(1, 1, 256, 256)
    with torch.inference_mode():
        first, second = (
            load_generator(tmp_path / f"{half}.safetensors")(condition) for half in (False, True)
        )
    torch.testing.assert_close(first, second, atol=0.01, rtol=0)


def test_the_header_tells_what_it_is(generator, tmp_path):
    save_generator(generator, tmp_path / "g.safetensors", card={"crops": 60_000})
    with safe_open(tmp_path / "g.safetensors", framework="pt") as file:
        header = json.loads(file.metadata()[HEADER])
    assert header["format"] == format_of("generator")
    assert header["settings"]["condition"] == "binary"
    assert read_card(tmp_path / "g.safetensors") == {"crops": 60_000}


def test_the_discriminator_stands_in_the_same_file(generator, tmp_path):
    discriminator = PatchGAN(10, 2)
    discriminator.train()(torch.randn(2, 10, 64, 64))
    save_generator(generator, tmp_path / "g.safetensors", discriminator=discriminator)
    loaded = load_discriminator(tmp_path / "g.safetensors")
    pair = torch.randn(1, 10, 64, 64)
    assert torch.equal(loaded.eval()(pair), discriminator.eval()(pair))
    condition = torch.randn(1, 1, 256, 256)
    assert torch.equal(load_generator(tmp_path / "g.safetensors")(condition), generator(condition))


def test_most_files_hold_no_discriminator(tiny_generator):
    assert load_discriminator(tiny_generator) is None


def test_settings_are_read_without_the_weights(generator, tmp_path):
    save_generator(generator, tmp_path / "g.safetensors")
    settings = read_settings(tmp_path / "g.safetensors")
    assert (settings["condition"], settings["width"], settings["noise"]) == ("binary", 1, True)


def test_the_same_generator_gives_the_same_bytes(generator, tmp_path):
    discriminator = PatchGAN(10, 2)
    for name in "abcdef":
        card = {"step": 1, "score": 0.5, "seed": 2}
        save_generator(generator, tmp_path / name, discriminator=discriminator, card=card)
    assert len({(tmp_path / name).read_bytes() for name in "abcdef"}) == 1


def test_the_hash_is_that_of_the_file(tiny_generator):
    assert weights_hash(tiny_generator) == hashlib.sha256(tiny_generator.read_bytes()).hexdigest()


def test_generators_in_resources_have_the_names_of_their_files(generator, tmp_path, monkeypatch):
    monkeypatch.setattr(_resources, "resources", lambda: tmp_path)
    save_generator(generator, tmp_path / "mine.safetensors")
    (tmp_path / "notes.md").write_text("no weights")
    assert shipped_generators() == {"mine": tmp_path / "mine.safetensors"}
    assert weights_path("mine") == tmp_path / "mine.safetensors"
    with pytest.raises(FileNotFoundError, match=r"no generator 'yours'; .* which holds mine"):
        load_generator("yours")
    with pytest.raises(FileNotFoundError, match="no generator 'sharpgan-organs'"):
        load_generator()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*g\.safetensors"):
        load_generator(tmp_path / "g.safetensors")


@pytest.mark.parametrize("kept", [0, 4, 200, -50])
def test_weights_cut_short_are_named(tiny_generator, tmp_path, kept):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(tiny_generator.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"cut\.safetensors is no whole safetensors file"):
        load_generator(path)


def test_a_pickle_is_refused_and_never_run(tmp_path):
    path, proof = tmp_path / "g.safetensors", tmp_path / "proof"

    class Evil:
        def __reduce__(self):
            return open, (str(proof), "w")

    torch.save({"weights": Evil()}, path)
    with pytest.raises(ValueError, match="is no whole safetensors file"):
        load_generator(path)
    assert not proof.exists()


def test_weights_of_another_program_are_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    safetensors.torch.save_file({"x": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match="no generator of napari-sharpgan"):
        load_generator(path)


@pytest.mark.parametrize(
    "settings", [{"width": 2}, {"wide": 1}, 3, [1], {"width": "many"}, {"stain": [1, 2]}]
)
def test_a_header_that_does_not_fit_the_weights_is_named(tmp_path, settings):
    path = tmp_path / "g.safetensors"
    state = {name: value.contiguous() for name, value in TissueGenerator(width=1).state_dict().items()}
    header = json.dumps({"format": format_of("generator"), "settings": settings})
    safetensors.torch.save_file(state, path, metadata={HEADER: header})
    with pytest.raises(
        ValueError, match=r"g\.safetensors does not fit the generator that its header describes"
    ):
        load_generator(path)


def test_an_older_file_stays_when_saving_fails(generator, tmp_path, monkeypatch):
    path = tmp_path / "g.safetensors"
    save_generator(generator, path)
    before = path.read_bytes()

    def full(*_args, **_settings):
        raise OSError("no space left")

    monkeypatch.setattr(weights_file, "save_file", full)
    with pytest.raises(OSError, match="no space left"):
        save_generator(TissueGenerator(width=1), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["g.safetensors"]
