"""The measures of the Nuclei dock: true after every edit, as colors, features and CSV."""

import csv
import shlex

import numpy as np
import pytest
from napari.layers import Image
from qtpy.QtWidgets import QApplication

from napari_sharpgan.measures import measure_nuclei
from napari_sharpgan.scene import Scene
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.widgets import _measured
from napari_sharpgan.widgets._measures_part import COLORS, MeasuresPart, titled, written

pytestmark = pytest.mark.gui
SHAPE = (120, 140)


def square(row, column, side=12):
    ends = np.array([[0, 0], [0, side], [side, side], [side, 0]], float)
    return ends + np.array([row, column])


def choose(part, name):
    index = part.color.findData(name)
    assert index >= 0, f"{name} is offered"
    part.color.setCurrentIndex(index)
    part.color.activated.emit(index)


def cells(part):
    model = part.table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def assert_is_whole(part):
    """The table is what measuring everything gives."""
    measured, image = part.measured, part.image.layer
    whole = measure_nuclei(
        measured._session.scene.labels,
        None if image is None else np.asarray(image.data),
        micrometers_per_pixel=measured.micrometers_per_pixel,
    )
    assert measured.table.keys.tolist() == whole.keys.tolist()
    assert list(measured.table.columns) == list(whole.columns)
    for name, values in whole.columns.items():
        np.testing.assert_allclose(measured.table[name], values, atol=1e-6, err_msg=name)


def opened(open_window, *, show):
    """A window with an H&E image, of 0.5 µm a pixel, and five nuclei on it, two of which touch."""
    pixels = np.random.default_rng(0).integers(0, 255, (*SHAPE, 3)).astype(np.uint8)
    window = open_window(Image(pixels, name="slide", scale=(0.5, 0.5), units=("um", "um")), show=show)
    session = window.session
    session.tissue.live = False
    scene = Scene(SHAPE)
    places = [(5, 5), (40, 5, 20), (40, 26), (80, 90, 25), (10, 100, 8)]
    scene.add_many([square(*place) for place in places])
    image = window.viewer.layers["slide"]
    session.show(
        scene, Facts(micrometers_per_pixel=0.5, place=session.documents.facts_of(image).place), image=image
    )
    return window


@pytest.fixture
def window(open_window):
    return opened(open_window, show=False)


@pytest.fixture
def part(window):
    return unfolded(window)


def unfolded(window):
    part = MeasuresPart(window.session)
    window.viewer.window.add_dock_widget(part, name="Measures")
    part.fold.expand(animate=False)
    window.until(lambda: part.measured.is_current)
    return part


def test_after_any_edit_the_table_is_that_of_measuring_everything(window, part):
    scene = window.session.scene
    assert_is_whole(part)
    assert part.measured.table["neighbors"].tolist() == [0, 1, 1, 0, 0]
    edits = (
        lambda: scene.move(3, square(42, 60)),  # does not touch any more
        lambda: scene.remove(4),
        scene.undo,
        lambda: scene.add(square(3, 3, 30)),  # hides nucleus 1
        scene.undo,
    )
    for edit in edits:
        edit()
        assert not part.measured.is_current
        window.until(lambda: part.measured.is_current)
        assert_is_whole(part)


def test_an_edit_measures_only_what_it_touched(window, part, monkeypatch):
    asked = []

    def measure(labels, *args, **options):
        asked.append(labels.shape)
        return measure_nuclei(labels, *args, **options)

    monkeypatch.setattr(_measured, "measure_nuclei", measure)
    window.session.scene.move(5, square(12, 101, 8))
    window.until(lambda: part.measured.is_current)
    assert len(asked) == 1
    assert max(asked[0]) <= 16
    assert_is_whole(part)


def test_nothing_is_measured_while_nobody_sees_it_and_all_of_it_afterwards(window, part):
    part.fold.collapse(animate=False)
    before = part.measured.table
    window.session.scene.remove(2)
    window.turn(0.4)
    assert part.measured.table is before
    part.fold.expand(animate=False)
    window.until(lambda: part.measured.is_current)
    assert_is_whole(part)


