"""R6-stochastic: independent losses, C(x+2) with probability p, else 2 - x: expected regret grows linearly.

phi(G) = -slope G straightens the drift. The push up has the mean (1-p)/sqrt(qG + 1/delta) - pC/sqrt(qG + C²/delta);
the first is convex in G, so it lies above its tangent at the stationary mean E = pC² + 1 - p, and the tangent is what
phi cancels. A Lyapunov function then bounds the sum of E(1 - theta_t), without a logarithm.
"""

from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.inference.derivation import Fact, argued, equation, lemma
from proofs.inference.limits import closed
from proofs.statements.claim import Claim
from proofs.statements.formulas import clip, step
from proofs.statements.statement import BigO, Named, Statement, Tends, reals, sequences
from proofs.statements.vocabulary import T, alpha, delta, t

C, p, r, s, x, G, v, w = reals("C p r s x G v w")
W, R = sequences("W R")
R_ = sympy.Rational
q = 1 - 1 / delta
STATIONARY = p * C**2 + 1 - p
ZETA = p * C - (1 - p)
DRIFT = (1 - p) / sympy.sqrt(q * STATIONARY + 1 / delta) - p * C / sympy.sqrt(q / 2 + C**2 / delta)
SETTING = Named(
    "every loss is drawn independently: f_t(x) = {0} (x + 2) with probability {1}, else 2 - x; theta is a run of "
    "dwmgrad "
    "whose window is {2} at every step, with alpha_t = {3}/sqrt(t), no momentum and eps = 0, projected onto [-1, 1], "
    "from a "
    "second moment between 1/2 and {0}²; W_t = E[1 - theta_t], R_T is the expected regret against -1",
    C,
    p,
    delta,
    alpha,
)
GIVEN = (SETTING, (C > 1) & (p > 0) & (p < 1) & (delta > 1) & (alpha > 0), ZETA > 0, DRIFT > 0)
TOTAL = sympy.Sum(W(t), (t, 1, T))


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


# --- the lemmas of the argued step -----------------------------------------------------------------------------


def tangent() -> Fact:
    """1/r >= 1/s - (r² - s²)/(2 s³): 1/sqrt is convex. Multiplied by 2 r s³."""
    left, right = 2 * s**3, 2 * r * s**2 - r * (r**2 - s**2)
    return lemma(
        "R6-stochastic.tangent",
        "One over a root lies above its tangent.",
        [r > 0, s > 0],
        left >= right,
        [left >= right + s**3 / 100],
    )


def stays() -> Fact:
    new = step(omega=x, G=G, g=w)[0].G
    return lemma(
        "R6-stochastic.stays",
        "A second moment between one half and the largest square stays there.",
        [2 * G >= 1, G <= C**2, w**2 >= 1, w**2 <= C**2, x >= 1],
        (2 * new >= 1) & (new <= C**2),
        [2 * new >= R_(101, 100)],
    )


def spike_push() -> Fact:
    new = step(omega=delta, G=G, g=C)[0].G
    return lemma(
        "R6-stochastic.spike",
        "So a spike moves no more than this moment allows.",
        [2 * G >= 1, delta > 1],
        new >= q / 2 + C**2 / delta,
        [new >= q * R_(51, 100) + C**2 / delta],
    )


def mean_moment() -> Fact:
    high, low = step(omega=delta, G=G, g=C)[0].G, step(omega=delta, G=G, g=-sympy.S.One)[0].G
    return equation(
        "R6-stochastic.moment",
        "The mean of the next second moment.",
        p * high + (1 - p) * low,
        q * G + STATIONARY / delta,
        q * G + STATIONARY,
        [delta > 1],
    )


def cancels() -> Fact:
    """The tangent at y0 = qE + 1/delta plus E[phi(G') - phi(G)] does not depend on G."""
    slope = (1 - p) * q * delta / (2 * s**3)  # phi(G) = -slope G, s = sqrt(qE + 1/delta)
    line = (1 - p) * (1 / s - (q * G - q * x) / (2 * s**3))
    return equation(
        "R6-stochastic.cancels",
        "The correction cancels the tangent's slope.",
        line - slope * (q * G + x / delta - G),
        (1 - p) / s,
        (1 - p) / s + G,
        [s > 0, delta > 1],
    )


def projection() -> Fact:
    after = 1 - clip(1 - w + v, -1, 1)
    return lemma(
        "R6-stochastic.projection",
        "The projection brings the distance to 1 nearer to 0 and moves it no farther.",
        [w >= 0, w <= 2],
        (after**2 <= (w - v) ** 2) & ((after - w) ** 2 <= v**2) & (after >= 0) & (after <= 2),
        [(after - w) ** 2 <= v**2 * R_(99, 100)],
    )


def cross_term() -> Fact:
    drop, after, a = reals("c z a")
    moved = a * (w - after) + drop * after
    return lemma(
        "R6-stochastic.cross",
        "A step changes the weighted distance little.",
        [w - after <= a * r, after - w <= a * r, after >= 0, after <= 2, drop >= 0, a > 0],
        sympy.Abs(moved) <= a**2 * r + 2 * drop,
        [sympy.Abs(moved) <= (a**2 * r + 2 * drop) * R_(99, 100)],
    )


