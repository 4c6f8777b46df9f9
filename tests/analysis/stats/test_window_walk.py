"""The window as a walk: exact small cases, and the two walks that know nothing of progress."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.statistics import lag_one
from analysis.stats.window_walk import coin_mean, coin_moves, moves_of, spread, unrelated_moves, window_of
from dwmgrad_ref import run

signs = st.lists(st.sampled_from([-1.0, 1.0]), min_size=2, max_size=60)


@given(signs, st.integers(2, 6), st.data())
def test_moves_and_window_undo_each_other(moves, cap, data):
    start = data.draw(st.integers(1, cap))
    window = window_of(np.array([moves]), cap, start)[0]
    assert window.min() >= 1 and window.max() <= cap
    np.testing.assert_array_equal(moves_of(window, cap), moves[1:])


@pytest.mark.parametrize("signal", ["increase", "decrease"])
def test_the_walk_of_the_losses_signs_is_the_rules_window(signal):
    job = {"problem": "stream-logistic-breast-cancer", "steps": 400, "observe": ("window",), "grid": 1}
    frame = run("dwmgrad", signal=signal, delta=12, omega0=5, alpha=0.01, **job).frame
    differences = np.diff(frame.loss) * (1 if signal == "increase" else -1)
    window = window_of(np.where(differences > 0, 1.0, -1.0)[None], 12, frame.window[0])[0]
    np.testing.assert_array_equal(window, frame.window[1:])


@pytest.mark.parametrize(("cap", "start"), [(1, 1), (2, 1), (4, 2), (5, 5)])
def test_the_coins_mean_is_the_mean_over_all_coins(cap, start):
    steps = 8
    coins = np.array(list(product([-1.0, 1.0], repeat=steps)))
    # Dyadic chances and small whole numbers: exact in both, up to the order of additions.
    np.testing.assert_allclose(coin_mean(cap, start, steps), window_of(coins, cap, start).mean(axis=0), rtol=1e-13)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 6])
def test_the_sum_of_signs_of_unrelated_losses_has_variance_k_plus_2_over_3(k):
    """Every order of k + 1 losses is equally likely. For k = 1 the formula gives 1 as well."""
    sums = [np.sign(np.diff(order)).sum() for order in permutations(range(k + 1))]
    assert np.mean(sums) == 0
    assert np.var(sums) == pytest.approx((k + 2) / 3, rel=1e-12)


def test_two_signs_of_unrelated_losses_agree_once_in_three():
    products = [np.prod(np.sign(np.diff(order))) for order in permutations(range(3))]
    assert np.mean(products) == pytest.approx(-1 / 3, rel=1e-12)


STEPS = 200_000


@pytest.mark.parametrize(
    ("make", "correlation", "variance"),
    [(coin_moves, 0.0, lambda k: 1.0), (unrelated_moves, -1 / 3, lambda k: (k + 2) / (3 * k))],
)
def test_simulated_walks_have_their_exact_statistics(make, correlation, variance):
    moves = make(1, STEPS, seed=3)[0]
    assert set(moves) == {-1.0, 1.0}
    # Five standard errors: 1/sqrt(T) of a mean of +-1, and sqrt(2 k / T) relative of a variance of sums of k moves.
    assert abs(moves.mean()) < 5 / np.sqrt(STEPS)
    assert abs(lag_one(moves) - correlation) < 5 / np.sqrt(STEPS)
    for k in (1, 2, 8, 32):
        assert spread(moves, k) == pytest.approx(variance(k), rel=5 * np.sqrt(2 * k / STEPS))


def test_a_steady_drift_does_not_count_as_spread():
    """Nine up, one down, for ever: the sums of ten moves are all alike."""
    moves = np.tile([1.0] * 9 + [-1.0], 50)
    assert spread(moves, 10) == pytest.approx(0.0, abs=1e-20)
