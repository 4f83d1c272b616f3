"""The Score dock compares layers and folders, shows what is wrong where, and saves as the command does."""

import gc
import os

import numpy as np
import pytest
from napari.layers._source import layer_source
from PIL import Image
from qtpy.QtWidgets import QApplication

from napari_sharpgan.cli import main
from napari_sharpgan.formats import read_image, write_labels
from napari_sharpgan.metrics import error_map, nucleus_outcomes
from napari_sharpgan.metrics.evaluation import score_image, score_instances
from napari_sharpgan.widgets._score_work import Result
from napari_sharpgan.widgets.score_dock import OTHERS, STALE, WELCOME, ScoreDock

PATIENCE = 120_000  # ms: the first score loads torch
GRID = {"scale": (0.5, 0.5), "translate": (100, 200)}


@pytest.fixture(autouse=True)
def _tidy(qapp, monkeypatch, tmp_path):
    """Remember nothing of tests before; collect windows here: a thread that allocates would, and must not."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    gc.collect()


@pytest.fixture
def true(real_data):
    """A part of the nuclei of a real tile, with their numbers."""
    labels = np.asarray(Image.open(real_data / "gbm" / "labels" / "01.tif"))
    return labels[100:260, 60:260].astype(np.int32)


@pytest.fixture
def found(true):
    """The same with two nuclei missed, one moved, and one where there is none."""
    keys = np.unique(true)[1:]
    found = np.where(np.isin(true, keys[[2, 5]]), 0, true)
    found[found == keys[8]] = 0
    found[np.roll(true == keys[8], 4, axis=1)] = keys[8]
    found[:6, :6] = true.max() + 3
    return found


@pytest.fixture
def tissue(real_data):
    return read_image(real_data / "gbm" / "images" / "01.png")[100:260, 60:260]


@pytest.fixture
def viewer(bare_viewer, true, found):
    """A person's own layers."""
    bare_viewer.add_labels(found, name="found", **GRID)
    bare_viewer.add_labels(true, name="mask", **GRID)
    return bare_viewer


def opened(qtbot, viewer):
    dock = ScoreDock(viewer)
    qtbot.addWidget(dock)
    return dock


@pytest.fixture
def dock(qtbot, viewer):
    return opened(qtbot, viewer)


def wait(qtbot, condition):
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def score(qtbot, dock):
    """Press Score, and wait for scores or for what is wrong."""
    dock.result = None
    dock._say([])
    dock.main.click()
    wait(qtbot, lambda: dock.result is not None or dock.message.text())


def compare(dock, true, predicted):
    dock.choice.true.choose(dock._viewer.layers[true])
    dock.choice.predicted.choose(dock._viewer.layers[predicted])


def shown(dock):
    return {name: label.text() for name, label in dock.numbers._labels.items()}


def rows(table):
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def saved(qtbot, save, dock, what, path):
    save(dock, what, path)
    wait(qtbot, path.exists)
    return path.read_text()


def add_from(path, add, pixels):
    """Add a layer as napari does from a file."""
    with layer_source(path=str(path)):
        add(pixels, name=path.stem)


def test_nothing_is_scored_before_it_is_asked_for(qtbot, dock, viewer):
    assert dock.status.text() == WELCOME
    assert [layer.name for layer in viewer.layers] == ["found", "mask"]


def test_two_masks_get_numbers_a_legend_a_table_and_a_layer(qtbot, dock, viewer, true, found):
    compare(dock, "mask", "found")
    score(qtbot, dock)
    scores, outcomes = score_instances(true, found), nucleus_outcomes(true, found)
    assert list(shown(dock)) == list(scores)
    assert shown(dock)["pq"] == f"PQ<br><b>{scores['pq']:.3f}</b>"
    count = len(outcomes.true.labels)
    assert dock.status.text().startswith(f"{count} true · {count - 1} predicted nuclei")
    assert dock.legend._words["missed"].text() == "missed <b>2</b>"
    assert dock.legend._words["extra"].text() == "extra <b>1</b>"
    table = rows(dock.tables.outcomes)
    assert table[0] == [str(true.max() + 3), "predicted", "extra", "0.00", "36"], "worst first"
    assert {row[0] for row in table if row[2] == "missed"} == set(map(str, np.unique(true)[[3, 6]]))
    assert len(table) == 2 * count - 1
    errors = viewer.layers["errors"]
    np.testing.assert_array_equal(errors.data, error_map(true, found))
    np.testing.assert_array_equal(errors.scale, GRID["scale"])
    np.testing.assert_array_equal(errors.translate, GRID["translate"])
    assert "outcome: extra" in str(errors.get_status((100, 200), world=True))


