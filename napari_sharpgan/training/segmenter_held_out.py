"""Held-out images that a segmenter is tried on while it trains: scores, and the same windows each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.maps import contour_map
from napari_sharpgan.metrics.evaluation import mean_scores, score_instances
from napari_sharpgan.segmentation import Predictor, Segmenter, segment_windows
from napari_sharpgan.training.held_out import HeldOutParts, Look, Picture

SCORES = ("pq", "dq", "sq", "aji")
_TRUE, _PREDICTED = (64, 224, 208), (255, 255, 0)  # turquoise and yellow, as seen on pink and purple


class HeldOutNuclei(HeldOutParts):
    """Images with their nuclei, and up to four fixed windows of them; see `HeldOutParts`."""

    def nuclei(self, config: Any) -> Picture:
        """Return the true nuclei of the windows, as outlines on the tissue."""
        return self._side_by_side([outlined(part.image, part.labels, _TRUE) for part in self._parts])

    def look(self, network: Segmenter, device: torch.device, precision: str = "auto") -> Look:
        """Segment the images, in the number format of the run, and score them: ``score`` is 1 − PQ.

        The segmenter is left as it is.
        """
        predictor = Predictor(network, device=str(device), precision=precision, engine="torch")
        found = [run_to_end(segment_windows(part.image, predictor)) for part in self._parts]
        pictures = [
            outlined(part.image, labels, _PREDICTED) for part, labels in zip(self._parts, found, strict=True)
        ]
        return Look(self._scores(found) if self.scored else {}, self._side_by_side(pictures))

    def note(self, step: int) -> dict[str, Any]:
        """Return what is noted in a picture: the tissue is real, the outlines are predicted."""
        return {"synthetic": False, "outlines": "predicted", "training_step": step, "images": self.names}

    def _scores(self, found: Sequence[NDArray[np.int32]]) -> dict[str, float]:
        """Return the mean scores of nuclei of all parts, and what they come to."""
        rows = [score_instances(part.labels, labels) for part, labels in zip(self._parts, found, strict=True)]
        scores = mean_scores(rows)
        return {"score": 1 - scores["pq"], **{name: scores[name] for name in SCORES}}


def outlined(image: Picture, labels: NDArray[Any], color: tuple[int, int, int]) -> Picture:
    """Return a picture (H, W, 3) with the contour pixels of nuclei in a color."""
    picture = image.copy()
    picture[contour_map(labels)] = color
    return picture
