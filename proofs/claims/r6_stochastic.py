"""R6-stochastic: independent losses, C(x+2) with probability p, else 2 - x: expected regret grows linearly.

The correction is linear this time: phi(G) = -lambda G straightens the drift. With y = G/(1/q), the push up has the
mean (1-p)/√(qG + 1/delta) - pC/√(qG + C²/delta); the first is convex in G, so it lies above its tangent at the
stationary mean E = pC² + 1 - p, and the tangent is exactly what phi cancels. A Lyapunov function then bounds the
sum of alpha_t E(1 - theta_t).
"""

from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_arb import ball, rigorous, shown
from proofs.engines.by_exact import Found
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import clip, step


def tangent() -> Obligation:
    """1/r >= 1/s - (r² - s²)/(2 s³): 1/√y is convex. Multiplied by 2 r s³."""
    r, s = reals("r s")
    given = {"r > 0, s > 0": z3.And(r > 0, s > 0)}
    left, right = 2 * s * s * s, 2 * r * s * s - r * (r * r - s * s)
    return Obligation(given, left >= right, {"tangent + 1": left >= right + 1})


def stays_above_one() -> Obligation:
    G, omega, g = reals("G omega g")
    new = step(omega=omega, G=G, g=g)[0].G
    given = {"G >= 1": G >= 1, "g² >= 1": g * g >= 1, "omega >= 1": omega >= 1}
    return Obligation(given, new >= 1, {"G >= 2": new >= 2})


def first_above_one() -> Obligation:
    """Any start: the gap below 1 shrinks by 1 - 1/omega a step, so G_t >= 1 - q^(t - delta), and it never matters."""
    G, omega, g = reals("G omega g")
    new = step(omega=omega, G=G, g=g)[0].G
    given = {"0 <= G < 1": z3.And(G >= 0, G < 1), "g² >= 1": g * g >= 1, "omega >= 1": omega >= 1}
    return Obligation(given, 1 - new <= (1 - 1 / omega) * (1 - G), {"half": 2 * (1 - new) <= (1 - 1 / omega) * (1 - G)})


def spike_push() -> Obligation:
    """C/√G' <= C/√(q/2 + C²/delta) once G >= ½: the radicands in order, by the formula that runs."""
    G, delta, C = reals("G delta C")
    given = {"G >= ½": 2 * G >= 1, "delta > 1": delta > 1}
    new = step(omega=delta, G=G, g=C)[0].G
    return Obligation(given, new >= (1 - 1 / delta) / 2 + C * C / delta, {"q": new >= (1 - 1 / delta) + C * C / delta})


def mean_moment() -> tuple[Any, Any, Any]:
    """E[G_t | G] = q G + (1 - q) E, E = p C² + 1 - p, by the formula that runs."""
    p, C, G, delta = sympy.symbols("p C G delta", positive=True)
    high, low = step(omega=delta, G=G, g=C)[0].G, step(omega=delta, G=G, g=-1)[0].G
    E = p * C**2 + 1 - p
    return p * high + (1 - p) * low, (1 - 1 / delta) * G + E / delta, (1 - 1 / delta) * G + E


def cancels() -> tuple[Any, Any, Any]:
    """Tangent at y0 = qE + 1/delta plus E[phi(G') - phi(G)] does not depend on G: it is (1-p)/√y0 for every G."""
    p, G, E, delta, s = sympy.symbols("p G E delta s", positive=True)
    q = 1 - 1 / delta
    slope = (1 - p) * q * delta / (2 * s**3)  # phi(G) = -slope G, s = √(qE + 1/delta)
    tangent_line = (1 - p) * (1 / s - (q * G - q * E) / (2 * s**3))
    correction = -slope * (q * G + E / delta - G)
    return tangent_line + correction, (1 - p) / s, (1 - p) / s + G


def projection() -> Obligation:
    """w = 1 - theta moves to w' with w'² <= (w - v)² and |w' - w| <= |v|, v = alpha d."""
    w, v = reals("w v")
    after = 1 - clip(1 - w + v, -1, 1)
    given = {"0 <= w <= 2": z3.And(w >= 0, w <= 2)}
    goal = z3.And(after * after <= (w - v) * (w - v), (after - w) * (after - w) <= v * v, after >= 0, after <= 2)
    return Obligation(given, goal)


