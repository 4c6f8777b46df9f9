"""AdEMAMix: Adam with a second, slower mean of the gradients beside the first.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
M_t         = beta3_t M_{t-1} + (1 - beta3_t) g_t
v_t         = beta2 v_{t-1} + (1 - beta2) g_t²
theta_{t+1} = theta_t - alpha_t [m_t/(1 - beta1^t) + mix_t M_t] / (sqrt(v_t)/sqrt(1 - beta2^t) + eps)

mix_t = mix and beta3_t = beta3, or both grow to that over the first `warmup` steps:
mix_t       = min(mix t/warmup, mix)
beta3_t     = min(exp(ln(beta1) ln(beta3) / ((1 - t/warmup) ln(beta3) + t/warmup ln(beta1))), beta3)
"""

from typing import Annotated, Any, Literal, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Rule, Schedule, Source, StepSize, WeightDecay, option

NONE, GROWING = range(2)


class Options(NamedTuple):
    alpha: StepSize = 1e-3
    beta1: Decay = 0.9  # the paper's defaults, as the following ones
    beta2: Decay = 0.999
    beta3: Decay = 0.9999
    mix: Annotated[float, option("weight of the slow mean, the paper's α", ge=0, allow_inf_nan=False)] = 5.0
    eps: Epsilon = 1e-8
    weight_decay: WeightDecay = 0.0
    ramp_up: Annotated[Literal["none", "growing"], option("whether mix and β3 grow over the first steps")] = "none"
    warmup: Annotated[float, option("steps over which mix and β3 grow", gt=0, allow_inf_nan=False)] = 1e5
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    power1: float  # beta1^t
    power2: float  # beta2^t
    c1: float  # 1 - beta1^t
    c2: float  # sqrt(1 - beta2^t)
    mix: float
    beta: float  # beta3_t


class Coord(NamedTuple):
    m: float
    M: float
    v: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power1=1, power2=1, c1=1, c2=1, mix=o.mix, beta=o.beta3)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power1, power2 = k.power1 * o.beta1, k.power2 * o.beta2
    mix, beta = o.mix, o.beta3
    if o.ramp_up == GROWING:
        part = ops.minimum(t / o.warmup, 1)
        first, last = ops.log(o.beta1), ops.log(o.beta3)
        mix, beta = part * o.mix, ops.exp(first * last / ((1 - part) * last + part * first))
    return Shared(t=t, alpha=alpha, power1=power1, power2=power2, c1=1 - power1, c2=ops.sqrt(1 - power2), mix=mix,
                  beta=beta)  # fmt: skip


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    M = k.beta * c.M + (1 - k.beta) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    step = (m / k.c1 + k.mix * M) / (ops.sqrt(v) / k.c2 + o.eps)
    return Coord(m=m, M=M, v=v), x - k.alpha * (step + o.weight_decay * x)


ADEMAMIX = Rule(
    name="ademamix",
    title="AdEMAMix: Adam with a fast and a slow mean",
    source=Source("pagliardini2024", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: the step is of two means with different decay rates and corrections, over a changing h_t.
)
