"""Heavy ball: gradient descent with momentum, in the form of torch.optim.SGD.

V_t         = mu V_{t-1} + g_t + lambda theta_t
theta_{t+1} = theta_t - alpha V_t
"""

from typing import Any, NamedTuple

from dwmgrad_ref.rules.base import Momentum, Potential, Rule, Source, StepSize, WeightDecay
from dwmgrad_ref.rules.bounds import NO_BOX, NO_DECAY, ONE_LOSS, Bound, Facts, Requirement


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


BOX_OR_NO_MOMENTUM = Requirement(
    "projected onto a box that holds theta_1, or mu = 0", lambda o, k, facts: facts.projected or o.mu == 0
)


def box_bound(o: Any, k: Any, facts: Facts) -> Any:
    """Any convex losses on a box, D a bound for theta.

    With the mean m_t = (1-mu) V_t the step is m_t/h, h = (1-mu)/alpha, and g_t = (m_t - mu m_{t-1})/(1-mu) summed by
    parts (the idea of [alacaoglu2020]) gives
        D² h/(2(1-mu)) + (1+mu)/(2(1-mu)) Σ m_t²/h <= D²/(2 alpha) + alpha (1+mu)/(2(1-mu)²) S².
    """
    return facts.D**2 / (2 * o.alpha) + o.alpha * (1 + o.mu) / (2 * (1 - o.mu) ** 2) * facts.S**2


def one_loss_bound(o: Any, k: Any, facts: Facts) -> Any:
    """One convex loss without a box: R4 with h constant, so that only |z_1 - u| counts."""
    kept = 1 - o.mu
    return kept * facts.D**2 / (2 * o.alpha) + o.alpha / (2 * kept) * facts.S**2


def one_loss_gain(o: Any, k: Any, facts: Facts) -> Any:
    return o.mu / (1 - o.mu) * (facts.first - facts.last)


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
    bounds=(
        Bound("C-heavy-ball-box", (NO_DECAY, BOX_OR_NO_MOMENTUM), box_bound),
        Bound("C-heavy-ball-one-loss", (NO_DECAY, ONE_LOSS, NO_BOX), one_loss_bound, one_loss_gain),
    ),
    departs="the step size multiplies the velocity, not the gradient, as in torch.optim.SGD",
)
