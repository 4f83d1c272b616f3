"""Training of a segmenter on real tissue, synthetic tissue or both (paper, section 3.3 and table 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_sharpgan.data import Batch, CropSource
from napari_sharpgan.segmentation import Segmenter, load_segmenter, save_segmenter, segmenter_settings
from napari_sharpgan.training.batches import put, tissue_of
from napari_sharpgan.training.segmenter_config import SegmenterConfig
from napari_sharpgan.training.start import network_of
from napari_sharpgan.training.trainer import Trainer, update


@dataclass(frozen=True)
class TissueSources:
    """Where crops come from.

    Parameters
    ----------
    real, synthetic : CropSource or None
        At least one; without the other all crops are its.
    synthetic_share : float
        Chance that a crop is synthetic.
    """

    real: CropSource | None
    synthetic: CropSource | None
    synthetic_share: float = 0.0

    def draw(self, rng: np.random.Generator) -> Batch:
        """Return one crop; which, follows from ``rng`` alone."""
        source = self.real or self.synthetic
        if self.real is not None and self.synthetic is not None:
            source = self.synthetic if rng.random() < self.synthetic_share else self.real
        if source is None:
            raise ValueError("at least one image with nuclei is needed, got none")
        return source.draw(1, rng)


@dataclass(frozen=True)
class SegmenterBatch:
    """A batch on the device: pictures (N, 3, H, W) in [-1, 1], planes of the target (N, H, W) in [0, 1]."""

    tissue: Tensor
    plane: Tensor


class SegmenterTrainer(Trainer):
    """A segmenter.

    Parameters
    ----------
    config : SegmenterConfig
        Settings.
    sources : TissueSources
        Where batches come from; their condition map is the plane of the target.
    device : torch.device
        Where the network is.
    """

    config: SegmenterConfig

    def __init__(self, config: SegmenterConfig, sources: TissueSources, *, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.sources = sources
        segmenter = Segmenter(config.model, config.width, config.target)
        segmenter.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        super().__init__(config, {"segmenter": segmenter}, device=device)

    def learn(self, batch: SegmenterBatch) -> dict[str, Tensor]:
        """Update the segmenter on a batch, and return the loss and its terms."""
        with self.precision():
            logits = self.network(batch.tissue)
        terms = self.network.target.losses(logits.float(), batch.plane)
        loss = torch.stack(list(terms.values())).sum()
        update(self.optimizers[0], loss)
        return {"segmenter": loss, **terms}

    def drawn(self, number: int, crops: Iterable[int]) -> SegmenterBatch:
        """Return some crops of the batch of a step."""
        seeds = ([self.config.seed, number, crop] for crop in crops)
        batch = Batch.joined([self.sources.draw(np.random.default_rng(seed)) for seed in seeds])
        return SegmenterBatch(
            tissue_of(batch, self.device),
            put(torch.from_numpy(np.ascontiguousarray(batch.condition)), self.device),
        )

    def show(self, network: nn.Module, batch: SegmenterBatch) -> Tensor:
        """Return the logits that a segmenter gives of a batch."""
        logits: Tensor = network(batch.tissue)
        return logits

    def save(self, network: Any, path: Path, *, card: dict[str, Any], best: bool = False) -> None:
        """Write a segmenter; the best in float16."""
        save_segmenter(network, path, half=best, card=card)


def start_from_segmenter(trainer: SegmenterTrainer, name_or_path: str) -> None:
    """Put the weights of a segmenter into a fresh trainer."""
    weights = load_segmenter(name_or_path).state_dict()
    for network in (trainer.network, trainer.averaged):
        network.load_state_dict(weights)


def fitted_segmenter(config: SegmenterConfig, asked: dict[str, Any]) -> SegmenterConfig:
    """Return the config with the network of the segmenter that it starts from; see `network_of`."""
    if not config.start:
        return config
    return network_of(config, segmenter_settings(config.start), asked)
