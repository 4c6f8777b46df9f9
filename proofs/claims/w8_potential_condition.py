"""W8: the preconditioner never decreases, whatever the gradients, if and only if omega_t >= t."""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import read, step, step_size

SOURCE = Source("dwmgrad", "Algorithm 1 with alpha_t = alpha/sqrt(t)", also=(Source("dwmgradnotes", "W8"),))


def h(t: Any, G: Any, eps: Any = 0) -> Any:
    """alpha h_t = sqrt(t) (sqrt(G_t) + eps), by the formulas that run."""
    return read(G=G, alpha=step_size(t, 1), eps=eps).h


def moment(omega: Any, G: Any, g: Any) -> Any:
    return step(omega=omega, G=G, g=g, eps=1)[0].G


def closed_form() -> tuple[Any, Any, Any]:
    t, G, eps = sympy.symbols("t G epsilon", positive=True)
    return h(t, G, eps), sympy.sqrt(t) * (sympy.sqrt(G) + eps), sympy.sqrt(t * G) + eps


def inner() -> Obligation:
    """t G_t >= (t - 1) G_{t-1}."""
    omega, t, G, g = reals("omega t G g")
    given = {"omega_t >= t": omega >= t, "t >= 1": t >= 1, "G >= 0": G >= 0}
    new = moment(omega, G, g)
    return Obligation(given, t * new >= (t - 1) * G, {"(t - ½) G_t >= ...": (t - 0.5) * new >= (t - 1) * G})


def outer() -> Obligation:
    """With r = sqrt(t), p = sqrt(t - 1), a = sqrt(G_t), b = sqrt(G_{t-1}): r (a + eps) >= p (b + eps)."""
    r, p, a, b, eps = reals("r p a b eps")
    given = {
        "r > p >= 0": z3.And(r > p, p >= 0),
        "a, b >= 0": z3.And(a >= 0, b >= 0),
        "t G_t >= (t - 1) G_{t-1} (W8.moment)": r * r * a * a >= p * p * b * b,
        "eps >= 0": eps >= 0,
    }
    return Obligation(given, r * (a + eps) >= p * (b + eps))


def shrinks() -> Obligation:
    """Gradient 0 at a step t >= 2 with omega_t < t, G_{t-1} > 0."""
    omega, t, G = reals("omega t G")
    given = {"1 <= omega_t": omega >= 1, "omega_t < t": omega < t, "G_{t-1} > 0": G > 0}
    new = moment(omega, G, 0)
    return Obligation(given, z3.And(t >= 1, new >= 0, t * new < (t - 1) * G))


def shrinks_with_eps() -> Obligation:
    """Gradients scaled by M scale a and b: r (a M + eps) < p (b M + eps) once M > eps (r - p)/(p b - r a)."""
    r, p, a, b, eps, M = reals("r p a b eps M")
    given = {
        "r > p > 0": z3.And(r > p, p > 0),
        "a >= 0, b > 0": z3.And(a >= 0, b > 0),
        "r a < p b (W8.necessary)": r * a < p * b,
        "eps >= 0": eps >= 0,
        "M > eps (r - p)/(p b - r a)": M * (p * b - r * a) > eps * (r - p),
    }
    return Obligation(given, z3.And(M >= 0, r * (a * M + eps) < p * (b * M + eps)))


def positive() -> Obligation:
    """Gradients 1 before step t keep 0 < G <= 1, so the sequence 1, ..., 1, 0 meets the hypothesis of W8.necessary."""
    omega, G = reals("omega G")
    given = {"omega >= 1": omega >= 1, "0 <= G <= 1": z3.And(G >= 0, G <= 1)}
    new = moment(omega, G, 1)
    return Obligation(given, z3.And(new > 0, new <= 1))


def scaling() -> tuple[Any, Any, Any]:
    omega, G, g, M = sympy.symbols("omega G g M", positive=True)
    return moment(omega, M**2 * G, M * g), M**2 * moment(omega, G, g), M * moment(omega, G, g)


