"""Rules for means: what they conclude is true of laws whose means can be added up, and wrong uses are refused."""

from fractions import Fraction
from itertools import permutations, product

import pytest
import sympy

from proofs.inference.derivation import WrongShape, use
from proofs.inference.probability import E, average_over_orders, independent, mean, random_variables
from proofs.statements.statement import reals, sequences

m, g, v = random_variables("m g v")
c, k = reals("c k")
M, G = {-1: Fraction(1, 4), 2: Fraction(3, 4)}, {0: Fraction(1, 2), 3: Fraction(1, 3), -5: Fraction(1, 6)}


def average(expression):
    """The mean over the product of two finite laws, independent by construction, c = 7."""
    at = ((p * q, expression.subs({m: a, g: b, c: 7})) for (a, p), (b, q) in product(M.items(), G.items()))
    return sum(weight * sympy.Rational(value) for weight, value in at)


@pytest.mark.parametrize("expression", [(c * m + (1 - c) * g) ** 2, m**2 * g - 3 * c + g**2, (m + 1) * (g - 2)])
def test_means_of_independent_variables_are_those_of_a_law(expression):
    fact = mean(expression, apart=(m, g))
    moments = {a: average(a.args[0]) for a in fact.then.rhs.atoms(sympy.Function)}
    assert fact.then.rhs.subs(moments).subs({c: 7}) == average(expression)
    assert fact.given == (independent(m, g),)


def test_without_independence_products_stay_whole():
    assert mean(c * m * g + 2).then.rhs == c * E(g * m) + 2 and mean(c * m * g).given == ()


@pytest.mark.parametrize("expression", [sympy.Abs(m), 1 / m, sympy.exp(g) + m])
def test_only_polynomials_have_a_mean_by_linearity(expression):
    with pytest.raises(WrongShape, match="polynomial"):
        mean(expression)


def test_moments_that_are_not_assumed_to_exist_are_refused():
    with pytest.raises(WrongShape, match="degree"):
        mean(m**3, apart=(m, g))


def test_a_constant_never_becomes_random():
    """E(c m) = c E(m) is false for c = m."""
    with pytest.raises(WrongShape, match="not random"):
        use(mean(c * m), {c: m})
    with pytest.raises(WrongShape, match="not random"):
        use(mean(c * m), {c: k + g})
    assert use(mean(c * m), {c: k + 1}).then.rhs == (k + 1) * E(m)


def test_an_average_over_orders_is_computed():
    q = sequences("q")

    def peak(order):
        return order[1] == max(order)

    for value, status in ((Fraction(1, 3), "holds"), (Fraction(1, 2), "fails")):
        (check,) = average_over_orders("t", "", 3, peak, q(1), value).checks
        assert check.run().status == status
    assert sum(map(peak, permutations(range(3)))) == 2
