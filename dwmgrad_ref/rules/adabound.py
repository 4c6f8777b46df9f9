"""AdaBound: Adam whose step size for each coordinate is clipped to bounds that close on one number.

m_t, v_t    as in Adam
low_t       = final (1 - 1/(closing t + 1))
high_t      = final (1 + 1/(closing t))
eta_t       = min(max(alpha sqrt(1 - beta2^t)/(1 - beta1^t) / (sqrt(v_t) + eps), low_t), high_t)
theta_{t+1} = theta_t - eta_t m_t          or - eta_t/sqrt(t) m_t

It is written with the inverse of eta_t, which needs no division by a root that may be 0.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.adam import Coord
from dwmgrad_ref.rules.base import SQRT, Decay, Epsilon, Potential, Rule, Schedule, Source, StepSize, option


class Options(NamedTuple):
    alpha: StepSize = 1e-3  # the released code's defaults, as the following ones
    beta1: Decay = 0.9
    beta2: Decay = 0.999
    eps: Epsilon = 1e-8  # none in the paper
    final: Annotated[float, option("step size that the bounds close on", gt=0, allow_inf_nan=False)] = 0.1
    closing: Annotated[float, option("γ, how fast the bounds close", gt=0, allow_inf_nan=False)] = 1e-3
    bias_correction: Annotated[bool, option("correct as Adam does, as released code does; the paper does not")] = True
    schedule: Schedule = "constant"  # "sqrt" in the paper, "constant" in released code


class Shared(NamedTuple):
    t: float
    alpha: float  # alpha sqrt(1 - beta2^t)/(1 - beta1^t)
    root: float  # sqrt(t), or 1
    power1: float  # beta1^t
    power2: float  # beta2^t
    low: float
    high: float


def start(o: Any) -> Shared:
    return Shared(t=0, alpha=o.alpha, root=1, power1=1, power2=1, low=o.final, high=o.final)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    t = k.t + 1
    power1, power2 = k.power1 * o.beta1, k.power2 * o.beta2
    alpha = o.alpha * ops.sqrt(1 - power2) / (1 - power1) if o.bias_correction else o.alpha
    low, high = o.final * (1 - 1 / (o.closing * t + 1)), o.final * (1 + 1 / (o.closing * t))
    root = ops.sqrt(t) if o.schedule == SQRT else 1
    return Shared(t=t, alpha=alpha, root=root, power1=power1, power2=power2, low=low, high=high)


def preconditioner(o: Any, k: Any, v: Any) -> Any:
    """1/eta_t, or sqrt(t)/eta_t."""
    return ops.minimum(ops.maximum((ops.sqrt(v) + o.eps) / k.alpha, 1 / k.high), 1 / k.low) * k.root


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    v = o.beta2 * c.v + (1 - o.beta2) * g * g
    return Coord(m=m, v=v), x - m / preconditioner(o, k, v)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # As for Adam: the step is m/h, and z = theta - beta1/(1-beta1) m/h moves by g/h up to the change of h.
    h = preconditioner(o, k, c.v)
    return Potential(h=h, damp=1, shift=-o.beta1 / (1 - o.beta1) * c.m / h)


ADABOUND = Rule(
    name="adabound",
    title="AdaBound: Adam with clipped step sizes",
    source=Source("luo2019", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="bias corrections, eps and no division by sqrt(t), as in released code; the options give the paper's form",
)
