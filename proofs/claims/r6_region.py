"""R6-region: exactly which (C, k, delta) fail. Every finite window does, from k = 3 on."""

from typing import Any

import flint
import sympy
import z3

from dwmgrad_ref.rules.base import Source
from proofs import periodic
from proofs.claim import Claim
from proofs.engines.by_arb import ball, rigorous, shown
from proofs.engines.by_exact import Found
from proofs.engines.by_smt import Obligation, forall, reals
from proofs.engines.by_sympy import identity

SOURCE = Source("reddi2018", "Theorem 1, its periodic losses", also=(Source("dwmgradnotes", "R6"),))


def affine() -> tuple[Any, Any, Any]:
    """G*_0 = a + b C² with a = (q - q^k)/(1 - q^k), b = (1 - q)/(1 - q^k)."""
    q, C = sympy.symbols("q C", positive=True)
    k = sympy.Symbol("k", positive=True, integer=True)
    a, b = (q - q**k) / (1 - q**k), (1 - q) / (1 - q**k)
    return periodic.at_spike(C, k, 1 / (1 - q)), a + b * C**2, a + b * C


def spike_grows() -> Obligation:
    """C/(sqrt(G*_0) + eps) increases with C; r and s are the roots at C and at a larger D."""
    a, b, C, D, r, s, eps = reals("a b C D r s eps")
    given = {
        "r² = a + b C², s² = a + b D²": z3.And(r >= 0, s >= 0, r * r == a + b * C * C, s * s == a + b * D * D),
        "a > 0, b > 0": z3.And(a > 0, b > 0),
        "0 < C < D": z3.And(C > 0, C < D),
        "eps >= 0": eps >= 0,
    }
    return Obligation(given, C * (s + eps) < D * (r + eps), {"<= ½": 2 * C * (s + eps) < D * (r + eps)})


def rest_shrinks() -> Obligation:
    """1/(sqrt(G*_j) + eps) does not increase: G*_j = p (a + b C²) + 1 - p."""
    a, b, C, D, p = reals("a b C D p")
    given = {"b >= 0, 0 <= p": z3.And(b >= 0, p >= 0), "0 < C < D": z3.And(C > 0, C < D)}
    return Obligation(given, p * (a + b * C * C) + 1 - p <= p * (a + b * D * D) + 1 - p)


def smaller_than_spike() -> tuple[Any, Any, Any]:
    q, C = sympy.symbols("q C", positive=True)
    j, k = sympy.symbols("j k", positive=True, integer=True)
    G0, Gj = periodic.at_spike(C, k, 1 / (1 - q)), periodic.after_spike(C, k, 1 / (1 - q), j)
    return G0 - Gj, (1 - q**j) * (1 - q) * (C**2 - 1) / (1 - q**k), (1 - q**j) * (1 - q) * C**2 / (1 - q**k)


def positive_at_corner() -> Obligation:
    """n of the k - 1 pushes 1/(r_j + eps) against (k - 1)/(r_0 + eps): each exceeds its share."""
    total, n, r0, rj, eps = reals("total n r0 rj eps")
    given = {
        "sqrt(G*_j) < sqrt(G*_0)": z3.And(rj > 0, rj < r0),
        "n shares so far": total * (r0 + eps) >= n,
        "eps >= 0": eps >= 0,
        "n >= 0": n >= 0,
    }
    after = total + 1 / (rj + eps)
    return Obligation(given, after * (r0 + eps) > n + 1, {"n + 2": after * (r0 + eps) > n + 2})


def two_never() -> Obligation:
    """k = 2: G*_0 = (q + C²)/(1 + q), G*_1 = q G*_0 + 1 - q; the spike always wins."""
    q, C, r0, r1, eps = reals("q C r0 r1 eps")
    given = {
        "r0² = G*_0": z3.And(r0 > 0, r0 * r0 * (1 + q) == q + C * C),
        "r1² = G*_1": z3.And(r1 > 0, r1 * r1 == q * r0 * r0 + 1 - q),
        "C > k - 1 = 1": C > 1,
        "0 <= q < 1": z3.And(q >= 0, q < 1),
        "eps >= 0": eps >= 0,
    }
    return Obligation(given, C * (r1 + eps) >= r0 + eps, {"C >= 2 times": C * (r1 + eps) >= 2 * (r0 + eps)})


def large_spike_wins() -> Obligation:
    """G*_j >= w² C² with w² = p b, p = q^(k-1) > 0, so the k - 1 other pushes are below (k-1)/(w C)."""
    b, p, n, C, R, w = reals("b p n C R w")
    given = {
        "R = sqrt(G*_0) + eps, R² <= 8 b C²": z3.And(R > 0, R * R <= 8 * b * C * C),
        "w² = p b": z3.And(w > 0, w * w == p * b),
        "p C² > 8 (k-1)²": p * C * C > 8 * n * n,
        "C > 0, n > 0, b > 0": z3.And(C > 0, n > 0, b > 0),
    }
    return Obligation(given, n * R < C * C * w, {"2 n": 2 * n * R < C * C * w})


