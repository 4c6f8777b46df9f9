"""W9, the comparison: what a window moved by a fair coin does."""

from fractions import Fraction
from functools import cache
from math import comb
from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.claims.window.fair_walk import COIN, HALF, WHERE, Walk, average, law, walked
from proofs.inference.binomials import (
    Binomial,
    absorbed,
    floor_next,
    halved,
    mirrored,
    pascal,
    sine_powers,
    too_many,
    wallis,
)
from proofs.inference.derivation import (
    Fact,
    apart,
    assume,
    at,
    discharge,
    follows,
    for_all,
    induction,
    lemma,
    part,
    power_sum,
    replace,
    under,
    use,
    weaken,
)
from proofs.inference.limits import congruence, either
from proofs.models.window import equal, moved
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, record
from proofs.statements.statement import ForAll, Statement, integers, reals, substitute
from proofs.statements.vocabulary import delta, j, t

SOURCE = Source(
    "dwmgrad-code", "the signals increase and decrease, replaced by a coin", also=(Source("dwmgradnotes", "W9"),)
)
m, n = integers("m n")
w, sign, a, b, c, d, p, q, root = reals("omega s a b c d p q r")
ALMOST = sympy.Rational(99, 100)
CENTRAL = Binomial(2 * m, m) / 2 ** (2 * m)


def printed(t: Any, j: Any) -> Any:
    """The probability as it is claimed."""
    return Binomial(t, sympy.floor((t + j + 1) / 2)) / 2**t


LAW_AT = equal(law(t, j), printed(t, j))
ROW = ForAll(j, j >= 0, LAW_AT)
LAW = ForAll(t, t >= 0, ROW)
MEAN_AT = equal(average(2 * m) - 1, (2 * m + HALF) * CENTRAL - HALF)
MEAN = ForAll(m, m >= 0, MEAN_AT)


def moves() -> Fact:
    """A rise adds one; a fall takes one, and holds at omega = 1."""
    step = moved(w, sign, delta)
    down = sympy.Piecewise((w - 1, w >= 2), (1, True))
    return lemma(
        "W9-coin.step", "A rise adds one, a fall takes one and holds at 1.",
        [1 <= w, w + 1 <= delta, sympy.Ne(sign, 0)],
        sympy.Implies(sign > 0, equal(step, w + 1))
        & sympy.Implies(sympy.And(sign < 0, (w <= 1) | (w >= 2)), equal(step, down)),
        [sympy.Implies(sign < 0, equal(step, w - 1))],
    )  # fmt: skip


@cache
def walk() -> Walk:
    return walked(moves(), moved(w, sign, delta), w, sign, delta)


def first_row() -> Fact:
    """ROW at t = 0: all the probability is at 0."""
    said, half = substitute(LAW_AT, {t: sympy.S.Zero}), sympy.floor(j / 2)
    here = follows("W9-coin.begin", "There is one way to take no steps.", [part(walk().start, equal(law(0, 0), 1))],
                   substitute(said, {j: sympy.S.Zero}))  # fmt: skip
    none = part(walk().start, ForAll(j, j >= 1, equal(law(0, j), 0)))
    more = follows("W9-coin.more", "Half of a number that is not negative has a floor that is not.",
                   [halved(j), apart(half + 1, 1)], half + 1 >= 1, [half + 1 >= 2], given=[j >= 0],
                   parts={q: half})  # fmt: skip
    above = follows("W9-coin.none", "There is none that ends higher.",
                    [at(none, j + 1), discharge(too_many(0, half + 1), more)],
                    substitute(said, {j: j + 1}))  # fmt: skip
    return for_all(induction(said, j, 0, here, above), j, j >= 0)


def halves(power: Any) -> Fact:
    """2^-(n + 1) = 2^-n / 2."""
    return power_sum(2, -power, -1)


def next_inside() -> Fact:
    """LAW at t + 1 and j + 1."""
    row, x = assume(ROW), (t + j + 1) / 2
    half = sympy.floor(x)
    same = congruence(Binomial(t, sympy.floor(x + 1)), floor_next(x))
    feeds = [use(walk().inside, {j: j + 1}), at(row, j), at(row, j + 2), pascal(t, half), same, halves(t)]
    return follows("W9-coin.inside", "Both neighbours feed it: Pascal's rule.", feeds,
                   substitute(substitute(LAW_AT, {t: t + 1}), {j: j + 1}), parts={q: 2**-t})  # fmt: skip


