"""Adam, as torch.optim.Adam has it.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
v_t         = beta2 v_{t-1} + (1 - beta2) g_t²
theta_{t+1} = theta_t - alpha_t m_t/(1 - beta1^t) / (sqrt(v_t)/sqrt(1 - beta2^t) + eps)
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Potential, Rule, Schedule, Source, StepSize


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    power1: float  # beta1^t, kept as a running product so that symbols and z3 can follow
    power2: float  # beta2^t
    c1: float  # 1 - beta1^t
    c2: float  # sqrt(1 - beta2^t)


class Coord(NamedTuple):
    m: float
    v: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power1=1, power2=1, c1=1, c2=1)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power1, power2 = k.power1 * o.beta1, k.power2 * o.beta2
    return Shared(t=t, alpha=alpha, power1=power1, power2=power2, c1=1 - power1, c2=ops.sqrt(1 - power2))


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    return Coord(m=m, v=v), x - k.alpha * (m / k.c1) / (ops.sqrt(v) / k.c2 + o.eps)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # The step is m/h; z = theta - beta1/(1-beta1) m/h then moves by g/h, up to what h changed since the last step.
    h = (ops.sqrt(c.v) / k.c2 + o.eps) * k.c1 / k.alpha
    step = c.m / ops.where(ops.greater(h, 0), h, 1)  # h = 0 only when eps = 0 and every gradient was 0, and so is m
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * step)


ADAM = Rule(
    name="adam",
    title="Adam",
    source=Source("kingma2015", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    # No bound: [reddi2018], Theorem 1, refutes the published one.
)
