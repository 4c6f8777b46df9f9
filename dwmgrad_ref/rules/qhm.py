"""QHM: a step between the gradient's and its running mean's.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
theta_{t+1} = theta_t - alpha_t [(1 - nu) g_t + nu m_t]

nu = 1 is momentum, nu = beta1 is Nesterov's.
"""

from typing import Annotated, Any, NamedTuple

from dwmgrad_ref.rules.base import Decay, Potential, Rule, Schedule, Source, StepSize, option
from dwmgrad_ref.rules.sgd import Shared, shared, start
from dwmgrad_ref.rules.signum import Coord


class Options(NamedTuple):
    alpha: StepSize = 1.0  # the paper's recommendation, as the following ones
    beta1: Decay = 0.999
    nu: Annotated[float, option("discount ν, the weight of the running mean", ge=0, le=1)] = 0.7
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    return Coord(m=m), x - k.alpha * ((1 - o.nu) * g + o.nu * m)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # z = theta - nu beta1/(1-beta1) alpha m moves by exactly alpha g while alpha stays.
    return Potential(h=1 / k.alpha, damp=1, shift=-o.nu * o.beta1 / (1 - o.beta1) * k.alpha * c.m)


QHM = Rule(
    name="qhm",
    title="QHM: quasi-hyperbolic momentum",
    source=Source("ma2019", "the QHM update"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
)
