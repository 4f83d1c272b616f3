"""A real tile is segmented, scored against its mask, corrected with the mouse and scored again."""

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_sharpgan.formats import read_image, read_labels
from napari_sharpgan.metrics import Outcome, nucleus_outcomes
from napari_sharpgan.metrics.evaluation import score_instances
from napari_sharpgan.widgets._score_view import key_of
from napari_sharpgan.widgets.score_dock import ScoreDock
from napari_sharpgan.widgets.segment_dock import SegmentDock

pytestmark = pytest.mark.gui

CORNER = np.s_[:300, :300]
PREDICTED = 1


@pytest.fixture
def window(open_window, real_data, monkeypatch, tmp_path):
    """A window with a real tile and its true mask, and the docks *Segment* and *Score*."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    gbm = real_data / "gbm"
    window = open_window(
        Image(read_image(gbm / "images" / "01.png")[CORNER], name="tile"),
        Labels(np.ascontiguousarray(read_labels(gbm / "labels" / "01.tif")[CORNER]), name="mask"),
        size=(1300, 900),
    )
    for name, dock in (("segment", SegmentDock), ("score", ScoreDock)):
        setattr(window, name, dock(window.viewer))
        window.viewer.window.add_dock_widget(getattr(window, name), name=name, tabify=True)
    window.turn(0.1)
    return window


def test_segmented_scored_corrected_and_scored_again(window, dark_segmenter):
    session, score = window.session, window.score
    mask = np.asarray(window.viewer.layers["mask"].data)
    window.segment.use_segmenter(dark_segmenter)
    window.segment.main.click()
    window.until(lambda: len(session.scene) > 0 and not window.segment._work.is_busy)

    score.main.click()
    window.until(lambda: score.result is not None)
    before = score.result.scored.scores
    assert before == score_instances(mask, session.scene.labels)
    assert 0 < before["pq"] < 1
    errors = window.viewer.layers["errors"]
    assert {Outcome.MATCHED, Outcome.EXTRA} <= set(np.unique(errors.data))

    found = nucleus_outcomes(mask, session.scene.labels).predicted
    extra = found.labels[(found.codes == Outcome.EXTRA) & (found.areas > 60)].tolist()
    score.tables.outcomes.choose(key_of(extra[0], PREDICTED))
    assert session.selected == [extra[0]], "a click on its row selects the nucleus"
    window.viewer.layers.selection.active = session.layers.nuclei
    window.key("Delete")
    window.until(lambda: score.result.scored.scores["pq"] > before["pq"], 10)
    assert score.result.scored.scores == score_instances(mask, session.scene.labels)
    assert session.scene.labels[errors.data == Outcome.EXTRA].min() > 0, "the one that went is no error now"
