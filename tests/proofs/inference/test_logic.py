"""The rules of logic refuse what they cannot carry."""

import pytest
import sympy

from proofs.inference.derivation import WrongShape, assume, lemma
from proofs.inference.logic import equivalent, implies, whichever
from proofs.statements.rendering import latex, text
from proofs.statements.statement import Exists, ForAll, keys, reals

x, y = reals("x y")


def test_a_hypothesis_moves_before_the_conclusion():
    fact = implies(lemma("t", "", [x > 0, y > 0], x + y > 0, [x + y > 1]), x > 0)
    assert fact.then == sympy.Implies(x > 0, x + y > 0) and [str(e) for e in fact.given] == ["y > 0"]


def test_a_hypothesis_that_is_not_there_is_refused():
    with pytest.raises(WrongShape, match="is no hypothesis"):
        implies(assume(x > 0), y > 0)


def test_an_equivalence_needs_both_directions():
    there = implies(lemma("t", "", [x > 0], 2 * x > 0, [2 * x > 1]), x > 0)
    back = implies(lemma("s", "", [2 * x > 0], x > 0, [x > 1]), 2 * x > 0)
    assert equivalent(there, back).then == sympy.Equivalent(x > 0, 2 * x > 0)
    for other in (there, assume(x > 0)):
        with pytest.raises(WrongShape):
            equivalent(there, other)


def test_what_follows_from_any_number_follows_from_some_number():
    fact = lemma("t", "", [x > 0, y > x], y > 0, [y > 1])
    found = whichever(fact, x, x > 0, y > x)
    assert found.then == (y > 0) and found.given == (Exists(x, x > 0, y > x),)
    kept = whichever(fact, x, sympy.true, (x > 0) & (y > x))
    assert kept.given == (Exists(x, sympy.true, (x > 0) & (y > x)),)


def test_what_speaks_of_the_number_does_not_follow_from_some_number():
    fact = lemma("t", "", [x > 0, y > x], y > 0, [y > 1])
    for symbol, domain, body in ((x, x > 0, sympy.true), (x, x > 1, y > x + 1), (y, y > x, x > 0)):
        with pytest.raises(WrongShape):
            whichever(fact, symbol, domain, body)
    assert keys(fact.given)


def test_every_number_is_printed_without_a_condition():
    for quantified, words in ((ForAll, "for all x"), (Exists, "for some x")):
        e = quantified(x, sympy.true, x**2 >= 0.0 * y + x)
        assert text(e).endswith(words) and latex(e).endswith(words[:-2] + "}\\ x")