def cross_term() -> Obligation:
    """|alpha w - alpha' w'| = |alpha (w - w') + (alpha - alpha') w'| <= alpha² r + 2 (alpha - alpha')."""
    step_down, w, after, a, r = reals("step_down w after a r")
    given = {
        "|w - w'| <= alpha r": z3.And(w - after <= a * r, after - w <= a * r),
        "0 <= w' <= 2": z3.And(after >= 0, after <= 2),
        "0 <= alpha - alpha' , 0 < alpha": z3.And(step_down >= 0, a > 0),
    }
    moved, bound = a * (w - after) + step_down * after, a * a * r + 2 * step_down
    return Obligation(given, z3.And(moved <= bound, -moved <= bound), {"half": 2 * moved <= bound})


def product() -> Obligation:
    phi, F, moved, bound = reals("phi F moved bound")
    given = {"|phi'| <= F": z3.And(phi <= F, -phi <= F), "|moved| <= B": z3.And(moved <= bound, -moved <= bound)}
    return Obligation(given, phi * moved <= F * bound, {"half": 2 * phi * moved <= F * bound})


def lyapunov() -> tuple[Any, Any, Any]:
    """The two lemmas put into L' = w'² - 2 alpha' w' phi' and added up."""
    w, d, a, later, phi, new, r, F = sympy.symbols("w d a later phi new r F")
    upper = (w - a * d) ** 2 - 2 * a * w * new + 2 * F * (a * a * r + 2 * (a - later)) + a * a * (r * r - d * d)
    L, rest = w * w - 2 * a * w * phi, a * a * (r * r + 2 * r * F) + 4 * F * (a - later)
    return upper, L - 2 * a * w * (d + new - phi) + rest, L - a * w * (d + new - phi) + rest


def averaging() -> Obligation:
    """alpha_T sum E w_t <= sum alpha_t E w_t: one more term, alpha non-increasing."""
    A, W, w, a, later = reals("A W w a later")
    given = {"alpha_T W <= A": a * W <= A, "0 < alpha_{T+1} <= alpha_T": z3.And(later > 0, later <= a),
             "W >= 0, w >= 0": z3.And(W >= 0, w >= 0)}  # fmt: skip
    return Obligation(given, later * (W + w) <= A + later * w, {"half": 2 * later * (W + w) <= A + later * w})


def harmonic() -> Obligation:
    """sum alpha_t² = alpha² sum 1/t: a term 1/t is at most log t - log(t-1), by log(1+u) >= u/(1+u) at u = 1/(t-1)."""
    t, u = reals("t u")
    given = {"t >= 2": t >= 2, "u = 1/(t-1)": u * (t - 1) == 1}
    return Obligation(given, u / (1 + u) == 1 / t, {"u": u == 1 / t})


def logarithm() -> tuple[Any, Any, Any]:
    """log(1+u) - u/(1+u) is 0 at u = 0 and its derivative u/(1+u)² is not negative."""
    u = sympy.Symbol("u", positive=True)
    gap = sympy.log(1 + u) - u / (1 + u)
    return sympy.diff(gap, u) + gap.subs(u, 0), u / (1 + u) ** 2, 1 / (1 + u)


def composition() -> tuple[Any, Any, Any]:
    """E R_T = zeta sum (2 - E w_t) with zeta = pC - (1-p), sum E w_t <= √T (c0 + c1 (1 + log T))/(2 D alpha)."""
    zeta, c0, c1, D, alpha, T, x = sympy.symbols("zeta c0 c1 D alpha T x", positive=True)
    lost = sympy.sqrt(T) * (c0 + c1 * (1 + sympy.log(T))) / (2 * D * alpha)
    low = sympy.limit(sympy.expand(zeta * (2 - lost / T)), T, sympy.oo)
    return low, 2 * zeta, zeta