def lyapunov() -> Fact:
    """The two lemmas put into Y' = w'² - 2 alpha' w' phi' and added up."""
    d, a, later, phi, new, F = reals("d a b phi psi F")
    upper = (w - a * d) ** 2 - 2 * a * w * new + 2 * F * (a**2 * r + 2 * (a - later)) + a**2 * (r**2 - d**2)
    start, rest = w**2 - 2 * a * w * phi, a**2 * (r**2 + 2 * r * F) + 4 * F * (a - later)
    return equation(
        "R6-stochastic.lyapunov",
        "The corrected square of the distance falls by the corrected push.",
        upper,
        start - 2 * a * w * (d + new - phi) + rest,
        start - a * w * (d + new - phi) + rest,
    )


def roots() -> Fact:
    """With r = sqrt(t - 1), s = sqrt(t): 1/s <= 2 (s - r)."""
    return lemma(
        "R6-stochastic.roots",
        "The step size at a step is at most twice what the root of the time grows by.",
        [equal(s**2, r**2 + 1), r >= 0, s >= 1],
        1 <= 2 * s * (s - r),
        [1 <= R_(19, 10) * s * (s - r)],
    )


def decay() -> Fact:
    """With s = sqrt(t), v = sqrt(t + 1): v - s <= 1/2, so 1 - s/v <= s - r, by R6-stochastic.roots and s <= v."""
    return lemma(
        "R6-stochastic.decay",
        "The root of the time grows by no more than one half.",
        [equal(v**2, s**2 + 1), s >= 1, v >= 1],
        v - s <= R_(1, 2),
        [v - s <= R_(41, 100)],
    )


def drift_at(size: int) -> Any:
    """DRIFT at delta = 10 and zeta = 1/10, so p = (1 + zeta)/(C + 1), as a ball."""
    chance = sympy.Rational(11, 10) / (size + 1)
    value = DRIFT.subs({delta: 10, p: chance, C: size})
    total = flint.arb(0)
    for term in sympy.Add.make_args(value):
        square = sympy.nsimplify(term**2)
        total += (flint.arb(int(square.p)) / int(square.q)).sqrt() * (1 if term > 0 else -1)
    return total


def drift_holds() -> Found:
    found = {size: drift_at(size) for size in (10, 14, 20, 50, 100, 1000)}
    detail = "D at delta = 10, zeta = 0.1: " + ", ".join(f"C = {size}: {shown(D, 4)}" for size, D in found.items())
    certain = all(bool(found[size] > 0) for size in (20, 50, 100, 1000))
    return certain, bool(found[10] < 0), detail, {str(size): shown(D) for size, D in found.items()}


CONCLUSION = BigO(T, TOTAL / T, 1 / sympy.sqrt(T)) & Tends(T, R(T) / T, 2 * ZETA)

CLAIM = Claim(
    id="R6-stochastic",
    title="independent losses: expected regret is linear",
    statement=Statement(
        given=GIVEN,
        then=CONCLUSION,
        where=(
            (C, "slope of the spike"),
            (p, "probability of the spike"),
            (W, "E[1 - theta_t]"),
            (R, "expected regret against -1"),
        ),
    ),
    source=Source("reddi2018", "Theorem 3, its losses", also=(Source("dwmgradnotes", "R6"),)),
    kind="impossibility",
    proof=(
        argued(
            "The gradient is independent of theta_t and of the second moment before it, so the corrected push has a "
            "mean of at "
            "least D, the left side of the last hypothesis; hence Y_t = w_t² - 2 alpha_t w_t phi_t, w_t = 1 - "
            "theta_t, falls in mean "
            "by 2 alpha_t D E w_t, up to multiples of alpha_t² and of alpha_t - alpha_{t+1}. Divide by alpha_t and "
            "sum by parts: "
            "Y_t is bounded, and by R6-stochastic.roots and R6-stochastic.decay the rest sums to a multiple of "
            "sqrt(T). The expected regret of a step is "
            "zeta (2 - E w_t), zeta = pC - (1 - p).",
            [
                closed(f)
                for f in (
                    tangent(),
                    stays(),
                    spike_push(),
                    mean_moment(),
                    cancels(),
                    projection(),
                    cross_term(),
                    lyapunov(),
                    roots(),
                    decay(),
                )
            ],
            CONCLUSION,
            GIVEN,
        ),
    ),
    controls=(
        rigorous(
            "R6-stochastic.values",
            "At delta = 10 and zeta = 1/10 the drift is positive for C = 20, 50, 100, 1000, not for 10.",
            drift_holds,
        ),
    ),
    note="-1 is the best point in mean; the best point in hindsight can only increase the regret. Any start comes to "
    "a second "
    "moment of at least 1/2 after finitely many steps. D > 0 for every delta once C is about (1+zeta)³ delta. The "
    "case with "
    "momentum is not claimed.",
)
