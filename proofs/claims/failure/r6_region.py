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
from proofs.claims.failure.capped_limit import FACTOR, below_one
from proofs.claims.failure.repeating import AT_LEAST_TWO
from proofs.inference.derivation import (
    Fact,
    both,
    discharge,
    equation,
    follows,
    lemma,
    part,
    replace,
    sum_over,
    under,
    use,
)
from proofs.inference.limits import threshold
from proofs.inference.periods import constant_sum, power_at_most, power_falls, power_next, power_positive, power_range
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


def root(C: Any, j: int) -> Any:
    """r_j, the root of G*_j."""
    return sympy.sqrt(moment(C, sympy.Integer(j)))


R = sympy.Rational
INSIDE, SHARE = (q - q**k) / (1 - q**k), (1 - q) / (1 - q**k)  # G*_0 = INSIDE + SHARE C²
WEIGHT = sympy.sqrt(q ** (k - 1) * SHARE)  # of C in a lower bound on the roots of the later moments
NEAR_CORNER = (k - 1) * (root(k - 1, 0) + eps) / (root(k - 1, 1) + eps)
FAR = (k - 1) * (1 + eps) / WEIGHT + 1


def affine(value: Any) -> Fact:
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
    return discharge(discharge(use(first, {factor: q, C: value}), FACTOR, below, AT_LEAST_TWO), WEAK)


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


CORNER = k - 1
LONG = lemma("R6-region.long", "A period of three steps is one of two.", [k >= 3], k >= 2, [k >= R(301, 100)])
LENGTH = lemma("R6-region.length", "At least two steps are no spikes.", [k >= 3], k - 1 >= 2, [k - 1 >= 3])
SOME = lemma("R6-region.some", "There are steps besides the spike.", [k >= 2], k - 1 >= 0, [k - 1 >= 2])
BASE = ((k >= 3) & (eps >= 0), delta > 1)
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


def first_two(value: Any) -> Fact:
    """r_0 and r_1 are at least 1, and r_1 is the smaller, where G*_0 is above 1."""
    found = lemma(
        "R6-region.two roots",
        "Both roots are at least 1, and the moment falls after the spike.",
        [x > 1, p > 0, p < 1],
        (sympy.sqrt(x) >= 1) & (sympy.sqrt(p * x + 1 - p) >= 1) & (sympy.sqrt(x) > sympy.sqrt(p * x + 1 - p)),
        [sympy.sqrt(p * x + 1 - p) >= R(101, 100), sympy.sqrt(x) > sympy.sqrt(p * x + 1 - p) * R(101, 100)],
    )
    return discharge(use(found, {x: value, p: q}), SHORT)


def above_one(C: Any) -> Fact:
    """G*_0 > 1 where C >= 2."""
    moment_above = lemma(
        "R6-region.above",
        "The moment after a spike above 1 is above 1.",
        [equal(x, a + b * n**2), equal(a + b, 1), a > 0, b > 0, n >= 2],
        x > 1,
        [x > R(101, 100)],
    )
    moment_above = use(moment_above, {x: periodic.at_spike(C, k, delta), a: INSIDE, b: SHARE, n: C})
    return discharge(settled(moment_above, affine(C), coefficients()), WEAK)


def larger_moment() -> Fact:
    """G*_0 is larger for B than for C, where 2 <= C < B."""
    larger = lemma(
        "R6-region.larger",
        "The root of the moment after a spike grows with the spike.",
        [equal(x, a + b * C**2), equal(y, a + b * B**2), a > 0, b > 0, C >= 2, C < B],
        sympy.sqrt(x) < sympy.sqrt(y),
        [sympy.sqrt(x) < sympy.sqrt(y) * R(99, 100)],
    )
    larger = use(larger, {x: SPIKE_C, y: SPIKE_B, a: INSIDE, b: SHARE})
    return discharge(settled(larger, affine(C), affine(B), coefficients()), WEAK)


