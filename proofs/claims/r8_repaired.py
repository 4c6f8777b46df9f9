"""R8d, R8, R8-constant: AdaMomentum's convex theorem with the proof repaired, and with a constant beta1.

Per coordinate, h_t = √v_t/alpha_t, P_t = m_t(θ_t - u). Hypotheses: convex f_t, |θ_t - u| <= D, and h_t does not
decrease (weaker than the printed v_t <= v_{t+1}). The mean m_t replaces g_t once, in `decomposed`;
all else is telescoping.
"""

from typing import Any

import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.adamomentum import momentum_step
from proofs.claim import Claim
from proofs.claims.r6_stochastic import logarithm
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import clip

SOURCE = Source("adam3", "supplement, Theorem 4", also=(Source("dwmgradnotes", "R8"),))


def moment() -> Obligation:
    m, v, g, beta1, beta2, eps = reals("m v g beta1 beta2 eps")
    new = momentum_step(g=g, m=m, v=v, beta1=beta1, beta2=beta2, eps=eps)[0]
    given = {"v >= 0, beta2 >= 0": z3.And(v >= 0, beta2 >= 0, beta2 < 1), "eps >= 0": eps >= 0,
             "some gradient": new.m != 0}  # fmt: skip
    return Obligation(given, new.v >= (1 - beta2) * new.m * new.m, {"2": new.v >= 2 * (1 - beta2) * new.m * new.m})


def ratio() -> Obligation:
    """m²/s <= |m|/√(1-beta2) for s = √v; b = √(1-beta2), size = |m|."""
    size, s, b = reals("size s b")
    given = {
        "v >= (1-beta2) m²": s * s >= b * b * size * size,
        "s > 0, b > 0, |m| >= 0": z3.And(s > 0, b > 0, size >= 0),
    }
    return Obligation(given, size * size * b <= size * s, {"2": 2 * size * size * b <= size * s})


def cauchy() -> Obligation:
    """A² <= B E is preserved when A, B, E grow by xy, x², y²."""
    A, B, E, x, y = reals("A B E x y")
    given = {"A² <= B E": A * A <= B * E, "A, B, E, x, y >= 0": z3.And(A >= 0, B >= 0, E >= 0, x >= 0, y >= 0)}
    new = A + x * y
    return Obligation(given, new * new <= (B + x * x) * (E + y * y))


def averaged() -> Obligation:
    m, g, beta = reals("m g beta")
    new = momentum_step(g=g, m=m, beta1=beta, beta2=0, eps=1)[0].m
    given = {"0 <= beta_t <= 1": z3.And(beta >= 0, beta <= 1)}
    return Obligation(given, new * new <= beta * m * m + (1 - beta) * g * g)


def norms() -> Obligation:
    """M = sum m², Q = sum g²: (1-beta1) M + beta1 m² <= Q is preserved, for any beta_t <= beta1."""
    M, Q, m2, new2, g2, beta, beta1 = reals("M Q m2 new2 g2 beta beta1")
    given = {
        "invariant": (1 - beta1) * M + beta1 * m2 <= Q,
        "m_t² <= beta_t m² + (1-beta_t) g²": new2 <= beta * m2 + (1 - beta) * g2,
        "0 <= beta_t <= beta1 < 1": z3.And(beta >= 0, beta <= beta1, beta1 < 1),
        "squares": z3.And(m2 >= 0, new2 >= 0, g2 >= 0),
    }
    return Obligation(given, (1 - beta1) * (M + new2) + beta1 * new2 <= Q + g2)


def norms_constant() -> Obligation:
    """For constant beta: (1-beta) M + beta m² <= (1-beta) Q is preserved, so ‖m‖ <= ‖g‖."""
    M, Q, m2, new2, g2, beta = reals("M Q m2 new2 g2 beta")
    given = {
        "invariant": (1 - beta) * M + beta * m2 <= (1 - beta) * Q,
        "m_t² <= beta m² + (1-beta) g²": new2 <= beta * m2 + (1 - beta) * g2,
        "0 <= beta < 1": z3.And(beta >= 0, beta < 1),
    }
    return Obligation(given, (1 - beta) * (M + new2) + beta * new2 <= (1 - beta) * (Q + g2))


def harmonic() -> Obligation:
    t, u = reals("t u")
    given = {"t >= 2": t >= 2, "u = 1/(t-1)": u * (t - 1) == 1}
    return Obligation(given, u / (1 + u) == 1 / t, {"u": u == 1 / t})


