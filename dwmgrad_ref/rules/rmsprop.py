"""RMSProp, with or without momentum, as torch.optim.RMSprop has it.

G_t         = beta2 G_{t-1} + (1 - beta2) g_t²
V_t         = mu V_{t-1} + g_t / (sqrt(G_t) + eps)
theta_{t+1} = theta_t - alpha V_t
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Decay, Epsilon, Momentum, Potential, Rule, Source, StepSize
from dwmgrad_ref.rules.bounds import EPS_POSITIVE, StepBound


class Options(NamedTuple):
    alpha: StepSize = 1e-2
    beta2: Decay = 0.99
    eps: Epsilon = 1e-8
    mu: Momentum = 0.0


class Shared(NamedTuple):
    t: float
    mu: float


class Coord(NamedTuple):
    G: float
    V: float


def start(o: Any) -> Shared:
    return Shared(t=0, mu=o.mu)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    return Shared(t=k.t + 1, mu=o.mu)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    G = o.beta2 * c.G + (1 - o.beta2) * g * g
    V = k.mu * c.V + g / (ops.sqrt(G) + o.eps)
    return Coord(G=G, V=V), x - o.alpha * V


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As heavy ball, whose velocity sums preconditioned gradients: z moves by g/((1-mu) h_t) whatever h does.
    return Potential(h=(ops.sqrt(c.G) + o.eps) / o.alpha, damp=1 - k.mu, shift=-k.mu / (1 - k.mu) * o.alpha * c.V)


def step_bound(o: Any) -> Any:
    """(1 - beta2) g_t² <= G_t, so each |g_t|/sqrt(G_t) <= 1/sqrt(1 - beta2), and V sums them with weights mu^j."""
    return 1 / ops.sqrt(1 - o.beta2) / (1 - o.mu)


RMSPROP = Rule(
    name="rmsprop",
    title="RMSProp",
    source=Source("tieleman2012", "Lecture 6.5"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    step_bounds=(StepBound("W6-step", (EPS_POSITIVE,), step_bound),),
    # No bound: h_t can shrink at every step (W8), and [reddi2018] has losses on which it suffers linear regret.
    departs="eps is added outside the root, as in torch.optim.RMSprop; the lecture has none",
)

RMSPROP_MOMENTUM = RMSPROP.variant(
    "rmsprop-momentum",
    "RMSProp with momentum",
    Source("graves2013", "the RMSProp update with momentum, without its centring"),
    "the moment is not centred and the step size multiplies the velocity, as in torch.optim.RMSprop(momentum=mu)",
    mu=0.9,
)