def ratio_grows() -> Fact:
    """(r_0 + eps)/(r_1 + eps) is larger for B than for C, where 2 <= C < B."""
    roots = [p > 0, p < 1, r >= 1, s > r, r1 >= 1, s1 >= 1,
             equal(r1**2, p * r**2 + 1 - p), equal(s1**2, p * s**2 + 1 - p)]  # fmt: skip
    cross = lemma(
        "R6-region.cross",
        "The root after the spike grows by a larger share than the next one,",
        roots,
        s * r1 > r * s1,
        [s * r1 > r * s1 * R(101, 100)],
    )
    share = lemma(
        "R6-region.share of root",
        "The root of the next moment keeps more than the factor of the root before it.",
        [p > 0, p < 1, x >= 1, y >= 1, equal(y**2, p * x**2 + 1 - p)],
        y > p * x,
        [y > p * x * R(101, 100)],
    )
    shares = [use(share, {x: first, y: second}) for first, second in ((r, r1), (s, s1))]
    slower = lemma(
        "R6-region.slower",
        "A smaller product of difference and sum over a larger sum is a smaller difference.",
        [equal(x * y, a * b), y > b, b > 0, a > 0],
        x < a,
        [x < a * R(99, 100)],
    )
    slower = use(slower, {x: s1 - r1, y: s1 + r1, a: s - r, b: p * (s + r)})
    sums = lemma(
        "R6-region.sums of roots",
        "So do the sums of two such roots.",
        [r1 > p * r, s1 > p * s, p > 0, r >= 1, s > r],
        (s1 + r1 > p * (s + r)) & (p * (s + r) > 0) & (s - r > 0),
        [s1 + r1 > p * (s + r) * R(101, 100)],
    )
    squares = lemma(
        "R6-region.squares",
        "The moments differ by the factor times the difference before the step.",
        [equal(r1**2, p * r**2 + 1 - p), equal(s1**2, p * s**2 + 1 - p)],
        equal((s1 - r1) * (s1 + r1), (s - r) * (p * (s + r))),
        [],
    )
    order = lemma("R6-region.larger s", "So is a larger root.", [r >= 1, s > r], s >= 1, [s >= R(101, 100)])
    sums = discharge(discharge(sums, *shares), order)
    gain = discharge(slower, squares, sums)
    grows = follows(
        "R6-region.ratio",
        "So the ratio of the two, with epsilon added to both, grows.",
        [cross, gain],
        (s + eps) * (r1 + eps) > (r + eps) * (s1 + eps),
        [(s + eps) * (r1 + eps) > (r + eps) * (s1 + eps) * R(101, 100)],
        given=[eps >= 0],
    )
    grows = use(grows, {p: q, r: root(C, 0), s: root(B, 0), r1: root(C, 1), s1: root(B, 1)})
    return settled(grows, *roots_at_least_one(), larger_moment(), SHORT)


def roots_at_least_one() -> list[Fact]:
    """The first two roots for C and for B, where 2 <= C < B."""
    at_c, at_b = (discharge(first_two(v), above) for v, above in ((SPIKE_C, above_one(C)), (SPIKE_B, above_one(B))))
    beyond = lemma("R6-region.beyond", "A larger spike is at least 2 too.", [C >= 2, C < B], B >= 2, [B >= R(201, 100)])
    return [at_c, discharge(at_b, beyond)]


def every_push() -> Fact:
    """The pushes up sum to at least (k - 1)/(r_1 + eps), where C >= 2."""
    least = lemma(
        "R6-region.later push",
        "The moment goes on falling, so no push up is smaller than the first one.",
        [y > 1, p <= b, p >= 0, b < 1, eps >= 0],
        1 / (sympy.sqrt(p * y + 1 - p) + eps) >= 1 / (sympy.sqrt(b * y + 1 - b) + eps),
        [1 / (sympy.sqrt(p * y + 1 - p) + eps) >= 1 / (sympy.sqrt(b * y + 1 - b) + eps) * R(101, 100)],
    )
    least = use(least, {p: q**j, b: q, y: SPIKE_B})
    power = discharge(power_at_most(q, j), FACTOR)
    least = settled(least, power, SHORT, above_one(B))
    number = discharge(constant_sum(1 / (root(B, 1) + eps), j, 1, k - 1), SOME)
    return replace(sum_over(least, j, 1, k - 1), number)


def above_the_corner() -> Fact:
    """drift(B) > 0 and B > k - 1 at B = (k - 1) (r_0 + eps)/(r_1 + eps), the roots being those at C = k - 1."""
    exceeds = lemma(
        "R6-region.exceeds",
        "The ratio of the first two roots exceeds 1.",
        [r1 >= 1, r > r1, eps >= 0, n >= 2],
        n * (r + eps) / (r1 + eps) > n,
        [n * (r + eps) / (r1 + eps) > n * R(101, 100)],
    )
    exceeds = use(exceeds, {r: root(CORNER, 0), r1: root(CORNER, 1), n: k - 1})
    exceeds = discharge(exceeds, discharge(first_two(SPIKE_C.subs(C, CORNER)), above_one(CORNER)), LENGTH)
    less = lemma(
        "R6-region.corner",
        "There every push up is larger than its share of the push down.",
        [x * y > a * b, x > 0, y > 0, b > 0, n >= 2],
        n * a / y / x < n / b,
        [n * a / y / x < n / b * R(99, 100)],
    )
    less = use(less, {x: root(B, 0) + eps, y: root(C, 1) + eps, a: root(C, 0) + eps, b: root(B, 1) + eps, n: k - 1})
    divides = lemma(
        "R6-region.divides", "What divides is positive.", [x >= 1, eps >= 0], x + eps > 0, [x + eps > R(101, 100)]
    )
    divides = [settled(use(divides, {x: e}), *roots_at_least_one()) for e in (root(B, 0), root(C, 1), root(B, 1))]
    positive = lemma(
        "R6-region.above the corner",
        "So the pushes up exceed the push down.",
        [equal(B, n * a / y), n * a / y / s < n / b, x >= n / b, s > 0, y > 0, b > 0],
        x - B / s > 0,
        [x - B / s > R(1, 100)],
    )
    there = {a: root(C, 0) + eps, s: root(B, 0) + eps, y: root(C, 1) + eps, b: root(B, 1) + eps, n: k - 1}
    positive = use(positive, {**there, x: sympy.Sum(up(B), (j, 1, k - 1))})
    positive = settled(positive, settled(less, *divides), *divides, every_push())
    positive = settled(positive, ratio_grows(), every_push(), *roots_at_least_one(), LENGTH)
    positive = use(positive, {C: CORNER, B: NEAR_CORNER})
    beyond = lemma("R6-region.at least 2", "So does this spike.", [k >= 3, x > k - 1], x >= 2, [x >= R(201, 100)])
    beyond = discharge(use(beyond, {x: NEAR_CORNER}), exceeds)
    return both(settled(positive, exceeds, beyond, LENGTH, LONG), exceeds)


