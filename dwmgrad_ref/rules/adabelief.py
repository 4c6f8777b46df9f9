"""AdaBelief: Adam whose second moment is that of the gradient's distance to its mean.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
s_t         = beta2 s_{t-1} + (1 - beta2) (g_t - m_t)² + eps
theta_{t+1} = theta_t - alpha_t m_t/(1 - beta1^t) / (sqrt(s_t)/sqrt(1 - beta2^t) + eps)
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Shared, shared, start
from dwmgrad_ref.rules.base import Decay, Epsilon, Potential, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # the paper's defaults, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8  # 1e-16 in released code from its version 0.1 on
    eps_inside: Annotated[bool, option("add ε to s_t at every step too, where it accumulates")] = True
    schedule: Schedule = "constant"


class Coord(NamedTuple):
    m: float
    s: float


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    s = o.beta2 * c.s + (1 - o.beta2) * (g - m) * (g - m)
    if o.eps_inside:
        s = s + o.eps
    return Coord(m=m, s=s), x - k.alpha * (m / k.c1) / (ops.sqrt(s) / k.c2 + o.eps)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for Adam: the step is m/h, and z = theta - beta1/(1-beta1) m/h moves by g/h up to the change of h.
    h = (ops.sqrt(c.s) / k.c2 + o.eps) * k.c1 / k.alpha
    step = c.m / ops.where(ops.greater(h, 0), h, 1)  # h = 0 before the first step if eps = 0, and m is 0 then
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * step)


ADABELIEF = Rule(
    name="adabelief",
    title="AdaBelief: Adam with the variance around the mean",
    source=Source("zhuang2020", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="the rectification of RAdam, which released code adds by default, is left out",
)
