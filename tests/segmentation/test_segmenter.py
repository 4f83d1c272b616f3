import pytest
import torch

from napari_sharpgan import _resources
from napari_sharpgan.inference import card_of
from napari_sharpgan.models import SEGMENTERS
from napari_sharpgan.segmentation import (
    KIND,
    TARGETS,
    Segmenter,
    load_segmenter,
    save_segmenter,
    segmenter_settings,
    shipped_segmenters,
)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("model", SEGMENTERS)
def test_what_was_saved_segments_the_same(model, target, tmp_path):
    saved = Segmenter(model, 1, target)
    saved.train()(torch.rand(2, 3, 64, 64))  # moves the batch-norm statistics
    save_segmenter(saved.eval(), tmp_path / "s.safetensors", card={"step": 7})
    loaded = load_segmenter(tmp_path / "s.safetensors")
    assert loaded.settings == segmenter_settings(tmp_path / "s.safetensors") == saved.settings
    assert card_of(tmp_path / "s.safetensors", KIND) == {"step": 7}
    assert not loaded.training
    image = torch.rand(1, 3, 40, 50)
    with torch.inference_mode():
        assert torch.equal(loaded(image), saved(image))


def test_a_generator_is_no_segmenter(tiny_generator):
    with pytest.raises(ValueError, match="is no segmenter of napari-sharpgan: its header says 'napari"):
        load_segmenter(tiny_generator)


def test_a_pickle_is_refused(tmp_path):
    torch.save({"x": torch.zeros(2)}, tmp_path / "s.safetensors")
    with pytest.raises(ValueError, match="is no whole safetensors file"):
        load_segmenter(tmp_path / "s.safetensors")


def test_a_header_that_does_not_fit_is_named(tiny_segmenter, tmp_path):
    other = Segmenter("segnet", 1, "contour")
    other.settings = {"model": "unet", "width": 1, "target": "contour"}
    save_segmenter(other, tmp_path / "s.safetensors")
    with pytest.raises(ValueError, match=r"s\.safetensors does not fit the segmenter that its header"):
        load_segmenter(tmp_path / "s.safetensors")


def test_those_that_are_shipped_have_names_and_one_is_the_default(tiny_segmenter, tmp_path, monkeypatch):
    monkeypatch.setattr(_resources, "resources", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match="no segmenter comes with this version; name the"):
        load_segmenter()
    (tmp_path / "segmenters").mkdir()
    (tmp_path / "segmenters" / "brain.safetensors").write_bytes(tiny_segmenter.read_bytes())
    assert shipped_segmenters() == {"brain": tmp_path / "segmenters" / "brain.safetensors"}
    assert load_segmenter().settings == load_segmenter("brain").settings
    with pytest.raises(FileNotFoundError, match=r"no segmenter 'lung'; .* which holds brain"):
        load_segmenter("lung")
    with pytest.raises(FileNotFoundError, match=r"there is no file .*gone\.safetensors"):
        load_segmenter(tmp_path / "gone.safetensors")


def test_unknown_words_are_named():
    with pytest.raises(ValueError, match="unknown segmenter 'vnet'; choose one of unet, segnet"):
        Segmenter("vnet")
    with pytest.raises(ValueError, match="unknown target 'edges'; choose one of foreground, contour"):
        Segmenter(target="edges")
