"""Gradient descent, stochastic or online, as torch.optim.SGD has it.

theta_{t+1} = theta_t - alpha_t (g_t + lambda theta_t)      alpha_t = alpha or alpha/sqrt(t)
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import CONSTANT, SQRT, Potential, Rule, Schedule, Source, StepSize, WeightDecay
from dwmgrad_ref.rules.bounds import LARGEST, NO_DECAY, Bound, Facts, Requirement


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


# Zinkevich's bound, D²/(2 alpha_T) + ½ Σ alpha_t g_t², is R2 with h_t = 1/alpha_t, which never decreases. Weight
# decay descends another function.
CONSTANT_SCHEDULE = Requirement("schedule = constant", lambda o, k, facts: o.schedule == CONSTANT)
SQRT_SCHEDULE = Requirement("schedule = sqrt", lambda o, k, facts: o.schedule == SQRT)


def constant_bound(o: Any, k: Any, facts: Facts) -> Any:
    return facts.D**2 / (2 * o.alpha) + o.alpha / 2 * facts.S**2


def sqrt_bound(o: Any, k: Any, facts: Facts) -> Any:
    """Σ g_t²/sqrt(t) <= S²."""
    return facts.D**2 / (2 * o.alpha) * ops.sqrt(facts.T) + o.alpha / 2 * facts.S**2


def sharper_sqrt_bound(o: Any, k: Any, facts: Facts) -> Any:
    """Σ g_t²/sqrt(t) <= 2 G S: with g_t² <= G² it is largest when the first S²/G² gradients carry everything."""
    squares = ops.minimum(facts.S**2, 2 * facts.G * facts.S)
    return facts.D**2 / (2 * o.alpha) * ops.sqrt(facts.T) + o.alpha / 2 * squares


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
    bounds=(
        Bound("C-ogd-constant", (NO_DECAY, CONSTANT_SCHEDULE), constant_bound),
        Bound("C-ogd-sqrt", (NO_DECAY, SQRT_SCHEDULE), sqrt_bound),
        Bound("C-ogd-largest", (NO_DECAY, SQRT_SCHEDULE, LARGEST), sharper_sqrt_bound),
    ),
)
