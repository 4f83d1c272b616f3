"""Images, and slow literal metrics, that several metric tests share."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from scipy import ndimage
from scipy.optimize import linear_sum_assignment
from skimage.segmentation import expand_labels


@pytest.fixture(scope="session")
def goldhill() -> tuple[np.ndarray, np.ndarray]:
    """A photograph and its JPEG, for which the authors of FSIM and GMSD publish their MATLAB's values."""
    folder = Path(__file__).parents[3] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("no published reference images beside the checkout (../shared/reference)")
    first, second = (
        np.asarray(Image.open(folder / name).convert("L")) for name in ("goldhill.gif", "goldhill_jpeg.gif")
    )
    return first, second


@pytest.fixture
def tissue() -> np.ndarray:
    """A gray image (70, 61) with structure at several scales."""
    rows, columns = np.mgrid[:70, :61]
    waves = np.sin(rows / 3) * np.cos(columns / 5) + np.sin((rows + 2 * columns) / 11)
    noise = np.random.default_rng(7).normal(0, 0.15, rows.shape)
    return np.clip(0.5 + 0.2 * waves + 0.3 * noise, 0, 1)


@pytest.fixture
def blurred(tissue) -> np.ndarray:
    padded = np.pad(tissue, 1, mode="edge")
    return (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4


DAMAGES = {
    "none": lambda labels, rng: labels,
    "shifted": lambda labels, rng: np.roll(labels, (3, -2), axis=(0, 1)),
    "dilated": lambda labels, rng: expand_labels(labels, 3),
    "shrunk": lambda labels, rng: np.where(ndimage.minimum_filter(labels, 5) == labels, labels, 0),
    "merged": lambda labels, rng: np.where(labels > 0, labels // 2 + 1, 0),
    "split": lambda labels, rng: np.where(labels > 0, 2 * labels + halves(labels), 0),
    "dropped": lambda labels, rng: np.where(labels % 3 == 0, 0, labels),
    "all": lambda labels, rng: speckled(np.roll(DAMAGES["split"](labels // 3 * 2, rng), 2, axis=0), rng),
}


def halves(labels):
    """Return 1 right of the center of the nucleus that a pixel lies in, else 0."""
    keys = np.unique(labels)
    centers = ndimage.center_of_mass(np.ones_like(labels), labels, keys)
    return np.arange(labels.shape[1]) > np.array(centers)[np.searchsorted(keys, labels), 1]


def speckled(labels, rng):
    specks = expand_labels(
        np.where(rng.random(labels.shape) < 0.002, rng.integers(1, 10**6, labels.shape), 0), 3
    )
    return np.where(labels > 0, labels, specks)


@pytest.fixture(params=sorted(DAMAGES))
def real_pair(request, real_data) -> tuple[np.ndarray, np.ndarray]:
    """True nuclei of a real tile, and the same damaged in one way."""
    labels = tifffile.imread(real_data / "gbm" / "labels" / "01.tif")[:300, :280].astype(np.int32)
    return labels, DAMAGES[request.param](labels, np.random.default_rng(5))


@pytest.fixture(params=range(4))
def random_pair(request) -> tuple[np.ndarray, np.ndarray]:
    """Two unrelated images of random nuclei with gaps in their labels; the second has few matches."""
    rng = np.random.default_rng(request.param)
    spots = [np.where(rng.random((90, 80)) < 0.01, rng.integers(1, 500, (90, 80)), 0) for _ in range(2)]
    true, other = (expand_labels(spot, 4) for spot in spots)
    return true, np.where(np.arange(80) < 40, np.roll(true, request.param, axis=0), other)


class Literal:
    """The definitions of the papers word for word, with sets of pixels; slow."""

    def __init__(self, true, predicted, tiny=0.0):
        self.true, self.predicted = (
            {label: set(np.flatnonzero(image == label)) for label in np.unique(image) if label}
            for image in (true, predicted)
        )
        self.tiny = tiny  # HoVer-Net's scripts add 1e-6 below some lines

    def panoptic(self):
        """Kirillov et al. 2019, Eq. 1, in the names of Graham et al. 2019: DQ, SQ, PQ, TP, FP, FN."""
        ious = [
            len(one & other) / len(one | other)
            for one in self.true.values()
            for other in self.predicted.values()
            if len(one & other) / len(one | other) > 0.5
        ]
        tp, fp, fn = len(ious), len(self.predicted) - len(ious), len(self.true) - len(ious)
        dq = tp / (tp + 0.5 * fp + 0.5 * fn)
        sq = sum(ious) / (tp + self.tiny) if tp else 0.0
        return dq, sq, dq * sq, tp, fp, fn

    def jaccard(self):
        """Kumar et al. 2017, algorithm 1; the largest IoU as HoVer-Net's script ranks them."""
        intersection, union, used = 0, 0, set()
        for one in self.true.values():
            ranks = {
                label: len(one & other) / (len(one | other) + 1e-6) for label, other in self.predicted.items()
            }
            best = max(ranks, key=ranks.get, default=None)
            if best is None or ranks[best] == 0:
                union += len(one)
                continue
            intersection += len(one & self.predicted[best])
            union += len(one | self.predicted[best])
            used.add(best)
        union += sum(len(other) for label, other in self.predicted.items() if label not in used)
        return intersection / union

    def jaccard_plus(self):
        """AJI with the pairs that the Hungarian method finds, as HoVer-Net's script has it."""
        ones, others = list(self.true.values()), list(self.predicted.values())
        ious = np.array([[len(one & other) / len(one | other) for other in others] for one in ones])
        pairs = [(i, j) for i, j in zip(*linear_sum_assignment(-ious), strict=True) if ious[i, j] > 0]
        intersection = sum(len(ones[i] & others[j]) for i, j in pairs)
        union = sum(len(ones[i] | others[j]) for i, j in pairs)
        union += sum(len(one) for i, one in enumerate(ones) if i not in {i for i, _ in pairs})
        union += sum(len(other) for j, other in enumerate(others) if j not in {j for _, j in pairs})
        return intersection / union

    def dice(self):
        one, other = (set().union(*nuclei.values()) for nuclei in (self.true, self.predicted))
        return 2 * len(one & other) / (len(one) + len(other))


@pytest.fixture
def literal() -> type[Literal]:
    return Literal
