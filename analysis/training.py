"""The training loop: one plain pass over the batches, the same for every optimizer."""

import inspect
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from analysis.randomness import Randomness
from analysis.tasks.base import Task


@dataclass(frozen=True)
class Epoch:
    """What one epoch of training gave.

    Attributes:
        loss: mean of the batch losses while training, each batch counting the same, as the papers' scripts have it;
            nan if the run diverged.
        losses: every batch's loss, in order.
        diverged: the step (from 1) whose loss was not finite, where training stopped; None if it went well.
        seconds: wall time of the pass.
    """

    loss: float
    losses: list[float]
    diverged: int | None
    seconds: float


def stepper(optimizer: torch.optim.Optimizer) -> Callable[[Tensor], Any]:
    """The optimizer's step as a function of the batch's loss, handed on to those that read it (`step(loss=...)`)."""
    step: Callable[..., Any] = optimizer.step
    if "loss" in inspect.signature(step).parameters:
        return lambda loss: step(loss=loss)
    return lambda loss: step()


def train_epoch(
    task: Task,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    split: Any,
    randomness: Randomness,
    epoch: int,
    after_step: Callable[[int, float], object] | None = None,
) -> Epoch:
    """Train for one epoch, in place.

    Args:
        epoch: counted from 0; with the run's seed it determines the order of the batches and the dropout.
        after_step: called with the step (from 1) and its loss: for step-size schedules and for watching.

    Returns:
        The losses; training stops before the update that a loss of nan or inf would make.
    """
    randomness.begin_epoch(epoch)
    randomness.attach(model)
    model.train()
    step, losses, diverged = stepper(optimizer), [], None
    began = time.perf_counter()
    for number, batch in enumerate(task.batches(split, randomness), 1):
        loss = task.loss(model, batch)
        value = loss.item()
        losses.append(value)
        if not math.isfinite(value):
            diverged = number
            break
        optimizer.zero_grad()
        loss.backward()
        step(loss.detach())
        if after_step:
            after_step(number, value)
    seconds = time.perf_counter() - began
    return Epoch(math.nan if diverged else math.fsum(losses) / len(losses), losses, diverged, seconds)
