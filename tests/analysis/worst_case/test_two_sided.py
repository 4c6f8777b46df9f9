"""The worst regret from both sides: the upper value is above every sequence, the lower one is attained."""

import numpy as np
import pytest

from analysis.worst_case.enclosures import balls
from analysis.worst_case.two_sided import certified_regret, ledger_value
from analysis.worst_case.value_bound import Cells, NoUpper, upper_value
from dwmgrad_ref import rules
from proofs.checkers.by_search import regret_of

COARSE = Cells(128, 1.5, 12)
CASES = [
    ("sgd", {"alpha": 1.0, "schedule": "sqrt"}),
    ("rmsprop", {"alpha": 0.2}),
    ("adam", {"alpha": 0.3, "beta1": 0.0}),
    ("dwmgrad", {"alpha": 1.0, "gamma": 0.0, "schedule": "sqrt"}),
]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_no_sequence_has_more_regret_than_the_upper_value(name, options):
    rule, rng = rules.get(name), np.random.default_rng(0)
    upper = upper_value(rule, rule.options(**options), 3, COARSE)
    draws = [rng.choice([-1.0, -0.3, 0.3, 1.0], 3) for _ in range(200)]
    most = max(regret_of(rule, g, start, **options) for g in draws for start in (-1.0, 0.0, 1.0))
    assert most <= upper < 6


def test_one_step_loses_the_width_of_the_box():
    rule = rules.get("sgd")
    assert 2 <= upper_value(rule, rule.options(alpha=1.0), 1, COARSE) <= 2.1


def test_the_certified_regret_is_that_of_the_run():
    rng = np.random.default_rng(1)
    g, rule = rng.uniform(-1, 1, 300), rules.get("adagrad")
    exact = regret_of(rule, g, 0.3, alpha=1.4)
    with balls() as engine:
        found = certified_regret(rule, rule.options(alpha=1.4), g.tolist(), 0.3, engine)
    assert exact - 1e-9 <= found <= exact + 1e-9


def test_two_numbers_of_memory_have_no_upper_value_here():
    rule = rules.get("adam")
    with pytest.raises(NoUpper, match="remembers 2 numbers"):
        upper_value(rule, rule.options(), 3, COARSE)


def test_the_ledgers_value_is_the_bound_of_adagrad():
    rule = rules.get("adagrad")
    assert ledger_value(rule, rule.options(alpha=2**0.5, eps=0.0), 20) == pytest.approx(2 * 2**0.5 * 20**0.5)
    assert ledger_value(rules.get("adam"), rules.get("adam").options(), 20) is None