def next_end() -> Fact:
    """LAW at t + 1 and j = 0."""
    row, half, later = assume(ROW), sympy.floor(t / 2), sympy.floor((t + 1) / 2)
    feeds = [walk().end, at(row, 0), at(row, 1), pascal(t, half), halves(t),
             congruence(Binomial(t + 1, sympy.floor(t / 2 + 1)), floor_next(t / 2))]  # fmt: skip
    goal = substitute(LAW_AT, {t: t + 1, j: sympy.S.Zero})
    same, other = equal(later, half), equal(later, half + 1)
    even, odd = equal(t, 2 * half), equal(t, 2 * half + 1)
    first = follows("W9-coin.even", "After an even number of moves it is Pascal's rule too.",
                    [*feeds, congruence(Binomial(t, later), assume(same))], goal, parts={q: 2**-t})  # fmt: skip
    mirror = [mirrored(t, half), congruence(Binomial(t, t - half), assume(equal(t - half, half + 1)))]
    second = follows("W9-coin.odd", "After an odd number the row's symmetry makes it so.",
                     [*feeds, congruence(Binomial(t, later), assume(other)), *mirror], goal,
                     parts={q: 2**-t})  # fmt: skip
    return discharge(either(weaken(first, even), second, even & same, odd & other), halved(t))


def next_row() -> Fact:
    """ROW at t + 1."""
    inside = lemma("W9-coin.numbers", "Numbers of moves and heights are not negative.", [t >= 0, j >= 0],
                   (j + 2 >= 0) & ((t + j + 1) / 2 >= 0), [j + 2 >= 3])  # fmt: skip
    end = lemma("W9-coin.half", "Half a number of moves is one of them.", [t >= 0], (t / 2 >= 0) & (t / 2 < t + 1),
                [t / 2 >= 1])  # fmt: skip
    said = substitute(LAW_AT, {t: t + 1})
    row = induction(said, j, 0, discharge(next_end(), end), discharge(next_inside(), inside))
    return for_all(row, j, j >= 0)


@cache
def distribution() -> Fact:
    """LAW."""
    return for_all(induction(ROW, t, 0, first_row(), next_row()), t, t >= 0)


@cache
def middle() -> tuple[Fact, ...]:
    """The middle of a row in terms of that two rows before, and of the one between."""
    return absorbed(2 * m + 1, m), mirrored(2 * m + 1, m), absorbed(2 * m, m), halves(2 * m), power_sum(2, -2 * m, -2)


def ranges() -> Fact:
    """What the facts on binomial coefficients ask of m."""
    return lemma("W9-coin.rows", "Rows and places are not negative.", [m >= 0],
                 (2 * m + 1 >= 0) & (2 * m >= 0) & (m <= 2 * m + 1), [2 * m >= 1])  # fmt: skip


@cache
def mean() -> Fact:
    """MEAN, by induction over pairs of moves."""
    start = follows("W9-coin.start", "The window starts at 1.", [part(walk().start, equal(average(0), 1))],
                    substitute(MEAN_AT, {m: sympy.S.Zero}))  # fmt: skip
    here, between = (at(at(distribution(), number), 0) for number in (2 * m, 2 * m + 1))
    grown = [use(walk().growth, {t: 2 * m}), use(walk().growth, {t: 2 * m + 1})]
    step = follows("W9-coin.mean", "Two moves add half the probabilities of the height 0 before them.",
                   [*grown, here, between, *middle()], substitute(MEAN_AT, {m: m + 1}), given=[MEAN_AT, m >= 0],
                   parts={q: 2 ** (-2 * m)})  # fmt: skip
    return for_all(induction(MEAN_AT, m, 0, start, discharge(step, ranges())), m, m >= 0)


def products(number: Any) -> Fact:
    """2 (n + 1) W_n W_{n+1} = pi for n >= 0, by induction; for one n."""
    said = equal(2 * (n + 1) * wallis(n) * wallis(n + 1), sympy.pi)
    start = follows("W9-coin.first", "The first product of two neighbours.", [sine_powers(0)],
                    substitute(said, {n: sympy.S.Zero}), parts={p: sympy.pi})  # fmt: skip
    step = follows("W9-coin.product", "What one factor loses the number in front gains.", [sine_powers(n)],
                   substitute(said, {n: n + 1}), given=[said], parts={p: sympy.pi})  # fmt: skip
    return use(induction(said, n, 0, start, step), {n: number})


@cache
def central() -> Fact:
    """pi times the middle of row 2m over its sum is 2 W_{2m}, m >= 0."""
    said = equal(CENTRAL * sympy.pi, 2 * wallis(2 * m))
    start = follows("W9-coin.one", "Both begin with the same.", [sine_powers(0)],
                    substitute(said, {m: sympy.S.Zero}), parts={p: sympy.pi})  # fmt: skip
    step = follows("W9-coin.ratio", "Both fall by the same factor.", [*middle(), sine_powers(2 * m)],
                   substitute(said, {m: m + 1}), given=[said, m >= 0],
                   parts={q: 2 ** (-2 * m), p: sympy.pi})  # fmt: skip
    return induction(said, m, 0, start, discharge(step, ranges()))


