"""R3: with a window that grows by one at every step the regret is O(sqrt T), from the update to the constant."""

from typing import Any

import sympy
import z3

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import read, step_size

T, t, omega0, S, D, alpha, Gmax = sympy.symbols("T t omega0 S D alpha G", positive=True)
eps = sympy.Symbol("epsilon", nonnegative=True)


def h(t: Any, square: Any, omega0: Any, alpha: Any, eps: Any) -> Any:
    """h_t by the formulas that run, where S_t² = square and so, by W4, G_t = S_t²/(omega_0 + t)."""
    return read(G=square / (omega0 + t), alpha=step_size(t, alpha), eps=eps).h


def closed_form() -> tuple[Any, Any, Any]:
    ours = h(t, S**2, omega0, alpha, eps)
    form = (sympy.sqrt(t / (omega0 + t)) * S + eps * sympy.sqrt(t)) / alpha
    return ours, form, form + eps


def telescoped() -> Obligation:
    old, new, V = reals("old new V")
    given = {"V = h_{t-1}": V == old, "h_t >= h_{t-1} (W8)": new >= old}
    return Obligation(given, V + ops.maximum(new - old, 0) == new)


def last_h() -> Obligation:
    """With r = sqrt(T), p = sqrt(omega_0 + T) and alpha h_T = r S/p + eps r."""
    S, r, p, hT, eps = reals("S r p h eps")
    given = {
        "alpha h_T p = r S + eps r p (R3.form)": hT * p == r * S + eps * r * p,
        "0 < r <= p": z3.And(r > 0, r <= p),
        "S >= 0": S >= 0,
    }
    return Obligation(given, hT <= S + eps * r, {"h_T <= S": hT <= S})


def term() -> Obligation:
    """g²/(alpha h_t) <= c_t g²/S_t with c_t = p/r = sqrt(1 + omega_0/t): S_t <= c_t alpha h_t."""
    S, r, p, c, ht, eps = reals("S r p c h eps")
    given = {
        "alpha h_t p = r S_t + eps r p (R3.form)": ht * p == r * S + eps * r * p,
        "c_t = p/r": c * r == p,
        "r, p > 0": z3.And(r > 0, p > 0),
        "eps >= 0": eps >= 0,
    }
    return Obligation(given, S <= c * ht, {"without c": S <= ht})


def decreasing() -> Obligation:
    """c_t² = 1 + omega_0/t."""
    t, omega0, c, new = reals("t omega0 c new")
    given = {
        "c² t = t + omega_0": z3.And(c > 0, c * c * t == t + omega0),
        "c'² (t + 1) = t + 1 + omega_0": z3.And(new > 0, new * new * (t + 1) == t + 1 + omega0),
        "t >= 1": t >= 1,
        "omega_0 >= 0": omega0 >= 0,
    }
    return Obligation(given, z3.And(1 <= new, new <= c, c * c <= 1 + omega0))


def summed() -> Obligation:
    """A = sum c_s g_s²/S_s <= 2 C S_t for C >= c_t; new S'² = S² + g², term q with q S' = c g²."""
    A, C, c, S, new, g, q = reals("A C c S new g q")
    given = {
        "A <= 2 C S": A <= 2 * C * S,
        "0 < c_t <= C": z3.And(c > 0, c <= C),
        "S'² = S² + g², S >= 0, S' > 0": z3.And(new * new == S * S + g * g, S >= 0, new > 0),
        "q = c g²/S'": q * new == c * g * g,
    }
    return Obligation(given, A + q <= 2 * C * new, {"with 3/2 C": A + q <= 2 * C * S + 1.5 * C * (new - S)})


def composed() -> tuple[Any, Any, Any]:
    """R2 with h_1 + ... = h_T <= (S + eps sqrt T)/alpha and ½ sum g²/h <= ½ alpha 2 sqrt(1 + omega_0) S."""
    root = sympy.sqrt(1 + omega0)
    ours = D**2 / 2 * (S + eps * sympy.sqrt(T)) / alpha + alpha * (2 * root * S) / 2
    printed = (D**2 / (2 * alpha) + alpha * root) * S + D**2 * eps * sympy.sqrt(T) / (2 * alpha)
    return ours, printed, printed - alpha * root * S / 2


