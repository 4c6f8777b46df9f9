"""W5: a window of omega bounds the step by alpha sqrt(omega), whatever the gradients."""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import read, step


def second_moment() -> Obligation:
    omega, G, g = reals("omega G g")
    new = step(omega=omega, G=G, g=g, eps=1)[0].G
    given = {"omega >= 1": omega >= 1, "G >= 0": G >= 0}
    return Obligation(
        given, z3.And(g * g <= omega * new, new >= 0), {"g² <= (omega - ½) G": g * g <= (omega - 0.5) * new}
    )


def quotient() -> Obligation:
    """h_t read off the formula: |g| <= r alpha h for r = sqrt(omega), so that |g/h| <= alpha r."""
    r, G, g, alpha, eps = reals("r G g alpha eps")
    h = read(G=G, alpha=alpha, eps=eps).h
    given = {"g² <= omega G (W5.moment)": g * g <= r * r * G, "r = sqrt(omega) >= 1": r >= 1,
             "alpha > 0, eps >= 0, G >= 0": z3.And(alpha > 0, eps >= 0, G >= 0)}  # fmt: skip
    goal = z3.And(g <= r * alpha * h, -g <= r * alpha * h)
    return Obligation(given, goal, {"|g| <= (r - ½) alpha h": g <= (r - 0.5) * alpha * h})


def is_quotient() -> tuple[Any, Any, Any]:
    omega, G, mu, V, g, alpha, eps = sympy.symbols("omega G mu V g alpha epsilon", positive=True)
    new = step(omega=omega, G=G, V=V, mu=mu, g=g, alpha=alpha, eps=eps)[0]
    h = read(G=new.G, alpha=alpha, eps=eps).h
    return new.V, mu * V + g / h, mu * V + g / (h + 1)


def velocity() -> Obligation:
    """With V' = mu V + p, where |p| <= alpha_t sqrt(omega_t) by W5.quotient."""
    mu, V, p, r, gamma, alpha, now = reals("mu V p r gamma alpha now")
    given = {
        "0 <= mu <= gamma < 1 (W1)": z3.And(mu >= 0, mu <= gamma, gamma < 1),
        "0 < alpha_t <= alpha": z3.And(now > 0, now <= alpha),
        "r = sqrt(delta) > 0": r > 0,
        "|V| (1 - gamma) <= alpha r": z3.And(V * (1 - gamma) <= alpha * r, -V * (1 - gamma) <= alpha * r),
        "|p| <= alpha_t r": z3.And(p <= now * r, -p <= now * r),
    }
    new = mu * V + p
    return Obligation(given, z3.And(new * (1 - gamma) <= alpha * r, -new * (1 - gamma) <= alpha * r))


def attained() -> tuple[Any, Any, Any]:
    """Gradients c^t from an empty past, in the limit c to infinity: g²/G tends to omega."""
    omega, c = sympy.symbols("omega c", positive=True)
    steady = step(omega=omega, G=sympy.Symbol("G", positive=True) / c**2, g=1, eps=0)[0].G
    return sympy.limit(1 / steady, c, sympy.oo), omega, omega - 1


CLAIM = Claim(
    id="W5",
    title="bounded step",
    statement="g_t² <= omega_t G_t, so |alpha_t g_t/(sqrt(G_t) + eps)| <= alpha_t sqrt(omega_t) and "
    "|V_t| <= alpha sqrt(delta)/(1 - gamma)",
    latex=r"g_t^2\le\omega_tG_t,\qquad \Bigl|\frac{\alpha_tg_t}{\sqrt{G_t}+\varepsilon}\Bigr|\le\alpha_t\sqrt{"
    r"\omega_t},"
    r"\qquad |V_t|\le\frac{\alpha\sqrt\delta}{1-\gamma}",
    source=Source("dwmgrad", "Algorithm 1", also=(Source("dwmgradnotes", "W5"),)),
    kind="inequality",
    hypotheses=(
        "1 <= omega_t <= delta < inf (W1)",
        "G_0 = V_0 = 0",
        "0 <= mu_t <= gamma < 1",
        "0 < alpha_t <= alpha",
        "sqrt(G_t) + eps > 0",
    ),  # fmt: skip
    depends=("W1",),
    proof=(
        forall("W5.moment", "G_t is at least its newest term g_t²/omega_t", second_moment),
        forall("W5.quotient", "so |g_t| <= sqrt(omega_t) (sqrt(G_t) + eps) = sqrt(omega_t) alpha_t h_t", quotient),
        identity(
            "W5.formula",
            "the velocity that runs is V_t = mu_t V_{t-1} + g_t/h_t, and |g_t/h_t| is bounded",
            is_quotient,
        ),
        forall("W5.velocity", "so |V_t| <= alpha sqrt(delta)/(1 - gamma) survives a step; V_0 = 0", velocity),
        identity("W5.tight", "the first bound is sharp: g²/G tends to omega when gradients grow fast", attained),
    ),
    note="With eps = 0 the step is 0/0 until the first gradient that is not 0; the rule's floats give nan there.",
)