def small_pushes() -> Fact:
    """The pushes up sum to at most (k - 1)/(w C) with w² = q^(k-1) b, where C >= 1."""
    large = lemma(
        "R6-region.share",
        "The moment after the spike is at least its share of the square of the spike, and every later one keeps some.",
        [equal(x, a + b * C**2), a > 0, b > 0, p <= 1, y > 0, y <= p, w > 0, equal(w**2, y * b), C > 0, eps >= 0],
        1 / (sympy.sqrt(p * x + 1 - p) + eps) <= 1 / (w * C),
        [1 / (sympy.sqrt(p * x + 1 - p) + eps) <= 1 / (w * C) * R(99, 100)],
    )
    large = use(large, {x: SPIKE_C, a: INSIDE, b: SHARE, p: q**j, y: q ** (k - 1), w: WEIGHT})
    keeps = discharge(power_falls(q, j, k - 1), FACTOR)
    power = discharge(power_range(q, j), FACTOR, later())
    large = settled(large, affine(C), coefficients(), keeps, power, last_power(), weight(), later(), WEAK)
    number = discharge(constant_sum(1 / (WEIGHT * C), j, 1, k - 1), SOME)
    return replace(sum_over(large, j, 1, k - 1), number)


def last_power() -> Fact:
    """q^(k-1) > 0."""
    return discharge(power_positive(q, k - 1), SHORT)


def weight() -> Fact:
    """0 < w <= 1."""
    found = lemma(
        "R6-region.weight",
        "This share of the square is positive and at most 1.",
        [y > 0, y <= 1, b > 0, a > 0, equal(a + b, 1)],
        (sympy.sqrt(y * b) > 0) & (sympy.sqrt(y * b) <= 1),
        [sympy.sqrt(y * b) <= R(99, 100)],
    )
    found = use(found, {y: q ** (k - 1), a: INSIDE, b: SHARE})
    return settled(found, last_power(), discharge(power_range(q, k - 1), FACTOR, SOME), coefficients())


def beyond_the_far() -> Fact:
    """drift(C) < 0 and C > k - 1 at C = (k - 1)(1 + eps)/w + 1."""
    place = lemma(
        "R6-region.far place",
        "This spike exceeds the number of the other steps.",
        [w > 0, w <= 1, n >= 2, eps >= 0],
        (n * (1 + eps) / w + 1 > n) & (n * (1 + eps) / w + 1 >= 1),
        [n * (1 + eps) / w + 1 > n * R(101, 100) + 1],
    )
    place = settled(use(place, {w: WEIGHT, n: k - 1}), weight(), LENGTH)
    own_root = lemma(
        "R6-region.own root",
        "The moment after a spike is at most its square.",
        [equal(x, a + b * C**2), equal(a + b, 1), a > 0, b > 0, C >= 1],
        (sympy.sqrt(x) <= C) & (sympy.sqrt(x) > 0),
        [sympy.sqrt(x) <= C * R(99, 100)],
    )
    own_root = settled(use(own_root, {x: SPIKE_C, a: INSIDE, b: SHARE}), affine(C), coefficients(), WEAK)
    negative = lemma(
        "R6-region.far",
        "A large spike keeps every later moment large, so the pushes up are small.",
        [equal(C, n * (1 + eps) / w + 1), x <= n / (w * C), w > 0, C >= 1, n >= 2, eps >= 0, r > 0, r <= C],
        x - C / (r + eps) < 0,
        [x - C / (r + eps) < -R(1, 100)],
    )
    negative = use(negative, {x: sympy.Sum(up(C), (j, 1, k - 1)), w: WEIGHT, n: k - 1, r: ROOT_C})
    negative = settled(negative, small_pushes(), own_root, weight(), LENGTH)
    negative = use(negative, {C: FAR})
    positive = lemma("R6-region.far positive", "It is positive.", [x >= 1], x > 0, [x > R(101, 100)])
    positive = discharge(use(positive, {x: FAR}), place)
    return both(settled(negative, place, positive, LONG), place)


@cache
def one_place() -> Fact:
    """The drift is positive below one C-bar > k - 1 and negative above it."""
    above, below = (settled(fact, LONG, WEAK) for fact in (above_the_corner(), beyond_the_far()))
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
