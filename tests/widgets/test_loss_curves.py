import numpy as np
import pytest

from napari_sharpgan.widgets._loss_curves import LOSSES, MOST_POINTS, SPAN, LossCurves, LossHistory


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
    assert "sharpness 0.500" in curves.legend.itemAt(2).widget().text()
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