def test_the_layer_has_the_colors_of_the_legend_and_leaves_selection_and_tissue_in_sight(qtbot, dock, viewer):
    compare(dock, "mask", "found")
    score(qtbot, dock)
    layer = viewer.layers["errors"]
    colors = np.rint(layer.colormap.map(np.arange(6)) * 255).astype(int)
    assert colors[0, 3] == 0
    assert colors[1:, :3].tolist() == [
        [0x00, 0x9E, 0x73], [0xD5, 0x5E, 0x00], [255, 255, 255], [0xF0, 0xE4, 0x42], [0x77, 0x22, 0x00]
    ]  # fmt: skip
    assert viewer.layers.selection.active is viewer.layers["mask"]
    assert not viewer.layers["mask"].visible
    assert not layer.editable
    dock.choice.true.refill()
    assert layer not in dock.choice.true._offered


def test_the_tables_saved_are_those_of_the_command(qtbot, save, bare_viewer, true, found, tmp_path):
    for labels, name in ((true, "true.tif"), (found, "found.tif")):
        write_labels(labels, tmp_path / name)
        add_from(tmp_path / name, bare_viewer.add_labels, labels)
    dock = opened(qtbot, bare_viewer)
    compare(dock, "true", "found")
    score(qtbot, dock)
    dock.copy_button.click()
    command = QApplication.clipboard().text().split()
    assert command[0] == "sharpgan"
    places = {name: tmp_path / name for name in ("nuclei.csv", "scores.csv", "errors.png")}
    assert main([str(places.get(word, word)) for word in command[1:]]) == 0
    assert saved(qtbot, save, dock, "nuclei", tmp_path / "a.csv") == places["nuclei.csv"].read_text()
    assert saved(qtbot, save, dock, "scores", tmp_path / "b.csv") == places["scores.csv"].read_text()


def test_images_are_scored_within_nuclei_as_by_the_command(qtbot, save, bare_viewer, true, tissue, tmp_path):
    for pixels, name in ((tissue, "real.png"), (np.roll(tissue, 1, axis=0), "moved.png")):
        Image.fromarray(pixels).save(tmp_path / name)
        add_from(tmp_path / name, bare_viewer.add_image, pixels)
    write_labels(true, tmp_path / "nuclei.tif")
    add_from(tmp_path / "nuclei.tif", bare_viewer.add_labels, true)
    dock = opened(qtbot, bare_viewer)
    dock.choice.choose("images")
    dock.choice.reference.choose(bare_viewer.layers["real"])
    dock.choice.image.choose(bare_viewer.layers["moved"])
    dock.choice.nuclei.choose(bare_viewer.layers["nuclei"])
    score(qtbot, dock)
    expected = score_image(tissue, np.roll(tissue, 1, axis=0))
    assert shown(dock)["ssim"] == f"SSIM<br><b>{expected['ssim']:.3f}</b>"
    assert {"fsimc", "contour_ssim", "contour_nrmse"} < set(shown(dock))
    assert "errors" not in bare_viewer.layers
    column = [float(row[1]) for row in rows(dock.tables.similarities)]
    assert len(column) == len(np.unique(true)) - 1
    assert column == sorted(column), "the worst first"
    command = dock.command.split()[1:]
    places = {name: str(tmp_path / f"cli {name}") for name in ("nuclei.csv", "scores.csv")}
    assert main([places.get(word, word) for word in command]) == 0
    for what in places:
        text = saved(qtbot, save, dock, what.removesuffix(".csv"), tmp_path / what)
        assert text == (tmp_path / f"cli {what}").read_text()


