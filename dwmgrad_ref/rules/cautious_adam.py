"""Cautious Adam: Adam's step in those coordinates only where it agrees in sign with the gradient.

m_t, v_t    as in Adam
u_t         = m_t/(1 - beta1^t) / (sqrt(v_t)/sqrt(1 - beta2^t) + eps)
theta_{t+1} = (1 - alpha_t lambda) theta_t - alpha_t (u_t if u_t g_t > 0 else 0)
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord, Shared, shared, start
from dwmgrad_ref.rules.base import Decay, Epsilon, Rule, Schedule, Source, StepSize, WeightDecay


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # the released code's, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-6
    weight_decay: WeightDecay = 0.0
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    u = m / k.c1 / (ops.sqrt(v) / k.c2 + o.eps)
    agreed = ops.where(ops.greater(m * g, 0), u, 0 * u)
    return Coord(m=m, v=v), x * (1 - k.alpha * o.weight_decay) - k.alpha * agreed


CAUTIOUS_ADAM = Rule(
    name="cautious-adam",
    title="cautious Adam: no step against the gradient's sign",
    source=Source("liang2024", "the cautious AdamW algorithm"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: where the signs differ the step is 0 whatever the gradient, so that no h_t > 0 gives it.
    departs="the step is not scaled by the share of coordinates that agree, which is a sum over coordinates",
)
