"""The verdict: theorems of the literature are found, known failures are not proved, and bounds hold on runs."""

import numpy as np
import pytest

from analysis.audit import step_model, upper_side, verdict
from dwmgrad_ref import rules


@pytest.mark.parametrize(("name", "schedule"), [("adam", "sqrt"), ("rmsprop", "sqrt"), ("dwmgrad", "sqrt")])
def test_a_known_failure_is_not_proved(name, schedule):
    rule, schedule = step_model.scheduled(rules.get(name), schedule, {"beta1": 0.0} if name == "adam" else {})
    side = upper_side.search(rule, schedule, 20)
    assert side.theorem is None and side.reasons


def test_sgd_with_a_root_schedule_is_proved_with_zinkevichs_bound():
    found = verdict.decide(rules.get("sgd"), "sqrt")
    theorem = found.upper.theorem
    assert found.word == verdict.PROVED and theorem is not None
    # D² sqrt(T)/(2 alpha) + alpha G² sqrt(T), the sum of 1/sqrt(t) being at most 2 sqrt(T).
    assert theorem.bound(0.5, [2.0], [3.0], [30.0], 100) == pytest.approx(4 * 10 / 1.0 + 0.5 * 9 * 10)


def test_sgd_with_a_constant_step_size_has_no_bound_of_the_order_root_t():
    rule, schedule = step_model.scheduled(rules.get("sgd"), "constant", {})
    side = upper_side.search(rule, schedule, 20)
    assert side.theorem is not None and not side.theorem.no_regret
    assert side.theorem.bound(0.5, [2.0], [1.0], [10.0], 100) >= 0.5 * 100 / 2


@pytest.mark.parametrize("alpha", [1e-5, 0.1, 10.0])
def test_adagrads_bound_holds_on_its_runs(alpha):
    theorem = verdict.decide(rules.get("adagrad"), alpha=alpha).upper.theorem
    assert theorem is not None and theorem.no_regret
    rule, T = rules.get("adagrad"), 200
    o = rule.encode(rule.options(alpha=alpha))
    for seed in range(5):
        g = np.random.default_rng(seed).choice([-1.0, 1.0], T, p=[0.3, 0.7])
        x = np.ones(1)
        (k, c), suffered = rule.begin(o, x), 0.0
        for slope in g:
            suffered += slope * x[0]
            k, c, free = rule.step(o, k, c, x, np.array([slope]), 1.0)
            x = np.clip(free, -1, 1)
        assert suffered + abs(g.sum()) <= theorem.bound(alpha, [2.0], [1.0], [np.sqrt(T)], T)


def test_dwmgrad_with_an_uncapped_window_is_proved_for_positive_losses():
    """R3: S_t sqrt(t/(t + omega_0)) <= alpha h_t, and 1/sqrt(1 + 5) is 0.4082."""
    options = {"delta": float("inf"), "gamma": 0.0}
    theorem = verdict.decide(rules.get("dwmgrad"), "sqrt", **options).upper.theorem
    assert theorem is not None and theorem.no_regret and upper_side.POSITIVE in theorem.hypotheses
    assert 0.4 < theorem.kappa <= 1 / np.sqrt(6)
