import shutil

import numpy as np
import pytest
from napari.layers import Image
from torch import nn

from napari_sharpgan.formats import read_image, read_labels, read_nuclei, read_provenance
from napari_sharpgan.rendering import weights_hash
from napari_sharpgan.widgets._parts import WIDEST
from napari_sharpgan.widgets.tissue_dock import TissueDock

pytestmark = pytest.mark.gui


@pytest.fixture
def dock(window):
    dock = TissueDock(window.viewer)
    window.viewer.window.add_dock_widget(dock, name="Tissue")
    window.turn()
    return dock


def test_the_dock_is_narrow_and_says_where_and_how_fast_it_renders(window, dock):
    assert dock.minimumSizeHint().width() <= WIDEST
    assert dock.status.text().startswith("tissue on ")
    window.session.tissue.render_everything()
    window.rendered()
    time, device = dock.status.text().split(" · ")
    assert time.startswith("tissue ")
    assert time.endswith(" ms")
    assert device


def test_rendering_can_be_canceled(window, dock):
    window.session.new_canvas((1500, 1500))
    window.session.tissue.render_everything()
    window.until(dock.cancel.isVisible)
    assert dock.progress.isVisible()
    dock.cancel.click()
    window.rendered()
    assert not dock.cancel.isVisible()
    assert not dock.progress.isVisible()


def test_live_can_be_switched_off_and_everything_rendered_at_will(window, dock):
    tissue = window.session.layers.tissue
    before = tissue.data.copy()
    dock.live.setChecked(False)
    window.session.scene.clear()
    window.turn(0.3)
    np.testing.assert_array_equal(tissue.data, before)
    window.session.tissue.render_everything()
    window.rendered()
    assert (window.session.layers.tissue.data != before).any()


def test_another_number_of_variation_is_rendered_at_once(window, dock):
    rendered = []
    window.session.tissue.rendered.connect(rendered.append)
    dock.seed.setValue(5)
    window.rendered()
    assert window.session.tissue.seed == 5
    assert rendered


def test_weights_that_are_cut_short_are_one_sentence_and_the_old_ones_stay(window, dock, told, tmp_path):
    settings = window.session.tissue.settings
    (tmp_path / "cut.safetensors").write_bytes(b"123")
    dock.use_generator(tmp_path / "cut.safetensors")
    window.until(lambda: told)
    assert len(told) == 1
    assert "cut.safetensors is no whole safetensors file" in told[0]
    assert dock.status.text() == told[0]
    assert window.session.tissue.settings == settings


def test_stains_are_those_of_the_color_images_that_are_open(window, dock):
    def stains():
        return [dock.stain.itemText(index) for index in range(dock.stain.count())]

    assert stains() == ["as trained"]
    layer = Image(np.full((20, 20, 3), 0.5, np.float32), rgb=True, name="H&E")
    window.viewer.add_layer(layer)
    assert stains() == ["as trained", "of H&E"]
    dock.stain.setCurrentIndex(1)
    dock._choose()
    np.testing.assert_allclose(window.session.tissue.settings["stain"], [0.5] * 3 + [0] * 3, atol=0.01)
    window.viewer.layers.remove(layer)
    assert stains() == ["as trained"]


def test_what_is_saved_is_marked_synthetic_and_holds_the_scene(window, dock, tiny_generator, tmp_path):
    dock.use_generator(tiny_generator)
    window.until(lambda: "loading" not in dock.status.text())
    window.session.scene.remove(1)
    window.rendered()
    dock.save(tmp_path / "tissue.png")
    np.testing.assert_array_equal(read_image(tmp_path / "tissue.png"), window.session.layers.tissue.data)
    assert read_provenance(tmp_path / "tissue.png")["synthetic"]
    np.testing.assert_array_equal(read_labels(tmp_path / "tissue_labels.tif"), window.session.scene.labels)
    outlines = read_nuclei(tmp_path / "tissue.geojson")
    assert list(outlines.numbers) == list(window.session.scene.polygons), "the numbers of the label image"
    assert np.mean(outlines.to_labels() != window.session.scene.labels) < 1e-3