def projected() -> Obligation:
    theta, u, low, high = reals("theta u low high")
    given = {"low <= u <= high": z3.And(low <= u, u <= high)}
    after = clip(theta, low, high)
    return Obligation(given, (after - u) * (after - u) <= (theta - u) * (theta - u))


def one_step() -> tuple[Any, Any, Any]:
    m, v, g, beta1, beta2, eps, alpha, theta, u = sympy.symbols("m v g beta1 beta2 eps alpha theta u", positive=True)
    new, after = momentum_step(g=g, m=m, v=v, x=theta, beta1=beta1, beta2=beta2, eps=eps, alpha=alpha)
    h = sympy.sqrt(new.v) / alpha
    potential_drop = h / 2 * ((theta - u) ** 2 - (after - u) ** 2)
    return new.m * (theta - u), potential_drop + new.m**2 / (2 * h), potential_drop + new.m**2 / h


def telescoped() -> Obligation:
    """S + ½ h d² <= ½ h D² is preserved: S' = S + ½h'(d² - e²), h' >= h, d² <= D²."""
    S, h, later, d2, e2, D2 = reals("S h later d2 e2 D2")
    given = {
        "S + ½ h_t d_{t+1}² <= ½ h_t D²": 2 * S + h * d2 <= h * D2,
        "h_t <= h_{t+1}": h <= later,
        "d² <= D²": d2 <= D2,
    }
    return Obligation(given, 2 * S + later * (d2 - e2) + later * e2 <= later * D2)


def decomposed() -> tuple[Any, Any, Any]:
    """g = m_t + beta_t/(1-beta_t) (m_t - m_{t-1})."""
    m, g, beta = sympy.symbols("m g beta")
    new = momentum_step(g=g, m=m, beta1=beta, beta2=0, eps=1)[0].m
    return new + beta / (1 - beta) * (new - m), g, g + m


def young() -> Obligation:
    """(m - m') d <= h D²/2 + (m - m')²/(2h), multiplied by 2h; gap = m - m'."""
    gap, d, h, D = reals("gap d h D")
    given = {"h > 0": h > 0, "|d| <= D": z3.And(d <= D, -d <= D)}
    return Obligation(
        given, 2 * h * gap * d <= h * h * D * D + gap * gap, {"half": 4 * h * gap * d <= h * h * D * D + gap * gap}
    )


def spread() -> Obligation:
    """(m - m')²/(2h) <= m²/h + m'²/h' where h' <= h is the previous one, multiplied by 2 h h'."""
    m, before, h, h_before = reals("m before h h_before")
    given = {"0 < h' <= h": z3.And(h_before > 0, h_before <= h)}
    gap = m - before
    return Obligation(given, h_before * gap * gap <= 2 * h_before * m * m + 2 * h * before * before)


def weights() -> Obligation:
    """beta_t/(1-beta_t) <= beta_t/(1-beta1) <= beta1/(1-beta1)."""
    beta, beta1 = reals("beta beta1")
    given = {"0 <= beta_t <= beta1 < 1": z3.And(beta >= 0, beta <= beta1, beta1 < 1)}
    goal = z3.And(beta * (1 - beta1) <= beta * (1 - beta), beta * (1 - beta1) <= beta1 * (1 - beta))
    return Obligation(given, goal)


def printed_constant() -> Obligation:
    """(1 + 3 beta1)/2 · (1-beta1)^(3/2) <= 1; r = √(1-beta1). The printed 1/((1-beta1)³(1-gamma)) is larger."""
    (r,) = reals("r")
    given = {"0 < r <= 1": z3.And(r > 0, r <= 1)}
    return Obligation(given, (4 - 3 * r * r) * r * r * r <= 2, {"<= 1": (4 - 3 * r * r) * r * r * r <= 1})


def composition() -> tuple[Any, Any, Any]:
    """First, second and third term; K = sum m²/h <= alpha √(1+log T) ‖g‖/(√(1-beta2) √(1-beta1))."""
    D, hT, B, b1, b2, alpha, L, g = sympy.symbols("D hT B b1 b2 alpha L g", positive=True)
    K = alpha * sympy.sqrt(1 + L) * g / (sympy.sqrt(1 - b2) * sympy.sqrt(1 - b1))
    links = D**2 * hT / 2 + K / 2 + D**2 / (2 * (1 - b1)) * B + 2 * b1 / (1 - b1) * K
    third = alpha * sympy.sqrt(1 + L) * (1 + 3 * b1) * g / (2 * (1 - b1) * sympy.sqrt(1 - b1) * sympy.sqrt(1 - b2))
    bound = D**2 * hT / 2 + D**2 / (2 * (1 - b1)) * B + third
    return links, bound, bound + third


