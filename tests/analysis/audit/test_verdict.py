"""The verdict: theorems of the literature are found, known failures are not proved, and bounds hold on runs."""

import json
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from analysis.audit import growth, step_model, upper_side, verdict
from analysis.audit.theorem import Theorem
from analysis.audit.upper_side import LINEAR, POSITIVE, Side
from dwmgrad_ref import rules


def upper(name, schedule, **options) -> Side:
    rule, schedule = step_model.scheduled(rules.get(name), schedule, options)
    return upper_side.search(rule, schedule, 20)


@pytest.fixture(scope="module")
def adagrad() -> verdict.Verdict:
    return verdict.decide(rules.get("adagrad"))


@pytest.mark.parametrize(("name", "options"), [("adam", {"beta1": 0.0}), ("rmsprop", {}), ("dwmgrad", {})])
def test_a_known_failure_is_not_proved(name, options):
    side = upper(name, "sqrt", **options)
    assert side.theorem is None and side.reasons


def test_sgd_with_a_root_schedule_is_proved_with_zinkevichs_bound():
    theorem = upper("sgd", "sqrt").theorem
    assert theorem is not None and theorem.no_regret
    # D² sqrt(T)/(2 alpha) + alpha G² sqrt(T), the sum of 1/sqrt(t) being at most 2 sqrt(T).
    assert theorem.bound(0.5, [2.0], [3.0], [30.0], 100) == pytest.approx(4 * 10 / 1.0 + 0.5 * 9 * 10)


def test_sgd_with_a_constant_step_size_has_no_bound_of_the_order_root_t():
    side = upper("sgd", "constant")
    assert side.theorem is not None and not side.theorem.no_regret and side.reasons == [LINEAR]
    assert side.theorem.bound(0.5, [2.0], [1.0], [10.0], 100) >= 0.5 * 100 / 2


@pytest.mark.parametrize("alpha", [1e-5, 0.1, 10.0])
def test_adagrads_bound_holds_on_its_runs(adagrad, alpha):
    theorem = adagrad.upper.theorem
    assert adagrad.word == verdict.PROVED and theorem is not None and theorem.no_regret
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


def test_the_bound_is_told_as_mathematics_with_its_options(adagrad):
    """Duchi et al.'s Theorem 5, D²/(2 alpha) S + alpha S, with what eps adds."""
    told = "\n".join(adagrad.lines())
    assert "R_T <= sum over i of [D_i²/(2 alpha) (S_i + 1e-10 sqrt(T)) + alpha S_i]" in told
    assert "eps = 1e-10" in told
    json.dumps(adagrad.record())


def test_a_printed_constant_is_never_smaller_than_the_one_proved():
    theorem = Theorem(growth.SQUARES, growth.BY_SQUARES, Fraction(3), Fraction(1, 3), Fraction(0), Fraction(0), ())
    assert str(theorem) == "R_T <= sum over i of [D_i²/(2 alpha) 0.3334 S_i + 0.3334 alpha S_i]"
    assert theorem.record()["lower"] == "alpha h_t >= 3 S_t"
    assert Theorem(growth.ROOT, growth.BY_SQUARES, Fraction(2, 3), Fraction(1), Fraction(0), Fraction(9, 10), ()
                   ).record()["lower"] == "alpha h_t >= 0.6666 sqrt(t)"  # fmt: skip


def test_dwmgrad_with_an_uncapped_window_is_proved_for_positive_losses():
    """R3: S_t sqrt(t/(t + omega_0)) <= alpha h_t, and 1/sqrt(1 + 5) is 0.4082."""
    theorem = upper("dwmgrad", "sqrt", delta=float("inf"), gamma=0.0).theorem
    assert theorem is not None and theorem.no_regret and POSITIVE in theorem.hypotheses
    assert 0.4 < theorem.kappa <= 1 / np.sqrt(6)


@pytest.mark.parametrize("holds", [True, False])
def test_a_rule_is_refuted_only_where_another_engine_confirms_the_witness(monkeypatch, holds):
    """The witness stands for one that the lower side found; its own tests are those of the search and the replay."""
    monkeypatch.setattr(verdict, "replace", lambda witness, **changes: witness)
    monkeypatch.setattr(upper_side, "search", lambda *_: Side(reasons=["h falls"]))
    witness = SimpleNamespace(statement=lambda: "losses that refute")
    monkeypatch.setattr("analysis.worst_case.refutation.refute", lambda *_: witness)
    check = SimpleNamespace(holds=holds, what="the box does not close")
    monkeypatch.setattr("analysis.worst_case.replay.replay", lambda witness: [check])
    found = verdict.decide(rules.get("rmsprop"), "sqrt")
    assert found.word == (verdict.REFUTED if holds else verdict.OPEN)
    assert ("losses that refute" if holds else "the box does not close") in "\n".join(found.lines())
    json.dumps(found.record())
