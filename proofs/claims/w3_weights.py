"""W3: G_t is a weighted sum of squared gradients with weights that are known in closed form."""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import step

s, t = sympy.symbols("s t", integer=True, positive=True)
w: Any = sympy.IndexedBase("w")  # w[s] stands for w_{t-1,s}
g: Any = sympy.IndexedBase("g")
OMEGA, G, P, NEW = sympy.symbols("omega G P g", positive=True)


def moment(omega: Any, G: Any, g: Any) -> Any:
    """G_t of the formula that runs."""
    return step(omega=omega, G=G, g=g, eps=1)[0].G


def base() -> tuple[Any, Any, Any]:
    return moment(OMEGA, 0, NEW), NEW**2 / OMEGA, NEW**2


def linear() -> tuple[Any, Any, Any]:
    """Old weights times (1 - 1/omega_t), the newest 1/omega_t; a sum over symbolic s <= t - 1."""
    old = sympy.Sum(w[s] * g[s] ** 2, (s, 1, t - 1))
    scaled: Any = sympy.Sum((1 - 1 / OMEGA) * w[s] * g[s] ** 2, (s, 1, t - 1))
    new = moment(OMEGA, old, g[t])
    return sympy.expand(new - scaled.factor()).doit(), g[t] ** 2 / OMEGA, g[t] ** 2


def product() -> tuple[Any, Any, Any]:
    """With g = 0 the formula turns w_{t-1,s} into w_{t,s}: the product gains the factor 1 - 1/omega_t."""
    weight = moment(OMEGA, P / OMEGA, 0)
    return weight, P * (1 - 1 / OMEGA) / OMEGA, P * (1 - 1 / OMEGA)


def total() -> tuple[Any, Any, Any]:
    """With every g_s = 1, G_t is the sum of the weights: 1 - P becomes 1 - P (1 - 1/omega_t)."""
    return moment(OMEGA, 1 - P, 1), 1 - P * (1 - 1 / OMEGA), 1 - P


def signs() -> Obligation:
    omega, weight, rest, g = reals("omega weight rest g")
    given = {
        "omega >= 1": omega >= 1,
        "w_{t-1,s} >= 0": weight >= 0,
        "0 <= P <= 1": z3.And(rest >= 0, rest <= 1),
    }
    kept, newest, summed = moment(omega, weight, 0), moment(omega, 0, 1), moment(omega, 1 - rest, 1)
    goal = z3.And(kept >= 0, kept <= weight, newest > 0, summed <= 1, summed >= 1 - rest)
    return Obligation(given, goal, {"sum < 1": summed < 1, "kept > 0": z3.Or(weight == 0, kept > 0)})


CLAIM = Claim(
    id="W3",
    title="weights of the second moment",
    statement="G_t = sum over s <= t of w_{t,s} g_s² with w_{t,s} = (1/omega_s) prod_{r=s+1..t} (1 - 1/omega_r) >= 0 "
    "and "
    "sum_s w_{t,s} = 1 - prod_{r=1..t} (1 - 1/omega_r) <= 1",
    latex=r"G_t=\sum_{s\le t}w_{t,s}g_s^2,\quad w_{t,s}=\frac1{\omega_s}\prod_{r=s+1}^t\Bigl(1-\frac1{\omega_r}"
    r"\Bigr)\ge0,"
    r"\quad \sum_s w_{t,s}=1-\prod_{r=1}^t\Bigl(1-\frac1{\omega_r}\Bigr)\le1",
    source=Source("dwmgrad", "Algorithm 1, G_t", also=(Source("dwmgradnotes", "W3"),)),
    kind="identity",
    hypotheses=("omega_t >= 1 (W1)", "G_0 = 0"),
    depends=("W1",),
    proof=(
        identity("W3.base", "from G_0 = 0 the newest weight is 1/omega_s, the product over nothing being 1", base),
        identity("W3.step", "a step multiplies every old weight by 1 - 1/omega_t and adds g_t²/omega_t", linear),
        identity("W3.product", "so w_{t,s} gains the factor 1 - 1/omega_t, as the product does", product),
        identity("W3.total", "the sum of the weights, the moment of gradients that are all 1, stays 1 - P_t", total),
        forall("W3.signs", "weights stay non-negative and their sum at most 1, because 0 <= P_t <= 1", signs),
    ),
    note="The sum is 1 from the first step with omega_t = 1 on; with omega_0 > 0 it is less before, so G_t is biased "
    "low and, unlike Adam, not corrected.",
)
