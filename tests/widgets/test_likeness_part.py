"""*Generate like this* in the Nuclei dock: fit, fill, and histograms side by side."""

import shlex
from dataclasses import asdict

import numpy as np
import pytest
from napari.layers import Labels
from qtpy.QtWidgets import QApplication

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.nuclei import NucleiConfig, compare_nuclei, fit, fit_nuclei, random_nuclei, rasterize
from napari_sharpgan.widgets._likeness_plots import TITLES
from napari_sharpgan.widgets._parts import WIDEST
from napari_sharpgan.widgets.nuclei_dock import NucleiDock

pytestmark = pytest.mark.gui


@pytest.fixture(scope="module")
def labels():
    shape = (110, 130)
    config = NucleiConfig(count=12, level=0, size_spread=0, seed=3)
    return rasterize(random_nuclei(shape, **asdict(config)), shape)


@pytest.fixture
def short(monkeypatch):
    """A fit that tries a few canvases only: what it does with them is tested elsewhere."""
    few = ({"spikiness": 0.04}, {"spikiness": 0.12})
    monkeypatch.setattr(fit, "TRIED", (few,))
    monkeypatch.setattr(fit, "ROUNDS", 1)
    monkeypatch.setattr(fit, "REFINED", ())


@pytest.fixture
def window(open_window, labels, short):
    window = open_window(Labels(labels, name="mask"), show=False)
    window.session.tissue.live = False
    window.session.new_canvas((110, 130))
    return window


@pytest.fixture
def dock(window):
    dock = NucleiDock(window.viewer)
    window.viewer.window.add_dock_widget(dock, name="Nuclei")
    dock.likeness.fold.expand(animate=False)
    return dock


def fitted(window, dock):
    """Press the button and wait until all is drawn and compared."""
    dock.likeness.fit()
    assert not dock.likeness.busy.isHidden()
    window.until(lambda: dock.likeness.plots is not None and dock.likeness.plots.said.text())
    assert dock.likeness.busy.isHidden()


def test_a_mask_fills_the_canvas_in_one_step_and_sets_the_sliders(window, dock, labels):
    scene = window.session.scene
    kept = scene.add([[2, 2], [2, 12], [12, 12], [12, 2]])
    scene.inform({kept: NucleusInfo(is_locked=True)})
    before = scene.revision
    dock.form.value = NucleiConfig(seed=5)
    dock.likeness.mask.choose(window.viewer.layers["mask"])
    fitted(window, dock)
    config = fit_nuclei(labels, seed=5)
    assert dock.config == config
    assert kept in scene.polygons
    drawn = [outline for key, outline in scene.polygons.items() if key != kept]
    expected = random_nuclei(scene.shape, **asdict(config))
    for one, other in zip(drawn, expected, strict=True):
        np.testing.assert_allclose(one, other)
    assert scene.revision == before + 1
    scene.undo()
    assert list(scene.polygons) == [kept]


def test_histograms_stand_side_by_side_with_their_distances(window, dock, labels):
    dock.likeness.mask.choose(window.viewer.layers["mask"])
    fitted(window, dock)
    plots, expected = dock.likeness.plots, compare_nuclei(labels, window.session.scene.labels)
    assert f"Distance {expected.distance:.2f}" in plots.said.text()
    for name, title in TITLES.items():
        assert plots.titles[name].text() == f"{title} · {expected.distances[name]:.2f}"
    for name, shown in expected.histograms.items():
        np.testing.assert_allclose(plots.histograms[name]._bars.yData, shown.real)
        np.testing.assert_allclose(plots.histograms[name]._line.yData, shown.generated)
    assert dock.minimumSizeHint().width() <= WIDEST
    before = plots.said.text()
    window.session.scene.remove_many(list(window.session.scene.polygons)[:4])
    window.until(lambda: plots.said.text() != before)
    for theme in ("light", "dark"):
        window.viewer.theme = theme
        background = plots.histograms["radius"].backgroundBrush().color().lightness()
        assert (background > 128) == (theme == "light")


def test_a_fit_that_is_canceled_leaves_all_as_it_was(window, dock):
    dock.likeness.mask.choose(window.viewer.layers["mask"])
    config = dock.config
    dock.likeness.fit()
    dock.likeness.cancel_button.click()
    assert dock.likeness.busy.isHidden()
    window.turn(0.5)
    assert len(window.session.scene) == 0
    assert dock.config == config


def test_too_few_nuclei_are_said_in_a_sentence(window, dock, told):
    window.session.scene.add([[2, 2], [2, 12], [12, 12], [12, 2]])
    window.session.scene.add([[22, 2], [22, 12], [32, 12], [32, 2]])
    dock.likeness.fit()
    window.until(lambda: any("at least 10 nuclei" in message for message in told))
    assert dock.likeness.busy.isHidden()
    assert len(window.session.scene) == 2


def test_the_copied_command_fits_to_the_file_of_the_mask(window, dock):
    dock.likeness.mask.choose(window.viewer.layers["mask"])
    dock.form.value = NucleiConfig(seed=5)
    dock.likeness._copy_command()
    command = shlex.split(QApplication.clipboard().text())
    assert command == ["sharpgan", "nuclei", "like.geojson", "--like", "mask.tif", "--seed", "5"]
    window.session.new_canvas((90, 80))
    dock.likeness._copy_command()
    command = shlex.split(QApplication.clipboard().text())
    assert command[5:8] == ["--shape", "90", "80"]
