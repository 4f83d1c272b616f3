import numpy as np
import pytest

from napari_sharpgan.widgets._loss_curves import (
    MOST_POINTS,
    SPAN,
    LossCurves,
    LossHistory,
    ScoreHistory,
)
from napari_sharpgan.widgets._training_kinds import GENERATOR, SEGMENTER

LOSSES, HIDDEN = GENERATOR.losses, GENERATOR.hidden


def event(step, value):
    return {"step": step, **{f"loss_{name}": value for name in LOSSES}}


def test_the_first_smoothed_values_are_plain_means():
    history = LossHistory()
    for step, value in enumerate([4.0, 2.0, 6.0], start=1):
        history.add(event(step, value))
    assert history.curves["l1"] == pytest.approx([4, 3, 4])


def test_later_values_forget_what_is_long_gone():
    history = LossHistory()
    for step in range(1, 20 * SPAN):
        history.add(event(step, 9.0 if step < 10 * SPAN else 1.0))
    assert history.now["feature"] == pytest.approx(1, abs=0.01)


def test_a_long_run_is_thinned_and_keeps_its_ends():
    history = LossHistory()
    for step in range(1, 10 * MOST_POINTS):
        history.add(event(step, 1.0))
    assert len(history.steps) <= MOST_POINTS
    assert history.steps[0] <= 16
    assert history.steps[-1] >= 10 * MOST_POINTS - 17
    assert set(np.diff(history.steps)) == {16}
    assert all(len(curve) == len(history.steps) for curve in history.curves.values())


def test_a_loss_that_is_missing_makes_no_trouble():
    history = LossHistory()
    for step in range(1, 4):
        history.add({"step": step, "loss_l1": 2.0})
    assert history.now["l1"] == 2
    assert np.isnan(history.now["sharpness"])
    assert history.usual_top() == pytest.approx(2.2)


def test_the_wild_first_steps_do_not_set_the_scale():
    history = LossHistory()
    for step in range(1, 101):
        history.add(event(step, 1000.0 if step == 1 else 1.0))
    assert history.usual_top() < 150


def test_curves_show_the_newest_values_and_vanish_when_cleared(qtbot):
    curves = LossCurves()
    qtbot.addWidget(curves)
    assert curves.isHidden()
    curves.add([event(1, 0.25), event(2, 0.75)])
    assert not curves.isHidden()
    assert curves.losses.legend["sharpness"].text() == "sharpness 0.500"
    curves.clear()
    assert curves.isHidden()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axes_stand_out_from_the_theme(qtbot, theme):
    curves = LossCurves()
    qtbot.addWidget(curves)
    curves.follow_theme(theme)
    pen = curves.plot.getPlotItem().getAxis("left").pen().color()
    ground = curves.plot.backgroundBrush().color()
    assert abs(pen.lightness() - ground.lightness()) > 100


def test_the_best_score_is_the_lowest_and_steps_without_a_look_are_none():
    scores = ScoreHistory()
    for step, score in [(10, 0.9), (20, 0.4), (30, 0.7)]:
        scores.add({"step": step, "held_out_ssim": step / 100, "held_out_gmsd": 0.2, "held_out_score": score})
        scores.add({"step": step + 1, "loss_l1": 1.0})
    assert scores.steps == [10, 20, 30]
    assert scores.curves["ssim"] == [0.1, 0.2, 0.3]
    assert scores.best == (20, 0.4)


def test_held_out_scores_appear_over_the_same_steps_as_the_losses(qtbot):
    curves = LossCurves()
    qtbot.addWidget(curves)
    curves.add([event(step, 0.5) for step in range(1, 100)])
    assert curves.held_out.isHidden()
    curves.add([event(100, 0.5) | {"held_out_ssim": 0.31, "held_out_gmsd": 0.2, "held_out_score": 1.0}])
    assert not curves.held_out.isHidden()
    assert curves.held_out.legend["ssim"].text().endswith("0.310")
    ranges = [part.plot.getPlotItem().viewRange()[0] for part in (curves.losses, curves.held_out)]
    assert ranges[0] == pytest.approx(ranges[1])
    assert curves.held_out.lines["ssim"].getData()[0] == [100]


def test_a_click_in_the_legend_shows_a_curve_and_another_hides_it(qtbot):
    curves = LossCurves()
    qtbot.addWidget(curves)
    curves.add([event(1, 0.5), event(2, 0.5)])
    for name in LOSSES:
        assert curves.losses.lines[name].isVisible() == (name not in HIDDEN)
    curves.losses.legend["l1"].click()
    assert curves.losses.lines["l1"].isVisible()
    assert list(curves.losses.lines["l1"].getData()[1]) == [0.5, 0.5]
    curves.losses.legend["l1"].click()
    assert not curves.losses.lines["l1"].isVisible()


def test_a_hidden_loss_does_not_set_the_scale(qtbot):
    curves = LossCurves()
    qtbot.addWidget(curves)
    curves.add([event(step, 0.5) | {"loss_l1": 90.0} for step in (1, 2)])
    assert curves.plot.getPlotItem().viewRange()[1][1] < 1
    curves.losses.legend["l1"].click()
    assert curves.plot.getPlotItem().viewRange()[1][1] > 90


def test_curves_of_a_segmenter_are_its_own(qtbot):
    curves = LossCurves(SEGMENTER)
    qtbot.addWidget(curves)
    curves.add([{"step": 1, "loss_segmenter": 0.75, "held_out_pq": 0.5, "held_out_aji": 0.25}])
    assert curves.losses.legend.keys() == SEGMENTER.losses.keys()
    assert curves.losses.legend["segmenter"].text() == "all 0.750"
    assert curves.held_out.legend["pq"].text() == "PQ ↑ 0.500"
    assert curves.plot.getPlotItem().viewRange()[1][1] == pytest.approx(1.1 * 0.75)