def test_outlines_have_the_color_of_a_measure_and_the_bar_says_its_range(open_window):
    window = opened(open_window, show=True)
    window.viewer.window.resize(1400, 900)  # beside the docks a small window leaves a canvas of no width
    part = unfolded(window)
    layer, session = window.session.layers.nuclei, window.session
    plain = layer.edge_color.copy()
    choose(part, "area_um2")
    low, high = np.percentile(part.measured.table["area_um2"], [2, 98])
    assert part.bar.low.text() == written("area_um2", low) == f"{low:.1f} µm²"
    assert part.bar.high.text() == f"{high:.1f} µm²"
    shares = np.clip((part.measured.table["area_um2"] - low) / (high - low), 0, 1)
    np.testing.assert_allclose(layer.edge_color, COLORS.map(shares), atol=2e-3)
    session.scene.move(5, square(80, 20, 34))  # the largest now
    window.until(lambda: part.measured.is_current)
    np.testing.assert_allclose(layer.edge_color[4], COLORS.map(1.0)[0], atol=2e-3)
    layer.opacity = 1.0

    def yellow():
        """Return how many pixels of the screen have the last color, in which the largest is drawn."""
        seen = window.viewer.screenshot(flash=False)[..., :3].astype(int)
        return int((np.abs(seen - 255 * COLORS.map(1.0)[0, :3]) < 8).all(axis=2).sum())

    window.until(lambda: yellow() > 100, 20)
    session.scene.undo()
    choose(part, "class")
    np.testing.assert_allclose(layer.edge_color, plain, atol=2e-3)
    assert not part.bar.isVisible()


def test_features_say_the_measures_and_forget_those_of_an_image_that_is_not_chosen(window, part):
    layer, table = window.session.layers.nuclei, part.measured.table
    for name, values in table.columns.items():
        np.testing.assert_allclose(layer.features[name], values, err_msg=name)
    choose(part, "hematoxylin")
    part.image.choose(None)
    part.image.activated.emit(0)
    window.until(lambda: part.measured.is_current)
    assert "hematoxylin" not in layer.features
    assert "solidity" in layer.features
    assert part.colored_by == "class"
    window.session.new_canvas((50, 60))
    assert part.image.layer is None, "who wants no image does not get one"


def test_a_click_in_the_table_selects_and_a_selection_is_marked_and_told(window, part):
    session = window.session
    session.show_outlines()
    part.table.choose(4)
    assert session.selected == [4]
    assert "Nucleus 4: " in part.said.text()
    assert "eccentricity 0.00" in part.said.text()
    session.select([2])
    assert part.table.chosen == 2
    row = part.table.currentIndex().row()
    assert cells(part)[row][0] == "2"


def test_sizes_are_in_px_where_no_size_is_known(window, part):
    assert "0.5 µm" in part.size.text()
    assert titled("area_um2") in [part.color.itemText(i) for i in range(part.color.count())]
    window.session.new_canvas(SHAPE)
    window.session.show(Scene(SHAPE), Facts())
    window.session.scene.add(square(5, 5))
    window.until(lambda: part.measured.is_current and len(part.measured.table) == 1)
    assert "In px" in part.size.text()
    assert "area" in part._shown
    assert "area_um2" not in part._shown


def test_the_csv_is_that_of_the_nuclei_as_they_are_after_the_last_edit(window, part, tmp_path, told):
    path = tmp_path / "nuclei.csv"
    window.session.scene.remove(1)
    part.save(path)
    window.until(path.exists)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["nucleus"]) for row in rows] == [2, 3, 4, 5]
    assert float(rows[0]["area_um2"]) == 21 * 21 * 0.25
    window.until(lambda: any("nuclei.csv is written" in message for message in told))
    part.save(tmp_path / "nowhere" / "nuclei.csv")
    window.until(lambda: any("nowhere" in message for message in told))


def test_the_copied_command_names_the_image_and_the_size_of_a_pixel(window, part):
    part._copy_command()
    command = shlex.split(QApplication.clipboard().text())
    assert command[:3] == ["sharpgan", "measure", "nuclei.geojson"]
    assert command[command.index("--image") + 1] == "slide.tif"
    assert command[command.index("--micrometers-per-pixel") + 1] == "0.5"
