"""Schedule-free AdamW: schedule-free SGD whose base point z makes the steps of RMSProp.

    alpha_t = alpha sqrt(1 - beta2^t) min(t/warmup, 1)
    v_t     = beta2 v_{t-1} + (1 - beta2) g_t²
    z_{t+1} = z_t - alpha_t (g_t/(sqrt(v_t) + eps) + lambda y_t)

and y_t, x_t and c_t as in schedule-free SGD.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Decay, Epsilon, Potential, Rule, Source, StepSize, WeightDecay, option
from dwmgrad_ref.rules.schedule_free_sgd import Warmup, moved


class Options(NamedTuple):
    alpha: StepSize = 2.5e-3  # the released code's, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    warmup: Warmup = 1.0
    corrected_moment: Annotated[
        bool, option("divide v_t by 1 - β2^t, as later released code, and leave α_t without its root")
    ] = False


class Shared(NamedTuple):
    t: float
    alpha: float
    power2: float  # beta2^t
    c2: float  # sqrt(1 - beta2^t) if v_t is corrected, else 1
    total: float  # sum of alpha_t²
    c: float


class Coord(NamedTuple):
    d: float
    v: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power2=1, c2=1, total=0, c=1)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t, power2 = k.t + 1, k.power2 * o.beta2
    root = ops.sqrt(1 - power2)
    alpha, c2 = o.alpha * ops.minimum(t / o.warmup, 1), 1
    if o.corrected_moment:
        c2 = root
    else:
        alpha = alpha * root
    total = k.total + alpha * alpha
    return Shared(t=t, alpha=alpha, power2=power2, c2=c2, total=total, c=alpha * alpha / total)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    d, x = moved(o, k, c.d, x, g / (ops.sqrt(v) / k.c2 + o.eps) + o.weight_decay * x)
    return Coord(d=d, v=v), x


def potential(o: Any, k: Any, c: Any) -> Potential:
    # z = theta + beta1 d moves by exactly g/h.
    return Potential(h=(ops.sqrt(c.v) / k.c2 + o.eps) / k.alpha, damp=1, shift=o.beta1 * c.d)


SCHEDULE_FREE_ADAMW = Rule(
    name="schedule-free-adamw",
    title="schedule-free AdamW",
    source=Source("defazio2024", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
)
