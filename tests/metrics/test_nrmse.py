import numpy as np
import pytest

from napari_sharpgan.metrics import nrmse


def test_worked_by_hand():
    # errors 0 and 0.6: RMSE = sqrt(0.36 / 2); reference 0.6 and 0.8: RMS = sqrt(1 / 2)
    assert nrmse(np.array([[0.6, 0.8]]), np.array([[0.6, 0.2]])) == pytest.approx(0.6)


def test_a_black_image_scores_1(tissue):
    assert nrmse(tissue, np.zeros_like(tissue)) == pytest.approx(1)


def test_grows_in_proportion_to_the_error(tissue, blurred):
    halfway = (tissue + blurred) / 2
    assert nrmse(tissue, blurred) == pytest.approx(2 * nrmse(tissue, halfway))


def test_is_normalized_by_the_reference_alone(tissue):
    assert nrmse(tissue, tissue / 2) == pytest.approx(0.5)
    assert nrmse(tissue / 2, tissue) == pytest.approx(1)


def test_a_black_reference_is_refused_unless_the_image_is_black_too():
    black = np.zeros((3, 4))
    assert nrmse(black, black) == 0
    with pytest.raises(ValueError, match="reference is black"):
        nrmse(black, black + 0.1)
