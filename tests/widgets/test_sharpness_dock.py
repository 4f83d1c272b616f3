"""The Sharpness dock measures what is chosen, follows it, and takes the person to the blurriest nuclei."""

import gc

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication, QTabWidget, QWidget

from napari_sharpgan.losses import contour_sharpness
from napari_sharpgan.widgets.sharpness_dock import SharpnessDock

PATIENCE = 120_000  # ms: the first measurement loads torch


@pytest.fixture(autouse=True)
def _tidy(qapp):
    """Collect windows of earlier tests here: a thread that allocates would, and must not."""
    gc.collect()


@pytest.fixture
def labels():
    labels = np.zeros((40, 60), np.int32)
    labels[4:9, 4:9] = 7
    labels[20:25, 40:45] = 300
    labels[30:35, 4:9] = 12
    return labels


@pytest.fixture
def image(labels):
    """White, with nucleus 7 black, nucleus 12 gray, and nucleus 300 not to be seen."""
    gray = np.full(labels.shape, 255, np.uint8)
    gray[labels == 7] = 0
    gray[labels == 12] = 230
    return np.stack([gray] * 3, axis=2)


@pytest.fixture
def viewer(bare_viewer, image, labels):
    """A person's own layers."""
    viewer = bare_viewer
    viewer.add_image(image, name="H&E", scale=(0.5, 0.5), translate=(100, 200))
    viewer.add_labels(labels, name="mine", scale=(0.5, 0.5), translate=(100, 200))
    return viewer


@pytest.fixture
def dock(qtbot, viewer):
    dock = SharpnessDock(viewer)
    qtbot.addWidget(dock)
    return dock


def wait_for_numbers(qtbot, dock, text="L_sharp"):
    qtbot.waitUntil(lambda: text in dock.numbers.text(), timeout=PATIENCE)


def wait_for_message(qtbot, dock, text):
    qtbot.waitUntil(lambda: text in dock.message.text(), timeout=PATIENCE)


def heat(viewer):
    return viewer.layers["sharpness"].data


def rows(dock):
    model = dock.table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def quiet(qtbot, dock):
    """Wait until all that was asked for is measured and shown."""
    qtbot.wait(100)
    qtbot.waitUntil(
        lambda: not dock._newest._is_busy and not dock._newest._timer.isActive(), timeout=PATIENCE
    )


def test_a_persons_own_layers_get_a_layer_a_number_a_table_and_features(qtbot, dock, viewer, image, labels):
    wait_for_numbers(qtbot, dock)
    expected = contour_sharpness(image, labels)
    layer = viewer.layers["sharpness"]
    np.testing.assert_array_equal(layer.data, np.where(expected.contour, expected.map, 0))
    assert layer.data.mean() == pytest.approx(expected.loss)
    assert tuple(layer.contrast_limits) == (0, 6)
    np.testing.assert_array_equal(layer.scale, [0.5, 0.5])
    np.testing.assert_array_equal(layer.translate, [100, 200])
    assert [one.name for one in viewer.layers] == ["H&E", "sharpness", "mine"]
    assert dock.numbers.text() == f"mean L_sharp {expected.loss:.2f} · 3 nuclei"
    assert rows(dock) == ["300", "12", "7"]
    features = viewer.layers["mine"].features.set_index("index")["sharpness"]
    assert features.to_dict() == pytest.approx(dict(zip(expected.keys, expected.means, strict=True)))


def test_the_layer_glows_only_where_there_is_something_to_say(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock)
    colors = viewer.layers["sharpness"].colormap.map(np.array([0, 0.5, 1]))
    assert colors[0, 3] == 0
    assert colors[1, 3] == 1
    assert colors[2, :3].sum() > colors[1, :3].sum(), "what is blurry is brighter"


def test_making_the_layer_leaves_the_selection_alone(qtbot, viewer, dock):
    wait_for_numbers(qtbot, dock)
    assert viewer.layers.selection.active is viewer.layers["mine"]


def test_everywhere_and_contrast_change_the_layer(qtbot, dock, viewer, image, labels):
    wait_for_numbers(qtbot, dock)
    dock.form.rows["everywhere"].value = True
    qtbot.waitUntil(lambda: bool((heat(viewer) > 0).all()), timeout=PATIENCE)
    dock.form.rows["contrast"].value = 0.5
    expected = contour_sharpness(image, labels, contrast=0.5)
    qtbot.waitUntil(lambda: np.array_equal(heat(viewer), expected.map), timeout=PATIENCE)


