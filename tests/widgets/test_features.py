"""The feature table of a Labels layer keeps what others wrote into it."""

import numpy as np
import pandas as pd
from napari.layers import Labels

from napari_sharpgan.widgets._features import with_numbers


def numbers(features, labels, values):
    return with_numbers(features, "sharpness", np.array(labels), np.array(values, float))


def test_an_empty_table_gets_a_row_for_each_label():
    table = numbers(pd.DataFrame(), [3, 8], [1.5, 2.5])
    assert table.to_dict("list") == {"index": [3, 8], "sharpness": [1.5, 2.5]}


def test_rows_of_nuclei_that_are_gone_go_when_they_hold_nothing_else():
    table = numbers(numbers(pd.DataFrame(), [1, 2, 3], [1, 2, 3]), [3, 4], [5, 6])
    assert table.to_dict("list") == {"index": [3, 4], "sharpness": [5, 6]}


def test_other_columns_are_kept_by_label():
    classes = pd.DataFrame({"index": [2, 7], "class": ["tumor", "immune"]})
    table = numbers(classes, [7, 9], [3.0, 4.0])
    assert list(table["index"]) == [2, 7, 9]
    assert list(table["class"][:2]) == ["tumor", "immune"]
    assert pd.isna(table["class"][2])
    np.testing.assert_array_equal(table["sharpness"], [np.nan, 3, 4])


def test_without_a_column_index_row_i_is_label_i_as_in_napari():
    table = numbers(pd.DataFrame({"area": [0, 10, 20]}), [2], [4.0])
    assert table["index"].tolist() == [0, 1, 2]
    assert table.set_index("index").loc[2].to_dict() == {"area": 20, "sharpness": 4.0}


def test_napari_finds_the_number_of_a_label():
    layer = Labels(np.array([[0, 5], [9, 9]]))
    layer.features = numbers(layer.features, [5, 9], [1.25, 2.5])
    assert "sharpness: 2.5" in " ".join(
        layer._get_properties((1, 1), view_direction=None, dims_displayed=[0, 1])
    )
