"""AdaGrad, diagonal form, as torch.optim.Adagrad has it.

G_t         = G_{t-1} + g_t²
theta_{t+1} = theta_t - alpha g_t / (sqrt(G_t) + eps)
"""

from typing import Any, NamedTuple

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Epsilon, Potential, Rule, Source, StepSize
from dwmgrad_ref.rules.bounds import DIVIDES, EPS_POSITIVE, Bound, Facts, StepBound


class Options(NamedTuple):
    alpha: StepSize = 1e-2
    eps: Epsilon = 1e-10


class Shared(NamedTuple):
    t: float


class Coord(NamedTuple):
    G: float


def start(o: Any) -> Shared:
    return Shared(t=0)


def shared(o: Any, k: Any, loss: Any) -> Shared:
    return Shared(t=k.t + 1)


def coord(o: Any, k: Any, c: Any, x: Any, g: Any) -> Any:
    G = c.G + g * g
    return Coord(G=G), x - o.alpha * g / (ops.sqrt(G) + o.eps)


def potential(o: Any, k: Any, c: Any) -> Potential:
    # The step is g/h and h never decreases: the case that the potential was made for.
    return Potential(h=(ops.sqrt(c.G) + o.eps) / o.alpha, damp=1, shift=0)


def bound(o: Any, k: Any, facts: Facts) -> Any:
    """Duchi et al.'s Theorem 5: [D²/(2 alpha) + alpha] S, with eps adding D² eps/(2 alpha).

    It is R2: ½ D² h_T, and Σ g_t²/sqrt(G_t) <= 2 S, which eps in the denominator only makes smaller.
    """
    distance = facts.D**2 / (2 * o.alpha)
    return distance * (facts.S + o.eps) + o.alpha * facts.S


def step_bound(o: Any) -> Any:
    """g_t² is a term of G_t."""
    return 1


ADAGRAD = Rule(
    name="adagrad",
    title="AdaGrad, diagonal",
    source=Source("duchi2011", "the diagonal composite mirror descent form and Theorem 5"),
    Options=Options,
    Shared=Shared,
    Coord=Coord,
    start=start,
    shared=shared,
    coord=coord,
    potential=potential,
    bounds=(Bound("C-adagrad", (DIVIDES,), bound),),
    step_bounds=(StepBound("C-adagrad-step", (EPS_POSITIVE,), step_bound),),
)
