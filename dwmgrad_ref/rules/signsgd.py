"""signSGD: a step of the same length in every coordinate, against the sign of the gradient.

theta_{t+1} = theta_t - alpha_t sign(g_t)      alpha_t = alpha or alpha/sqrt(t)
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Rule, Schedule, Source, StepSize
from dwmgrad_ref.rules.sgd import Coord, Shared, shared, start


class Options(NamedTuple):
    alpha: StepSize = 1e-4  # the paper's δ for ImageNet; its theorem has 1/sqrt(K L) for K steps
    schedule: Schedule = "constant"


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    return c, x - k.alpha * ops.sign(g)


SIGNSGD = Rule(
    name="signsgd",
    title="signSGD: the sign of the gradient",
    source=Source("bernstein2018", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    # No potential: the step is g_t/h_t with h_t = |g_t|/alpha_t, which is 0 where the gradient is 0.
)
