"""NAdam: Adam with Nesterov's momentum, as torch.optim.NAdam has it.

mu_t        = beta1 (1 - q^t/2)
m_t         = beta1 m_{t-1} + (1 - beta1) g_t
v_t         = beta2 v_{t-1} + (1 - beta2) g_t²
theta_{t+1} = theta_t - alpha_t [mu_{t+1} m_t/(1 - mu_1 ... mu_{t+1}) + (1 - mu_t) g_t/(1 - mu_1 ... mu_t)]
                        / (sqrt(v_t)/sqrt(1 - beta2^t) + eps)
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 2e-3  # torch's, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8
    ramp: Annotated[float, option("factor q of the momentum's ramp μ_t = β1 (1 - q^t/2)", ge=0, lt=1)] = 0.96**0.004
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    power: float  # q^t
    power2: float  # beta2^t
    product: float  # mu_1 ... mu_t
    a: float  # what multiplies m_t
    b: float  # what multiplies g_t
    c2: float  # sqrt(1 - beta2^t)


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power=1, power2=1, product=1, a=1, b=0, c2=1)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power, power2 = k.power * o.ramp, k.power2 * o.beta2
    mu, following = o.beta1 * (1 - power / 2), o.beta1 * (1 - power * o.ramp / 2)
    product = k.product * mu
    a, b = following / (1 - product * following), (1 - mu) / (1 - product)
    return Shared(t=t, alpha=alpha, power=power, power2=power2, product=product, a=a, b=b, c2=ops.sqrt(1 - power2))


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    return Coord(m=m, v=v), x - k.alpha * (k.a * m + k.b * g) / (ops.sqrt(v) / k.c2 + o.eps)


NADAM = Rule(
    name="nadam",
    title="NAdam: Adam with Nesterov's momentum",
    source=Source("dozat2016", "the NAdam algorithm, with its schedule of the momentum"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: m_t and g_t have weights of their own that change with t, so that no shift of theta by a multiple
    # of m_t moves by the preconditioned gradient.
    departs="the mean m_t decays by beta1 and not by mu_t, as in torch.optim.NAdam",
)
