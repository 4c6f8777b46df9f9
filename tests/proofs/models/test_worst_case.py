"""The adversary, the intervals and the counting numbers: each against something independent."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.worst_case.adversary import SETTINGS, table
from dwmgrad_ref import ops, rules
from proofs.checkers.by_branching import Interval, maximize
from proofs.checkers.by_search import regret_of, worst_sequence
from proofs.models.step_matrix import det, step_matrix, trace
from proofs.models.worst_case import certified_ratio, ratio

EXPANDING = SETTINGS[0].options
number = st.floats(-4, 4, allow_subnormal=False)


@settings(max_examples=200, deadline=None)
@given(number, number, number, number, st.floats(0, 1), st.floats(0, 1))
def test_intervals_enclose_exact_results(a, b, c, d, s, t):
    # Any point of the operands gives a result inside, in exact rational arithmetic.
    x, y = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    p, q = (float(np.clip(i.lo + w * (i.hi - i.lo), i.lo, i.hi)) for i, w in ((x, s), (y, t)))
    P, Q = Fraction(p), Fraction(q)
    results = [(x + y, P + Q), (x - y, P - Q), (x * y, P * Q), (x * x, P * P), (1.0 - x, 1 - P)]
    if Q:
        results.append((x / y, P / Q))
    for interval, exact in results:
        lo, hi = float(interval.lo), float(interval.hi)
        assert (lo == -math.inf or Fraction(lo) <= exact) and (hi == math.inf or exact <= Fraction(hi))
    root = (x * x).sqrt()
    assert Fraction(float(root.lo)) <= abs(P) <= Fraction(float(root.hi))


def test_branch_and_bound_encloses_a_known_maximum():
    found = maximize(lambda v: 2.0 - v[0] * v[0] - (v[1] - 0.3) * (v[1] - 0.3), -np.ones((1, 2)), np.ones((1, 2)), 1e-3)
    assert found.done
    assert found.low <= 2.0 <= found.high <= found.low * 1.001 * (1 + 1e-12)


def test_branch_and_bound_says_when_the_budget_ran_out():
    found = maximize(lambda v: 2.0 - v[0] * v[0], -np.ones((1, 1)), np.ones((1, 1)), 0.0, np.ones(1), budget=3)
    assert not found.done and found.high == math.inf


@pytest.mark.parametrize("seed", range(5))
def test_ratio_on_intervals_is_the_rule_s(seed):
    rng = np.random.default_rng(seed)
    g, start = rng.uniform(-1, 1, 4), float(rng.uniform(-1, 1))
    r = g / np.sqrt(np.cumsum(g * g))
    inside = ratio(Interval(r[0]), [Interval(v) for v in r[1:]], Interval(start))
    # Against u = -1: the regret minus what a better u would gain; r is rounded, so a few ulps of room.
    regret = regret_of("dwmgrad", g, start, **EXPANDING) - abs(g.sum()) + g.sum()
    assert inside.lo - 1e-14 <= regret / (math.sqrt(8) * np.linalg.norm(g)) <= inside.hi + 1e-14


def test_one_step_costs_exactly_a_quarter_of_the_root_of_eight():
    # T = 1: theta_1 = 1, g = 1 against -1 is regret 2 over 2 sqrt(2), and nothing is worse.
    assert worst_sequence("dwmgrad", 1, count=8, iterations=20, polish=200, **EXPANDING).ratio == pytest.approx(
        1 / 2**0.5
    )
    assert certified_ratio(1).high == pytest.approx(1 / 2**0.5)


def test_the_adversary_reaches_what_a_simple_search_did():
    found = worst_sequence("dwmgrad", 30, count=32, iterations=60, polish=2000, **EXPANDING)
    assert 0.8 < found.ratio <= 1
    assert np.max(np.abs(found.g)) <= 1
    assert found.regret == regret_of("dwmgrad", found.g, found.start, **EXPANDING)


@pytest.mark.parametrize("name", rules.names())
def test_the_adversary_plays_every_rule(name):
    options: dict[str, Any] = {"delta": 8.0} if "dwmgrad" in name and "delta" in rules.get(name).Options._fields else {}
    found = worst_sequence(name, 4, relative=False, count=8, iterations=3, polish=50, **options)
    assert found.regret >= 0 and np.isfinite(found.g).all()


def test_noise_on_what_was_found_before_leaves_the_gradients_in_their_range():
    # Without scale, larger gradients pay: descent with a small step gains 2 from every gradient of size 1.
    known = worst_sequence("sgd", 8, relative=False, count=8, iterations=20, polish=200, alpha=0.01)
    found = worst_sequence("sgd", 8, relative=False, count=16, iterations=2, polish=50, earlier=[known] * 3, alpha=0.01)
    assert np.max(np.abs(known.g)) <= 1 and np.max(np.abs(found.g)) <= 1
    assert known.regret <= found.regret <= 16


def test_table_has_a_row_for_every_number_of_steps():
    rows = list(table(SETTINGS[-1:], (2, 3)))
    assert [row["T"] for row in rows] == [2, 3]
    assert all(0 < row["ratio"] <= 1 for row in rows)


def test_tensors_pass_through_the_operations():
    x, y = torch.tensor([4.0, -1.0]), torch.tensor([1.0, 2.0])
    assert ops.sqrt(x)[0] == 2
    assert ops.maximum(x, 0).tolist() == [4, 0] and ops.minimum(x, y).tolist() == [1, -1]
    assert ops.where(ops.greater(x, y), x, y).tolist() == [4, 2] and ops.absolute(x).tolist() == [4, 1]


def test_step_matrix_is_heavy_ball_s():
    A = step_matrix(rules.get("heavy-ball"), Fraction(9, 10), Fraction(3))
    assert A == ((-2, Fraction(-9, 10)), (3, Fraction(9, 10)))
    assert (trace(A), det(A)) == (Fraction(-11, 10), Fraction(9, 10))


def test_the_rule_of_the_largest_ratio_says_what_branch_and_bound_found():
    """For one step the supremum is known: 2 |g|/(2 sqrt(2) |g|); an enclosure beside it is not proved."""
    from proofs.claims.regret.largest_ratio import largest
    from proofs.inference.derivation import WrongShape, use
    from proofs.statements.statement import sequences

    def begin(T):
        return np.ones(1), 1.0

    rho = sequences("rho")
    known = largest("w", "Test.", rho, {1: ("0.7071", "0.7072")}, begin)
    assert known.check.run().status == "holds"
    assert set(known.then.args) == {sp.Rational("0.7071") <= rho(1), rho(1) <= sp.Rational("0.7072")}
    for ends in (("0.7072", "0.8"), ("0.6", "0.7071")):
        assert largest("w", "Test.", rho, {1: ends}, begin).check.run().status == "fails"
    assert {step.check.run().status for step in known.premises} == {"holds"}
    with pytest.raises(WrongShape):
        largest("w", "Test.", rho, {}, begin)
    with pytest.raises(WrongShape, match="has a meaning"):
        use(known, {rho: sp.Lambda(sp.Symbol("T", integer=True), 0)})


@pytest.mark.parametrize("seed", range(5))
def test_a_change_of_all_signs_changes_no_ratio(seed):
    """So the comparator -1 is no restriction: the flipped run has the same regret against the best end."""
    rng = np.random.default_rng(100 + seed)
    g, start = rng.uniform(-1, 1, 4), float(rng.uniform(-1, 1))
    assert regret_of("dwmgrad", g, start, **EXPANDING) == pytest.approx(
        regret_of("dwmgrad", -g, -start, **EXPANDING), rel=1e-14
    )
