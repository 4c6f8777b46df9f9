"""W9, the comparison: what a window moved by a fair coin does."""

from fractions import Fraction
from functools import cache
from math import comb
from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.inference.derivation import Fact, argued, at, discharge, equation, lemma, part, replace, under, use
from proofs.inference.logic import implies
from proofs.models.window import equal, moved
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, record
from proofs.statements.statement import ForAll, Named, Statement, integers, reals, sequences
from proofs.statements.vocabulary import delta

SOURCE = Source(
    "dwmgrad-code", "the signals increase and decrease, replaced by a coin", also=(Source("dwmgradnotes", "W9"),)
)
m, j, t = integers("m j t")
law, average, wallis = sequences("P mean W")
w, sign, a, b, c, d, p, root = reals("omega s a b c d p r")
ALMOST = sympy.Rational(99, 100)
COIN = Named("the window has no cap, is 1 at t = 0, and every move is up or down with probability 1/2, independently")
HALF = sympy.Rational(1, 2)
CENTRAL = sympy.binomial(2 * m, m) / 4**m
LAW = ForAll(t, t >= 0, ForAll(j, j >= 0, equal(law(t, j), sympy.binomial(t, sympy.floor((t + j + 1) / 2)) / 2**t)))
MEAN = ForAll(m, m >= 0, equal(average(2 * m) - 1, (2 * m + HALF) * CENTRAL - HALF))
WALLIS = ForAll(m, m >= 1, sympy.And(
    equal(4 * m * wallis(2 * m - 1) * wallis(2 * m), sympy.pi),
    equal((4 * m + 2) * wallis(2 * m) * wallis(2 * m + 1), sympy.pi),
    wallis(2 * m - 1) >= wallis(2 * m), wallis(2 * m) >= wallis(2 * m + 1), wallis(2 * m + 1) > 0,
    equal(CENTRAL * sympy.pi, 2 * wallis(2 * m)),
))  # fmt: skip
WHERE = (
    (law, "probability that omega_t - 1 = j"), (average, "mean of omega_t"),
    (wallis, "integral of sin^n over [0, pi/2]"), (m, "half the number of moves"),
)  # fmt: skip
n, k = (sympy.Symbol(name, integer=True, positive=True) for name in ("n", "k"))
h = sympy.Symbol("m", integer=True, positive=True)


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


def binomials() -> list[Fact]:
    """Ratios of binomial coefficients, for n, k, m >= 1."""
    full = sympy.binomial(2 * h + 2, h + 1)
    b = sympy.Symbol("b", positive=True)
    after = b * (2 * h + 1) / (2 * h + 2)
    near = sympy.Rational(101, 100)
    pascal = (sympy.binomial(n, k) + sympy.binomial(n, k + 1)) / sympy.binomial(n + 1, k + 1)
    return [
        equation("W9-coin.pascal", "Both neighbours of j >= 1 feed it: Pascal's rule.",
                 sympy.combsimp(pascal), 1, near),
        equation("W9-coin.end", "At j = 0, where a fall holds, the row's symmetry makes the step Pascal's too.",
                 sympy.combsimp(sympy.binomial(2 * h + 1, h + 1) / sympy.binomial(2 * h + 1, h)), 1, near),
        equation("W9-coin.ratio", "The middle of a row over its sum falls by this factor in two steps.",
                 sympy.combsimp(full / sympy.binomial(2 * h, h) / 4), (2 * h + 1) / (2 * h + 2),
                 near * (2 * h + 1) / (2 * h + 2)),
        equation("W9-coin.odd", "The probability of omega = 1 stays for one step.",
                 sympy.combsimp(sympy.binomial(2 * h + 1, h + 1) * 2 / full), 1, near),
        equation("W9-coin.mean", "The mean grows by half of that probability a step.",
                 (2 * h + 2 + HALF) * after - (2 * h + HALF) * b, HALF * (b + after), HALF * near * (b + after)),
    ]  # fmt: skip


