"""AggMo: the mean of several velocities of heavy ball, each with its own momentum coefficient; here three.

V^i_t       = mu_i V^i_{t-1} + g_t                    i = 1, 2, 3
theta_{t+1} = theta_t - alpha_t/3 (V^1_t + V^2_t + V^3_t)
"""

from typing import Any, NamedTuple

from dwmgrad_ref.rules.base import Momentum, Potential, Rule, Schedule, Source, StepSize
from dwmgrad_ref.rules.sgd import Shared, shared, start


class Options(NamedTuple):
    alpha: StepSize = 0.1
    mu1: Momentum = 0.0  # the paper's default damping vector (K = 3, a = 0.1), as the following ones
    mu2: Momentum = 0.9
    mu3: Momentum = 0.99
    schedule: Schedule = "constant"


class Coord(NamedTuple):
    U: float
    V: float
    W: float


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    U, V, W = o.mu1 * c.U + g, o.mu2 * c.V + g, o.mu3 * c.W + g
    return Coord(U=U, V=V, W=W), x - k.alpha * (U + V + W) / 3


def potential(o: Any, k: Any, c: Any) -> Potential:
    # Each velocity mirrored as heavy ball's: z moves by alpha/3 times the sum of 1/(1 - mu_i) times g if alpha stays.
    gain = (1 / (1 - o.mu1) + 1 / (1 - o.mu2) + 1 / (1 - o.mu3)) / 3
    carried = o.mu1 / (1 - o.mu1) * c.U + o.mu2 / (1 - o.mu2) * c.V + o.mu3 / (1 - o.mu3) * c.W
    return Potential(h=1 / (k.alpha * gain), damp=1, shift=-k.alpha / 3 * carried)


AGGMO = Rule(
    name="aggmo",
    title="AggMo: aggregated momentum of three velocities",
    source=Source("lucas2019", "the AggMo update"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="three velocities, the paper's default; their number is no option",
)
