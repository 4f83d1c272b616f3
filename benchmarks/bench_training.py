"""How fast a generator is trained, against plain pix2pix of the same width.

    python benchmarks/bench_training.py [--device cpu]

Plain pix2pix is a U-Net with transposed convolutions and dropout, a 70 × 70 PatchGAN, log loss and 100 L1, in
eager float32 with torch's defaults, on crops that its loop draws. Ours is the recipe sharp-gan as
`sharpgan train` runs it: noise, stain, bilinear resizing, sharpness and feature loss, and the averaged
generator on top. Both are trained in turns in one process, with the memory that `keep_memory` keeps for both.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from _bench import Goal, Options, Row, compared, finish_of, in_turns, main
from torch import nn
from torch.nn import functional

from napari_sharpgan.data import CropSource, Sample, map_to_tensor, pixels_to_tensor
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering import choose_device, device_name
from napari_sharpgan.training import RECIPES, GanTrainer, train_steps
from napari_sharpgan.training.memory import keep_memory

STEPS = {"cpu": 4}  # of each in a turn
OFTEN = 40  # of each in a turn elsewhere, where steps are so short that else the turns would be measured


class Level(nn.Module):
    """One level of the plain U-Net and all below it."""

    def __init__(self, before, after, below=None, *, outermost=False, dropout=False):
        super().__init__()
        halve = [nn.Conv2d(before, after, 4, 2, 1, bias=False)]
        double = [nn.ReLU(), nn.ConvTranspose2d(after * (2 if below else 1), before, 4, 2, 1, bias=False)]
        if outermost:
            double = [nn.ReLU(), nn.ConvTranspose2d(2 * after, 3, 4, 2, 1), nn.Tanh()]
        else:
            halve = [nn.LeakyReLU(0.2), *halve, *([nn.BatchNorm2d(after)] if below else [])]
            double = [*double, nn.BatchNorm2d(before), *([nn.Dropout(0.5)] if dropout else [])]
        self.layers = nn.Sequential(*halve, *([below] if below else []), *double)
        self.outermost = outermost

    def forward(self, features):
        rendered = self.layers(features)
        return rendered if self.outermost else torch.cat([features, rendered], dim=1)


def plain_generator(width):
    level = Level(8 * width, 8 * width)
    for _ in range(3):
        level = Level(8 * width, 8 * width, level, dropout=True)
    for times in (4, 2, 1):
        level = Level(times * width, 2 * times * width, level)
    return Level(1, width, level, outermost=True)


def plain_discriminator(width):
    layers = [nn.Conv2d(4, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for before, after, stride in ((1, 2, 2), (2, 4, 2), (4, 8, 1)):
        layers += [nn.Conv2d(before * width, after * width, 4, stride, 1, bias=False)]
        layers += [nn.BatchNorm2d(after * width), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))


class Plain:
    """pix2pix as its authors train it."""

    def __init__(self, config, crops, device, steps):
        self.config, self.crops, self.device, self.steps = config, crops, device, steps
        self.rng = np.random.default_rng(0)
        self.networks = [plain_generator(config.width), plain_discriminator(config.width)]
        self.optimizers = [
            torch.optim.Adam(network.to(device).parameters(), lr=2e-4, betas=(0.5, 0.999))
            for network in self.networks
        ]

    def train(self):
        for _ in range(self.steps):
            self.step()

    def step(self):
        generator, discriminator = self.networks
        optimize_generator, optimize_discriminator = self.optimizers
        batch = self.crops.draw(self.config.batch_size, self.rng)
        condition = map_to_tensor(batch.condition).to(self.device)
        pixels, jitter = (torch.from_numpy(part).to(self.device) for part in (batch.pixels, batch.jitter))
        real = pixels_to_tensor(pixels, jitter).contiguous()
        fake = generator(condition)

        discriminator.requires_grad_(True)
        optimize_discriminator.zero_grad()
        told_fake = bce(discriminator(torch.cat([condition, fake.detach()], 1)), 0)
        told_real = bce(discriminator(torch.cat([condition, real], 1)), 1)
        ((told_fake + told_real) / 2).backward()
        optimize_discriminator.step()

        discriminator.requires_grad_(False)
        optimize_generator.zero_grad()
        deceived = bce(discriminator(torch.cat([condition, fake], 1)), 1)
        (deceived + 100 * functional.l1_loss(fake, real)).backward()
        optimize_generator.step()


def bce(logits, target):
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


class Ours:
    """The recipe sharp-gan, with the loop that a run uses: it goes on from turn to turn, as in a run."""

    def __init__(self, config, crops, device, steps):
        self.trainer, self.steps = GanTrainer(config, crops, device=device), steps
        self.loop = train_steps(self.trainer)

    def train(self):
        for _ in range(self.steps):
            next(self.loop)


def tissue(side=600):
    """Return an image of noise with random nuclei."""
    labels = rasterize(random_nuclei((side, side), 300, seed=0), (side, side))
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Sample("noise", pixels, labels)


def rows(options: Options) -> Iterator[Row]:
    device = choose_device(options.device)
    width, batch = options.of(32, 4), options.of(8, 2)
    config = replace(RECIPES["sharp-gan"], width=width, batch_size=batch)
    condition = CONDITION_MAPS[config.condition]
    crops = CropSource([tissue()], condition, size=config.crop, stain_jitter=config.stain_jitter)
    keep_memory()
    steps = STEPS.get(device.type, OFTEN)
    plain, ours = (kind(config, crops, device, steps) for kind in (Plain, Ours))
    times = in_turns({"plain": plain.train, "ours": ours.train}, options.of(5, 2), finish_of(device))
    ours.loop.close()
    number_format = "bfloat16" if ours.trainer.bfloat16 else "float32"
    yield compared(
        f"training at width {width}, batches of {batch}, {device.type}",
        steps * batch / (times["ours"] / 1e3),
        steps * batch / (times["plain"] / 1e3),
        unit="images/s",
        beside="eager float32 pix2pix",
        goal=Goal(ratio=1.5),
        more_is_better=True,
        detail=f"sharp-gan in {number_format}, crops of {config.crop}², {device_name(device)}",
    )


if __name__ == "__main__":
    main(rows, __doc__)
