"""Adadelta, as torch.optim.Adadelta has it.

G_t         = rho G_{t-1} + (1 - rho) g_t²
H_t         = sqrt(G_t + eps) / sqrt(U_{t-1} + eps)
U_t         = rho U_{t-1} + (1 - rho) (g_t / H_t)²
theta_{t+1} = theta_t - alpha g_t / H_t
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Decay, Epsilon, Potential, Rule, Source, StepSize


class Options(NamedTuple):
    alpha: StepSize = 1.0
    rho: Decay = 0.9
    eps: Epsilon = 1e-6


class Shared(NamedTuple):
    t: float


class Coord(NamedTuple):
    G: float
    U: float
    H: float  # kept because the potential needs it and U_{t-1} is gone by then


def start(o: Any) -> Shared:
    return Shared(t=0)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    return Shared(t=k.t + 1)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    G = o.rho * c.G + (1 - o.rho) * g * g
    H = ops.sqrt(G + o.eps) / ops.sqrt(c.U + o.eps)
    update = g / H
    U = o.rho * c.U + (1 - o.rho) * update * update
    return Coord(G=G, U=U, H=H), x - o.alpha * update


def potential(o: Any, k: Any, c: Any) -> Potential:
    # The step is g/h exactly; h has no reason to grow, so only the a-posteriori certificate is to be had.
    return Potential(h=c.H / o.alpha, damp=1, shift=0)


ADADELTA = Rule(
    name="adadelta",
    title="Adadelta",
    source=Source("zeiler2012", "Algorithm 1"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    departs="the step size alpha of torch.optim.Adadelta; the paper has alpha = 1",
)
