"""The a-posteriori certificate against balls: the same functions, on the floats of the same run, with 400 bits."""

from typing import Any

import flint
import numpy as np
import pytest

from dwmgrad_ref import arithmetic, problems, run
from dwmgrad_ref.observers.bound import Watched, certificate, farthest, lag, watched
from tests.dwmgrad_ref.execution.interpreted import interpret

RUNS = [
    ("dwmgrad", "periodic", {"alpha": 0.1}),
    ("dwmgrad", "quadratic-dense", {"alpha": 0.02, "momentum": "constant", "schedule": "sqrt"}),
    ("sgd", "stream-logistic-breast-cancer", {"alpha": 0.5, "schedule": "sqrt"}),
    ("adam", "periodic", {"alpha": 0.3}),
    ("heavy-ball", "quadratic-dense", {"alpha": 0.01}),
    ("adagrad", "quadratic-diagonal", {"alpha": 0.5, "eps": 0.0}),
]
STEPS = 400


@pytest.fixture(autouse=True)
def precision():
    before, flint.ctx.prec = flint.ctx.prec, 400
    yield
    flint.ctx.prec = before


def last_row(case: Any) -> dict[str, float]:
    rule, name, options = case
    final = run(rule, name, STEPS, ("bound", "certificate"), **options).final
    return {str(column): float(value) for column, value in final.items()}


def exactly(rule: str, name: str, options: Any) -> tuple[Any, Any]:
    """Balls of the certificate and of max over comparators of sum g (theta - u), from the floats of the run."""
    slow, problem = interpret(rule, name, STEPS, **options), problems.get(name)
    shifts = np.vstack([np.zeros(problem.d), slow.shift[:-1]])
    z = slow.theta + shifts
    low, high = (problem.lower, problem.upper) if problem.box else (problem.best_fixed(STEPS).u,) * 2
    bound, linear = flint.arb(0), flint.arb(0)
    for i in range(problem.d):
        s, steepest, ball = Watched(*[flint.arb(0)] * len(Watched._fields)), flint.arb(0), flint.arb
        for t in range(STEPS):
            w = arithmetic.unprojected(slow.free[t, i], slow.shift[t, i], problem.lower[i], problem.upper[i])
            H = slow.damp[t, i] * slow.h[t, i]
            g, x, at = ball(slow.g[t, i]), ball(slow.theta[t, i]), ball(z[t, i])
            s = watched(s, t + 1, g, ball(H), 1, at, ball(float(w)))
            bound, linear, steepest = bound + lag(x, at, g), linear + g * x, steepest + g
        bound += certificate(s, ball(low[i]), ball(high[i]))
        linear -= (steepest * ball(low[i])).min(steepest * ball(high[i]))
        assert farthest(s, ball(low[i]), ball(high[i])) >= 0
    return bound, linear


@pytest.mark.parametrize("case", RUNS, ids=[f"{rule}-{name}" for rule, name, _ in RUNS])
def test_rounding_is_within_its_bound_and_the_certificate_above_all(case):
    last, (bound, linear) = last_row(case), exactly(*case)
    error = flint.arb(last["bound"]) - bound
    assert abs(error) <= last["bound_error"], "the rounding reaches no farther than it says"
    assert flint.arb(last["certificate"]) >= bound and bound >= linear, "so no comparator of the box does better"
    assert last["bound_error"] <= 1e-11 * abs(last["bound"]), "and that is no empty promise"


def test_the_bound_on_rounding_is_not_for_show():
    """It is of the size of what is really lost: within a factor of 10^4 on every run here."""
    for case in RUNS[:2]:
        last = last_row(case)
        assert abs(flint.arb(last["bound"]) - exactly(*case)[0]) >= 1e-4 * last["bound_error"]
