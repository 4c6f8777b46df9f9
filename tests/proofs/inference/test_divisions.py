"""SymPy cancels what may be 0: the rules that put expressions into others must notice, and nothing else."""

import pytest
import sympy

from proofs.inference import limits
from proofs.inference.derivation import WrongShape, assume, discharge, use
from proofs.inference.divisions import lost
from proofs.statements.statement import Tends, keys, reals, sequences, substitute
from proofs.statements.vocabulary import t

x = sequences("x")
p, q, a, b = reals("p q a b")


def needed(e, values):
    return set(lost(e, lambda symbol: values.get(symbol, symbol), substitute(e, values)))


@pytest.mark.parametrize(
    ("e", "values", "assumed"),
    [
        (p / a, {p: a * x(t)}, {sympy.Ne(a, 0)}),
        (p / a + 1 / a, {p: a * x(t)}, {sympy.Ne(a, 0)}),  # a division is left, another one is not
        (a * p, {p: x(t) / a}, {sympy.Ne(a, 0)}),
        (p / q, {p: a, q: a * b}, {sympy.Ne(a, 0), sympy.Ne(b, 0)}),
        (1 / p, {p: 1 / a}, {sympy.Ne(a, 0)}),
        (p * sympy.sqrt(q), {p: sympy.sqrt(q)}, {q > 0}),  # the root of a negative number
        (p / sympy.sqrt(q), {p: sympy.sqrt(q)}, {q > 0}),
        (p / a, {p: x(t)}, set()),
        (p / a, {p: a * x(t) + b}, set()),  # not simplified, so nothing is lost
        (p / (1 - q) ** 2, {q: 1 / b}, set()),
        (p**2 / (2 * q), {p: 3 * x(t), q: sympy.Integer(2)}, set()),
        (sympy.sqrt(p), {p: 4 * q}, set()),
        (sympy.Sum(p / (a + t), (t, 1, q)), {p: b}, set()),
    ],
)
def test_a_divisor_that_goes_is_assumed_not_to_be_zero(e, values, assumed):
    assert needed(e, values) == assumed


def test_a_limit_does_not_divide_by_zero():
    """Without the hypothesis alpha = 0 would give that every sequence tends to 0, because 0 times it does."""
    for expression, sequence in ((p / a, a * x(t)), (p * a, x(t) / a)):
        fact = limits.limit_of(expression, {p: assume(Tends(t, sequence, sympy.S.Zero))})
        assert fact.then == Tends(t, x(t), 0) and keys([sympy.Ne(a, 0)]).keys() <= keys(fact.given).keys()
        with pytest.raises(WrongShape, match="becomes false"):
            discharge(use(fact, {a: 0}), limits.constant_limit(0, t))


def test_the_limit_itself_does_not_divide_by_zero():
    fact = limits.limit_of(p / a, {p: assume(Tends(t, x(t), a * b))})
    assert fact.then == Tends(t, x(t) / a, b) and sympy.Ne(a, 0) in fact.given


def test_a_limit_that_keeps_its_divisor_asks_for_nothing_more():
    premise = assume(Tends(t, x(t), b))
    assert limits.limit_of(p / (1 - a) + sympy.sqrt(q), {p: premise}).given == premise.given
