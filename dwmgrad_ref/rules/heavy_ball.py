"""Heavy ball: gradient descent with momentum, in the form of torch.optim.SGD.

V_t         = mu V_{t-1} + g_t + lambda theta_t
theta_{t+1} = theta_t - alpha V_t
"""

from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref.rules.base import Facts, Momentum, Potential, Rule, Source, StepSize, WeightDecay


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    mu: Momentum = 0.9
    weight_decay: WeightDecay = 0.0


class Shared(NamedTuple):
    t: float
    mu: float


class Coord(NamedTuple):
    V: float


def start(o: Any) -> Shared:
    return Shared(t=0, mu=o.mu)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    return Shared(t=k.t + 1, mu=o.mu)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    V = k.mu * c.V + g + o.weight_decay * x
    return Coord(V=V), x - o.alpha * V


def potential(o: Any, k: Any, c: Any) -> Potential:
    # z = theta - mu/(1-mu) alpha V moves by exactly alpha g/(1-mu): descent with h = 1/alpha, damped by 1 - mu.
    return Potential(h=1 / o.alpha, damp=1 - k.mu, shift=-k.mu / (1 - k.mu) * o.alpha * c.V)


def bound(o: Any, k: Any, facts: Facts) -> float:
    """Two bounds, both derived here; neither holds with weight decay.

    Any convex losses on a box (D must hold for theta, and without a box what is recorded is z): with the mean
    m_t = (1-mu) V_t the step is m_t/h, h = (1-mu)/alpha, and g_t = (m_t - mu m_{t-1})/(1-mu) summed by parts
    (the idea of [alacaoglu2020]) gives
        D² h/(2(1-mu)) + (1+mu)/(2(1-mu)) Σ m_t²/h <= D²/(2 alpha) + alpha (1+mu)/(2(1-mu)²) S².
    One convex loss without a box: [dwmgradnotes] R4 with h constant, so that only |z_1 - u| counts,
        (1-mu) D²/(2 alpha) + alpha/(2(1-mu)) S² + mu/(1-mu) (f(theta_1) - f(theta_T)).
    """
    mu, distance, squares = o.mu, np.sum(facts.D**2) / (2 * o.alpha), o.alpha / 2 * np.sum(facts.S**2)
    if o.weight_decay > 0:
        return np.nan
    if facts.projected or mu == 0:
        return float(distance + (1 + mu) / (1 - mu) ** 2 * squares)
    if facts.fixed:
        return float((1 - mu) * distance + squares / (1 - mu) + mu / (1 - mu) * (facts.first - facts.last))
    return np.nan


HEAVY_BALL = Rule(
    name="heavy-ball",
    title="gradient descent with heavy-ball momentum",
    source=Source("polyak1964", "the two-step method; in the velocity form of [sutskever2013], Equations 1-2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    bound=bound,
    departs="the step size multiplies the velocity, not the gradient, as in torch.optim.SGD",
)