def roots() -> Obligation:
    """From t G_t < (t - 1) G_{t-1} to the roots: r a < p b."""
    r, p, a, b = reals("r p a b")
    given = {"r, p, a, b >= 0": z3.And(r >= 0, p >= 0, a >= 0, b >= 0), "squares": r * r * a * a < p * p * b * b}
    return Obligation(given, r * a < p * b)


def constant() -> Obligation:
    """h_t = (sqrt(G_t) + eps)/alpha: with g_t = 0 any finite window shrinks G."""
    omega, G, alpha, eps = reals("omega G alpha eps")
    given = {"omega_t >= 1": omega >= 1, "G_{t-1} > 0": G > 0, "alpha > 0": alpha > 0}
    before, after = (read(G=size, alpha=alpha, eps=eps).h for size in (G, moment(omega, G, 0)))
    return Obligation(given, after < before, {"by a fixed factor": after < 0.9 * before})


CLAIM = Claim(
    id="W8",
    title="the potential condition",
    statement="With alpha_t = alpha/sqrt(t) and h_t = (sqrt(G_t) + eps)/alpha_t: h_t >= h_{t-1} for every gradient "
    "sequence "
    "and every t >= 2 if and only if omega_t >= t for every t >= 2; for eps = 0 and for every eps > 0",
    latex=r"h_t\ge h_{t-1}\ \text{for all }(g_s)\iff \omega_t\ge t,\qquad h_t=\frac{\sqrt{G_t}+\varepsilon}{\alpha/"
    r"\sqrt t}",
    source=SOURCE,
    kind="identity",
    hypotheses=("1 <= omega_t (W1)", "alpha_t = alpha/sqrt(t)", "eps >= 0", "gradients unbounded if eps > 0"),
    depends=("W1",),
    proof=(
        identity("W8.form", "alpha h_t = sqrt(t) (sqrt(G_t) + eps)", closed_form),
        forall("W8.moment", "sufficient: omega_t >= t gives t G_t >= (t - 1) G_{t-1} for every g_t", inner),
        forall("W8.sufficient", "so sqrt(t) (sqrt(G_t) + eps) >= sqrt(t - 1) (sqrt(G_{t-1}) + eps)", outer),
        forall("W8.positive", "necessary: take g_s = 1 for s < t, which makes G_{t-1} > 0", positive),
        forall("W8.necessary", "then g_t = 0 at a step with omega_t < t gives t G_t < (t - 1) G_{t-1}", shrinks),
        forall("W8.roots", "so sqrt(t G_t) < sqrt((t - 1) G_{t-1}): h_t < h_{t-1} for eps = 0", roots),
        identity("W8.scaling", "gradients M times as large make G_t M² times as large", scaling),
        forall(
            "W8.eps", "so for eps > 0 the sequence M, ..., M, 0 gives h_t < h_{t-1} once M is large", shrinks_with_eps
        ),
    ),
    note="The windows answer to losses and not to gradients, so a sequence of linear losses can have any gradients on "
    "any window path; with eps > 0 and gradients known to be small a narrower window can do.",
)

CONSTANT = Claim(
    id="W8-constant",
    title="no finite window has the potential condition under constant alpha",
    statement="With constant alpha and any finite omega_t, g_t = 0 gives h_t < h_{t-1} as soon as G_{t-1} > 0",
    latex=r"\alpha_t\equiv\alpha,\ \omega_t<\infty,\ g_t=0\ \Rightarrow\ h_t<h_{t-1}",
    source=SOURCE,
    kind="impossibility",
    hypotheses=("1 <= omega_t < inf", "G_{t-1} > 0"),
    depends=("W1",),
    proof=(forall("W8-constant.step", "a gradient of 0 shrinks G_t and so h_t", constant),),
)
