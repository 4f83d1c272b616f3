import numpy as np
import torch

from napari_sharpgan._gray import gray_image
from napari_sharpgan.light.grain import grain
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import Renderer


def test_noise_is_weaker_where_nuclei_are_sparse():
    conditions = torch.zeros(4, 100, 100)
    for number, rows in enumerate((0, 6, 15, 90)):
        conditions[number, :rows] = 0.4
    np.testing.assert_allclose(grain(conditions).ravel(), [0.6, 0.72, 0.9, 1], rtol=1e-6)


def test_the_background_of_sparse_tissue_is_no_rougher_than_that_of_dense_tissue():
    renderer = Renderer(device="cpu")
    labels = [rasterize(random_nuclei((256, 256), n, rounding=2, seed=n), (256, 256)) for n in (0, 2, 30)]
    conditions = torch.stack([renderer.condition_map(mask) for mask in labels])
    tissue = renderer(conditions, [(0, 256 * n) for n in range(3)], seed=3).numpy()
    steps = [
        np.abs(np.diff(gray_image(picture), axis=0))[mask[1:] == 0].mean()
        for picture, mask in zip(tissue, labels, strict=True)
    ]
    assert max(steps[:2]) < 1.2 * steps[2]
