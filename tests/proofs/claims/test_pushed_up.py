"""The periodic push that a run is compared with, and what its sums are said to be, on numbers."""

import pytest
import sympy

from proofs.claims.failure.decreasing_limit import AT_SPIKE, ELSEWHERE, moment
from proofs.claims.failure.pushed_up import Periodic, mean
from proofs.claims.failure.repeating import C
from proofs.statements.vocabulary import delta, j, k

DOWN, UP = 1 / (1 + delta), 1 / (1 + j)
PERIOD, SPIKE = 4, 5
NUMBERS = {k: PERIOD, C: SPIKE, delta: 3}


@pytest.fixture
def pushes():
    """One period of the push, spike first."""
    return [-SPIKE * DOWN.subs(NUMBERS), *(UP.subs(j, phase) for phase in range(1, PERIOD))]


def test_a_period_sums_to_the_pushes_up_less_the_one_down(pushes):
    fact = Periodic(DOWN, UP).period()
    assert fact.then.rhs.subs(NUMBERS).doit() == sum(pushes)


def test_sums_less_the_mean_stay_within_the_spread_of_a_period(pushes):
    periodic = Periodic(DOWN, UP)
    value = sum(pushes) / PERIOD
    assert sympy.solve(periodic.mean.subs(NUMBERS).doit(), mean) == [value]
    spread = sum(abs(push - value) for push in pushes)
    partial = [sum((pushes * 3)[:steps]) - steps * value for steps in range(3 * PERIOD)]
    assert max(map(abs, partial)) <= spread


@pytest.mark.parametrize("cap", [2, 3, 10])
def test_the_limit_of_decrease_is_where_the_moment_goes(cap):
    window = [cap - 1] + [cap] * (PERIOD - 1)
    slopes = [SPIKE] + [-1] * (PERIOD - 1)
    G = 0.0
    for step in range(400 * PERIOD):
        G = (1 - 1 / window[step % PERIOD]) * G + slopes[step % PERIOD] ** 2 / window[step % PERIOD]
    limit = moment(ELSEWHERE, AT_SPIKE, sympy.Integer(PERIOD - 1)).subs({delta: cap, k: PERIOD, C: SPIKE})
    assert G == pytest.approx(float(limit), rel=1e-12)
