"""Numbers of nuclei in the feature table of a Labels layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

INDEX = "index"  # the column by which napari finds the row of a label


def with_numbers(features: Any, name: str, labels: NDArray[np.integer], values: NDArray[np.floating]) -> Any:
    """Return a feature table with a column of numbers, in which all other columns keep theirs.

    Parameters
    ----------
    features : DataFrame
        The table of a Labels layer. Without a column *index*, row i is that of label i, as in napari.
    name : str
        The column to add or to replace.
    labels, values : ndarrays of shape (K,)
        The numbers, and whose they are.

    Returns
    -------
    DataFrame
        With the columns *index* and ``name``. A label that is not among ``labels`` has a row, without number,
        only where the table says something else about it.
    """
    import pandas as pd  # type: ignore[import-untyped]  # late, as in napari: it takes a while

    new = pd.DataFrame({name: values}, index=pd.Index(labels, name=INDEX))
    old = features.drop(columns=name, errors="ignore")
    old = old.set_index(INDEX) if INDEX in old else old.rename_axis(INDEX)
    if old.columns.empty:
        return new.reset_index()
    return old[~old.index.duplicated()].join(new, how="outer").reset_index()
