"""QHAdam: Adam whose moments are mixed with the gradient and its square.

m_t, v_t    as in Adam; mhat_t = m_t/(1 - beta1^t), vhat_t = v_t/(1 - beta2^t)
theta_{t+1} = theta_t - alpha_t [(1 - nu1) g_t + nu1 mhat_t] / (sqrt((1 - nu2) g_t² + nu2 vhat_t) + eps)
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord, start
from dwmgrad_ref.rules.adamomentum import Shared, shared
from dwmgrad_ref.rules.base import Decay, Epsilon, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # the released code's defaults, as the following ones
    beta1: Decay = 0.995
    beta2: Decay = 0.999
    nu1: Annotated[float, option("discount ν1, the weight of the running mean", ge=0, le=1)] = 0.7
    nu2: Annotated[float, option("discount ν2, the weight of the second moment", ge=0, le=1)] = 1.0
    eps: Epsilon = 1e-8
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    mixed = (1 - o.nu1) * g + o.nu1 * (m / k.c1)
    second = (1 - o.nu2) * g * g + o.nu2 * (v / k.c2)
    return Coord(m=m, v=v), x - k.alpha * mixed / (ops.sqrt(second) + o.eps)


QHADAM = Rule(
    name="qhadam",
    title="QHAdam: quasi-hyperbolic Adam",
    source=Source("ma2019", "the QHAdam update"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: the correction 1/(1 - beta1^t) is of m_t and not of g_t, and with nu2 < 1 h_t depends on g_t itself.
)