def integrals() -> list[Fact]:
    """Two integrals of powers of the sine."""
    x = sympy.Symbol("x", positive=True)
    sine = sympy.Symbol("sine", positive=True)
    slope = sympy.diff(sympy.cos(x) * sympy.sin(x) ** (n + 1), x)
    slope = sympy.expand(slope.subs(sympy.cos(x) ** 2, 1 - sympy.sin(x) ** 2)).subs(sympy.sin(x), sine)
    first = sympy.integrate(1, (x, 0, sympy.pi / 2)) * sympy.integrate(sympy.sin(x), (x, 0, sympy.pi / 2))
    return [
        equation("W9-coin.parts", "Integration by parts: a slope whose integral is 0.", slope,
                 (n + 1) * sine**n - (n + 2) * sine ** (n + 2), (n + 1) * sine**n - (n + 1) * sine ** (n + 2)),
        equation("W9-coin.wallis", "The first product of two neighbours.", first, sympy.pi / 2,
                 sympy.pi * sympy.Rational(101, 200)),
    ]  # fmt: skip


@cache
def distribution() -> Fact:
    """The law, the mean and Wallis' products, from what the machine checks of them."""
    premises = [moves(), *binomials(), *integrals()]
    return argued(
        "P_{t+1,j} is half of P_{t,j-1} + P_{t,j+1} for j >= 1 and half of P_{t,0} + P_{t,1} for j = 0, by total "
        "probability, which Pascal's rule solves by induction. The mean grows by half of P_{t,0} a step, which is the "
        "middle binomial coefficient over the row's sum, so the formula for the mean follows by induction over m. "
        "Integration by parts gives (n + 2) W_{n+2} = (n + 1) W_n, so (n + 1) W_n W_{n+1} is always pi/2; W falls "
        "because 0 <= sin <= 1; and 2/pi W_{2m} has the ratio and the first value of the middle coefficient.",
        [implies(fact, *fact.given) if fact.given else fact for fact in premises], LAW & MEAN & WALLIS, given=[COIN],
    )  # fmt: skip


def squeezed() -> Fact:
    """1/(pi (m + 1/2)) <= b_m² <= 1/(pi m)."""
    found = lemma(
        "W9-coin.squeezed", "The square lies between two products of neighbours.",
        [m >= 1, p > 3, equal(4 * m * a * c, p), equal((4 * m + 2) * c * d, p), a >= c, c >= d, d > 0,
         equal(b * p, 2 * c)],
        (m * p * b**2 <= 1) & ((m + HALF) * p * b**2 >= 1) & (b > 0),
        [m * p * b**2 <= ALMOST, (m + HALF) * p * b**2 >= 1 / ALMOST],
    )  # fmt: skip
    products = wallis(2 * m - 1), wallis(2 * m), wallis(2 * m + 1)
    here = use(found, {b: CENTRAL, p: sympy.pi, a: products[0], c: products[1], d: products[2]})
    return discharge(here, at(part(distribution(), WALLIS), m))


LEAST, MOST = HALF, sympy.Rational(1, 5)  # how far the mean lies below 2 sqrt(m/pi)
BELOW = 2 * sympy.sqrt(m / sympy.pi)


def bounds() -> Fact:
    """The mean lies between 1/5 and 1/2 below 2 sqrt(m/pi) = sqrt(2t/pi) at t = 2m."""
    mean = (2 * m + HALF) * b - HALF
    found = lemma(
        "W9-coin.bounds", "What the bounds of the square say of the mean.",
        [m >= 1, p > 3, b > 0, m * p * b**2 <= 1, (m + HALF) * p * b**2 >= 1, root >= 0, equal(root**2 * p, m)],
        (2 * root - LEAST <= mean) & (mean <= 2 * root - MOST),
        [mean >= 2 * root - LEAST + sympy.Rational(1, 100), mean <= 2 * root - sympy.Rational(6, 25)],
    )  # fmt: skip
    quotient = lemma("W9-coin.root", "A quotient of roots is not negative.", [a >= 0, c > 0], a / c >= 0, [a / c >= 1])
    positive = lemma("W9-coin.positive", "A root is not negative.", [m >= 1], sympy.sqrt(m) >= 0, [sympy.sqrt(m) >= 2])
    quotient = discharge(use(quotient, {a: sympy.sqrt(m), c: sympy.sqrt(sympy.pi)}), positive)
    here = use(found, {b: CENTRAL, p: sympy.pi, root: sympy.sqrt(m / sympy.pi)})
    here = discharge(here, squeezed(), quotient)
    mean_now = under(at(part(distribution(), MEAN), m), m >= 1)
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
    proof=(part(distribution(), LAW & MEAN), bounds()),
    controls=(exact("W9-coin.chain", "The rule's own window, stepped 40 times, has this law and this mean.", chain),),
    note="With a cap it holds until the cap is reached. The coin's window is sqrt(3) times wider than that of "
    "exchangeable losses (W9) away from the end, which is the null to compare with.",
)