@pytest.mark.parametrize("way", ["other data", "in place", "a stroke"])
def test_nuclei_are_followed(qtbot, dock, viewer, way):
    wait_for_numbers(qtbot, dock, "3 nuclei")
    mine = viewer.layers["mine"]
    if way == "other data":
        mine.data = np.where(mine.data == 12, 0, mine.data)
    elif way == "in place":
        mine.data[mine.data == 12] = 0
        mine.refresh()
    else:
        mine.data_setitem(np.nonzero(mine.data == 12), 0)
    wait_for_numbers(qtbot, dock, "2 nuclei")
    assert rows(dock) == ["300", "7"]
    assert mine.features["index"].tolist() == [7, 300]


def test_the_image_is_followed_and_the_newest_one_counts(qtbot, dock, viewer, image, labels):
    wait_for_numbers(qtbot, dock)
    for level in (10, 50, 90, 130):
        viewer.layers["H&E"].data = np.where(image == 0, level, image).astype(np.uint8)
    quiet(qtbot, dock)
    expected = contour_sharpness(viewer.layers["H&E"].data, labels)
    np.testing.assert_array_equal(heat(viewer), np.where(expected.contour, expected.map, 0))


def test_without_live_nothing_is_followed_until_live_is_back(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock, "3 nuclei")
    dock.form.rows["live"].value = False
    quiet(qtbot, dock)
    viewer.layers["mine"].data = np.zeros_like(viewer.layers["mine"].data)
    quiet(qtbot, dock)
    assert "3 nuclei" in dock.numbers.text()
    dock.form.rows["live"].value = True
    wait_for_numbers(qtbot, dock, "0 nuclei")
    assert "no nuclei" in dock.message.text()


def test_a_click_flies_to_a_nucleus_and_selects_its_label(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock)
    dock.table.choose(12)
    center = (100 + 32 * 0.5, 200 + 6 * 0.5)
    camera = viewer.scene.camera
    qtbot.waitUntil(lambda: np.allclose(camera.center[-2:], center), timeout=PATIENCE)
    assert viewer.layers["mine"].selected_label == 12


def test_the_button_goes_from_the_blurriest_on_and_round(qtbot, dock):
    wait_for_numbers(qtbot, dock)
    seen = []
    for _ in range(4):
        dock.next_button.click()
        seen.append(dock.table.chosen)
    assert seen == [300, 12, 7, 300]


def test_a_nucleus_that_is_gone_is_said_to_be_gone(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock)
    dock.form.rows["live"].value = False
    viewer.layers["mine"].data = np.zeros_like(viewer.layers["mine"].data)
    dock.table.choose(12)
    assert dock.message.text() == "Nucleus 12 is not in 'mine' any more."


def test_real_and_synthetic_stand_in_one_histogram(qtbot, dock, viewer, image, labels):
    wait_for_numbers(qtbot, dock)
    viewer.add_image(image[..., 0] // 2 + 100, name="real")
    viewer.add_image(np.zeros((3, 3)), name="of another size")
    assert [dock.other.itemText(i) for i in range(dock.other.count())] == ["none", "real"]
    dock.other.choose(viewer.layers["real"])
    loss = contour_sharpness(viewer.layers["real"].data, labels).loss
    wait_for_numbers(qtbot, dock, f"real: {loss:.2f}")
    viewer.layers.remove("real")
    qtbot.waitUntil(lambda: "real" not in dock.numbers.text(), timeout=PATIENCE)


def test_tissue_and_labels_of_the_scene_come_first_unless_a_person_chose(qtbot, dock, viewer, image, labels):
    tissue = viewer.add_image(image, name="tissue")
    assert dock.image.layer is tissue
    dock.image.choose(viewer.layers["H&E"])
    viewer.layers.remove(tissue)
    viewer.add_image(image, name="tissue")
    assert dock.image.layer is viewer.layers["H&E"]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda v: v.add_labels(np.zeros((40, 61), int), name="tissue labels"),
            "Image and nuclei must have the same size: 'H&E' has 40 × 60 pixels, 'tissue labels' 40 × 61.",
        ),
        (
            lambda v: v.add_labels(np.zeros((4, 40, 60), int), name="stack"),
            "Choose a layer of rows and columns at one scale: 'stack' has 3 dimensions.",
        ),
        (
            lambda v: v.add_image([np.zeros((40, 60)), np.zeros((20, 30))], name="pyramid", multiscale=True),
            "Choose a layer of rows and columns at one scale: 'pyramid' has several scales.",
        ),
        (
            lambda v: v.add_image(np.full((40, 60), np.nan), name="empty", contrast_limits=(0, 1)),
            "Image must be finite everywhere, got NaN or infinity.",
        ),
    ],
    ids=["another size", "a stack", "a pyramid", "NaN"],
)
def test_what_cannot_be_measured_is_said_in_one_sentence_and_breaks_nothing(
    qtbot, dock, viewer, make, sentence
):
    wait_for_numbers(qtbot, dock)
    layer = make(viewer)
    choice = dock.labels if hasattr(layer, "selected_label") else dock.image
    choice.choose(layer)
    wait_for_message(qtbot, dock, sentence)
    assert dock.numbers.text() == ""
    assert rows(dock) == []
    assert not heat(viewer).any(), "what was measured before is of other layers"
    assert not dock.next_button.isEnabled()
    viewer.layers.remove(layer)
    wait_for_numbers(qtbot, dock, "3 nuclei")
    assert not dock.message.text()


