"""Yogi: Adam whose second moment moves by a multiple of g_t² alone, however far away it is.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
v_t         = v_{t-1} - (1 - beta2) sign(v_{t-1} - g_t²) g_t²
theta_{t+1} = theta_t - alpha_t m_t / (sqrt(v_t) + eps)
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord, Shared, start
from dwmgrad_ref.rules.adam import potential as adam_potential
from dwmgrad_ref.rules.amsgrad import shared as shared
from dwmgrad_ref.rules.base import Decay, Epsilon, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 1e-2  # the paper's recommendation, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-3
    v0: Annotated[
        float, option("second moment before the first step; 1e-6 in released code", ge=0, allow_inf_nan=False)
    ] = 0.0
    bias_correction: Annotated[
        bool, option("divide the moments by 1 - β^t, as released code does; the paper does not")
    ] = False
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    before = ops.where(ops.greater(k.t, 1), c.v, o.v0)
    v = before - (1 - o.beta2) * ops.sign(before - g * g) * g * g
    return Coord(m=m, v=v), x - k.alpha * (m / k.c1) / (ops.sqrt(v) / k.c2 + o.eps)


YOGI = Rule(
    name="yogi",
    title="Yogi: Adam with an additive second moment",
    source=Source("zaheer2018", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=adam_potential,  # Adam's: only the way in which v_t comes about differs
)
