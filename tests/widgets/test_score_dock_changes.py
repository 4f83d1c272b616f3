"""What is shown in the Score dock is of what is chosen, also when something else is chosen meanwhile."""

import gc

import numpy as np
import pytest

from napari_sharpgan.formats import write_labels
from napari_sharpgan.widgets._score_work import FolderResult, Folders, Result
from napari_sharpgan.widgets.score_dock import OTHERS, SCORING, WELCOME, ScoreDock

PATIENCE = 120_000  # ms: the first score loads torch


@pytest.fixture(autouse=True)
def _tidy(qapp, monkeypatch, tmp_path):
    """Remember nothing of tests before; collect windows here: a thread that allocates would, and must not."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    gc.collect()


@pytest.fixture
def dock(qtbot, bare_viewer):
    dock = ScoreDock(bare_viewer)
    qtbot.addWidget(dock)
    return dock


def boxes(*corners, shape=(40, 50)):
    """A mask of squares of 8 × 8 pixels, numbered from 1."""
    labels = np.zeros(shape, np.int32)
    for number, (row, column) in enumerate(corners, start=1):
        labels[row : row + 8, column : column + 8] = number
    return labels


BOTH, ONE = boxes((2, 2), (20, 30)), boxes((2, 2))


@pytest.fixture
def folders(dock, tmp_path):
    """True masks, and three folders of predicted ones: right, half of them missed, of another size."""
    predictions = {"true": BOTH, "right": BOTH, "half": ONE, "cut": BOTH[:30]}
    for folder, labels in predictions.items():
        (tmp_path / folder).mkdir()
        for name in "ab":
            write_labels(labels, tmp_path / folder / f"{name}.tif")
    dock.choice.choose("folders")
    dock.choice.true_folder.suggest(tmp_path / "true")
    dock.choice.predicted_folder.suggest(tmp_path / "right")
    return tmp_path


def wait(qtbot, condition):
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def score(qtbot, dock):
    dock.result = None
    dock.main.click()
    wait(qtbot, lambda: dock.result is not None)


def recall(dock):
    return dock.numbers._labels["recall"].text().split("<b>")[1][:5] if dock.numbers._labels else None


def test_scores_of_another_folder_are_saved_once_it_is_scored(qtbot, dock, folders, save):
    score(qtbot, dock)
    dock.choice.predicted_folder.suggest(folders / "half")
    assert dock.status.text() == OTHERS
    save(dock, "scores", folders / "scores.csv")
    wait(qtbot, (folders / "scores.csv").exists)
    header, first, *_ = (folders / "scores.csv").read_text().splitlines()
    assert dict(zip(header.split(","), first.split(","), strict=True))["recall"] == "0.500000"


def test_what_cannot_be_scored_is_not_saved_later_either_and_that_is_said(qtbot, dock, folders, save, told):
    score(qtbot, dock)
    dock.choice.predicted_folder.suggest(folders / "cut")
    save(dock, "scores", folders / "scores.csv")
    wait(qtbot, dock.message.text)
    assert told[-1].startswith("scores.csv is not written")
    dock.choice.predicted_folder.suggest(folders / "right")
    score(qtbot, dock)
    qtbot.wait(50)
    assert not (folders / "scores.csv").exists()


def test_folders_that_were_left_meanwhile_are_said_to_be_others(qtbot, dock, folders, save):
    dock.main.click()
    dock.choice.predicted_folder.suggest(folders / "half")
    wait(qtbot, lambda: dock.result is not None)
    assert dock.status.text() == OTHERS
    assert recall(dock) == "1.000"
    save(dock, "scores", folders / "scores.csv")
    wait(qtbot, lambda: recall(dock) == "0.500")
    assert dock.status.text() == "Mean of 2 images"


def test_one_comes_back_from_a_pair_to_the_table_of_the_folders(qtbot, dock, folders):
    dock.choice.predicted_folder.suggest(folders / "half")
    score(qtbot, dock)
    dock.tables.images.choose(1)
    dock.open_button.click()
    wait(qtbot, lambda: isinstance(dock.result, Result))
    dock.choice.choose("folders")
    assert isinstance(dock.result, FolderResult)
    assert (dock.status.text(), recall(dock)) == ("Mean of 2 images", "0.500")
    assert dock.tables.currentWidget() is dock.tables.images
    assert dock.tables.images.model().rowCount() == 2
    assert dock.tables.chosen_image == 1
    assert dock.open_button.isEnabled()
    dock.choice.predicted_folder.suggest(folders / "right")
    assert dock.status.text() == OTHERS


def test_images_that_are_still_scored_are_not_shown_for_folders(qtbot, dock, folders, bare_viewer):
    picture = np.repeat(BOTH[..., None] * 50, 3, 2).astype(np.uint8)
    layers = [bare_viewer.add_image(picture, name=name, rgb=True) for name in ("first", "second")]
    dock.choice.choose("images")
    for choice, layer in zip((dock.choice.reference, dock.choice.image), layers, strict=True):
        choice.choose(layer)
    dock.main.click()
    assert dock.message.text() == ""
    with qtbot.waitSignal(dock._newest._timer.timeout):  # begins to score
        dock._newest._timer.timeout.connect(lambda: dock.choice.choose("folders"))
    wait(qtbot, lambda: not dock._newest._is_busy)
    assert dock.choice.kind == "folders"
    assert dock.result is None
    assert recall(dock) is None
    assert dock.status.text() == WELCOME


def test_an_error_that_nobody_expected_ends_the_scoring(qtbot, dock, folders):
    with qtbot.captureExceptions():  # napari shows it
        dock.folders.score(Folders("no path", "no path"))
        assert dock.status.text() == SCORING
        wait(qtbot, dock.message.text)
    assert "could not be scored" in dock.message.text()
    assert dock.status.text() == ""
    assert not dock.folders.isVisibleTo(dock)


def test_errors_follow_edits_after_masks_of_another_size(qtbot, dock, bare_viewer):
    masks = {"large": BOTH, "found": ONE, "small": BOTH[:30, :45], "small found": ONE[:30, :45]}
    layers = {name: bare_viewer.add_labels(mask.copy(), name=name) for name, mask in masks.items()}
    dock.choice.true.choose(layers["large"])
    dock.choice.predicted.choose(layers["found"])
    score(qtbot, dock)
    assert bare_viewer.layers["errors"].data.shape == (40, 50)
    dock.choice.true.choose(layers["small"])
    dock.choice.predicted.choose(layers["small found"])
    wait(qtbot, lambda: recall(dock) == "0.500" and bare_viewer.layers["errors"].data.shape == (30, 45))
    before = bare_viewer.layers["errors"].data.copy()
    layers["small found"].data = BOTH[:30, :45].copy()
    wait(qtbot, lambda: recall(dock) == "1.000")
    assert (bare_viewer.layers["errors"].data != before).any()
    assert set(np.unique(bare_viewer.layers["errors"].data)) == {0, 1}
