"""Adversarial training of generator and discriminator (paper, sections 2.1 and 3.1)."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import Batch, CropSource, image_to_tensor, map_to_tensor, tensor_to_gray
from napari_sharpgan.losses import ADVERSARIAL_LOSSES, feature_loss, pixel_loss, sharpness_loss
from napari_sharpgan.models import (
    STAIN_CHANNELS,
    PatchGAN,
    TissueGenerator,
    canvas_noise,
    stain_planes,
)
from napari_sharpgan.rendering import computes_in_bfloat16
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
            network.apply(_initialize).to(device, memory_format=torch.channels_last)
        self.averaged = copy.deepcopy(self.generator).requires_grad_(False)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=(0.5, 0.999), fused=True)
            for network in (self.generator, self.discriminator)
        ]
        self.bfloat16 = computes_in_bfloat16(config.precision, device)

    def train_step(self) -> dict[str, float]:
        """Draw a batch, update D, then G, and return the losses."""
        config = self.config
        batch = self.batch(self.step)
        self._set_learning_rate()
        optimize_generator, optimize_discriminator = self.optimizers

        with self.precision():
            fake = self.generator(batch.condition, batch.noise, batch.stain)

            # 1. the discriminator tells real pairs from rendered ones (Eq. 3)
            real_features = self.discriminator.features(batch.pair(batch.tissue.to(fake.dtype)))
            fake_logits = self.discriminator(batch.pair(fake.detach()))
            adversarial = ADVERSARIAL_LOSSES[config.adversarial]
            told_real = adversarial(real_features[-1].float(), True)
            told_fake = adversarial(fake_logits.float(), False)
        loss_discriminator = (told_real + told_fake) / 2
        _update(optimize_discriminator, loss_discriminator)

        # 2. the generator deceives it, with sharp contours (Eq. 1, 2)
        with self.precision(), _frozen(self.discriminator):
            fake_features = self.discriminator.features(batch.pair(fake))
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
        values = torch.stack(
            [value.detach().float() for value in losses.values()]
        ).tolist()  # one wait for a GPU
        return dict(zip(losses, values, strict=True))

    def batch(self, number: int) -> TensorBatch:
        """Return the batch of a step: it follows from the seed and the number alone, also after a resume."""
        drawn, noises = [], []
        for crop in range(self.config.batch_size):
            rng = np.random.default_rng([self.config.seed, number, crop])
            drawn.append(self.crops.draw(1, rng))
            noises.append(_noise(self.config.crop, rng))
        noise = torch.from_numpy(np.stack(noises))[:, None]
        return TensorBatch.of(Batch.joined(drawn), noise, self.device, stained=self.config.stain)

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Compute in the number format that the config asks for."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            yield

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
            "rng": _random_state(self.device),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state that `state` returned."""
        self.step = int(state["step"])
        self.generator.load_state_dict(state["generator"])
        self.averaged.load_state_dict(state["averaged"])
        self.discriminator.load_state_dict(state["discriminator"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        if "rng" in state:
            _set_random_state(self.device, state["rng"].cpu())


@dataclass(frozen=True)
class TensorBatch:
    """A batch on the device: shapes (N, 1, H, W), (N, H, W), (N, 3, H, W), (N, 1, H, W), (N, 6) or None."""

    condition: Tensor
    contour: Tensor
    tissue: Tensor
    noise: Tensor
    stain: Tensor | None

    @classmethod
    def of(cls, batch: Batch, noise: Tensor, device: torch.device, *, stained: bool) -> TensorBatch:
        """Put arrays on the device."""
        last = torch.channels_last
        return cls(
            map_to_tensor(batch.condition).to(device),
            torch.from_numpy(batch.contour).to(device),
            image_to_tensor(batch.image).to(device).contiguous(memory_format=last),
            noise.to(device),
            torch.from_numpy(batch.stain).to(device) if stained else None,
        )

    def pair(self, tissue: Tensor) -> Tensor:
        """Return what the discriminator sees: condition, stain if any, and tissue, (N, C, H, W).

        In the number format of ``tissue``: each plane is cast once, before they are joined.
        """
        planes = [self.condition.to(tissue), tissue]
        if self.stain is not None:
            planes.insert(1, stain_planes(self.stain.to(tissue), tissue))
        joined = torch.cat([plane.contiguous() for plane in planes], dim=1)
        return joined.contiguous(memory_format=torch.channels_last)


def train_gan(trainer: GanTrainer, *, should_stop: ShouldStop = never) -> Generator[GanStep, None, int]:
    """Train until the steps are done or ``should_stop()`` says so, yielding once a step.

    Returns
    -------
    int
        Steps done since the run began, before any resume too.
    """
    while trainer.step < trainer.config.steps and not should_stop():
        began = time.perf_counter()
        losses = trainer.train_step()
        seconds = time.perf_counter() - began
        rate = trainer.config.batch_size / seconds
        yield GanStep(trainer.step, trainer.config.steps, losses, seconds, rate)
    return trainer.step


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


def _random_state(device: torch.device) -> Tensor:
    """Return where torch's random numbers are on a device: dropout draws from them."""
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_random_state(device: torch.device, state: Tensor) -> None:
    """Go back to what `_random_state` returned; a state of another kind of device is left alone."""
    if len(state) != len(_random_state(device)):
        return
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)


def _noise(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the noise of a random place on a random canvas, (size, size)."""
    top, left, seed = (int(value) for value in rng.integers(0, 2**20, 3))
    return canvas_noise(top, left, size, size, seed=seed)


def _update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one step down the gradient of ``loss``."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
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
