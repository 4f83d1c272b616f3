"""What every training is: networks, their optimizers and an average; one step, and the loop over steps."""

from __future__ import annotations

import copy
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.inference import computes_in_bfloat16
from napari_sharpgan.training import parallel
from napari_sharpgan.training.batches import made_ahead
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.segmenter_config import SegmenterConfig

SETTLING_CROPS = 160  # over which batch-norm statistics are taken anew for an export

Config = GanConfig | SegmenterConfig


@dataclass(frozen=True)
class TrainStep:
    """One optimizer step: ``step`` of ``steps`` is done, with these losses, in so many seconds."""

    step: int
    steps: int
    losses: dict[str, float]
    seconds: float
    images_per_second: float


class Trainer(ABC):
    """Networks, their optimizers and the average of the first: all that a step changes.

    Parameters
    ----------
    config : GanConfig or SegmenterConfig
        Settings.
    networks : mapping of str to nn.Module
        On the device; the first is the one that the run is about. A checkpoint has these names.
    device : torch.device
        Where the networks are.
    betas : tuple of float
        Of Adam.
    """

    config: Config

    def __init__(
        self,
        config: Config,
        networks: Mapping[str, nn.Module],
        *,
        device: torch.device,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        self.config, self.device = config, device
        self.step = 0
        self.networks = dict(networks)
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        for network in self.networks.values():
            parallel.synchronize(network)
        self.optimizers = [
            torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=betas, fused=True)
            for network in self.networks.values()
        ]
        self.bfloat16 = computes_in_bfloat16(config.precision, device)

    @property
    def network(self) -> Any:
        """The network that the run is about."""
        return next(iter(self.networks.values()))

    @abstractmethod
    def learn(self, batch: Any) -> dict[str, Tensor]:
        """Update the networks on a batch and return the losses."""

    @abstractmethod
    def drawn(self, number: int, crops: range) -> Any:
        """Return some crops of the batch of a step: each follows from seed, step and its own number alone."""

    @abstractmethod
    def show(self, network: nn.Module, batch: Any) -> Tensor:
        """Return what the network, in place of the trained one, makes of a batch."""

    @abstractmethod
    def save(self, network: Any, path: Path, *, card: dict[str, Any], best: bool = False) -> None:
        """Write a network like the trained one; the best in float16, with all that it is useful with."""

    def train_step(self, batch: Any = None) -> dict[str, float]:
        """Update the networks on a batch (by default this step's `share`), and return the losses."""
        batch = self.share(self.step) if batch is None else batch
        self._set_random_state()
        self._set_learning_rate()
        with torch.backends.cudnn.flags(enabled=True, benchmark=True):  # all steps have the same shapes
            losses = self.learn(batch)
        self._average()
        self.step += 1
        values = parallel.mean_of_all(torch.stack([value.detach().float() for value in losses.values()]))
        return dict(zip(losses, values.tolist(), strict=True))  # one wait for a GPU

    def batch(self, number: int) -> Any:
        """Return the batch of a step: it follows from the seed and the number alone, also after a resume."""
        return self.drawn(number, range(self.config.batch_size))

    def share(self, number: int) -> Any:
        """Return this process's part of the batch of a step: all of it, if it trains alone."""
        return self.drawn(number, parallel.share(self.config.batch_size))

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
        """Move the averaged network a little towards the present one; faster in the first steps."""
        keep = min(self.config.ema, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(
            list(self.averaged.parameters()), [p.detach() for p in self.network.parameters()], 1 - keep
        )

    def state(self) -> dict[str, Any]:
        """Return all that a resume needs."""
        return {
            "step": self.step,
            **{name: network.state_dict() for name, network in self.networks.items()},
            "averaged": self.averaged.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state that `state` returned."""
        self.step = int(state["step"])
        for name, network in {**self.networks, "averaged": self.averaged}.items():
            network.load_state_dict(state[name])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


def train_steps(trainer: Trainer, *, should_stop: ShouldStop = never) -> Generator[TrainStep, None, int]:
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
            yield TrainStep(trainer.step, steps, losses, seconds, batch_size / seconds)
    return trainer.step


def _batches(trainer: Trainer) -> Generator[Any, None, None]:
    """Yield this process's part of each batch that is left."""
    numbers = range(trainer.step, trainer.config.steps)
    if trainer.device.type == "cpu":
        return (trainer.share(number) for number in numbers)
    return made_ahead(trainer.share, numbers)


@torch.no_grad()
def settled(trainer: Trainer, crops: int = SETTLING_CROPS) -> Any:
    """Return the averaged network with batch-norm statistics taken anew over many crops, in eval mode.

    The statistics that training leaves behind are those of a few small batches, and of other weights than the
    averaged ones; with them pictures swing from fine to garbage.
    """
    network = copy.deepcopy(trainer.averaged)
    numbers = range(trainer.config.steps, trainer.config.steps + -(-crops // trainer.config.batch_size))

    def show(number: int) -> None:
        with trainer.precision():
            trainer.show(network, trainer.batch(number))

    return settle(network, show, numbers)


@torch.no_grad()
def settle(network: nn.Module, show: Callable[[int], None], numbers: Iterable[int]) -> Any:
    """Take the batch-norm statistics of a network anew, as the mean over batches that it is shown.

    Parameters
    ----------
    network : nn.Module
        Changed in place.
    show : callable
        Runs the network on the batch with a number.
    numbers : iterable of int
        Of the batches.

    Returns
    -------
    nn.Module
        The network, in eval mode.
    """
    network.eval()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.train().reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
    for number in numbers:
        show(number)
    for norm in norms:
        norm.momentum = 0.1
    return network.eval()


def update(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Take one step down the gradient of ``loss``."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    parallel.average_gradients(optimizer.param_groups[0]["params"])
    optimizer.step()
