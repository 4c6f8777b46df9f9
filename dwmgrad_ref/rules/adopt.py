"""ADOPT: Adam that divides each gradient by the second moment without it, and averages afterwards.

u_t         = g_t / max(sqrt(v_{t-1}), eps), clipped to [-(t-1)^(1/4), (t-1)^(1/4)] if `clip`
m_t         = beta1 m_{t-1} + (1 - beta1) u_t
v_t         = beta2 v_{t-1} + (1 - beta2) g_t²
theta_{t+1} = theta_t - alpha_t m_t

The first gradient moves nothing: v_1 = g_1², m_1 = 0.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # the paper's and the released code's default, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.9999
    eps: Epsilon = 1e-6
    clip: Annotated[bool, option("clip the normalized gradient to (t-1)^(1/4), as in the paper's later version")] = True
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    c: float  # (t-1)^(1/4)


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, c=0)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    return Shared(t=t, alpha=o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha, c=ops.sqrt(ops.sqrt(k.t)))


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    first = ops.greater(2, k.t)
    u = g / ops.where(first, 1, ops.maximum(ops.sqrt(c.v), o.eps))
    if o.clip:
        u = ops.maximum(ops.minimum(u, k.c), -k.c)
    m = ops.where(first, c.m, o.beta1 * c.m + (1 - o.beta1) * u)
    v = ops.where(first, g * g, o.beta2 * c.v + (1 - o.beta2) * g * g)
    return Coord(m=m, v=v), x - k.alpha * m


ADOPT = Rule(
    name="adopt",
    title="ADOPT: Adam normalized by the moment of the past",
    source=Source("taniguchi2024", "the ADOPT algorithm, plain and clipped"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: h_t is of v_{t-1}, which the state after the step no longer has, and the first step moves nothing.
)