def shifted() -> tuple[Any, Any, Any]:
    """g (θ-u) = [P_t - beta P_{t-1}]/(1-beta) - beta/(1-beta) m_{t-1} (θ_t - θ_{t-1}) for constant beta."""
    m, g, beta, theta, before, u = sympy.symbols("m g beta theta before u")
    new = momentum_step(g=g, m=m, beta1=beta, beta2=0, eps=1)[0].m
    carried = (new * (theta - u) - beta * m * (before - u)) / (1 - beta)
    moved = beta / (1 - beta) * m * (theta - before)
    return carried - moved, g * (theta - u), g * (theta - u) + moved


def carried() -> tuple[Any, Any, Any]:
    """sum (P_t - beta P_{t-1})/(1-beta) = sum P_t + beta/(1-beta) P_T: one more term."""
    total, last, new, beta = sympy.symbols("total last new beta")
    before = total + beta / (1 - beta) * last
    return before + (new - beta * last) / (1 - beta), total + new + beta / (1 - beta) * new, total + new


def nonexpansive() -> Obligation:
    """|θ_t - θ_{t-1}| <= |m_{t-1}|/h_{t-1}: θ_{t-1} is in the box, move = m/h before the projection."""
    theta, move, low, high = reals("theta move low high")
    given = {"theta in the box": z3.And(low <= theta, theta <= high)}
    moved = clip(theta - move, low, high) - theta
    return Obligation(given, moved * moved <= move * move)


def constant_composition() -> tuple[Any, Any, Any]:
    D, hT, b, b2, alpha, L, g, mT = sympy.symbols("D hT b b2 alpha L g mT", positive=True)
    K = alpha * sympy.sqrt(1 + L) * g / sympy.sqrt(1 - b2)
    links = D**2 * hT / 2 + K / 2 + b / (1 - b) * K + b / (1 - b) * D * mT
    bound = D**2 * hT / 2 + (1 + b) / (2 * (1 - b)) * K + b / (1 - b) * D * mT
    return links, bound, bound + K


LEMMA = (
    forall("R8d.moment", "v_t >= (1-beta2) m_t², straight from the formula", moment),
    forall("R8d.ratio", "so m_t²/h_t = alpha_t m_t²/√v_t <= alpha |m_t|/(√(1-beta2) √t)", ratio),
    forall("R8d.cauchy", "(sum |m_t|/√t)² <= (sum 1/t)(sum m_t²), term by term", cauchy),
    forall("R8d.harmonic", "sum 1/t <= 1 + log T: 1/t = u/(1+u) with u = 1/(t-1)", harmonic),
    identity("R8d.log", "and u/(1+u) <= log(1+u) = log t - log(t-1)", logarithm),
    forall("R8d.averaged", "m_t² <= beta_t m_{t-1}² + (1-beta_t) g_t²", averaged),
    forall("R8d.norms", "so (1-beta1) sum m_t² <= sum g_t² for any beta_t <= beta1", norms),
    forall("R8d.constant", "and sum m_t² <= sum g_t² for constant beta1", norms_constant),
)

REPAIR = Claim(
    id="R8d",
    title="the repaired lemma: no condition on gamma = beta1/√beta2",
    statement="sum_t m_t²/√(t v_t) <= √(1+log T)/√(1-beta2) · ‖m_{1:T}‖, ‖m_{1:T}‖ <= ‖g_{1:T}‖/√(1-beta1),"
    " and <= ‖g_{1:T}‖ for"
    " constant beta1: for every beta1, beta2 in [0, 1) and eps >= 0",
    latex=r"\sum_t\frac{m_t^2}{\sqrt{t\,v_t}}\le\sqrt{\frac{1+\log T}{1-\beta_2}}\,\|m_{1:T}\|",
    source=SOURCE,
    kind="inequality",
    hypotheses=("v_t > 0 (where it is 0 so is m_t)",),
    proof=LEMMA,
)

COMMON = (
    forall("R8.projection", "projecting onto the box brings θ_{t+1} no further from u", projected),
    identity(
        "R8.step", "P_t = m_t(θ_t-u) = ½h_t[(θ_t-u)² - (θ_{t+1}-u)²] + m_t²/(2h_t), by the formula that runs", one_step
    ),
    forall("R8.telescoped", "h_t non-decreasing: ½ sum h_t[...] <= ½ D² h_T, by induction on T", telescoped),
)

