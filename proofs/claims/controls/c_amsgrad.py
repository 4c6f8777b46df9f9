"""Control: AMSGrad's repair of Adam, with the potential argument of C-potential."""

from typing import Any

import sympy
import z3

from dwmgrad_ref import ops, rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_smt import Obligation, forall, reals
from proofs.checkers.by_sympy import identity
from proofs.inference.worded import claim as Claim
from proofs.statements.formulas import advance, record

AMSGRAD = rules.get("amsgrad")


def ams(t: Any, vhat: Any, v: Any, g: Any, b: Any, alpha: Any) -> tuple[Any, Any, Any]:
    """(state, unprojected move, h) of AMSGrad at step t: beta1 = 0, no bias correction, eps = 0, alpha/sqrt(t)."""
    o = record(AMSGRAD, alpha=alpha, beta1=0, beta2=b, eps=0, schedule="sqrt", bias_correction=False)
    k = advance(AMSGRAD, o, 0, {"t": t - 1})
    c, after = AMSGRAD.coord(o, k, AMSGRAD.Coord(m=0, v=v, vhat=vhat), 0, g)
    return c, after, h_of(t, c.vhat, alpha)


def h_of(t: Any, vhat: Any, alpha: Any) -> Any:
    o = record(AMSGRAD, alpha=alpha, beta1=0, eps=0, schedule="sqrt", bias_correction=False)
    k = advance(AMSGRAD, o, 0, {"t": t - 1})
    return ops.sqrt(vhat) * k.c1 / (k.c2 * k.alpha)


def ams_step() -> tuple[Any, Any, Any]:
    t, vhat, v, g, b, alpha = sympy.symbols("t vhat v g b alpha", positive=True)
    c, after, h = ams(t, vhat, v, g, b, alpha)
    return after, -g / h, g / h


def ams_monotone() -> Obligation:
    t, vhat, larger, alpha = reals("t vhat larger alpha")
    given = {"t >= 1": t >= 1, "alpha > 0": alpha > 0, "vhat' >= vhat >= 0": z3.And(vhat >= 0, larger >= vhat)}
    return Obligation(given, h_of(t + 1, larger, alpha) >= h_of(t, vhat, alpha))


def ams_state() -> Obligation:
    """vhat never decreases, stays <= G², and g² <= vhat/(1-b)."""
    vhat, v, g, b, G, s = reals("vhat v g b G s")
    with ops.side_conditions():
        c = ams(1, vhat, v, g, b, 1)[0]
    given = {
        "0 <= b < 1": z3.And(b >= 0, b < 1),
        "0 <= v, vhat <= G²": z3.And(v >= 0, v <= G * G, vhat >= 0, vhat <= G * G),
        "|g| <= G": z3.And(g <= G, -g <= G),
    }
    goal = z3.And(c.vhat >= vhat, c.vhat <= G * G, c.v <= G * G, c.v >= 0, (1 - b) * g * g <= c.vhat)
    return Obligation(given, goal, {"g² <= vhat": g * g <= c.vhat})


def ams_sum() -> Obligation:
    """½ g²/h <= alpha G/s (sqrt(t) - sqrt(t-1)); r = sqrt(vhat), so s |g| <= r."""
    t, g, r, s, G, alpha = reals("t g r s G alpha")
    n, before = ops.sqrt(t), ops.sqrt(t - 1)
    given = {
        "t >= 1": t >= 1,
        "s |g| <= r": z3.And(s > 0, s * g <= r, -s * g <= r, r > 0),
        "|g| <= G": z3.And(g <= G, -g <= G),
        "alpha > 0": alpha > 0,
    }
    # h = r n / alpha, so g²/(2h) = alpha g²/(2 r n)
    return Obligation(given, g * g * s <= 2 * r * n * G * (n - before), {"half": g * g * s <= r * n * G * (n - before)})


def ams_bound() -> tuple[Any, Any, Any]:
    D, G, s, alpha, T = sympy.symbols("D G s alpha T", positive=True)
    value = D**2 * h_of(T, G**2, alpha) / 2 + alpha * G / s * sympy.sqrt(T)
    bound = (D**2 * G / (2 * alpha) + alpha * G / s) * sympy.sqrt(T)
    return value, bound, bound / 2


REPAIR = Claim(
    id="C-amsgrad",
    title="control: AMSGrad's repair",
    statement="AMSGrad with beta1 = 0, no bias correction, eps = 0 and alpha_t = alpha/sqrt(t) on a box of width D "
    "with |g_t| <= G has R_T <= [D² G/(2 alpha) + alpha G/sqrt(1-beta2)] sqrt(T) per coordinate",
    latex=r"R_T\le\Bigl[\frac{D^2G}{2\alpha}+\frac{\alpha G}{\sqrt{1-\beta_2}}\Bigr]\sqrt T",
    source=Source("reddi2018", "Theorem 4 with beta1 = 0, constants ours"),
    kind="rate",
    hypotheses=("convex losses", "beta1 = 0"),
    depends=("C-potential",),
    proof=(
        identity("C-amsgrad.step", "the step that runs is g/h with h = sqrt(t vhat)/alpha", ams_step),
        forall("C-amsgrad.state", "vhat never decreases, vhat <= G², (1-b) g² <= vhat", ams_state),
        forall("C-amsgrad.monotone", "so h never decreases", ams_monotone),
        forall("C-amsgrad.sum", "½ g²/h <= alpha G/sqrt(1-b) (sqrt(t) - sqrt(t-1))", ams_sum),
        identity("C-amsgrad.bound", "½ D² h_T + alpha G sqrt(T)/sqrt(1-b) is the bound", ams_bound),
    ),
)
