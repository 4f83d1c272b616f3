"""Adversarial training of generator and discriminator (paper, sections 2.1 and 3.1)."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import CropSource, tensor_to_gray
from napari_sharpgan.losses import ADVERSARIAL_LOSSES, feature_loss, pixel_loss, sharpness_loss
from napari_sharpgan.models import STAIN_CHANNELS, PatchGAN, TissueGenerator
from napari_sharpgan.rendering import computes_in_bfloat16
from napari_sharpgan.training import parallel
from napari_sharpgan.training.batches import TensorBatch, made_ahead, paired
from napari_sharpgan.training.config import GanConfig

SETTLING_CROPS = 160  # over which batch-norm statistics are taken anew for an export


@dataclass(frozen=True)
class GanStep:
    """One optimizer step: ``step`` of ``steps`` is done, with these losses, in so many seconds."""

    step: int
    steps: int
    losses: dict[str, float]
    seconds: float
    images_per_second: float


class GanTrainer:
    """Two networks, their optimizers and the averaged generator: all that a step changes.

    Parameters
    ----------
    config : GanConfig
        Settings.
    crops : CropSource
        Where batches come from.
    device : torch.device
        Where the networks are.
    """

    def __init__(self, config: GanConfig, crops: CropSource, *, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.config, self.crops, self.device = config, crops, device
        self.step = 0
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
        for network in (self.generator, self.discriminator):
            network.apply(_initialize).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self.generator).requires_grad_(False)
        parallel.synchronize(self.generator)
        parallel.synchronize(self.discriminator)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=(0.5, 0.999), fused=True)
            for network in (self.generator, self.discriminator)
        ]
        self.bfloat16 = computes_in_bfloat16(config.precision, device)

    def train_step(self, batch: TensorBatch | None = None) -> dict[str, float]:
        """Update D, then G, on a batch (by default this step's `share`), and return the losses."""
        config = self.config
        batch = self.share(self.step) if batch is None else batch
        self._set_random_state()
        self._set_learning_rate()
        optimize_generator, optimize_discriminator = self.optimizers

        with self.precision():
            fake = self.generator(batch.condition, batch.noise, batch.stain)
            given = batch.given(fake.dtype)

            # 1. the discriminator tells real pairs from rendered ones (Eq. 3)
            real_features = self.discriminator.features(paired(given, batch.tissue))
            fake_logits = self.discriminator(paired(given, fake.detach()))
            adversarial = ADVERSARIAL_LOSSES[config.adversarial]
            told_real = adversarial(real_features[-1].float(), True)
            told_fake = adversarial(fake_logits.float(), False)
        loss_discriminator = (told_real + told_fake) / 2
        _update(optimize_discriminator, loss_discriminator)

        # 2. the generator deceives it, with sharp contours (Eq. 1, 2)
        with self.precision(), _frozen(self.discriminator):
            fake_features = self.discriminator.features(paired(given, fake))
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
        _update(optimize_generator, loss_generator)

        self._average()
        self.step += 1
        losses = {"generator": loss_generator, "discriminator": loss_discriminator, **terms}
        values = parallel.mean_of_all(torch.stack([value.detach().float() for value in losses.values()]))
        return dict(zip(losses, values.tolist(), strict=True))  # one wait for a GPU

    def batch(self, number: int) -> TensorBatch:
        """Return the batch of a step: it follows from the seed and the number alone, also after a resume."""
        return self._drawn(number, range(self.config.batch_size))

    def share(self, number: int) -> TensorBatch:
        """Return this process's part of the batch of a step: all of it, if it trains alone."""
        return self._drawn(number, parallel.share(self.config.batch_size))

    def _drawn(self, number: int, crops: range) -> TensorBatch:
        return TensorBatch.drawn(self.crops, self.config, number, self.device, crops)

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Compute in the number format that the config asks for."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            yield

    def _set_random_state(self) -> None:
        """Let dropout follow from seed, step and process alone, so that a resume needs no more."""
        key = np.random.SeedSequence([self.config.seed, self.step, parallel.rank()])
        torch.manual_seed(int(key.generate_state(1)[0]))

    def _set_learning_rate(self) -> None:
        """Hold the learning rate, then let it fall to 0 over the last share of the steps."""
        left = (self.config.steps - self.step) / max(1.0, self.config.decay * self.config.steps)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate * min(1.0, left)

    @torch.no_grad()
    def _average(self) -> None:
        """Move the averaged generator a little towards the present one; faster in the first steps."""
        keep = min(self.config.ema, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(
            list(self.averaged.parameters()), [p.detach() for p in self.generator.parameters()], 1 - keep
        )

    def state(self) -> dict[str, Any]:
        """Return all that a resume needs."""
        return {
            "step": self.step,
            "generator": self.generator.state_dict(),
            "averaged": self.averaged.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state that `state` returned."""
        self.step = int(state["step"])
        self.generator.load_state_dict(state["generator"])
        self.averaged.load_state_dict(state["averaged"])
        self.discriminator.load_state_dict(state["discriminator"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


def train_gan(trainer: GanTrainer, *, should_stop: ShouldStop = never) -> Generator[GanStep, None, int]:
    """Train until the steps are done or ``should_stop()`` says so, yielding once a step.

    Returns
    -------
    int
        Steps done since the run began, before any resume too.
    """
    if parallel.world_size() > 1:
        trainer.restore(parallel.from_first(trainer.state(), trainer.device))
    steps, batch_size = trainer.config.steps, trainer.config.batch_size
    with closing(_batches(trainer)) as batches:
        while trainer.step < steps and not parallel.agreed(should_stop):
            began = time.perf_counter()
            losses = trainer.train_step(next(batches))
            seconds = time.perf_counter() - began
            yield GanStep(trainer.step, steps, losses, seconds, batch_size / seconds)
    return trainer.step


def _batches(trainer: GanTrainer) -> Generator[TensorBatch, None, None]:
    """Yield this process's part of each batch that is left."""
    numbers = range(trainer.step, trainer.config.steps)
    if trainer.device.type == "cpu":
        return (trainer.share(number) for number in numbers)
    return made_ahead(trainer.share, numbers)


@torch.no_grad()
def settled(trainer: GanTrainer, crops: int = SETTLING_CROPS) -> TissueGenerator:
    """Return the averaged generator with batch-norm statistics taken anew over many crops, in eval mode.

    The statistics that training leaves behind are those of a few small batches, and of other weights than the
    averaged ones; with them pictures swing from fine to garbage.
    """
    generator = copy.deepcopy(trainer.averaged).eval()
    norms = [module for module in generator.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.train().reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    for number in range(-(-crops // trainer.config.batch_size)):
        batch = trainer.batch(trainer.config.steps + number)
        with trainer.precision():
            generator(batch.condition, batch.noise, batch.stain)
    for norm in norms:
        norm.momentum = 0.1
    return generator.eval()


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one step down the gradient of ``loss``."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    parallel.average_gradients(optimizer.param_groups[0]["params"])
    optimizer.step()


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
