"""AdaMax: Adam with a decaying maximum in place of the second moment, as torch.optim.Adamax has it.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
u_t         = max(beta2 u_{t-1}, |g_t| + eps)
theta_{t+1} = theta_t - alpha_t m_t/(1 - beta1^t) / u_t

The paper has no eps; eps = 0 is its form, and then a first gradient of 0 makes the step 0/0.
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Potential, Rule, Schedule, Source, StepSize


class Options(NamedTuple):
    alpha: StepSize = 2e-3  # the paper's and torch's default
    beta1: Decay = 0.9  # the paper's and torch's default, as beta2
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8  # torch's; 0 in the paper
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    power1: float  # beta1^t
    c1: float  # 1 - beta1^t


class Coord(NamedTuple):
    m: float
    u: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power1=1, c1=1)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t, power1 = k.t + 1, k.power1 * o.beta1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    return Shared(t=t, alpha=alpha, power1=power1, c1=1 - power1)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    u = ops.maximum(o.beta2 * c.u, ops.absolute(g) + o.eps)
    return Coord(m=m, u=u), x - k.alpha * (m / k.c1) / u


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for Adam: the step is m/h, and z = theta - beta1/(1-beta1) m/h moves by g/h up to the change of h.
    h = c.u * k.c1 / k.alpha
    step = c.m / ops.where(ops.greater(h, 0), h, 1)  # h = 0 before the first step, and m is 0 then
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * step)


ADAMAX = Rule(
    name="adamax",
    title="AdaMax: Adam with the infinity norm",
    source=Source("kingma2015", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="eps is added to |g_t|, as in torch.optim.Adamax; eps = 0 is the paper's form",
)
