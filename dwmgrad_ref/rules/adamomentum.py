"""AdaMomentum (published as AdaM³): Adam whose second moment is the momentum's.

    m_t         = beta1 m_{t-1} + (1 - beta1) g_t
    v_t         = beta2 v_{t-1} + (1 - beta2) m_t² + eps
    theta_{t+1} = theta_t - alpha_t [m_t/(1 - beta1^t)] / sqrt(v_t/(1 - beta2^t))

eps sits inside the second moment and accumulates there: with no gradient v_t tends to eps/(1 - beta2).
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord, Options, start
from dwmgrad_ref.rules.base import SQRT, Potential, Rule, Source


class Shared(NamedTuple):
    t: float
    alpha: float
    power1: float  # beta1^t
    power2: float  # beta2^t
    c1: float  # 1 - beta1^t
    c2: float  # 1 - beta2^t, here without a root


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power1, power2 = k.power1 * o.beta1, k.power2 * o.beta2
    return Shared(t=t, alpha=alpha, power1=power1, power2=power2, c1=1 - power1, c2=1 - power2)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * m * m + o.eps
    return Coord(m=m, v=v), x - k.alpha * (m / k.c1) / ops.sqrt(v / k.c2)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for Adam: the step is m/h, and z = theta - beta1/(1-beta1) m/h moves by g/h up to the change of h.
    h = ops.sqrt(c.v / k.c2) * k.c1 / k.alpha
    step = c.m / ops.where(ops.greater(h, 0), h, 1)  # h = 0 before the first step, or when eps = 0; m is 0 then
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * step)


ADAMOMENTUM = Rule(
    name="adamomentum",
    title="AdaMomentum: Adam with the momentum's second moment",
    source=Source("adamomentum", "the AdaMomentum algorithm"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    # No bound: the published theorem assumes v_t <= v_{t+1}, and its proof is disputed ([dwmgradnotes] R8).
)
