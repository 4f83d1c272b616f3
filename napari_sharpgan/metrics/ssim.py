"""Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from skimage.metrics import structural_similarity

from napari_sharpgan.metrics._images import SMALLEST_SIDE, gray_pair

_MARGIN = SMALLEST_SIDE // 2  # pixels from the border at which the window leaves the image


def ssim(reference: ArrayLike, image: ArrayLike) -> float:
    """Return the mean structural similarity of two images: 1 for equal ones, at least −1.

    Parameters
    ----------
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255. Both sides at least 11 pixels.

    Returns
    -------
    float
        The mean over all pixels at which the window lies inside the image.

    Raises
    ------
    ValueError
        If sizes differ, a side is below 11, the channels are not 3, or a value is not finite or lies
        outside [0, 1].
    TypeError
        If an image holds neither floats nor uint8.

    Notes
    -----
    Through `skimage.metrics.structural_similarity` with the settings of the paper: gray levels (ITU-R
    BT.601), Gaussian window of 11 × 11 pixels with σ = 1.5, population covariance, data range 1, K1 = 0.01,
    K2 = 0.03. It is no measure of realism: flat paint in the right colors scores well.
    Constant images are defined: they differ in the term of luminance only.

    References
    ----------
    Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli: Image quality assessment: from error visibility to
    structural similarity. IEEE Transactions on Image Processing 13 (2004), 600–612.
    doi:10.1109/TIP.2003.819861
    """
    inner = np.s_[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return float(ssim_map(reference, image)[inner].mean())


def ssim_map(reference: ArrayLike, image: ArrayLike) -> NDArray[np.float64]:
    """Return the structural similarity (H, W) of two images at each pixel, in [−1, 1].

    Takes and refuses the images that `ssim` does, which is the mean of this map without a margin of 5 pixels:
    there the window reaches over the border, beyond which the image stands mirrored.
    """
    similarity: NDArray[np.float64] = structural_similarity(
        *gray_pair(reference, image, SMALLEST_SIDE),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1.0,
        full=True,
    )[1]
    return similarity