def test_layers_that_are_missing_are_asked_for(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock)
    viewer.layers.remove("mine")
    assert dock.message.text() == "Add a labels layer to measure the sharpness of contours."
    viewer.layers.clear()
    assert dock.message.text() == "Add an image layer to measure the sharpness of contours."


def test_a_layer_that_a_person_deleted_comes_back_only_when_asked_for(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock)
    viewer.layers.remove("sharpness")
    viewer.layers["mine"].data = np.where(viewer.layers["mine"].data == 7, 0, viewer.layers["mine"].data)
    wait_for_numbers(qtbot, dock, "2 nuclei")
    assert "sharpness" not in viewer.layers
    dock.form.rows["contrast"].value = 0.2
    qtbot.waitUntil(lambda: "sharpness" in viewer.layers, timeout=PATIENCE)


def test_there_is_one_layer_under_any_name(qtbot, dock, viewer):
    wait_for_numbers(qtbot, dock)
    viewer.layers["sharpness"].name = "glow"
    dock.form.rows["everywhere"].value = True
    qtbot.waitUntil(lambda: bool((viewer.layers["glow"].data > 0).all()), timeout=PATIENCE)
    again = SharpnessDock(viewer)
    qtbot.addWidget(again)
    wait_for_numbers(qtbot, again)
    assert [layer.name for layer in viewer.layers] == ["H&E", "glow", "mine"]
    assert dock.image.findText("glow") < 0


def test_behind_another_dock_it_rests_and_catches_up_when_it_is_looked_at(qtbot, viewer):
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    tabs.addTab(QWidget(), "Nuclei")
    dock = SharpnessDock(viewer)
    tabs.addTab(dock, "Sharpness")
    tabs.show()
    wait_for_numbers(qtbot, dock, "3 nuclei")
    layer = viewer.layers["sharpness"]
    assert not layer.visible
    viewer.layers["mine"].data = np.where(viewer.layers["mine"].data == 7, 0, viewer.layers["mine"].data)
    quiet(qtbot, dock)
    assert "3 nuclei" in dock.numbers.text()
    tabs.setCurrentIndex(1)
    wait_for_numbers(qtbot, dock, "2 nuclei")
    assert layer.visible


def test_the_command_is_on_the_clipboard(qtbot, dock):
    wait_for_numbers(qtbot, dock)
    dock.copy_button.click()
    assert QApplication.clipboard().text().startswith("sharpgan sharpness 'H&E.tif' mine.tif --contrast 0.1")


def test_the_histogram_takes_the_colors_of_the_theme(qtbot, dock, viewer):
    from napari.utils.theme import get_theme

    for name in ("light", "dark"):
        viewer.theme = name
        color = dock.histogram.backgroundBrush().color().getRgb()[:3]
        assert color == get_theme(name).background.as_rgb_tuple()


def test_every_control_says_what_it_does_and_the_dock_is_narrow(qtbot, dock):
    wait_for_numbers(qtbot, dock)
    controls = [dock.image, dock.labels, dock.other, dock.outlines, dock.next_button, dock.copy_button]
    controls += [dock.table, dock.histogram, dock.numbers]
    assert [control for control in controls if not control.toolTip()] == []
    assert [row for row in dock.form.rows.values() if not row.tooltip] == []
    assert "λ of Eq. 5" in dock.form.rows["contrast"].tooltip
    assert dock.form.rows["live"].native.text() == "", "the words stand in the column of words"
    assert dock.minimumSizeHint().width() <= 360
    assert dock.minimumWidth() <= 360


def test_a_closed_dock_hears_nothing_more(qtbot, viewer):
    dock = SharpnessDock(viewer)
    wait_for_numbers(qtbot, dock)
    with qtbot.waitSignal(dock.destroyed):
        dock.deleteLater()
    viewer.layers["mine"].data = np.zeros_like(viewer.layers["mine"].data)
    viewer.add_image(np.zeros((4, 4)))
    viewer.theme = "light"
    viewer.layers.clear()
