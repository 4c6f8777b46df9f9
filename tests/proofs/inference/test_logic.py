"""The rules of logic refuse what they cannot carry."""

import pytest
import sympy

from proofs.inference.derivation import WrongShape, assume, lemma
from proofs.inference.logic import equivalent, implies
from proofs.statements.statement import reals

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
