"""Adafactor without factoring: every coordinate has a second moment of its own, with a decay rate that grows to 1.

beta_t      = 1 - t^(-decay)
v_t         = beta_t v_{t-1} + (1 - beta_t) (g_t² + eps)
theta_{t+1} = theta_t - alpha_t g_t / sqrt(v_t)             alpha_t = min(alpha, 1/sqrt(t)) or alpha
"""

from typing import Annotated, Any, Literal, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Epsilon, Potential, Rule, Source, StepSize, option

DECREASING, CONSTANT = range(2)


class Options(NamedTuple):
    alpha: StepSize = 1e-2  # the paper's, as the following ones
    decay: Annotated[float, option("exponent ĉ of β_t = 1 - t^(-ĉ)", gt=0, le=1)] = 0.8
    eps: Epsilon = 1e-30  # the paper's ε1, added to the square
    step: Annotated[Literal["decreasing", "constant"], option("step size min(α, 1/√t), or α")] = "decreasing"


class Shared(NamedTuple):
    t: float
    alpha: float
    beta: float  # beta_t


class Coord(NamedTuple):
    v: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, beta=0)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = ops.minimum(o.alpha, 1 / ops.sqrt(t)) if o.step == DECREASING else o.alpha
    return Shared(t=t, alpha=alpha, beta=1 - ops.power(t, -o.decay))


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    v = k.beta * c.v + (1 - k.beta) * (g * g + o.eps)
    return Coord(v=v), x - k.alpha * g / ops.sqrt(v)


def potential(o: Any, k: Any, c: Any) -> Potential:
    return Potential(h=ops.sqrt(c.v) / k.alpha, damp=1, shift=0)


ADAFACTOR = Rule(
    name="adafactor",
    title="Adafactor without factoring",
    source=Source("shazeer2018", "the Adafactor algorithm for weight vectors, whose moments are not factored"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="no clipping by, and no step size relative to, a root mean square over coordinates; no momentum",
)