def drift_holds() -> Found:
    """(1-p)/√(qE + 1/delta) > pC/√(q/2 + C²/delta) with p = (1+zeta)/(C+1), zeta = 1/10, delta = 10."""
    q, zeta, delta = flint.arb(9) / 10, ball("0.1"), flint.arb(10)
    found = {}
    for C in (10, 14, 20, 50, 100, 1000):
        p = (1 + zeta) / (C + 1)
        E = p * C * C + 1 - p
        found[C] = (1 - p) / (q * E + 1 / delta).sqrt() - p * C / (q / 2 + flint.arb(C) * C / delta).sqrt()
    detail = "D at delta = 10, zeta = 0.1: " + ", ".join(f"C = {C}: {shown(D, 4)}" for C, D in found.items())
    certain = all(bool(found[C] > 0) for C in (20, 50, 100, 1000))
    return certain, bool(found[10] < 0), detail, {str(C): shown(D) for C, D in found.items()}


CLAIM = Claim(
    id="R6-stochastic",
    title="independent losses: expected regret is linear",
    statement="f_t = C(x+2) with probability p, else 2 - x, independently; zeta = pC - (1-p) > 0, so -1 is"
    " best in mean. For a"
    " saturated window (signal `loss`), no momentum, eps = 0, alpha_t = alpha/√t: if D = (1-p)/√(q(pC²+1-p) + 1/delta)"
    " - pC/√(q/2 + C²/delta) > 0 then (1/T) sum E(1 - theta_t) = O(log T/√T) and E[R_T(-1)]/T -> 2 zeta > 0",
    latex=r"\mathbb E[R_T(-1)]/T\to 2\zeta,\quad"
    r" D=\frac{1-p}{\sqrt{q(pC^2+1-p)+1/\delta}}-\frac{pC}{\sqrt{q/2+C^2/\delta}}>0",
    source=Source("reddi2018", "Theorem 3, its losses", also=(Source("dwmgradnotes", "R6"),)),
    kind="impossibility",
    hypotheses=("delta < inf", "C >= 1", "D > 0", "zeta > 0", "gamma = 0, eps = 0"),
    proof=(
        identity("R6-stochastic.moment", "E[G_t | G] = q G + (1-q) E with E = pC² + 1 - p", mean_moment),
        forall("R6-stochastic.above", "G >= 1 is preserved by every step", stays_above_one),
        forall(
            "R6-stochastic.gap",
            "and a gap below 1 closes geometrically, so G_t >= ½ but for finitely many t",
            first_above_one,
        ),
        forall("R6-stochastic.spike", "then the spike moves at most C/√(q/2 + C²/delta)", spike_push),
        forall("R6-stochastic.tangent", "1/√y lies above its tangent", tangent),
        identity(
            "R6-stochastic.cancels",
            "phi cancels the tangent's slope: E[d + phi(G') - phi(G) | G] >= D for every G",
            cancels,
        ),
        forall("R6-stochastic.projection", "w = 1 - theta: the projection brings w' nearer to 0 and to w", projection),
        forall("R6-stochastic.cross", "|alpha w - alpha' w'| <= alpha² r + 2 (alpha - alpha') =: B", cross_term),
        forall("R6-stochastic.product", "so -2 alpha' w' phi' <= -2 alpha w phi' + 2 F B", product),
        identity(
            "R6-stochastic.lyapunov",
            "L_t = w² - 2 alpha_t w phi: E L_{t+1} <= E L_t - 2 alpha_t D E"
            " w_t + alpha_t² (r² + 2rF) + 4F(alpha_t -"
            " alpha_{t+1}), r = √delta",
            lyapunov,
        ),
        forall("R6-stochastic.harmonic", "sum alpha_t² <= alpha² (1 + log T)", harmonic),
        identity(
            "R6-stochastic.log", "where log(1+u) >= u/(1+u) for u >= 0: equal at 0, derivative u/(1+u)²", logarithm
        ),
        forall("R6-stochastic.averaging", "sum alpha_t E w_t >= alpha_T sum E w_t", averaging),
        identity(
            "R6-stochastic.composition", "E R_T = zeta sum (2 - E w_t), and its average tends to 2 zeta", composition
        ),
        rigorous(
            "R6-stochastic.values",
            "delta = 10, p = (1.1)/(C+1): D > 0 at C = 20, 50, 100, 1000 (not at 10)",
            drift_holds,
        ),
    ),
    note="g_t is independent of theta_t, so E[f_t(theta_t) - f_t(-1)] = zeta E(theta_t + 1). D > 0 for"
    " every delta once C is"
    " about (1+zeta)³ delta. The comparator is the fixed point -1; the best point in hindsight can only"
    " increase regret."
    " The momentum case is not claimed.",
)
