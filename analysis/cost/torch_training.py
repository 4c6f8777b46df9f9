"""Timings of whole training loops: what a user waits for."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any
from unittest.mock import patch

import torch
from sklearn.datasets import load_digits
from torch import nn

from analysis.cost.released_loop import ReleasedScheme
from analysis.cost.torch_timings import in_turns, ratio
from dwmgrad_ref.torch import LCAM, AdaMomentum, DWMGrad, watch
from dwmgrad_ref.torch.kernels import threads

BATCH, HIDDEN = 128, 128


def network(widths: tuple[int, ...]) -> nn.Sequential:
    """Linear layers of these widths with ReLU between them."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for a, b in zip(widths, widths[1:], strict=False):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Training:
    """A plain training loop on the digits; `in_step` is what step() took of each epoch, in seconds."""

    def __init__(self, make: Callable[[Any], Any], watched: bool = False):
        images, labels = load_digits(return_X_y=True)
        self.x, self.y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
        self.net = network((64, HIDDEN, HIDDEN, 10))
        self.optimizer = make(self.net.parameters())
        self.takes_loss = not type(self.optimizer).__module__.startswith("torch.")
        self.in_step: list[float] = []
        if watched:
            watch(self.optimizer, every=10, callback=lambda step, values: None)

    def epoch(self) -> None:
        spent = 0.0
        for first in range(0, len(self.x), BATCH):
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.net(self.x[first : first + BATCH]), self.y[first : first + BATCH])
            loss.backward()
            began = time.perf_counter()
            self.optimizer.step(loss=loss) if self.takes_loss else self.optimizer.step()
            spent += time.perf_counter() - began
        self.in_step.append(spent)


def digits_table(rounds: int) -> list[dict[str, Any]]:
    """Milliseconds an epoch, beside Adam as torch makes it without options and beside the released scheme."""
    trainings = {
        "Adam": Training(lambda p: torch.optim.Adam(p)),
        "Adam fused": Training(lambda p: torch.optim.Adam(p, fused=True)),
        "released scheme": Training(ReleasedScheme),
        "DWMGrad": Training(DWMGrad),
        "AdaMomentum": Training(AdaMomentum),
        "LCAM": Training(lambda p: LCAM(p, lr=0.01)),
        "DWMGrad, watched every 10th step": Training(DWMGrad, watched=True),
    }
    seconds = in_turns({name: training.epoch for name, training in trainings.items()}, rounds)
    in_step = {name: training.in_step[-rounds:] for name, training in trainings.items()}  # less the first, warming up
    return [
        {
            "optimizer": name,
            "epoch_ms": 1e3 * median(seconds[name]),
            "share_of_step": median(in_step[name]) / median(seconds[name]),
            "to_adam": ratio(seconds, name, "Adam"),
            "to_adam_fused": ratio(seconds, name, "Adam fused"),
            "to_released": ratio(seconds, name, "released scheme"),
            "to_unwatched": ratio(seconds, name, "DWMGrad"),
            "step_to_released": ratio(in_step, name, "released scheme"),
        }
        for name in trainings
    ]


def watching_table(rounds: int) -> list[dict[str, Any]]:
    """What `watch(every=10)` adds to ten steps of the optimizer alone."""
    from analysis.cost.torch_timings import SIZES, parameters, stepper

    rows = []
    for n, tensors in SIZES:
        plain, params = stepper(DWMGrad, parameters(n, tensors)), parameters(n, tensors)
        optimizer, loss = DWMGrad(params), torch.tensor(1.0)
        watch(optimizer, every=10, callback=lambda step, values: None)

        def watched(optimizer: Any = optimizer, loss: Any = loss) -> None:
            for _ in range(10):
                optimizer.step(loss=loss)

        def bare(step: Any = plain) -> None:
            for _ in range(10):
                step()

        seconds = in_turns({"bare": bare, "watched": watched}, rounds)
        rows.append({"parameters": n, "tensors": tensors, "added": ratio(seconds, "watched", "bare") - 1})
    return rows


def backward_table(rounds: int) -> list[dict[str, Any]]:
    """A step right after a backward pass on torch's threads: with the same threads, and with a pool of our own."""
    net, x = network((1500,) * 4), torch.randn(64, 1500)
    params = list(net.parameters())
    ours, adam = DWMGrad(params, lr=1e-9), torch.optim.Adam(params, lr=1e-9, fused=True)
    own, loss = threads.own_threads(), torch.tensor(1.0)

    def with_own_threads() -> None:
        with patch.object(threads, "runner", lambda: own):
            ours.step(loss=loss)

    steps = {"Adam fused": adam.step, "DWMGrad": lambda: ours.step(loss=loss), "DWMGrad, own threads": with_own_threads}
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds + 2):
        for name, step in steps.items():
            net.zero_grad()
            net(x).square().mean().backward()
            began = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - began)
    seconds = {name: times[2:] for name, times in seconds.items()}
    return [
        {"optimizer": name, "ms": 1e3 * median(times), "to_adam_fused": ratio(seconds, name, "Adam fused")}
        for name, times in seconds.items()
    ]
