"""Signum: signSGD with a running mean of the gradients.

m_t         = beta1 m_{t-1} + (1 - beta1) g_t
theta_{t+1} = theta_t - alpha_t (sign(m_t) + lambda theta_t)
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Decay, Rule, Schedule, Source, StepSize, WeightDecay
from dwmgrad_ref.rules.sgd import Shared, shared, start


class Options(NamedTuple):
    alpha: StepSize = 1e-4  # the paper's δ for ImageNet
    beta1: Decay = 0.9  # the paper's β
    weight_decay: WeightDecay = 0.0  # none in the paper's Algorithm 2
    schedule: Schedule = "constant"


class Coord(NamedTuple):
    m: float


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    m = o.beta1 * c.m + (1 - o.beta1) * g
    return Coord(m=m), x - k.alpha * (ops.sign(m) + o.weight_decay * x)


SIGNUM = Rule(
    name="signum",
    title="Signum: the sign of the momentum",
    source=Source("bernstein2018", "Algorithm 2"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: the length of the step does not depend on the gradient, and h_t = |m_t|/alpha_t can be 0.
    departs="weight_decay is decoupled and is an addition; 0 is the paper's form",
)