def test_a_mask_or_an_image_against_itself_is_perfect(qtbot, dock, viewer, tissue):
    compare(dock, "mask", "mask")
    score(qtbot, dock)
    assert {text.split("<b>")[1] for text in shown(dock).values()} == {"1.000</b>"}
    assert dock.message.text() == "This is a mask against itself."
    viewer.add_image(tissue, name="H&E")
    dock.choice.choose("images")
    score(qtbot, dock)
    numbers = [text.split("<b>")[1][:5] for text in shown(dock).values()]
    assert numbers == ["1.000", "1.000", "0.000", "0.000", "1.000"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            np.zeros((30, 40), int),
            "Both must have the same size: 'mask' has 160 × 200 pixels, 'other' 30 × 40.",
        ),
        (
            np.zeros((2, 160, 200), int),
            "Choose a layer of rows and columns at one scale: 'other' has 3 dimensions.",
        ),
        (
            np.zeros((160, 200), int),
            "The predicted mask holds no nuclei, the other one does, so every score is 0.",
        ),
    ],
)
def test_what_cannot_be_scored_or_says_little_is_one_sentence(qtbot, dock, viewer, other, said):
    viewer.add_labels(other, name="other")
    compare(dock, "mask", "other")
    score(qtbot, dock)
    assert dock.message.text() == said


def test_floats_are_no_mask_and_whole_numbers_in_an_image_layer_are(qtbot, dock, viewer, found):
    viewer.add_image(found.astype(np.float32), name="floats")
    viewer.add_image(found.astype(np.uint16), name="numbers")
    compare(dock, "mask", "floats")
    score(qtbot, dock)
    assert dock.message.text().startswith("A mask holds whole numbers, one a nucleus: 'floats' holds float32")
    assert shown(dock) == {}
    compare(dock, "mask", "numbers")
    wait(qtbot, lambda: dock.result is not None)
    assert dock.result.scored.scores["pq"] == score_instances(viewer.layers["mask"].data, found)["pq"]


def test_a_constant_image_has_a_word_and_a_black_reference_is_refused(qtbot, dock, viewer, tissue):
    viewer.add_image(np.full_like(tissue, 90), name="flat")
    viewer.add_image(np.zeros_like(tissue), name="black")
    viewer.add_image(tissue, name="H&E")
    dock.choice.choose("images")
    dock.choice.reference.choose(viewer.layers["H&E"])
    dock.choice.image.choose(viewer.layers["flat"])
    score(qtbot, dock)
    assert dock.message.text().startswith("The image has one gray level only")
    dock.choice.reference.choose(viewer.layers["black"])
    dock.result = None
    wait(qtbot, lambda: "black" in dock.message.text())


def test_edits_are_followed_while_live_else_said(qtbot, dock, viewer, true, found):
    compare(dock, "mask", "found")
    score(qtbot, dock)
    extra = true.max() + 3
    viewer.layers["found"].visible = True
    viewer.layers["found"].data[viewer.layers["found"].data == extra] = 0  # in place
    viewer.layers["found"].refresh()
    wait(qtbot, lambda: dock.legend._words["extra"].text() == "extra <b>0</b>")
    assert viewer.layers["errors"].data[0, 0] == 0
    dock.live.setChecked(False)
    viewer.layers["found"].data = np.zeros_like(found)
    assert dock.status.text() == STALE
    compare(dock, "found", "mask")
    assert dock.status.text() == OTHERS
    dock.live.setChecked(True)
    wait(qtbot, lambda: dock.message.text().startswith("The true mask holds no nuclei"))
    layer = viewer.layers["mask"]
    edits = dock._edits
    layer.refresh()
    assert dock._edits == edits, "a layer that is only drawn anew is no edit"


def test_what_is_saved_is_scored_again_if_it_was_edited(qtbot, save, dock, viewer, found, tmp_path):
    compare(dock, "mask", "found")
    dock.live.setChecked(False)
    score(qtbot, dock)
    viewer.layers["found"].data = np.zeros_like(found)
    text = saved(qtbot, save, dock, "nuclei", tmp_path / "nuclei.csv")
    assert ",predicted," not in text
    assert ",missed," in text


def test_a_layer_that_was_deleted_comes_back_when_it_is_asked_for(qtbot, dock, viewer, found):
    compare(dock, "mask", "found")
    score(qtbot, dock)
    viewer.layers.remove("errors")
    viewer.layers["found"].data = np.zeros_like(found)
    wait(qtbot, lambda: dock.message.text().startswith("The predicted mask"))
    assert "errors" not in viewer.layers
    score(qtbot, dock)
    assert "errors" in viewer.layers
    viewer.layers["errors"].visible = False
    assert not dock.errors.isChecked()
    dock.errors.click()
    assert viewer.layers["errors"].visible