def test_an_unwritable_place_is_one_sentence(window, dock, told, tmp_path):
    (tmp_path / "file").write_text("")
    dock.save(tmp_path / "file" / "tissue.png")
    assert len(told) == 1


@pytest.mark.parametrize("lost", [False, True])
def test_the_note_is_of_the_weights_that_rendered_though_their_file_is_another_now(
    window, dock, told, tiny_generator, tmp_path, lost
):
    weights = tmp_path / "run" / "checkpoints" / "best.safetensors"
    weights.parent.mkdir(parents=True)
    shutil.copy(tiny_generator, weights)
    dock.use_generator(weights)
    window.rendered()
    weights.write_bytes(b"of the next step")
    if lost:
        shutil.rmtree(tmp_path / "run")
    dock.save(tmp_path / "tissue.png")
    note = read_provenance(tmp_path / "tissue.png")
    assert (note["generator"], note["weights_sha256"]) == ("best", weights_hash(tiny_generator))
    assert [message.split()[0] for message in told] == ["saved"]


def test_tissue_that_is_still_to_come_is_waited_for(window, dock, told, tiny_generator, tmp_path):
    before = window.session.layers.tissue.data.copy()
    dock.use_generator(tiny_generator)
    dock.seed.setValue(5)
    dock.save(tmp_path / "tissue.png")
    assert not told
    assert dock.status.text() == "tissue.png is saved as soon as its tissue is rendered …"
    window.until(lambda: told)
    saved, note = read_image(tmp_path / "tissue.png"), read_provenance(tmp_path / "tissue.png")
    np.testing.assert_array_equal(saved, window.session.layers.tissue.data)
    assert (saved != before).any()
    assert (note["generator"], note["seed"]) == ("tiny", 5)
    assert note["weights_sha256"] == weights_hash(tiny_generator)


def test_edits_that_wait_while_it_is_not_live_are_rendered_before_saving(window, dock, told, tmp_path):
    dock.live.setChecked(False)
    window.session.scene.clear()
    dock.save(tmp_path / "tissue.png")
    window.until(lambda: told)
    assert not read_labels(tmp_path / "tissue_labels.tif").any()
    assert np.ptp(read_image(tmp_path / "tissue.png")) == 0, "no ink where there is no nucleus"


def test_when_another_generator_cannot_be_had_that_of_the_one_before_is_saved(window, dock, told, tmp_path):
    dock.use_generator(tmp_path / "none.safetensors")
    dock.save(tmp_path / "tissue.png")
    window.until(lambda: len(told) == 2)
    assert ["none.safetensors" in told[0], told[1].split()[0]] == [True, "saved"]
    note = read_provenance(tmp_path / "tissue.png")
    assert (note["generator"], note["weights_sha256"]) == ("Ink", None)


def test_what_is_canceled_is_not_saved_until_it_is_asked_for_again(window, dock, told, tmp_path):
    window.session.new_canvas((1500, 1500))
    dock.save(tmp_path / "tissue.png")
    window.until(dock.cancel.isVisible)
    dock.cancel.click()
    window.until(lambda: told)
    assert told == ["tissue.png was not saved: not all of the tissue is rendered"]
    assert not list(tmp_path.iterdir())
    dock.save(tmp_path / "tissue.png")
    window.until(lambda: len(told) > 1)
    assert window.session.tissue.is_whole
    assert len(list(tmp_path.iterdir())) == 3


def test_tissue_that_cannot_be_rendered_is_not_saved(window, dock, told, tmp_path):
    class Failing(nn.Module):
        def forward(self, _):
            raise ValueError("no tissue today")

    window.session.tissue.choose(generator=Failing())
    dock.save(tmp_path / "tissue.png")
    window.until(lambda: len(told) == 2)
    assert told == ["no tissue today", "tissue.png was not saved: not all of the tissue is rendered"]
    assert dock.status.text() == "no tissue today"
    assert not list(tmp_path.iterdir())
