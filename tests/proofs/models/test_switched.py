"""LCAM's recurrences on a quadratic, and the rules that R9's claims need: what they refuse, and that they hold."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from dwmgrad_ref import rules
from proofs.inference.derivation import WrongShape, lemma
from proofs.inference.logic import some
from proofs.models.polygon import Switched, shrinking
from proofs.statements.statement import Exists, integers, reals, sequences
from proofs.statements.vocabulary import mu_t, t

x, w = sequences("x w")
p, q, mu, a = reals("p q mu a")
MU = (Fraction(9, 10), Fraction(19, 20))
SQUARE = [(1, -1), (1, 1)]


def switched(step):
    return Switched((x, w), step, mu_t, t, (p, q, mu, a))


@pytest.mark.parametrize(
    "step", [(p * q, q), (p + 1, q), (a**2 * p, q), (p / a, q), (sympy.Max(p, q), q), (x(t) * p, q)]
)
def test_only_what_is_linear_and_affine_in_the_parameter_is_switched(step):
    with pytest.raises(WrongShape):
        switched(step)


def test_the_matrix_is_the_step():
    rows = switched((p - mu * q - a * p, mu * q + a * p)).matrix(MU[0], Fraction(7, 2))
    assert rows == ((Fraction(-5, 2), -MU[0]), (Fraction(7, 2), MU[0]))


def shrinks(step, low, high, find=lambda low, high: SQUARE):
    fact = shrinking("T.shrinks", "A polygon.", switched(step), MU, (Fraction(low), Fraction(high)), find, Fraction(3))
    assert fact.check is not None
    return fact.check.run().status


def test_a_polygon_that_shrinks_is_told_from_one_that_does_not():
    half = (a * p / 2, a * q / 2)
    assert shrinks(half, 0, 1) == "holds"
    assert shrinks(half, 0, 2) == "fails"  # at a = 2 the state stands still
    assert shrinks(half, 1, 1) == "fails"  # no interval
    assert shrinks(half, 0, 1, lambda low, high: None) == "fails"
    assert shrinks((p / 2, q / 2), 0, 1) == "unknown"  # holds at any a: the check could not tell
    assert shrinks((mu * p + a * q, mu * q), 0, 1) == "fails"  # each letter alone is stable, the square is not kept


def test_some_needs_the_value_itself():
    z, n = reals("z"), integers("n")
    fact = lemma("T.some", "A square.", [p >= 1], p**2 >= 1, [p**2 >= 2])
    assert some(fact, z, p, z**2 >= 1, z**2 >= 1).then == Exists(z, z**2 >= 1, z**2 >= 1)
    for symbol, value, body in ((z, p, z**2 >= 2), (z, p + 1, z**2 >= 1), (n, p, n**2 >= 1)):
        with pytest.raises(WrongShape):
            some(fact, symbol, value, body, body)


@pytest.mark.parametrize("pair", [(0.95, 0.9), (0.9, 0.95)])
@pytest.mark.parametrize("weight_decay", [0.0, 0.4])
def test_the_code_that_runs_converges_as_r9h_says(pair, weight_decay):
    """On the last part of the range with losses that have nothing to do with the quadratic."""
    rng, alpha = np.random.default_rng(3), 0.5
    total = np.array([3.42, 3.5, 3.66]) / alpha  # curvature of the loss with its weight decay
    curvature, minimum = total - weight_decay, np.array([1.0, -2.0, 0.5])
    theta = np.zeros(3)
    rule = rules.get("lcam")
    o = rule.options(alpha=alpha, below=pair[0], above=pair[1], weight_decay=weight_decay, epoch=3)
    k, c = rule.start(o), rule.Coord(V=np.zeros(3))
    for _ in range(2000):
        k = rule.shared(o, k, float(rng.normal()))
        c, theta = rule.coord(o, k, c, theta, curvature * (theta - minimum))
    assert np.allclose(theta, curvature * minimum / total, atol=1e-6)