def one_always() -> tuple[Any, Any, Any]:
    """delta = 1: G_t = g_t², every push is 1 up and the spike 1 down (k = 5)."""
    C = sympy.Symbol("C", positive=True)
    return periodic.drift(C, 5, sympy.Integer(1)), 5 - 2, 5 - 1


def smallest_integer() -> Found:
    delta = flint.arb(10)
    drifts = {k: periodic.drift(flint.arb(k), k, delta) for k in range(2, 8)}
    certain = all(drifts[k] < 0 for k in range(2, 7)) and drifts[7] > 0
    detail = f"C = k, delta = 10: drift {shown(drifts[6])} at k = 6, {shown(drifts[7])} at k = 7"
    return certain, not drifts[6] > 0 and bool(drifts[6] < 0), detail, {str(k): shown(d) for k, d in drifts.items()}


def corners() -> Found:
    """C-bar at delta = 10, eps = 1e-8: the drift changes sign within 1e-6 of what bisection found."""
    delta, eps, step = flint.arb(10), ball("1e-8"), ball("1e-6")
    found, certain = {}, True
    for k in (3, 4, 5, 7, 10, 20, 50):
        low, high = flint.arb(k - 1), flint.arb(10) ** 6
        while not high - low < step:
            middle = ((low + high) / 2).mid()
            low, high = (middle, high) if periodic.drift(middle, k, delta, eps) > 0 else (low, middle)
        certain &= bool(periodic.drift(low, k, delta, eps) > 0) and bool(periodic.drift(high, k, delta, eps) < 0)
        found[str(k)] = shown(low, 8)
    beyond = bool(periodic.drift(high + 1, 50, delta, eps) < 0)
    detail = "C-bar at delta = 10: " + ", ".join(f"k = {k}: {C}" for k, C in found.items())
    return certain, beyond, detail, {"delta": 10, "eps": 1e-8, "C_bar": found}


CLAIM = Claim(
    id="R6-region",
    title="the exact failure region",
    statement="For k >= 3 and 1 < delta < inf the family fails exactly for k - 1 < C < C-bar(k, delta),"
    " where C-bar > k - 1 is"
    " the only root of sum_j 1/(√G*_j + eps) = C/(√G*_0 + eps); for delta = 1 and k >= 3 it fails for every"
    " C > k - 1; for"
    " k = 2 never. So *every* finite window has a sequence of period 3 with linear regret.",
    latex=r"k\ge 3:\quad \text{failure} \iff k-1 < C < \bar C(k,\delta)",
    source=SOURCE,
    kind="impossibility",
    hypotheses=("those of R6", "on the boundary C = C-bar nothing is claimed"),
    depends=("R6", "R6-converse"),
    proof=(
        identity("R6-region.affine", "G*_0 = a + b C² with a, b > 0 that do not depend on C", affine),
        forall("R6-region.spike", "C/(√G*_0 + eps) strictly increases with C", spike_grows),
        forall(
            "R6-region.rest", "every G*_j is non-decreasing in C, so the drift strictly decreases with C", rest_shrinks
        ),
        identity(
            "R6-region.order", "G*_0 - G*_j = (1-q^j)(1-q)(C²-1)/(1-q^k) > 0 for C > 1, j >= 1", smaller_than_spike
        ),
        forall(
            "R6-region.corner",
            "so at C = k - 1 >= 2 the pushes sum to more than (k-1)/(√G*_0+eps): drift > 0",
            positive_at_corner,
        ),
        forall(
            "R6-region.far",
            "for C² > max(a/b, eps²/(2b), 8(k-1)²/q^(k-1)) the drift is negative: there is one root",
            large_spike_wins,
        ),
        identity("R6-region.unit", "delta = 1: the drift is k - 2 for every C (shown at k = 5)", one_always),
        forall("R6-region.two", "k = 2: the drift is never positive", two_never),
        rigorous(
            "R6-region.integer", "with C = k and delta = 10 the smallest failing period is k = 7", smallest_integer
        ),
        rigorous("R6-region.corners", "C-bar enclosed at the default delta = 10, eps = 1e-8", corners),
    ),
    note="Sharpens [dwmgradnotes] R6: its C = k = 7 at delta = 10 is the smallest *integer* example; C ="
    " 2.04, k = 3 fails"
    " too. As delta grows the interval shrinks but never closes.",
)
