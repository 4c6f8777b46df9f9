"""Gradient descent, stochastic or online, as torch.optim.SGD has it.

theta_{t+1} = theta_t - alpha_t (g_t + lambda theta_t)      alpha_t = alpha or alpha/sqrt(t)
"""

from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import SQRT, Facts, Potential, Rule, Schedule, Source, StepSize, WeightDecay


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    weight_decay: WeightDecay = 0.0
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float


class Coord(NamedTuple):
    """Gradient descent remembers nothing."""


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    return Shared(t=t, alpha=o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    return c, x - k.alpha * (g + o.weight_decay * x)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # The step is g/h with h = 1/alpha_t, the same for every coordinate; nothing is carried over.
    return Potential(h=1 / k.alpha, damp=1, shift=0)


def bound(o: Any, k: Any, facts: Facts) -> float:
    """Zinkevich's bound: D²/(2 alpha_T) + ½ Σ alpha_t g_t², summed over coordinates.

    It is R2 with h_t = 1/alpha_t non-decreasing. With alpha/sqrt(t) the sum Σ g_t²/sqrt(t) is at most S², and
    at most 2 G S: with g_t² <= G² it is largest when the first S²/G² gradients carry everything.
    Weight decay descends another function, so there is no bound then.
    """
    if o.weight_decay > 0:
        return np.nan
    squares = facts.S**2
    distance = facts.D**2 / (2 * o.alpha)
    if o.schedule == SQRT:
        distance = distance * np.sqrt(facts.T)
        if facts.G is not None:
            squares = np.minimum(squares, 2 * facts.G * facts.S)
    return float(np.sum(distance + o.alpha / 2 * squares))


SGD = Rule(
    name="sgd",
    title="gradient descent (stochastic or online)",
    source=Source("zinkevich2003", "Algorithm 1 and Theorem 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    bound=bound,
)
