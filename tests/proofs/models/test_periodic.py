"""Closed forms of the periodic family against the run itself, and the ball simulation against the compiled one."""

import math

import flint
import numpy as np
import pytest
import sympy

from dwmgrad_ref import problems, run
from proofs.models import periodic
from proofs.models.simulation import in_balls, periodic_run
from proofs.statements.formulas import DWMGRAD

CASES = [(7.0, 7, 10.0, 0.9), (100.0, 50, 10.0, 0.9), (2.05, 3, 10.0, 0.0), (5.0, 4, 2.0, 0.5)]


def brute_force(C, k, delta, gamma, periods=4000):
    """-V/alpha over the last period with constant alpha = 1, the recursion restated with floats."""
    G = V = 0.0
    last = []
    for t in range(periods * k):
        g = C if t % k == 0 else -1.0
        G += (g * g - G) / delta
        V = gamma * V + g / math.sqrt(G)
        last = [*last[-(k - 1) :], -V] if k > 1 else [-V]
    return last


@pytest.mark.parametrize("C, k, delta, gamma", CASES)
def test_limit_cycle_is_where_the_recursion_goes(C, k, delta, gamma):
    closed = periodic.velocities(periodic.pushes(C, k, delta), gamma)
    # 4000 periods leave q^(4000 k) of the start; what remains is rounding, some hundred ulps of 1/(1-gamma)
    np.testing.assert_allclose(closed, brute_force(C, k, delta, gamma), rtol=1e-10)
    assert math.fsum(closed) == pytest.approx(periodic.drift(C, k, delta) / (1 - gamma), rel=1e-9, abs=1e-12)


def test_after_spike_runs_through_the_pushes():
    moves = periodic.pushes(7.0, 7, 10.0)
    closed = [1 / math.sqrt(periodic.after_spike(7.0, 7, 10.0, j)) for j in range(1, 7)]
    np.testing.assert_allclose(moves[1:], closed, rtol=1e-14)  # the same numbers by a recursion of seven steps
    assert moves[0] == -7 / math.sqrt(periodic.at_spike(7.0, 7, 10.0))


@pytest.mark.parametrize("C, k, delta, gamma", CASES)
def test_start_keeps_its_promise(C, k, delta, gamma):
    """From t0 on |V_t/alpha_t - b*_j| <= m/4 and t >= 4F/m, with alpha_t = alpha/√t, by a restated recursion."""
    begin = periodic.start(C, k, delta, gamma, omega0=0)
    limit, m = periodic.velocities(periodic.pushes(C, k, delta), gamma), abs(begin.m)
    assert begin.t0 >= 4 * begin.F / m
    G = V = omega = 0.0
    for t in range(1, begin.t0 + 3 * k):
        g, omega = C if (t - 1) % k == 0 else -1.0, min(omega + 1, delta)
        G += (g * g - G) / omega
        V = gamma * V + g / math.sqrt(G) / math.sqrt(t)
        if t >= begin.t0:
            assert abs(-V * math.sqrt(t) - limit[(t - 1) % k]) <= m / 4


def test_limits_work_on_symbols():
    C, delta = sympy.symbols("C delta", positive=True)
    assert sympy.simplify(periodic.at_spike(C, 2, delta) - (C**2 * delta + delta - 1) / (2 * delta - 1)) == 0


def test_ball_simulation_encloses_what_the_compiled_run_computes(monkeypatch):
    monkeypatch.setattr(flint.ctx, "prec", 128)
    moments = list(periodic_run(DWMGRAD, in_balls(DWMGRAD), flint.arb(100), 50, 300, flint.arb(0)))
    problem = problems.get("periodic", C=100.0, k=50)
    frame = run("dwmgrad", problem, 300, ["iterate"], grid=1).frame
    exact = [float(moment.theta.mid()) for moment in moments]
    # rounding of 300 steps of size <= 1e-3 and one ulp of the iterate each
    np.testing.assert_allclose(frame["theta_0"], exact, atol=1e-13, rtol=0)
    assert max(float(moment.theta.rad()) for moment in moments) < 1e-30
    losses = [100 * (x + 2) if t % 50 == 0 else 2 - x for t, x in enumerate(exact)]
    best = [100 * 1 if t % 50 == 0 else 3 for t in range(300)]
    assert float(sum((m.regret for m in moments), start=flint.arb(0)).mid()) == pytest.approx(
        sum(losses) - sum(best), rel=1e-12
    )


def test_options_in_balls_keep_choices_and_infinity():
    o = in_balls(DWMGRAD, signal="decrease", delta=15, alpha="0.1")
    assert (o.signal, o.epoch, o.reset) == (2.0, float("inf"), 1.0)
    assert (10 * o.alpha - 1).contains(0) and o.delta == 15
