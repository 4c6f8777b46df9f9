"""RAdam: Adam that waits with its second moment until the variance of its step is tractable, as torch.optim.RAdam.

m_t, v_t    as in Adam
rho_inf     = 2/(1 - beta2) - 1
rho_t       = rho_inf - 2 t beta2^t/(1 - beta2^t)
r_t         = sqrt((rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t))
theta_{t+1} = theta_t - alpha_t m_t/(1 - beta1^t) r_t sqrt(1 - beta2^t)/(sqrt(v_t) + eps)    if rho_t > tractable
            = theta_t - alpha_t m_t/(1 - beta1^t)                                          otherwise
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Potential, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # torch's, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8
    tractable: Annotated[
        float, option("ρ_t above which v_t is used; 4 in the paper, 5 in released code", ge=4, allow_inf_nan=False)
    ] = 5.0
    schedule: Schedule = "constant"


class Shared(NamedTuple):
    t: float
    alpha: float
    power1: float  # beta1^t
    power2: float  # beta2^t
    c1: float  # 1 - beta1^t
    rho: float
    r: float  # r_t sqrt(1 - beta2^t), and 0 where the second moment is not used


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, power1=1, power2=1, c1=1, rho=1, r=0)


def rectification(o: Any, t: Any, power2: Any) -> tuple[Any, Any]:
    """rho_t; and r_t sqrt(1 - beta2^t), which is 0 where the second moment is not used."""
    limit = 2 / (1 - o.beta2) - 1
    rho = limit - 2 * t * power2 / (1 - power2)
    used = ops.greater(rho, o.tractable)
    divisor = ops.where(used, (limit - 4) * (limit - 2) * rho, 1)  # both values are computed, so neither may fail
    return rho, ops.sqrt(ops.where(used, (rho - 4) * (rho - 2) * limit / divisor * (1 - power2), 0 * rho))


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    alpha = o.alpha / ops.sqrt(t) if o.schedule == SQRT else o.alpha
    power1, power2 = k.power1 * o.beta1, k.power2 * o.beta2
    rho, r = rectification(o, t, power2)
    return Shared(t=t, alpha=alpha, power1=power1, power2=power2, c1=1 - power1, rho=rho, r=r)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    return Coord(m=m, v=v), x - k.alpha * (m / k.c1) * ops.where(ops.greater(k.r, 0), k.r / (ops.sqrt(v) + o.eps), 1)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for Adam: the step is m/h, and z = theta - beta1/(1-beta1) m/h moves by g/h up to the change of h.
    used = ops.greater(k.r, 0)
    h = ops.where(used, (ops.sqrt(c.v) + o.eps) / ops.where(used, k.r, 1), 1) * k.c1 / k.alpha
    step = c.m / ops.where(ops.greater(h, 0), h, 1)  # h = 0 only when eps = 0 and every gradient was 0, and so is m
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * step)


RADAM = Rule(
    name="radam",
    title="RAdam: Adam with a rectified variance",
    source=Source("liu2020", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="tractable = 5 and eps outside the root, as in torch.optim.RAdam; the paper has 4 and no eps",
)
