"""LCAM: heavy ball with one of two coefficients, chosen after each step by the loss against its mean.

V_t         = mu_t V_{t-1} + g_t + lambda theta_t
theta_{t+1} = theta_t - alpha V_t
mu_{t+1}    = below if f_t(theta_t) < mean of this epoch's losses so far, f_t included, else above
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Epoch, Potential, Rule, Source, StepSize, WeightDecay, option


class Options(NamedTuple):
    alpha: StepSize = 0.1
    below: Annotated[float, option("coefficient after a loss below the epoch's mean", ge=0, lt=1)] = 0.95
    above: Annotated[float, option("coefficient after any other loss", ge=0, lt=1)] = 0.9
    weight_decay: WeightDecay = 0.0
    epoch: Epoch = float("inf")


class Shared(NamedTuple):
    t: float
    e: float  # steps taken in the current epoch
    total: float  # sum of the epoch's losses
    mu: float  # coefficient of step t
    next: float  # coefficient of step t + 1


class Coord(NamedTuple):
    V: float


def start(o: Any) -> Shared:
    # The first coefficient multiplies V_0 = 0; `above` is what a loss equal to its mean gives.
    return Shared(t=0, e=0, total=0, mu=o.above, next=o.above)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    e, total = k.e + 1, k.total + loss
    chosen = ops.where(ops.greater(total / e, loss), o.below, o.above)
    going_on = ops.greater(o.epoch, e)
    return Shared(
        t=k.t + 1,
        e=ops.where(going_on, e, 0 * e),
        total=ops.where(going_on, total, 0 * total),
        mu=k.next,
        next=chosen,
    )


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    V = k.mu * c.V + g + o.weight_decay * x
    return Coord(V=V), x - o.alpha * V


def potential(o: Any, k: Any, c: Any) -> Potential:
    # Heavy ball's, with the coefficient just used: z moves by alpha g/(1-mu) exactly while the coefficient stays,
    # and by a multiple of V more at a step that switches it.
    return Potential(h=1 / o.alpha, damp=1 - k.mu, shift=-k.mu / (1 - k.mu) * o.alpha * c.V)


LCAM = Rule(
    name="lcam",
    title="LCAM: heavy ball with a momentum that the loss switches",
    source=Source("lcam", "the LCAM update"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    # No bound: none is published, and arbitrary switching can diverge where both coefficients are stable (R9).
    departs="the step-size decay between epochs belongs to the experiment, not to the rule",
)
