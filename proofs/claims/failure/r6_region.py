"""R6-region: for which C, k, delta and eps the drift of R6 is positive. For every finite window it is for some C."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import ball, rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.claims.failure.capped import AT_LEAST_TWO, FACTOR, below_one
from proofs.inference.derivation import Fact, argued, discharge, equation, lemma, part, sum_over, under, use
from proofs.inference.limits import closed, threshold
from proofs.inference.periods import power_at_most, power_next, power_range
from proofs.models import periodic
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, keys, reals
from proofs.statements.vocabulary import delta, eps, j, k

SOURCE = Source("reddi2018", "Theorem 1, its periodic losses", also=(Source("dwmgradnotes", "R6"),))
C, B, place = reals("C B Cbar")
q = 1 - 1 / delta
a, b, r, s, x, y, p, w, n, r1, s1 = reals("a b r s x y p w n r1 s1")


def moment(C: Any, j: Any) -> Any:
    """G*_j."""
    return periodic.after_spike(C, k, delta, j)


def up(C: Any) -> Any:
    return 1 / (sympy.sqrt(moment(C, j)) + eps)


def down(C: Any) -> Any:
    return C / (sympy.sqrt(periodic.at_spike(C, k, delta)) + eps)


def drift(C: Any) -> Any:
    return sympy.Sum(up(C), (j, 1, k - 1)) - down(C)


INSIDE, SHARE = (q - q**k) / (1 - q**k), (1 - q) / (1 - q**k)  # G*_0 = INSIDE + SHARE C²


def affine(C: Any) -> Fact:
    """G*_0 = a + b C²."""
    factor = reals("q")
    first = equation(
        "R6-region.affine",
        "The moment after a spike is affine in the square of the spike.",
        periodic.at_spike(C, k, 1 / (1 - factor)),
        (factor - factor**k) / (1 - factor**k) + (1 - factor) / (1 - factor**k) * C**2,
        (factor - factor**k) / (1 - factor**k) + (1 - factor) / (1 - factor**k) * C,
        [factor >= 0, factor**k < 1, k >= 1],
    )
    below = discharge(use(below_one(), {r: q}), FACTOR, AT_LEAST_TWO)
    return discharge(discharge(use(first, {factor: q}), FACTOR, below, AT_LEAST_TWO), WEAK)


def settled(fact: Fact, *premises: Fact) -> Fact:
    """The fact without the hypotheses that premises establish; premises of what SymPy finds obvious are left out."""
    for premise in premises:
        if keys([premise.then]).keys() & keys(fact.given).keys():
            fact = discharge(fact, premise)
    return fact


def coefficients() -> Fact:
    """a > 0, b > 0 and a + b = 1 where delta > 1."""
    factor, Q, root = reals("q Q R")
    parts = lemma(
        "R6-region.coefficients",
        "The two coefficients are positive and sum to 1.",
        [
            factor > 0,
            factor < 1,
            Q >= 0,
            equal(factor * root, Q),
            root <= factor,
            equal(a, (factor - Q) / (1 - Q)),
            equal(b, (1 - factor) / (1 - Q)),
        ],
        (a > 0) & (b > 0) & equal(a + b, 1),
        [a > sympy.Rational(1, 100)],
    )
    parts = use(parts, {factor: q, Q: q**k, root: q ** (k - 1), a: INSIDE, b: SHARE})
    before = lemma("R6-region.before", "A period has a step besides the spike.", [k >= 2], k - 1 >= 1, [k - 1 >= 2])
    smaller = discharge(power_at_most(q, k - 1), before)
    return discharge(
        parts,
        SHORT,
        part(WHOLE_POWER, q**k >= 0),
        discharge(power_next(q, k), AT_LEAST_TWO),
        part(discharge(smaller, FACTOR), q ** (k - 1) <= q),
    )


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


WEAK = lemma(
    "R6-region.window", "A window above 1 is at least 1.", [delta > 1], delta >= 1, [delta >= sympy.Rational(101, 100)]
)
SHORT = lemma(
    "R6-region.factor", "Its factor lies between 0 and 1.", [delta > 1], (q > 0) & (q < 1), [q > sympy.Rational(1, 100)]
)
WHOLE_POWER = discharge(power_at_most(q, k), FACTOR, AT_LEAST_TWO)


def falls() -> Fact:
    """drift(B) < drift(C) for k - 1 < C < B, where delta > 1."""
    moments = lemma(
        "R6-region.moments",
        "The moment after a spike grows with the spike.",
        [equal(x, a + b * C**2), equal(y, a + b * B**2), equal(a + b, 1), a > 0, b > 0, C > k - 1, k >= 2, C < B],
        (x >= 1) & (x < y) & (y >= 1),
        [x >= sympy.Rational(101, 100)],
    )
    moments = settled(use(moments, {x: SPIKE_C, y: SPIKE_B, a: INSIDE, b: SHARE}), affine(C), affine(B), coefficients())
    moments = discharge(moments, WEAK)
    less = lemma(
        "R6-region.rest",
        "So does every later one, and its push shrinks.",
        [p >= 0, p <= 1, x >= 1, x < y, eps >= 0],
        1 / (sympy.sqrt(p * y + 1 - p) + eps) <= 1 / (sympy.sqrt(p * x + 1 - p) + eps),
        [1 / (sympy.sqrt(p * y + 1 - p) + eps) <= 1 / (sympy.sqrt(p * x + 1 - p) + eps) * 99 / 100],
    )
    powers = discharge(power_range(q, j), FACTOR, later())
    less = discharge(use(less, {p: q**j, x: SPIKE_C, y: SPIKE_B}), moments, powers)
    rest = sum_over(less, j, 1, k - 1)
    more = lemma(
        "R6-region.spike",
        "The push down of the spike grows: its square root grows more slowly.",
        [
            equal(x, a + b * C**2),
            equal(y, a + b * B**2),
            a > 0,
            b > 0,
            x >= 1,
            x < y,
            C > 0,
            C < B,
            eps >= 0,
            r >= 0,
            s >= 0,
            equal(r**2, x),
            equal(s**2, y),
        ],
        C * (s + eps) < B * (r + eps),
        [C * (s + eps) < B * (r + eps) * 99 / 100],
    )
    more = settled(
        use(more, {x: SPIKE_C, y: SPIKE_B, a: INSIDE, b: SHARE, r: ROOT_C, s: ROOT_B}),
        moments,
        coefficients(),
        affine(C),
        affine(B),
        root_at_least_one(SPIKE_C),
        root_at_least_one(SPIKE_B),
        positive(),
    )
    both_sums = lemma(
        "R6-region.falls",
        "The pushes up shrink and the push down grows.",
        [y <= x, C * (s + eps) < B * (r + eps), r >= 1, s >= 1, eps >= 0],
        y - B / (s + eps) < x - C / (r + eps),
        [y - B / (s + eps) < x - C / (r + eps) - sympy.Rational(1, 100)],
    )
    both_sums = use(
        both_sums, {x: sympy.Sum(up(C), (j, 1, k - 1)), y: sympy.Sum(up(B), (j, 1, k - 1)), r: ROOT_C, s: ROOT_B}
    )
    found = settled(both_sums, rest, more, *(settled(root_at_least_one(v), moments) for v in (SPIKE_C, SPIKE_B)))
    found = settled(found, moments, WEAK)
    return under(found, delta > 1)


def later() -> Fact:
    return lemma("R6-region.later", "A step after the spike.", [j >= 1], j >= 0, [j >= 2])


SPIKE_C, SPIKE_B = periodic.at_spike(C, k, delta), periodic.at_spike(B, k, delta)
ROOT_C, ROOT_B = sympy.sqrt(SPIKE_C), sympy.sqrt(SPIKE_B)


def positive() -> Fact:
    return lemma(
        "R6-region.positive", "A spike above k - 1 is positive.", [C > k - 1, k >= 2], C > 0, [C > 1 + k / 100]
    )


def root_at_least_one(value: Any) -> Fact:
    root = lemma(
        "R6-region.root",
        "The root of what is at least 1 is.",
        [x >= 1],
        (sympy.sqrt(x) >= 1) & (sympy.sqrt(x) >= 0),
        [sympy.sqrt(x) >= sympy.Rational(101, 100)],
    )
    return use(root, {x: value})


def corner() -> Fact:
    """n of the k - 1 pushes 1/(r_j + eps) against their share of (k - 1)/(r_0 + eps): each exceeds its share."""
    return lemma(
        "R6-region.corner",
        "At C = k - 1 every push up is larger than its share of the push down.",
        [s > 0, s < r, x * (r + eps) >= n, eps >= 0, n >= 0],
        (x + 1 / (s + eps)) * (r + eps) > n + 1,
        [(x + 1 / (s + eps)) * (r + eps) > n + 1 + sympy.Rational(1, 100)],
    )


def far() -> Fact:
    """G*_j >= w² C² with w² = q^(k-1) b, and G*_0 <= C², so beyond (k-1)(1 + eps)/w the spike wins."""
    return lemma(
        "R6-region.far",
        "A large spike keeps every later moment large, so all pushes up are small.",
        [w > 0, n > 0, C >= 1, eps >= 0, r > 0, r <= C, C * w > n * (1 + eps)],
        n / (w * C) < C / (r + eps),
        [n / (w * C) < C / (r + eps) * sympy.Rational(99, 100)],
    )


R0, R1 = (sympy.sqrt(moment(C, e).subs(C, k - 1)) for e in (sympy.S.Zero, sympy.S.One))
NEAR_CORNER = (k - 1) * (R0 + eps) / (R1 + eps)
FAR = (k - 1) * (1 + eps) / sympy.sqrt(q ** (k - 1) * SHARE) + 1
BASE = ((k >= 3) & (eps >= 0), delta > 1)


@cache
def one_place() -> Fact:
    """The drift is positive below one C-bar > k - 1 and negative above it."""
    above = argued(
        "The pushes up fall with the later moments, which are at most the first of them; as C grows from k - 1 on, "
        "the ratio of "
        "the push down to the push up of the step after the spike stays below (k - 1), up to this C, because the "
        "moment after a "
        "spike grows. At k - 1 itself R6-region.corner says so.",
        [closed(corner())],
        (NEAR_CORNER > k - 1) & (drift(NEAR_CORNER) > 0),
        BASE,
    )
    below = argued(
        "Every later moment is at least q^(k-1) b C², with b = (1-q)/(1-q^k), and the moment after a spike is at "
        "most C².",
        [closed(far())],
        (FAR > k - 1) & (drift(FAR) < 0),
        BASE,
    )
    return under(threshold(falls(), above, below, C, B, k - 1, place), k >= 3)


UNIT = sympy.Equivalent((k - 1) / (1 + eps) > C / (C + eps), C * (eps - k + 2) < (k - 1) * eps)
Q = reals("q")


def unit() -> Fact:
    """delta = 1: G_t = g_t², so the pushes up are 1/(1 + eps) and the one down is C/(C + eps)."""
    return lemma(
        "R6-region.unit",
        "With a window of 1 the moment is the last square.",
        [C > k - 1, k >= 3, eps >= 0],
        UNIT,
        [
            sympy.Equivalent(
                (k - 1) / (1 + eps) > C / (C + eps), C * (eps - k + 2) < (k - 1) * eps * sympy.Rational(99, 100)
            )
        ],
    )


def two() -> Fact:
    """k = 2: r_0² = G*_0 = (q + C²)/(1 + q), r_1² = G*_1 = q G*_0 + 1 - q; the push down is never the smaller one."""
    return lemma(
        "R6-region.two",
        "A spike every second step is never outweighed.",
        [r > 0, equal(r**2 * (1 + Q), Q + C**2), s > 0, equal(s**2, Q * r**2 + 1 - Q), C > 1, Q >= 0, Q < 1, eps >= 0],
        C * (s + eps) >= r + eps,
        [C * (s + eps) >= (r + eps) * sympy.Rational(101, 100)],
    )


def two_sides() -> Fact:
    exact_ = equation(
        "R6-region.two moments",
        "The moment after a spike, for a period of two.",
        periodic.at_spike(C, sympy.Integer(2), 1 / (1 - Q)),
        (Q + C**2) / (1 + Q),
        (Q + C) / (1 + Q),
        [Q >= 0, Q < 1],
    )
    return exact_


def smallest_integer() -> Found:
    delta = flint.arb(10)
    drifts = {k: periodic.drift(flint.arb(k), k, delta) for k in range(2, 8)}
    certain = all(bool(drifts[k] < 0) for k in range(2, 7)) and bool(drifts[7] > 0)
    detail = f"C = k, delta = 10: drift {shown(drifts[6])} at k = 6, {shown(drifts[7])} at k = 7"
    return certain, not bool(drifts[6] > 0), detail, {str(k): shown(d) for k, d in drifts.items()}


def corners() -> Found:
    """C-bar at delta = 10, eps = 1e-8: the drift changes sign within 1e-6 of what bisection found."""
    delta, eps, step = flint.arb(10), ball("1e-8"), ball("1e-6")
    found, certain = {}, True
    for period in (3, 4, 5, 7, 10, 20, 50):
        low, high = flint.arb(period - 1), flint.arb(10) ** 6
        while not high - low < step:
            middle = ((low + high) / 2).mid()
            low, high = (middle, high) if periodic.drift(middle, period, delta, eps) > 0 else (low, middle)
        certain &= bool(periodic.drift(low, period, delta, eps) > 0) and bool(
            periodic.drift(high, period, delta, eps) < 0
        )
        found[str(period)] = shown(low, 8)
    beyond = bool(periodic.drift(high + 1, 50, delta, eps) < 0)
    detail = "C-bar at delta = 10: " + ", ".join(f"k = {k}: {C}" for k, C in found.items())
    return certain, beyond, detail, {"delta": 10, "eps": 1e-8, "C_bar": found}


def unit_window() -> Found:
    """delta = 1: C = 5 does not fail at k = 3, eps = 3, beyond k - 2; at k = 2, eps = 0 there is no drift at all."""
    past = 2 / flint.arb(4) - flint.arb(5) / 8
    flat = 1 / flint.arb(1) - flint.arb(5) / 5
    detail = (
        f"k = 3, delta = 1, eps = 3, C = 5: drift {shown(past)}; k = 2, delta = 1, eps = 0, C = 5: drift {shown(flat)}"
    )
    by_formula = periodic.drift(flint.arb(5), 3, flint.arb(1), flint.arb(3))
    return (
        bool(past < 0) and bool(by_formula < 0) and flat.contains(0),
        not bool(past > 0),
        detail,
        {"eps": 3, "k": 3, "C": 5},
    )


CLAIM = Claim(
    id="R6-region",
    title="the exact failure region",
    statement=Statement(
        given=BASE,
        then=one_place().then,
        where=((C, "slope of the spike"), (k, "period of the losses"), (place, "the end of the region")),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(one_place(),),
    controls=(
        rigorous("R6-region.integer", "With C = k and delta = 10 the smallest failing period is 7.", smallest_integer),
        rigorous("R6-region.corners", "C-bar is enclosed at the default delta = 10, eps = 1e-8.", corners),
        rigorous("R6-region.unit window", "A window of 1 does not fail for every C where eps > k - 2.", unit_window),
    ),
    note="By R6 and R6-converse the sign of this difference decides where the iterate goes, so every finite window "
    "above 1 has "
    "losses of period 3 with linear regret, and nothing is claimed at C-bar. The smallest integer example at delta = "
    "10 is "
    "C = k = 7; C = 2.04, k = 3 fails too.",
)

UNIT_CLAIM = Claim(
    id="R6-region-edges",
    title="the failure region for a window of 1 and for period 2",
    statement=Statement(
        given=((C > k - 1) & (k >= 3), eps >= 0),
        then=UNIT,
        where=((C, "slope of the spike"), (k, "period of the losses")),
    ),
    source=SOURCE,
    kind="impossibility",
    proof=(unit(),),
    controls=(two().check, two_sides().check),
    note="For delta = 1 the moment is the last square, so these are the pushes up and down of R6: every C > k - 1 "
    "fails if eps <= "
    "k - 2, and only C below (k-1) eps/(eps - k + 2) otherwise. For k = 2 the spike is never outweighed "
    "(R6-region.two); without eps "
    "and with delta = 1 the two sides are equal there, and nothing is claimed.",
)
