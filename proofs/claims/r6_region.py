"""R6-region: for which C, k, delta and eps the drift of R6 is positive. For every finite window it is for some C."""

from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs import periodic
from proofs.capped import AT_LEAST_TWO, FACTOR, below_one
from proofs.claim import Claim
from proofs.derivation import (
    Fact, assume, both, discharge, empty_sum, equation, follows, lemma, longer_sum, part, sum_over, use,
)  # fmt: skip
from proofs.engines.by_arb import ball, rigorous, shown
from proofs.engines.by_exact import Found
from proofs.limits import implication, threshold
from proofs.periods import constant_sum, power_at_most, power_next, power_range
from proofs.statement import Statement, keys, reals, substitute
from proofs.vocabulary import delta, eps, j, k

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
        "R6-region.affine", "The moment after a spike is affine in the square of the spike.",
        periodic.at_spike(C, k, 1 / (1 - factor)),
        (factor - factor**k) / (1 - factor**k) + (1 - factor) / (1 - factor**k) * C**2,
        (factor - factor**k) / (1 - factor**k) + (1 - factor) / (1 - factor**k) * C, [factor >= 0, factor**k < 1, k >= 1],
    )  # fmt: skip
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
        "R6-region.coefficients", "The two coefficients are positive and sum to 1.",
        [factor > 0, factor < 1, Q >= 0, equal(factor * root, Q), root <= factor, equal(a, (factor - Q) / (1 - Q)),
         equal(b, (1 - factor) / (1 - Q))],
        (a > 0) & (b > 0) & equal(a + b, 1), [a > sympy.Rational(1, 100)],
    )  # fmt: skip
    parts = use(parts, {factor: q, Q: q**k, root: q ** (k - 1), a: INSIDE, b: SHARE})
    before = lemma("R6-region.before", "A period has a step besides the spike.", [k >= 2], k - 1 >= 1, [k - 1 >= 2])
    smaller = discharge(power_at_most(q, k - 1), before)
    return discharge(parts, SHORT, part(WHOLE_POWER, q**k >= 0), discharge(power_next(q, k), AT_LEAST_TWO),
                     part(discharge(smaller, FACTOR), q ** (k - 1) <= q))  # fmt: skip


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


WEAK = lemma("R6-region.window", "A window above 1 is at least 1.", [delta > 1], delta >= 1, [delta >= sympy.Rational(101, 100)])
SHORT = lemma("R6-region.factor", "Its factor lies between 0 and 1.", [delta > 1], (q > 0) & (q < 1), [q > sympy.Rational(1, 100)])
WHOLE_POWER = discharge(power_at_most(q, k), FACTOR, AT_LEAST_TWO)


def falls() -> Fact:
    """drift(B) < drift(C) for k - 1 < C < B, where delta > 1."""
    moments = lemma(
        "R6-region.moments", "The moment after a spike grows with the spike.",
        [equal(x, a + b * C**2), equal(y, a + b * B**2), equal(a + b, 1), a > 0, b > 0, C > k - 1, k >= 2, C < B],
        (x >= 1) & (x < y), [x >= sympy.Rational(101, 100)],
    )  # fmt: skip
    moments = settled(use(moments, {x: SPIKE_C, y: SPIKE_B, a: INSIDE, b: SHARE}), affine(C), affine(B), coefficients())
    moments = discharge(moments, WEAK)
    less = lemma(
        "R6-region.rest", "So does every later one, and its push shrinks.", [p >= 0, p <= 1, x >= 1, x < y, eps >= 0],
        1 / (sympy.sqrt(p * y + 1 - p) + eps) <= 1 / (sympy.sqrt(p * x + 1 - p) + eps),
        [1 / (sympy.sqrt(p * y + 1 - p) + eps) <= 1 / (sympy.sqrt(p * x + 1 - p) + eps) * 99 / 100],
    )  # fmt: skip
    powers = discharge(power_range(q, j), FACTOR, later())
    less = discharge(use(less, {p: q**j, x: SPIKE_C, y: SPIKE_B}), moments, powers)
    rest = sum_over(less, j, 1, k - 1)
    more = lemma(
        "R6-region.spike", "The push down of the spike grows: its square root grows more slowly.",
        [equal(x, a + b * C**2), equal(y, a + b * B**2), a > 0, b > 0, x >= 1, x < y, C > 0, C < B, eps >= 0,
         r >= 0, s >= 0, equal(r**2, x), equal(s**2, y)],
        C * (s + eps) < B * (r + eps), [C * (s + eps) < B * (r + eps) * 99 / 100],
    )  # fmt: skip
    more = settled(use(more, {x: SPIKE_C, y: SPIKE_B, a: INSIDE, b: SHARE, r: ROOT_C, s: ROOT_B}), moments, coefficients(),
                   affine(C), affine(B), root_at_least_one(SPIKE_C), root_at_least_one(SPIKE_B), positive())  # fmt: skip
    both_sums = lemma(
        "R6-region.falls", "The pushes up shrink and the push down grows.",
        [y <= x, C * (s + eps) < B * (r + eps), r >= 1, s >= 1, eps >= 0], y - B / (s + eps) < x - C / (r + eps),
        [y - B / (s + eps) < x - C / (r + eps) - sympy.Rational(1, 100)],
    )  # fmt: skip
    both_sums = use(both_sums, {x: sympy.Sum(up(C), (j, 1, k - 1)), y: sympy.Sum(up(B), (j, 1, k - 1)), r: ROOT_C, s: ROOT_B})
    return both_sums, rest, more, moments


def later() -> Fact:
    return lemma("R6-region.later", "A step after the spike.", [j >= 1], j >= 0, [j >= 2])


SPIKE_C, SPIKE_B = periodic.at_spike(C, k, delta), periodic.at_spike(B, k, delta)
ROOT_C, ROOT_B = sympy.sqrt(SPIKE_C), sympy.sqrt(SPIKE_B)


def positive() -> Fact:
    return lemma("R6-region.positive", "A spike above k - 1 is positive.", [C > k - 1, k >= 2], C > 0, [C > 1 + k / 100])


def root_at_least_one(value: Any) -> Fact:
    root = lemma("R6-region.root", "The root of what is at least 1 is.", [x >= 1], (sympy.sqrt(x) >= 1) & (sympy.sqrt(x) >= 0),
                 [sympy.sqrt(x) >= sympy.Rational(101, 100)])  # fmt: skip
    return use(root, {x: value})
