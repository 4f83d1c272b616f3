import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from napari_sharpgan.metrics import OUTCOME_STYLES, Outcome, error_map, nucleus_outcomes, panoptic_quality

TISSUE = ["#a476b7", "#492d7c", "#000000"]  # the mean background and nucleus of glioblastoma, an empty canvas
SIGHTS = {  # Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def words(side):
    return {
        int(label): OUTCOME_STYLES[code].word for label, code in zip(side.labels, side.codes, strict=True)
    }


def outcomes(true, predicted):
    both = nucleus_outcomes([true], [predicted])
    return words(both.true), words(both.predicted)


def test_matched_missed_and_extra():
    assert outcomes([1, 1, 1, 0, 2, 0, 0], [5, 5, 0, 0, 0, 0, 9]) == (
        {1: "matched", 2: "missed"},
        {5: "matched", 9: "extra"},
    )


def test_one_over_several_is_merged():
    assert outcomes([1, 1, 2, 2, 0], [5, 5, 5, 5, 5]) == ({1: "merged", 2: "merged"}, {5: "merged"})


def test_several_over_one_are_split():
    assert outcomes([1, 1, 1, 1, 1], [5, 5, 0, 6, 6]) == ({1: "split"}, {5: "split", 6: "split"})


def test_what_a_match_has_swallowed_is_merged_and_the_match_stays_one():
    assert outcomes([1, 1, 1, 1, 2], [5, 5, 5, 5, 5]) == ({1: "matched", 2: "merged"}, {5: "matched"})


def test_a_chip_off_a_match_is_split_and_the_match_stays_one():
    assert outcomes([1, 1, 1, 1, 1], [5, 5, 5, 5, 6]) == ({1: "matched"}, {5: "matched", 6: "split"})


def test_one_over_several_and_much_else_is_extra():
    """Of eight predicted pixels four are nuclei: not more than half."""
    assert outcomes([1, 1, 0, 0, 0, 0, 2, 2], [5] * 8) == ({1: "missed", 2: "missed"}, {5: "extra"})


def test_a_half_covered_nucleus_does_not_lie_within():
    assert outcomes([1, 1, 1, 2, 2], [0, 0, 5, 5, 5])[0] == {1: "missed", 2: "matched"}
    assert outcomes([1, 1, 2, 2, 3, 3], [0, 5, 5, 5, 5, 0]) == (
        {1: "missed", 2: "missed", 3: "missed"},
        {5: "extra"},
    )


def test_partners_say_with_what():
    true = [[1, 1, 2, 2, 0, 3, 3, 3, 3, 0, 4, 0]]
    predicted = [[5, 5, 5, 5, 0, 6, 6, 0, 7, 8, 0, 9]]
    both = nucleus_outcomes(true, predicted)
    assert both.true.partners.tolist() == [5, 5, 6, 0]
    assert both.true.ious.tolist() == [0.5, 0.5, 0.5, 0]
    assert both.true.areas.tolist() == [2, 2, 4, 1]
    assert both.predicted.partners.tolist() == [1, 3, 3, 0, 0]
    assert both.predicted.ious.tolist() == [0.5, 0.5, 0.25, 0, 0]


def test_matched_ones_are_the_true_positives(real_pair):
    both, quality = nucleus_outcomes(*real_pair), panoptic_quality(*real_pair)
    for side in (both.true, both.predicted):
        assert side.count(Outcome.MATCHED) == quality.tp
    matched = both.true.codes == Outcome.MATCHED
    np.testing.assert_array_equal(
        np.stack([both.true.labels[matched], both.true.partners[matched]], 1), quality.pairs
    )
    np.testing.assert_allclose(both.true.ious[matched], quality.ious)


def test_exchanging_the_images_exchanges_merged_with_split_and_missed_with_extra(real_pair):
    there, back = nucleus_outcomes(*real_pair), nucleus_outcomes(*real_pair[::-1])
    swapped = np.array([0, 1, 3, 2, 5, 4], np.uint8)
    for here, again in ((there.true, back.predicted), (there.predicted, back.true)):
        differs = swapped[here.codes] != again.codes
        assert differs.mean() < 0.1
        assert (here.codes[differs] == Outcome.MERGED).all()  # of what is both, the first holds
        assert (again.codes[differs] == Outcome.MERGED).all()


def test_disks_cut_in_halves_are_split_and_the_other_way_round_merged():
    rows, columns = np.mgrid[:90, :90]
    cells = (rows // 30) * 3 + columns // 30 + 1
    true = np.where((rows % 30 - 15) ** 2 + (columns % 30 - 15) ** 2 < 100, cells, 0)
    halves = np.where(true > 0, 2 * true + (columns % 30 > 15), 0)
    halves[columns % 30 == 15] = 0
    assert set(words(nucleus_outcomes(true, halves).true).values()) == {"split"}
    assert set(words(nucleus_outcomes(halves, true).true).values()) == {"merged"}


def test_the_error_map_shows_the_true_nucleus_first():
    true = [[1, 1, 1, 1, 0, 2, 2, 2, 0, 0]]
    predicted = [[0, 5, 5, 5, 5, 0, 0, 6, 6, 6]]
    assert error_map(true, predicted).tolist() == [[1, 1, 1, 1, 1, 2, 2, 2, 3, 3]]


def test_the_error_map_of_huge_labels_is_small(real_pair):
    true, predicted = (np.where(labels > 0, labels + np.int64(2**40), 0) for labels in real_pair)
    errors = error_map(true, predicted)
    assert errors.dtype == np.uint8
    np.testing.assert_array_equal(errors, error_map(*real_pair))
    np.testing.assert_array_equal(errors > 0, (true > 0) | (predicted > 0))
    np.testing.assert_array_equal(error_map(true, true), true > 0)


def test_every_outcome_has_a_look_of_its_own():
    assert list(OUTCOME_STYLES) == list(Outcome)
    assert len({style.word for style in OUTCOME_STYLES.values()}) == 5


@pytest.mark.parametrize("sight", SIGHTS)
def test_colors_are_apart_for_everyone_and_from_tissue(sight):
    """CIEDE2000 of 10 is seen at a glance."""
    hexes = [style.color for style in OUTCOME_STYLES.values()] + TISSUE
    rgb = np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in hexes])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(SIGHTS[sight]), 0, 1)
    lab = rgb2lab(np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)[None])[0]
    apart = deltaE_ciede2000(lab[:, None], lab[None])
    assert min(apart[i, j] for i in range(5) for j in range(len(hexes)) if i != j) > 15
