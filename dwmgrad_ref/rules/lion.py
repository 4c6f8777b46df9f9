"""Lion: the sign of a mean that looks at the new gradient more than the mean that is kept.

theta_{t+1} = theta_t - alpha_t (sign(beta1 m_{t-1} + (1 - beta1) g_t) + lambda theta_t)
m_t         = beta2 m_{t-1} + (1 - beta2) g_t
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Decay, Rule, Schedule, Source, StepSize, WeightDecay
from dwmgrad_ref.rules.sgd import Shared, shared, start
from dwmgrad_ref.rules.signum import Coord


class Options(NamedTuple):
    alpha: StepSize = 1e-4  # the released code's; the paper tunes it 3 to 10 times below AdamW's
    beta1: Decay = 0.9  # the paper's default, as beta2
    beta2: Decay = 0.99
    weight_decay: WeightDecay = 0.0  # the released code's; the paper tunes it for each task
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    u = o.beta1 * c.m + (1 - o.beta1) * g
    return Coord(m=o.beta2 * c.m + (1 - o.beta2) * g), x - k.alpha * (ops.sign(u) + o.weight_decay * x)


LION = Rule(
    name="lion",
    title="Lion: the sign of an interpolated momentum",
    source=Source("chen2023", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: the length of the step does not depend on the gradient.
)
