"""All that is random in a training run, from its seed.

Four streams: the initial weights, the order of the examples, noise (dropout), and augmentation. Order and noise are
seeded anew at every epoch from (seed, epoch), so an epoch is the same whatever ran before it, and a run that goes on
from the end of an epoch needs no stored generator. One that stops inside an epoch stores `state()`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

INITIAL, ORDER, NOISE, AUGMENTATION = range(4)


def derived(seed: int, epoch: int, stream: int) -> int:
    """A 63-bit seed for one stream of one epoch; unlike `seed + epoch`, no two of them coincide by construction."""
    return int(np.random.SeedSequence([seed, epoch, stream]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def initialized(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    """`build()` with torch's global generator seeded for it, and as it was afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived(seed, 0, INITIAL))
        return build()


class Randomness:
    """The generators of one run.

    Args:
        seed: non-negative.
        device: where noise is drawn; the order of the examples is always drawn on the CPU, so every device has it.
    """

    def __init__(self, seed: int, device: str | torch.device = "cpu") -> None:
        self.seed, self.epoch = seed, 0
        self.order, self.noise = torch.Generator(), torch.Generator(device)
        self.begin_epoch(0)

    def begin_epoch(self, epoch: int) -> None:
        """Set both generators to the beginning of that epoch, counted from 0."""
        self.epoch = epoch
        self.order.manual_seed(derived(self.seed, epoch, ORDER))
        self.noise.manual_seed(derived(self.seed, epoch, NOISE))

    def state(self) -> dict[str, Any]:
        """What `restore` needs: plain numbers and byte tensors, loadable by torch with weights_only."""
        return {
            "seed": self.seed,
            "epoch": self.epoch,
            "order": self.order.get_state(),
            "noise": self.noise.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state()`, also inside an epoch."""
        self.seed, self.epoch = state["seed"], state["epoch"]
        self.order.set_state(state["order"])
        self.noise.set_state(state["noise"])

    def attach(self, model: nn.Module) -> None:
        """Make the model's dropout draw from this run's noise."""
        for module in model.modules():
            if isinstance(module, Dropout):
                module.generator = self.noise


class Dropout(nn.Module):
    """torch.nn.Dropout drawing from a generator of its own, which torch's cannot: it takes the global one."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p, self.generator = p, None

    generator: torch.Generator | None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        if self.generator is None:
            raise RuntimeError("dropout has no generator: call Randomness(seed).attach(model) before training")
        keep = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep.div_(1 - self.p)
