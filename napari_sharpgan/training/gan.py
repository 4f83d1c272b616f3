"""Adversarial training of generator and discriminator (paper, sections 2.1 and 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from napari_sharpgan.data import CropSource, tensor_to_gray
from napari_sharpgan.losses import ADVERSARIAL_LOSSES, feature_loss, pixel_loss, sharpness_loss
from napari_sharpgan.models import STAIN_CHANNELS, PatchGAN, TissueGenerator
from napari_sharpgan.rendering import save_generator
from napari_sharpgan.training.augment import Warp
from napari_sharpgan.training.batches import TensorBatch, paired
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.trainer import Trainer, update


class GanTrainer(Trainer):
    """Generator and discriminator.

    Parameters
    ----------
    config : GanConfig
        Settings.
    crops : CropSource
        Where batches come from.
    device : torch.device
        Where the networks are.
    """

    config: GanConfig

    def __init__(self, config: GanConfig, crops: CropSource, *, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.crops = crops
        stain = crops.typical_stain().tolist() if config.stain else None
        self.generator = TissueGenerator(
            config.condition,
            config.width,
            resize_levels=config.resize_levels,
            dropout=config.dropout,
            noise=config.noise,
            stain=stain,
        )
        channels = 4 + (STAIN_CHANNELS if config.stain else 0)
        self.discriminator = PatchGAN(channels, config.discriminator_width or config.width)
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        for network in networks.values():
            network.apply(_initialize).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        super().__init__(config, networks, device=device, betas=(0.5, 0.999))

    def learn(self, batch: TensorBatch) -> dict[str, Tensor]:
        """Update D, then G, on a batch, and return the losses."""
        config = self.config
        optimize_generator, optimize_discriminator = self.optimizers
        seen = self._seen(len(batch.condition))

        with self.precision():
            fake = self.generator(batch.condition, batch.noise, batch.stain)
            given = batch.given(fake.dtype)

            # 1. the discriminator tells real pairs from rendered ones (Eq. 3)
            real_features = self.discriminator.features(seen(paired(given, batch.tissue)))
            fake_logits = self.discriminator(seen(paired(given, fake.detach())))
            adversarial = ADVERSARIAL_LOSSES[config.adversarial]
            told_real = adversarial(real_features[-1].float(), True)
            told_fake = adversarial(fake_logits.float(), False)
        loss_discriminator = (told_real + told_fake) / 2
        update(optimize_discriminator, loss_discriminator)

        # 2. the generator deceives it, with sharp contours (Eq. 1, 2)
        with self.precision(), _frozen(self.discriminator):
            fake_features = self.discriminator.features(seen(paired(given, fake)))
        terms = {
            "adversarial": adversarial(fake_features[-1].float(), True),
            "sharpness": sharpness_loss(tensor_to_gray(fake), batch.contour, contrast=config.contrast),
            "l1": pixel_loss(fake, batch.tissue),
            "feature": feature_loss(fake_features[:-1], real_features[:-1]),
        }
        loss_generator = (
            terms["adversarial"]
            + config.sharpness_weight * terms["sharpness"]
            + config.l1_weight * terms["l1"]
            + config.feature_weight * terms["feature"]
        )
        update(optimize_generator, loss_generator)
        return {"generator": loss_generator, "discriminator": loss_discriminator, **terms}

    def _seen(self, count: int) -> Callable[[Tensor], Tensor]:
        """Return what the discriminator sees of the pairs of this step: all of them are warped alike."""
        chance = self.config.discriminator_warp
        return Warp.drawn(count, self.config.crop, chance, self.device) if chance else lambda pairs: pairs

    def drawn(self, number: int, crops: range) -> TensorBatch:
        """Return some crops of the batch of a step."""
        return TensorBatch.drawn(self.crops, self.config, number, self.device, crops)

    def show(self, network: nn.Module, batch: TensorBatch) -> Tensor:
        """Return the tissue that a generator renders of a batch."""
        tissue: Tensor = network(batch.condition, batch.noise, batch.stain)
        return tissue

    def save(self, network: Any, path: Path, *, card: dict[str, Any], best: bool = False) -> None:
        """Write a generator; the best in float16, with the discriminator."""
        discriminator = self.discriminator if best else None
        save_generator(network, path, discriminator=discriminator, half=best, card=card)


@contextmanager
def _frozen(network: nn.Module) -> Iterator[None]:
    """Ask for no gradients of the network's own weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)


def _initialize(module: nn.Module) -> None:
    """Start as pix2pix does: weights N(0, 0.02), batch-norm scales N(1, 0.02), no bias."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d) and module.bias is not None:
        nn.init.zeros_(module.bias)