def best_alpha() -> tuple[Any, Any, Any]:
    """The sum of two positive terms with a fixed product is least where they are equal."""
    root = sympy.sqrt(1 + omega0)
    best = D / sympy.sqrt(2 * root)
    value = D**2 / (2 * alpha) + alpha * root
    excess = (alpha - best) ** 2 * root / alpha  # >= 0, and 0 only at the best alpha
    return value, D * sympy.sqrt(2 * root) + excess, D * sympy.sqrt(root) + excess


def rate() -> tuple[Any, Any, Any]:
    """|g_t| <= G gives S_T <= G sqrt(T): everything is a constant times sqrt(T)."""
    root = sympy.sqrt(1 + omega0)
    bound = (D**2 / (2 * alpha) + alpha * root) * Gmax * sympy.sqrt(T) + D**2 * eps * sympy.sqrt(T) / (2 * alpha)
    limit = sympy.limit(bound / sympy.sqrt(T), T, sympy.oo)
    constant = (D**2 / (2 * alpha) + alpha * root) * Gmax + D**2 * eps / (2 * alpha)
    return limit, constant, constant + eps


CLAIM = Claim(
    id="R3",
    title="regret of the expanding window",
    statement="With omega_t = omega_0 + t, alpha_t = alpha/sqrt(t), mu = 0, eps >= 0 and convex losses on a box of "
    "widths D_i: "
    "R_T <= sum_i [D_i²/(2 alpha) + alpha sqrt(1 + omega_0)] S_{T,i} + D_i² eps sqrt(T)/(2 alpha) = O(sqrt T); "
    "for eps = 0 the best alpha is D/sqrt(2 sqrt(1 + omega_0))",
    latex=r"R_T\le\sum_i\Bigl[\frac{D_i^2}{2\alpha}+\alpha\sqrt{1+\omega_0}\Bigr]S_{T,i}+\frac{D_i^2\varepsilon"
    r"\sqrt T}{2\alpha}"
    r"=O(\sqrt T)",
    source=Source(
        "dwmgrad", "convergence under convexity", also=(Source("dwmgradnotes", "R3, with the eps term added"),)
    ),
    kind="rate",
    hypotheses=(
        "every f_t convex",
        "omega_t = omega_0 + t (W2: positive losses, T <= delta - omega_0 or delta = inf)",
        "alpha_t = alpha/sqrt(t)",
        "mu_t = 0",
        "g_1 != 0 or eps > 0",
        "|g_t| <= G for the rate",
    ),  # fmt: skip
    depends=("R2", "W2", "W4", "W8"),
    proof=(
        identity("R3.form", "W4: alpha h_t = sqrt(t/(omega_0 + t)) S_t + eps sqrt(t)", closed_form),
        forall("R3.telescoped", "W8: h never decreases, so h_1 + sum (h_t - h_{t-1})_+ = h_T", telescoped),
        forall("R3.last", "and alpha h_T <= S_T + eps sqrt(T), because T <= omega_0 + T", last_h),
        forall("R3.term", "g_t²/h_t <= alpha c_t g_t²/S_t with c_t = sqrt(1 + omega_0/t)", term),
        forall("R3.factor", "c_t decreases, from sqrt(1 + omega_0) towards 1", decreasing),
        forall("R3.sum", "so sum c_t g_t²/S_t <= 2 sqrt(1 + omega_0) S_T, by induction", summed),
        identity("R3.composed", "both put into R2 give the bound", composed),
        identity("R3.alpha", "which is least at alpha = D/sqrt(2 sqrt(1 + omega_0))", best_alpha),
        identity("R3.rate", "and O(sqrt T) for bounded gradients", rate),
    ),
    note="For omega_0 = 0 it is AdaGrad's bound (W4-adagrad). The constant is improved in R3-sharp and R3-leading.",
)
