"""What the rules say of binomial coefficients, halves, sines and the coin's window is true of numbers."""

import itertools
from fractions import Fraction

import pytest
import sympy

from proofs.claims.window import fair_walk, w9_coin
from proofs.inference import binomials
from proofs.inference.derivation import WrongShape, lemma
from proofs.statements.statement import ForAll, integers, reals
from proofs.statements.vocabulary import j, t

n, k = integers("n k")
w, sign, cap, x = reals("w s c x")


def holds(fact, values):
    """Whether the fact is true of whole numbers."""
    return bool(sympy.Implies(sympy.And(*fact.given), fact.then).subs(values).doit())


@pytest.mark.parametrize("law", ["pascal", "mirrored", "absorbed", "too_many"])
def test_laws_of_binomial_coefficients_are_true_of_numbers(law):
    fact = getattr(binomials, law)(n, k)
    for a, b in itertools.product(range(7), range(9)):
        assert holds(fact, {n: a, k: b}), (law, a, b)


def test_halves_are_true_of_numbers():
    for a in range(-7, 8):
        assert holds(binomials.halved(n), {n: a})
        assert holds(binomials.floor_next(sympy.Rational(a, 3)), {})


def test_a_binomial_coefficient_has_no_sign_before_it_is_a_number():
    """sympy.binomial(n, 3) is negative for SymPy 1.14, so that "binomial(n, 3) = 0" is false even at n = 0."""
    coefficient = binomials.Binomial(n, sympy.Integer(3))
    assert coefficient.is_negative is None and coefficient.is_zero is None
    assert coefficient.subs({n: 2}) == 0 and coefficient.subs({n: 5}) == 10


@pytest.mark.parametrize("law", ["pascal", "mirrored", "absorbed", "too_many"])
def test_binomial_coefficients_are_of_whole_numbers(law):
    for wrong in ((x, k), (n, x)):
        with pytest.raises(WrongShape, match="need not be a whole number"):
            getattr(binomials, law)(*wrong)
    for rule in (binomials.halved, binomials.sine_powers):
        with pytest.raises(WrongShape, match="need not be a whole number"):
            rule(x)


def test_powers_of_the_sine_are_as_their_integrals():
    angle = sympy.Symbol("angle")
    integrals = [sympy.integrate(sympy.sin(angle) ** a, (angle, 0, sympy.pi / 2)) for a in range(7)]
    for a in range(5):
        said = binomials.sine_powers(sympy.Integer(a)).then
        assert bool(said.replace(binomials.wallis, lambda number: integrals[int(number)]).doit())


def moves(up=w + 1, given=()):
    step = sympy.Piecewise((up, sign > 0), (sympy.Max(w - 1, 1), True))
    down = sympy.Piecewise((w - 1, w >= 2), (1, True))
    said = sympy.Implies(sign > 0, sympy.Eq(step, w + 1, evaluate=False)) & sympy.Implies(
        sympy.And(sign < 0, (w <= 1) | (w >= 2)), sympy.Eq(step, down, evaluate=False)
    )
    given = [w >= 1, w + 1 <= cap, sympy.Ne(sign, 0), *given]
    return step, lemma("step", "Test.", given, said, [sympy.Implies(sign < 0, sympy.Eq(step, w - 1))])


def test_the_walk_is_that_of_a_window_that_a_coin_moves():
    step, fact = moves()
    with pytest.raises(WrongShape, match="does not say"):
        fair_walk.walked(fact, step + 1, w, sign, cap)
    with pytest.raises(WrongShape, match="more than a window"):
        fair_walk.walked(moves(given=[w <= 7])[1], step, w, sign, cap)


def test_what_the_walk_says_is_true_of_its_probabilities():
    walk, row = w9_coin.walk(), {0: Fraction(1)}
    rows = []
    for _ in range(7):
        rows.append(row)
        after = {}
        for height, probability in row.items():
            for new in (height + 1, max(height - 1, 0)):
                after[new] = after.get(new, 0) + probability / 2
        row = after

    def true_at(fact, values):
        parts = fact.then.args if isinstance(fact.then, sympy.And) else (fact.then,)
        for part in parts:
            body = part.args[2] if isinstance(part, ForAll) else part
            body = body.subs(values).replace(
                fair_walk.law, lambda a, b: sympy.Rational(rows[int(a)].get(int(b), Fraction(0)))
            )
            body = body.replace(fair_walk.average, lambda a: 1 + sympy.Rational(
                sum((h * p for h, p in rows[int(a)].items()), Fraction(0))))  # fmt: skip
            assert bool(body), (part, values)

    for moment, height in itertools.product(range(6), range(1, 8)):
        for fact in walk:
            true_at(fact, {t: moment, j: height})
