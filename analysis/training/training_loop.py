"""The training loop: one plain pass over the batches, the same for every optimizer."""

import inspect
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import nn

from analysis.training.randomness import Randomness
from analysis.training.recipe import PLAIN, Recipe
from analysis.training.tasks.base import Task

# Part of a training run's key: raise it when a change of this loop, of the random streams
# (analysis/training/randomness.py) or of what a run evaluates and records (analysis/training/runs/session.py) changes
# the numbers of every task.
RESULT_VERSION = 1


@dataclass(frozen=True)
class Epoch:
    """What one epoch of training gave.

    Attributes:
        loss: mean of the steps' losses while training, each step counting the same, as the papers' scripts have it;
            nan if the run diverged.
        losses: every step's loss, in order: its batch's, or the mean over the batches that are accumulated.
        diverged: the step (from 1) whose loss was not finite, where training stopped; None if it went well.
        seconds: wall time of the pass.
    """

    loss: float
    losses: list[float]
    diverged: int | None
    seconds: float


def stepper(optimizer: torch.optim.Optimizer) -> Callable[[float], Any]:
    """The optimizer's step as a function of the batch's loss, handed on to those that read it (`step(loss=...)`)."""
    step: Callable[..., Any] = optimizer.step
    if "loss" in inspect.signature(step).parameters:
        return lambda loss: step(loss=loss)
    return lambda loss: step()


def start_epoch(task: Task, optimizer: Any, split: Any) -> None:
    """Tell an optimizer that keeps something of an epoch (DWMGrad's previous loss, LCAM's mean) that one begins.

    Where an epoch is a single step, as on a graph, there is nothing to keep: every loss would be an epoch's first.
    """
    if hasattr(optimizer, "start_epoch") and task.steps(split) > 1:
        optimizer.start_epoch()


def accumulated(loss: torch.Tensor) -> float:
    """The loss's value, its gradient added to the parameters' unless it is not finite."""
    value = loss.item()
    if math.isfinite(value):
        loss.backward()
    return value


def train_epoch(
    task: Task,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    split: Any,
    randomness: Randomness,
    epoch: int,
    after_step: Callable[[int, float], object] | None = None,
    recipe: Recipe = PLAIN,
) -> Epoch:
    """Train for one epoch, in place.

    Args:
        epoch: counted from 0; with the run's seed it determines the order of the batches and the dropout.
        after_step: called with the step (from 1) and its loss: for step-size schedules and for watching.
        recipe: its `clip_norm` and `accumulate`; the schedule is the caller's.

    Returns:
        The losses; training stops before the update that a loss of nan or inf would make.
    """
    randomness.begin_epoch(epoch)
    randomness.attach(model)
    start_epoch(task, optimizer, split)
    model.train()
    step, losses, diverged = stepper(optimizer), [], None
    began = time.perf_counter()
    batches, number = task.batches(split, randomness), 0
    while parts := list(islice(batches, recipe.accumulate)):
        number += 1
        optimizer.zero_grad()
        value = sum(accumulated(task.loss(model, part) / len(parts)) for part in parts)
        losses.append(value)
        if not math.isfinite(value):
            diverged = number
            break
        if recipe.clip_norm:
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip_norm)
        step(value)
        if after_step:
            after_step(number, value)
    seconds = time.perf_counter() - began
    return Epoch(math.nan if diverged else math.fsum(losses) / len(losses), losses, diverged, seconds)
