"""Contour map *c*: the edge pixels of every nucleus, shared edges of touching nuclei included."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels


def contour_map(labels: ArrayLike) -> NDArray[np.bool_]:
    """Mark the pixels of a nucleus that have a 4-neighbor outside it.

    Parameters
    ----------
    labels : array of shape (H, W)
        One whole number a nucleus, 0 off nuclei.

    Returns
    -------
    bool array of shape (H, W)
        *c* of the paper (section 2.2). The border of the image is no contour: a nucleus that it cuts is open
        there.

    Notes
    -----
    The paper takes contours from binary masks, which lose the edge between touching nuclei although its
    figure 3 shows it; here they come from labels, so it is kept, one pixel on each side.

    Examples
    --------
    >>> contour_map([[0, 4, 4, 4, 9]]).astype(int)
    array([[0, 1, 0, 1, 1]])
    """
    labels = check_labels(labels)
    contour = np.zeros(labels.shape, dtype=bool)
    for first, second in (
        (np.s_[:-1, :], np.s_[1:, :]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        differs = labels[first] != labels[second]
        contour[first] |= differs
        contour[second] |= differs
    contour &= labels > 0
    return contour
