"""A quadratic form that all steps make smaller: what the rule refuses, and that R9b's form and threshold are right."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from dwmgrad_ref import rules
from proofs.claims.lcam import r9_below_threshold, r9_common_lyapunov
from proofs.claims.lcam import r9_two_epochs as own
from proofs.claims.lcam.r9_switching import FROM, GROWTH, TO, WORD
from proofs.inference.derivation import WrongShape, lemma, weaken
from proofs.models.lyapunov import vanishing
from proofs.models.polygon import Switched
from proofs.statements.statement import reals, sequences
from proofs.statements.vocabulary import mu_t, t

x, w = sequences("x w")
u, v, mu, a, p, b = reals("u v mu a p b")
NOT_ZERO = u**2 + v**2 > 0
HALVED = Switched((x, w), (u / 2, mu * v), mu_t, t, (u, v, mu, a))
FORM = p * u**2 + v**2


def enough(form, letter):
    return (form > 0) & (form.subs({u: u / 2, v: letter * v}, simultaneous=True) < form)


ENOUGH = enough(FORM, b)


def decreases(*more, then=ENOUGH):
    """Whether the lemma itself is true is not what is tested here."""
    return lemma("T", "A form decreases.", [NOT_ZERO, p > 0, b**2 < 1, *more], then, [FORM > 1])


NEARER = t**2 / (t**2 + 1)  # each shrinks, but a product of them need not tend to 0
FADES = lemma("N", "A form decreases.", [NOT_ZERO], enough(u**2 + v**2, NEARER), [u**2 + v**2 > 1])


def test_the_conclusion_keeps_the_hypotheses_and_speaks_of_every_order():
    fact = vanishing(decreases(), FORM, HALVED, (b,))
    assert set(map(str, fact.given)) >= {"p > 0", "b**2 < 1"} and NOT_ZERO not in fact.given
    assert sympy.Eq(mu_t(t), b, evaluate=False) in [e.args[2] for e in fact.given if hasattr(e, "args") and e.has(mu_t)]


@pytest.mark.parametrize(
    ("fact", "form", "letters"),
    [
        (decreases(), FORM, (b, sympy.Rational(1, 2))),  # nothing is known of the second letter
        (decreases(then=FORM.subs({u: u / 2, v: b * v}, simultaneous=True) < FORM), FORM, (b,)),  # not positive
        (decreases(u > 0), FORM, (b,)),  # at some states only
        (decreases(x(1) > 0), FORM, (b,)),  # of some sequences only
        (decreases(t >= 5), FORM, (b,)),
        (decreases(then=enough(FORM + u, b)), FORM + u, (b,)),  # no quadratic form
        (decreases(then=enough(FORM**2, b)), FORM**2, (b,)),
        (FADES, u**2 + v**2, (NEARER,)),  # a coefficient that changes from step to step
        (decreases(), FORM, ()),
    ],
)
def test_what_does_not_decrease_everywhere_is_refused(fact, form, letters):
    with pytest.raises(WrongShape):
        vanishing(fact, form, HALVED, letters)


def common(m1: float, m2: float, a: float) -> bool:
    """Whether there is a common quadratic function, by the circle criterion on a grid of the circle."""
    z = np.exp(1j * np.linspace(0, math.pi, 20001))
    one, two = (z**2 - (1 + m - a) * z + m for m in (m1, m2))
    return all(0 < a < 2 * (1 + m) for m in (m1, m2)) and bool(np.all((one * two.conj()).real > 0))


def test_the_threshold_is_that_of_the_circle_criterion_where_the_hypotheses_hold():
    """And the last hypothesis matters: at (0, 0.3) there is a function above the formula's number."""
    claimed = r9_common_lyapunov.CLAIM.statement
    within = sympy.lambdify((r9_common_lyapunov.m1, r9_common_lyapunov.m2), sympy.And(*claimed.given))
    seen = 0
    for m1, m2 in itertools.product((0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99), repeat=2):
        root = math.sqrt(2 * (m1 + m2))
        threshold = 4 * (1 - m1) * (1 - m2) / (2 - root) ** 2
        if within(m1, m2):
            seen += 1
            assert common(m1, m2, threshold * 0.999) and not common(m1, m2, threshold * 1.001)
    assert seen > 20
    assert not within(0.0, 0.3) and common(0.0, 0.3, 4 * 0.7 / (2 - math.sqrt(0.6)) ** 2 * 1.01)


def test_the_number_of_the_pair():
    assert float(r9_below_threshold.NUMBER) == pytest.approx(2 / 9 * (2 + math.sqrt(3.7)) ** 2)


def distances(mus, place, steps):
    """|theta - m| of LCAM's own coordinate step, with coefficients given from outside."""
    rule, alpha, minimum = rules.get("lcam"), 0.5, 2.0
    o = rule.options(alpha=alpha)
    k, c, theta = rule.start(o), rule.Coord(V=0.0), 3.0
    found = [abs(theta - minimum)]
    for step in range(steps):
        c, theta = rule.coord(o, k._replace(mu=mus[step % len(mus)]), c, theta, place / alpha * (theta - minimum))
        found.append(abs(theta - minimum))
    return np.array(found)


@pytest.mark.parametrize("place", [float(FROM) + 1e-6, 3.665, float(TO)])
def test_the_word_grows_as_r9c_says(place):
    found = distances([0.9 if letter == "l" else 0.95 for letter in WORD], place, 7 * 600)[::7]
    assert np.all(found >= float(GROWTH) ** np.arange(len(found)) * found[0] * (1 - 1e-9))


@pytest.mark.parametrize("start", [-1.0, 5.0])
@pytest.mark.parametrize("place", [own.FROM, Fraction(373, 100), own.TO])
def test_lcam_itself_grows_as_r9e_says(start, place):
    rule, alpha, minimum = rules.get("lcam"), 0.25, 2.0
    o = rule.options(alpha=alpha, below=0.95, above=0.9, epoch=own.EPOCH)
    curvature = float(place) / alpha
    k, c, theta, squares = rule.start(o), rule.Coord(V=0.0), start, []
    for step in range(own.PERIOD * 3000 if place == own.FROM else own.PERIOD * 60):
        if step % own.PERIOD == 0:
            squares.append((theta - minimum) ** 2)
        k = rule.shared(o, k, curvature * (theta - minimum) ** 2 / 2)
        c, theta = rule.coord(o, k, c, theta, curvature * (theta - minimum))
    bound = float(own.LEAST) * float(own.RATE) ** np.arange(len(squares)) * squares[0]
    assert np.all(np.array(squares) >= bound) and squares[-1] > squares[0]


@pytest.mark.parametrize("pair", [(0.9, 0.95), (0.2, 0.7), (0.99, 0.5), (0.0, 0.4)])
def test_any_order_converges_below_the_threshold(pair):
    """The order that makes the state largest, step by step."""
    m1, m2 = pair
    place = 0.98 * 4 * (1 - m1) * (1 - m2) / (2 - math.sqrt(2 * (m1 + m2))) ** 2
    states = np.array([[1.0, 0.0]])
    for _ in range(3000):
        after = []
        for m in pair:
            move = m * states[:, 1] + place * states[:, 0]
            after.append(np.stack([states[:, 0] - move, move], axis=1))
        both = np.concatenate(after)
        states = both[np.argsort(-np.hypot(*both.T))[:40]]
    assert np.abs(states).max() < 1e-3


def test_weakening_a_form_that_speaks_of_the_step_is_refused():
    with pytest.raises(WrongShape, match="speaks of"):
        vanishing(weaken(decreases(), w(t) > 0), FORM, HALVED, (b,))
