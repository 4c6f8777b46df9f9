"""R6-drift: a push that repeats with period k and has a positive mean takes the iterate to the upper end.

theta' = P(theta + alpha_t d_t) on [-1, 1], alpha_t = alpha/sqrt(t); d_t comes as near as one likes to a periodic
d*_j of mean m > 0. Let E_j = sum_{i<j} (d*_i - m), which is periodic, F >= |E_j|, and watch
Y_t = theta_t - alpha_t E_j.
By symmetry (theta -> -theta, d -> -d) a negative mean takes it to the lower end.
"""

from typing import Any

import z3

from dwmgrad_ref.rules.base import Source
from proofs.claim import Claim
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity
from proofs.formulas import clip, step_size


def decay() -> Obligation:
    """alpha_t - alpha_{t+1} <= alpha_t / t."""
    t, alpha = reals("t alpha")
    now, later = step_size(t, alpha), step_size(t + 1, alpha)
    given = {"t >= 1": t >= 1, "alpha > 0": alpha > 0}
    goal = z3.And(later > 0, later <= now, (now - later) * t <= now, now <= 2 * later)
    return Obligation(given, goal, {"(alpha_t - alpha_{t+1}) 3t <= alpha_t": (now - later) * 3 * t <= now})


def _setting() -> tuple[dict[str, Any], tuple[Any, ...]]:
    """One step at a time t so late that d is within m/4 of d* and alpha_t - alpha_{t+1} <= alpha_t m/(4F)."""
    theta, a, later, d, limit, m, E, F = reals("theta a later d limit m E F")
    given = {
        "m > 0, 0 < alpha_{t+1} <= alpha_t <= 2 alpha_{t+1}": z3.And(m > 0, later > 0, later <= a, a <= 2 * later),
        "|d - d*| <= m/4": z3.And(d - limit <= m / 4, limit - d <= m / 4),
        "|E_j|, |E_{j+1}| <= F": z3.And(E <= F, -E <= F, E + limit - m <= F, m - E - limit <= F),
        "(alpha_t - alpha_{t+1}) F <= alpha_t m/4": 4 * (a - later) * F <= a * m,
    }
    return given, (theta, a, later, d, limit, m, E, F)


def rising() -> Obligation:
    given, (theta, a, later, d, limit, m, E, F) = _setting()
    Y = theta - a * E
    after = clip(theta + a * d, -1, 1) - later * (E + limit - m)
    goal = z3.Or(after >= Y + a * m / 2, after >= 1 - a * F)
    return Obligation(given, goal, {"gain 5 alpha m/4": z3.Or(after >= Y + 5 * a * m / 4, after >= 1 - a * F)})


def staying() -> Obligation:
    a, later, m, F, Y, after = reals("a later m F Y after")
    given = {
        "0 < alpha_{t+1} <= alpha_t <= 2 alpha_{t+1}": z3.And(later > 0, later <= a, a <= 2 * later),
        "(alpha_t - alpha_{t+1}) F <= alpha_t m/4, F >= 0": z3.And(4 * (a - later) * F <= a * m, F >= 0),
        "rising": z3.Or(after >= Y + a * m / 2, after >= 1 - a * F),
        "Y_t >= 1 - 2 F alpha_t": Y >= 1 - 2 * F * a,
    }
    return Obligation(given, after >= 1 - 2 * F * later, {"1 - F alpha_{t+1}/2": after >= 1 - F * later / 2})


def near() -> Obligation:
    theta, a, E, F = reals("theta a E F")
    given = {
        "alpha_t > 0, |E_j| <= F": z3.And(a > 0, E <= F, -E <= F),
        "Y_t >= 1 - 2 F alpha_t": theta - a * E >= 1 - 2 * F * a,
    }
    return Obligation(given, theta >= 1 - 3 * F * a, {"1 - 2 F alpha_t": theta >= 1 - 2 * F * a})


def divergence() -> Obligation:
    """1/√t >= 2(√(t+1) - √t), so the gains alpha_t m/2 sum to infinity; r = √t, s = √(t+1)."""
    r, s = reals("r s")
    given = {"r² + 1 = s², r, s > 0": z3.And(r > 0, s > 0, s * s == r * r + 1)}
    return Obligation(given, 1 >= 2 * r * (s - r), {"3": 1 >= 3 * r * (s - r)})


def mirror() -> Obligation:
    y, z = reals("y z")
    goal = clip(-y, -1, 1) == -clip(z, -1, 1)
    return Obligation({"z = y": z == y}, goal)


def entry() -> tuple[Any, Any, Any]:
    """T_1 solves Y_{t0} + (m/2) 2 alpha (√T_1 - √t0) = 1 for the lowest possible Y_{t0} = -1 - alpha_{t0} F."""
    import sympy

    t0, alpha, m, F = sympy.symbols("t0 alpha m F", positive=True)
    arrival = sympy.sqrt(t0) + (2 + F * alpha / sympy.sqrt(t0)) / (alpha * m)
    height = -1 - F * alpha / sympy.sqrt(t0) + m * alpha * (arrival - sympy.sqrt(t0))
    return height, 1, 2


CLAIM = Claim(
    id="R6-drift",
    title="a periodic push of positive mean goes to the top",
    statement="theta_{t+1} = P(theta_t + alpha_t d_t) on [-1, 1] with alpha_t = alpha/sqrt(t) and d_t -"
    " d*_(t mod k) -> 0,"
    " where d* has mean m > 0: from some T_1 on, 1 - theta_t <= 3 F alpha_t, F = max_j |sum_{i<j} (d*_i -"
    " m)|. With t0 such"
    " that |d_t - d*| <= m/4 and t >= 4F/m for t >= t0, T_1 = (sqrt(t0) + (2 + F alpha/sqrt(t0))/(alpha"
    " m))² + 1 will do."
    " With a negative mean theta_t goes to -1 in the same way.",
    latex=r"m > 0 \;\Rightarrow\; 1 - \theta_t \le 3F\alpha_t \quad (t \ge T_1)",
    source=Source("reddi2018", "Theorem 1 is of this kind; the lemma is the project's"),
    kind="rate",
    hypotheses=("alpha_t = alpha/sqrt(t)", "d_t - d*_(t mod k) -> 0", "m > 0"),
    proof=(
        forall("R6-drift.decay", "alpha_t - alpha_{t+1} <= alpha_t/t, so it is <= alpha_t m/(4F) for t >= 4F/m", decay),
        forall(
            "R6-drift.rising", "a step raises Y by alpha_t m/2, or the projection puts Y above 1 - alpha_t F", rising
        ),
        forall(
            "R6-drift.diverging", "the gains sum to infinity: sum_{t0<=t<T} alpha_t >= 2 alpha (√T - √t0)", divergence
        ),
        identity("R6-drift.entry", "from the lowest start the gains reach Y = 1 >= 1 - 2 F alpha_t at T_1", entry),
        forall("R6-drift.staying", "Y_t >= 1 - 2 F alpha_t is preserved by a step: once in, for ever in", staying),
        forall("R6-drift.near", "and then theta_t = Y_t + alpha_t E_j >= 1 - 3 F alpha_t", near),
        forall("R6-drift.mirror", "the projection is odd, so a negative mean is the same lemma for -theta", mirror),
    ),
    note="`rising`, `staying` and `near` allow alpha_{t+1} = alpha_t: with a constant step size 1 - theta_t"
    " <= 3 F alpha.",
)