def test_there_is_no_command_for_what_is_in_no_file(dock):
    assert not dock.copy_button.isEnabled()
    assert "in no file" in dock.copy_button.toolTip()


@pytest.fixture
def folders(true, found, tmp_path):
    for name in ("true", "found"):
        (tmp_path / name).mkdir()
    for number in range(3):
        write_labels(true, tmp_path / "true" / f"tile{number}.tif")
        write_labels(found if number else true, tmp_path / "found" / f"tile{number}.tif")
    write_labels(true, tmp_path / "true" / "alone.tif")
    return tmp_path / "true", tmp_path / "found"


@pytest.fixture
def folder_dock(qtbot, dock, folders):
    dock.choice.choose("folders")
    dock.choice.true_folder.suggest(folders[0])
    dock.choice.predicted_folder.suggest(folders[1])
    return dock


def test_folders_get_a_table_their_mean_and_the_files_of_the_command(
    qtbot, save, folder_dock, true, found, tmp_path
):
    dock = folder_dock
    score(qtbot, dock)
    pq = score_instances(true, found)["pq"]
    assert dock.status.text() == "Mean of 3 images"
    assert shown(dock)["pq"] == f"PQ<br><b>{(1 + 2 * pq) / 3:.3f}</b>"
    assert "without a partner: alone.tif" in dock.message.text()
    table = rows(dock.tables.images)
    assert [(row[0], row[3]) for row in table] == [
        ("tile1", f"{pq:.3f}"), ("tile2", f"{pq:.3f}"), ("tile0", "1.000")
    ]  # fmt: skip
    places = {name: str(tmp_path / f"cli {name}") for name in ("nuclei.csv", "scores.csv")}
    assert main([places.get(word, word) for word in dock.command.split()[1:]]) == 0
    for what in places:
        text = saved(qtbot, save, dock, what.removesuffix(".csv"), tmp_path / what)
        assert text == (tmp_path / f"cli {what}").read_text()


def test_a_pair_of_a_folder_opens_as_layers_and_is_scored(qtbot, folder_dock, viewer, found):
    dock = folder_dock
    score(qtbot, dock)
    dock.tables.images.choose(2)
    dock.open_button.click()
    wait(qtbot, lambda: isinstance(dock.result, Result))
    assert dock.choice.kind == "masks"
    assert [layer.name for layer in viewer.layers][-3:] == ["tile2 true", "tile2", "errors"]
    np.testing.assert_array_equal(viewer.layers["tile2"].data, found)
    assert "tile2.tif" in dock.command


def test_folders_can_be_stopped_and_what_is_scored_is_kept(qtbot, folder_dock, folders):
    dock, many = folder_dock, 400
    for folder in folders:
        for number in range(3, many):
            os.link(folder / "tile2.tif", folder / f"tile{number}.tif")
    dock.folders.progressed.connect(
        lambda text: dock.folders.cancel_button.click() if " of " in text else None
    )
    score(qtbot, dock)
    count = len(rows(dock.tables.images))
    assert 0 < count < many
    assert dock.status.text().endswith(f"{count} image{'s' * (count > 1)}: stopped, there are {many}")
    assert not dock.folders.isVisibleTo(dock)


def test_what_is_wrong_with_folders_is_one_sentence(qtbot, folder_dock, true, folders):
    dock = folder_dock
    write_labels(true[:50], folders[1] / "tile1.tif")
    score(qtbot, dock)
    assert dock.message.text().startswith(
        "Tile1.tif and tile1.tif: true and predicted must have the same shape"
    )
    dock.choice.predicted_folder.clear()
    score(qtbot, dock)
    assert dock.message.text() == "Choose a folder of predicted masks or images."


def test_a_dock_that_is_gone_hears_nothing_more(qtbot, viewer, found):
    dock = ScoreDock(viewer)
    compare(dock, "mask", "found")
    score(qtbot, dock)
    with qtbot.waitSignal(dock.destroyed):
        dock.deleteLater()
    viewer.layers["found"].data = np.zeros_like(found)
    viewer.layers["errors"].visible = False
    viewer.layers.clear()
