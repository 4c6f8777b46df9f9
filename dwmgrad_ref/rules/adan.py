"""Adan: Nesterov's momentum from differences of gradients, with a second moment of what it steps by.

The decay rates are what is kept of a mean, as in the released code; the paper's are what is new, 1 - beta.

d_t         = g_t - g_{t-1}, and d_1 = 0
m_t         = beta1 m_{t-1} + (1 - beta1) g_t
v_t         = beta2 v_{t-1} + (1 - beta2) d_t
n_t         = beta3 n_{t-1} + (1 - beta3) (g_t + beta2 d_t)²
step_t      = [m_t/(1 - beta1^t) + beta2 v_t/(1 - beta2^t)] / (sqrt(n_t)/sqrt(1 - beta3^t) + eps)
theta_{t+1} = (theta_t - alpha_t step_t) / (1 + alpha_t lambda)
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Rule, Schedule, Source, StepSize, WeightDecay, option


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # the released code's defaults, as the following ones
    beta1: Decay = 0.98  # the paper's β1 = 0.02
    beta2: Decay = 0.92  # the paper's β2 = 0.08
    beta3: Decay = 0.99  # the paper's β3 = 0.01
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    proximal: Annotated[bool, option("divide by 1 + αλ after the step, not multiply by 1 - αλ before it")] = True
    bias_correction: Annotated[bool, option("divide the moments by 1 - β^t, as released code; the paper does not")] = (
        True
    )
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    power1: float  # beta1^t
    power2: float  # beta2^t
    power3: float  # beta3^t
    c1: float  # 1 - beta1^t
    c2: float  # 1 - beta2^t
    c3: float  # sqrt(1 - beta3^t)


class Coord(NamedTuple):
    m: float
    v: float
    n: float
    last: float  # g_{t-1}


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power1=1, power2=1, power3=1, c1=1, c2=1, c3=1)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power1, power2, power3 = k.power1 * o.beta1, k.power2 * o.beta2, k.power3 * o.beta3
    c1 = 1 - power1 if o.bias_correction else 1
    c2 = 1 - power2 if o.bias_correction else 1
    c3 = ops.sqrt(1 - power3) if o.bias_correction else 1
    return Shared(t=t, alpha=alpha, power1=power1, power2=power2, power3=power3, c1=c1, c2=c2, c3=c3)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    d = ops.where(ops.greater(k.t, 1), g - c.last, 0 * g)
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * d
    ahead = g + o.beta2 * d
    n = o.beta3 * c.n + (1 - o.beta3) * ahead * ahead
    step = k.alpha * (m / k.c1 + o.beta2 * v / k.c2) / (ops.sqrt(n) / k.c3 + o.eps)
    if o.proximal:
        moved = (x - step) / (1 + k.alpha * o.weight_decay)
    else:
        moved = x * (1 - k.alpha * o.weight_decay) - step
    return Coord(m=m, v=v, n=n, last=g), moved


ADAN = Rule(
    name="adan",
    title="Adan: adaptive Nesterov momentum",
    source=Source("xie2022", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: the step is of two means with different decay rates, and the second is of differences.
    departs="no restarts; bias corrections as in released code, and bias_correction=False is the paper's form",
)