THEOREM = Claim(
    id="R8",
    title="AdaMomentum's convex theorem: the statement holds, by another proof",
    statement="alpha_t = alpha/√t, any 0 <= beta_{1,t} <= beta1 < 1, |θ_t - u| <= D and √v_t/alpha_t"
    " non-decreasing: R(T) <= sum_i"
    " D²√(T v_T)/(2 alpha) + D²/(2(1-beta1)) sum_t beta_{1,t} √v_t/alpha_t + alpha (1+3 beta1) √(1+log T)"
    " ‖g‖/(2 (1-beta1)^{3/2}"
    " √(1-beta2)). Every term is at most the printed one, and gamma < 1 is not needed",
    latex=r"R(T)\le\sum_i\frac{D^2\sqrt{Tv_T}}{2\alpha}+\frac{D^2}{2(1-\beta_1)}\sum_t\frac{\beta_{1,t}\sqrt{v_t}}{\alpha_t}"
    r"+\frac{\alpha(1+3\beta_1)\sqrt{1+\log T}}{2(1-\beta_1)^{3/2}\sqrt{1-\beta_2}}\|g_{1:T}\|",
    source=SOURCE,
    kind="rate",
    hypotheses=(
        "f_t convex",
        "h_t = √v_t/alpha_t non-decreasing",
        "|θ_t - u| <= D, with or without projection",
        "no bias correction, as printed",
    ),
    depends=("R8d",),
    proof=(
        *COMMON,
        identity("R8.decomposed", "g_t = m_t + beta_t/(1-beta_t) (m_t - m_{t-1}), from the formula", decomposed),
        forall("R8.young", "(m_t - m_{t-1})(θ_t-u) <= h_t D²/2 + (m_t - m_{t-1})²/(2h_t)", young),
        forall("R8.spread", "(m_t - m_{t-1})²/(2h_t) <= m_t²/h_t + m_{t-1}²/h_{t-1}", spread),
        forall("R8.weights", "beta_t/(1-beta_t) is at most beta_t/(1-beta1) and beta1/(1-beta1)", weights),
        identity("R8.composition", "with R8d for sum m_t²/h_t: the bound", composition),
        forall(
            "R8.printed",
            "(1+3 beta1)/2 (1-beta1)^{3/2} <= 1: below the printed 1/((1-beta1)³(1-gamma))",
            printed_constant,
        ),
    ),
    note="The printed proof fails at R8a and R8b; the statement survives. It rests wholly on the monotone"
    " h_t: see R8c, R8e.",
)

CONSTANT = Claim(
    id="R8-constant",
    title="a constant beta1 is enough",
    statement="Under R8's hypotheses with constant beta1 and projection onto the box: R(T) <= sum_i D²√(T"
    " v_T)/(2 alpha) +"
    " alpha (1+beta1)/(2(1-beta1)) √(1+log T) ‖g‖/√(1-beta2) + beta1/(1-beta1) D |m_T| = O(√(T log T)) for"
    " bounded gradients",
    latex=r"R(T)\le\sum_i\frac{D^2\sqrt{Tv_T}}{2\alpha}+\frac{\alpha(1+\beta_1)}{2(1-\beta_1)}"
    r"\sqrt{\frac{1+\log T}{1-\beta_2}}"
    r"\|g\|+\frac{\beta_1}{1-\beta_1}D|m_T|",
    source=Source(
        "alacaoglu2020",
        "the shift of m_{t-1} by one step",
        also=(Source("dwmgradnotes", "R8, to which it is applied"),),
    ),
    kind="rate",
    hypotheses=("f_t convex", "h_t non-decreasing", "beta_{1,t} = beta1", "projection onto a box of width D"),
    depends=("R8d", "R8"),
    proof=(
        identity(
            "R8-constant.shifted",
            "g_t(θ_t-u) = [P_t - beta P_{t-1}]/(1-beta) - beta/(1-beta) m_{t-1}(θ_t-θ_{t-1})",
            shifted,
        ),
        identity("R8-constant.carried", "the first part sums to sum P_t + beta/(1-beta) P_T", carried),
        forall(
            "R8-constant.moved", "|θ_t - θ_{t-1}| <= |m_{t-1}|/h_{t-1}: the projection does not expand", nonexpansive
        ),
        identity("R8-constant.composition", "with R8.step, R8.telescoped and R8d: the bound", constant_composition),
    ),
    note="So the decay beta_{1,t} -> 0 is an artefact of the printed proof (see R8f), the monotone h_t is not (R8e).",
)