def squeezed() -> Fact:
    """1/(pi (m + 1/2)) <= b_m² <= 1/(pi m)."""
    found = lemma(
        "W9-coin.squeezed", "The square lies between two products of neighbours.",
        [m >= 1, p > 3, equal(4 * m * a * c, p), equal((4 * m + 2) * c * d, p), a >= c, c >= d, d > 0,
         equal(b * p, 2 * c)],
        (m * p * b**2 <= 1) & ((m + HALF) * p * b**2 >= 1) & (b > 0),
        [m * p * b**2 <= ALMOST, (m + HALF) * p * b**2 >= 1 / ALMOST],
    )  # fmt: skip
    sines = wallis(2 * m - 1), wallis(2 * m), wallis(2 * m + 1)
    here = use(found, {b: CENTRAL, p: sympy.pi, a: sines[0], c: sines[1], d: sines[2]})
    falls = [part(sine_powers(2 * m - 1), sines[0] >= sines[1]), part(sine_powers(2 * m), sines[1] >= sines[2]),
             part(sine_powers(2 * m + 1), sines[2] > 0)]  # fmt: skip
    found = discharge(here, products(2 * m - 1), products(2 * m), *falls, central())
    positive = lemma("W9-coin.indices", "Indices are not negative.", [m >= 1],
                     (2 * m - 1 >= 0) & (2 * m >= 0) & (2 * m + 1 >= 0) & (m >= 0), [2 * m - 1 >= 2])  # fmt: skip
    return discharge(found, positive)


LEAST, MOST = HALF, sympy.Rational(1, 5)  # how far the mean lies below 2 sqrt(m/pi)
BELOW = 2 * sympy.sqrt(m / sympy.pi)


def bounds() -> Fact:
    """The mean lies between 1/5 and 1/2 below 2 sqrt(m/pi) = sqrt(2t/pi) at t = 2m."""
    now = (2 * m + HALF) * b - HALF
    found = lemma(
        "W9-coin.bounds", "What the bounds of the square say of the mean.",
        [m >= 1, p > 3, b > 0, m * p * b**2 <= 1, (m + HALF) * p * b**2 >= 1, root >= 0, equal(root**2 * p, m)],
        (2 * root - LEAST <= now) & (now <= 2 * root - MOST),
        [now >= 2 * root - LEAST + sympy.Rational(1, 100), now <= 2 * root - sympy.Rational(6, 25)],
    )  # fmt: skip
    quotient = lemma("W9-coin.root", "A quotient of roots is not negative.", [a >= 0, c > 0], a / c >= 0, [a / c >= 1])
    positive = lemma("W9-coin.positive", "A root is not negative.", [m >= 1], sympy.sqrt(m) >= 0, [sympy.sqrt(m) >= 2])
    quotient = discharge(use(quotient, {a: sympy.sqrt(m), c: sympy.sqrt(sympy.pi)}), positive)
    here = use(found, {b: CENTRAL, p: sympy.pi, root: sympy.sqrt(m / sympy.pi)})
    here = discharge(here, squeezed(), quotient)
    mean_now = under(at(mean(), m), m >= 1)
    return replace(here, mean_now, backwards=True)


def chain() -> Found:
    """The distribution by stepping the rule's own window, against the closed forms."""

    def step(omega: Any, rises: bool) -> Any:
        o = record(DWMGRAD, signal="increase", delta=1000, gamma=0, alpha=1)
        return advance(DWMGRAD, o, Fraction(1 if rises else -1), {"omega": omega, "e": 1, "last": Fraction(0)}).omega

    current, true, means = {Fraction(1): Fraction(1)}, True, []
    for moment in range(1, 41):
        new: dict[Any, Fraction] = {}
        for window, probability in current.items():
            for rises in (True, False):
                after = step(window, rises)
                new[after] = new.get(after, Fraction(0)) + probability / 2
        current = new
        true &= all(q == Fraction(comb(moment, (moment + int(w)) // 2), 2**moment) for w, q in current.items())
        means.append(sum(w * q for w, q in current.items()) - 1)
        if moment % 2 == 0:
            half = Fraction(1, 2)
            true &= means[-1] == (moment + half) * Fraction(comb(moment, moment // 2), 2**moment) - half
    told = {str(moment): str(means[moment - 1]) for moment in (1, 2, 3, 4, 10)}
    free = Fraction(41, 2) * Fraction(
        comb(40, 20), 2**40
    )  # without the hold at 1 the mean of |walk| is t C(t, t/2)/2^t
    return true, means[39] != free, f"40 steps agree; the mean of omega - 1 after 40 is {float(means[39]):.4f}", told


CLAIM = Claim(
    id="W9-coin",
    title="the window of a fair coin",
    statement=Statement(
        given=(COIN, m >= 1),
        then=sympy.And(LAW, MEAN, BELOW - LEAST <= average(2 * m) - 1, average(2 * m) - 1 <= BELOW - MOST),
        where=WHERE,
    ),
    source=SOURCE,
    kind="identity",
    proof=(distribution(), mean(), bounds()),
    controls=(exact("W9-coin.chain", "The rule's own window, stepped 40 times, has this law and this mean.", chain),),
    note="With a cap it holds until the cap is reached. The coin's window is sqrt(3) times wider than that of "
    "exchangeable losses (W9) away from the end, which is the null to compare with.",
)
