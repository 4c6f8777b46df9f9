"""Statistics against hand calculations, exhaustive enumeration and plain restatements."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.tsa.stattools import acf

from analysis.comparison import penn_treebank
from analysis.stats.statistics import (
    compare,
    holm,
    lag_one,
    mean_interval,
    paired,
    pairs_needed,
    performance_profile,
    summary,
    time_to_target,
)
from dwmgrad_ref.errors import BadInput
from paper_figures.lib import folders

VALUES = np.array([0.97, 0.98, 0.975, 0.99, 0.983])


def test_the_interval_is_the_t_test_s():
    """The ends are the two means that scipy's one-sample t-test rejects at exactly 5 %."""
    found = mean_interval(VALUES)
    for end in (found.low, found.high):
        assert stats.ttest_1samp(VALUES, end).pvalue == pytest.approx(0.05, rel=1e-9)
    assert found.seeds == 5 and mean_interval(VALUES, 0.5).low > found.low


@pytest.mark.parametrize("n", [5, 10])
@pytest.mark.parametrize("draw", ["normal", "uniform", "skewed"])
def test_the_interval_covers_the_mean(n, draw):
    """At least 93 % of 95 %, for normal values, flat ones, and a gamma distribution whose skewness is 0.5."""
    rng = np.random.default_rng(7)
    x = {
        "normal": lambda: rng.normal(size=(20_000, n)),
        "uniform": lambda: rng.uniform(-1, 1, (20_000, n)),
        "skewed": lambda: rng.gamma(16, 1 / 16, (20_000, n)) - 1,
    }[draw]()
    intervals = np.array([mean_interval(row)[1:3] for row in x])
    covered = ((intervals[:, 0] <= 0) & (intervals[:, 1] >= 0)).mean()
    assert 0.93 <= covered <= 0.96, covered


def test_the_pairs_needed_have_the_power():
    """Simulated t-tests at the number given and at one fewer."""
    effect, rng = 0.8, np.random.default_rng(3)
    needed = int(pairs_needed(effect))
    for count, enough in ((needed, True), (needed - 2, False)):
        p = stats.ttest_1samp(rng.normal(effect, 1, (40_000, count)), 0, axis=1, alternative="greater").pvalue
        assert ((p < 0.05).mean() >= 0.795) == enough
    assert pairs_needed(50.0) == 5 and math.isnan(pairs_needed(0.0)) and math.isnan(pairs_needed(1e-4))


def test_the_interval_follows_shifts_and_scales():
    base, moved = mean_interval(VALUES), mean_interval(100 * VALUES + 3)
    np.testing.assert_allclose(moved[:3], 100 * np.array(base[:3]) + 3, rtol=1e-12)
    assert base.low < base.mean < base.high and base.seeds == 5


def test_what_has_no_interval_says_so():
    assert mean_interval([0.5])[::3] == (0.5, 1) and math.isnan(mean_interval([0.5]).low)
    assert mean_interval([1.0, 2, 3, 4])[::3] == (2.5, 4) and math.isnan(mean_interval([1.0, 2, 3, 4]).high)
    assert mean_interval([2.0] * 5) == (2.0, 2.0, 2.0, 5)
    assert math.isnan(mean_interval([1.0, np.nan, 2.0]).mean) and mean_interval([1.0, np.inf]).seeds == 2
    assert str(mean_interval([0.5])) == "0.5 (1 seed)" and "5 seeds" in str(mean_interval(VALUES))


def test_a_summary_counts_its_seeds():
    table = pd.DataFrame({"m": list("aaabb"), "x": [1.0, 2, 3, 4, 4]})
    found = summary(table, ["m"], "x")
    assert found.seeds.tolist() == [3, 2] and found["mean"].tolist() == [2, 4] and found.low.isna().all()


def test_the_target_is_reached_at_its_first_epoch():
    frame = pd.DataFrame({"epoch": [1.0, 2, 3, 4], "loss": [3.0, 1, 2, 0.5], "seconds": [10.0, 20, 30, 40]})
    assert time_to_target(frame, "loss", 2.0) == (2, 30)
    assert time_to_target(frame, "loss", 0.5) == (4, 100)
    assert time_to_target(frame, "loss", 0.4) == (math.inf, math.inf)
    assert time_to_target(frame, "loss", 2.5, below=False) == (1, 10)


def test_the_paired_tests_are_their_definitions():
    a, b = VALUES, np.array([0.96, 0.985, 0.96, 0.97, 0.981])
    d = a - b
    t, p, p_w = paired(a, b, "greater")
    by_hand = d.mean() / (d.std(ddof=1) / math.sqrt(5))
    np.testing.assert_allclose([t, p], [by_hand, stats.t.sf(by_hand, 4)], rtol=1e-12)
    ranks = stats.rankdata(abs(d))
    sums = [
        sum(r for r, s in zip(ranks, signs, strict=True) if s > 0) for signs in itertools.product((1, -1), repeat=5)
    ]
    observed = ranks[d > 0].sum()
    assert p_w == sum(s >= observed for s in sums) / 32


def test_a_paired_test_needs_the_same_two_seeds():
    for a, b in (([1.0], [2.0]), ([1.0, 2.0], [1.0])):
        with pytest.raises(BadInput, match="same two or more seeds"):
            paired(np.array(a), np.array(b))
    t, p, p_w = paired(VALUES, VALUES)
    assert p == 1 and math.isnan(t) and math.isnan(p_w)


def test_holm_s_correction_on_its_textbook_case_and_in_any_order():
    p = [0.01, 0.02, 0.03, 0.04, 0.05]
    np.testing.assert_allclose(holm(p), [0.05, 0.08, 0.09, 0.09, 0.09], rtol=1e-12)
    shuffled = [0.04, np.nan, 0.01, 0.05, 0.02, 0.03]
    np.testing.assert_allclose(holm(shuffled), [0.09, np.nan, 0.05, 0.09, 0.08, 0.09], rtol=1e-12)


def test_holm_of_nothing_and_of_no_p_value():
    assert holm([]).shape == (0,) and np.isnan(holm([np.nan, np.nan])).all()


def test_the_lag_one_correlation_by_hand_and_by_statsmodels():
    assert lag_one([3, -1, -9, 7]) == pytest.approx(-57 / 140, rel=1e-15)  # these have mean 0
    x = np.random.default_rng(0).random(50)
    assert lag_one(x) == pytest.approx(acf(x, nlags=1)[1], rel=1e-12)
    assert math.isnan(lag_one([2.0, 2.0, 2.0]))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_exactly_what_the_step_down_procedure_rejects(p):
    adjusted = holm(p)
    assert ((adjusted >= np.array(p) - 1e-15) & (adjusted <= 1)).all()
    for level in (0.01, 0.05, 0.3):
        rejected, order = set(), np.argsort(p, kind="stable")
        for k, index in enumerate(order):
            if p[index] * (len(p) - k) > level:
                break
            rejected.add(int(index))
        assert set(np.flatnonzero(adjusted <= level)) == rejected


def test_comparisons_use_common_seeds_only_and_a_diverged_run_leaves_no_p_value():
    values = {"a": {0: 1.0, 1: 2.0, 2: 4.0}, "b": {0: 0.5, 1: 1.0, 3: 9.0}, "c": {0: 1.0, 1: np.nan}}
    table = compare(values, "a").set_index("b")
    assert table.seeds.to_dict() == {"b": 2, "c": 2} and table.difference["b"] == 0.75
    np.testing.assert_allclose(table.p_t["b"], stats.ttest_rel([1, 2], [0.5, 1]).pvalue)
    assert np.isnan(table.p_t["c"]) and table.holm_t["b"] == table.p_t["b"]
    with pytest.raises(BadInput, match="'z' is not among"):
        compare(values, "z")


COSTS = pd.DataFrame({"a": [1.0, 4.0, np.inf, np.nan], "b": [2.0, 2.0, 3.0, np.inf]})


def test_a_performance_profile_on_four_problems():
    table = performance_profile(COSTS, ratios=[1, 1.9, 2, 10]).pivot(index="ratio", columns="method", values="share")
    assert table.a.tolist() == [0.25, 0.25, 0.5, 0.5] and table.b.tolist() == [0.5, 0.5, 0.75, 0.75]
    assert set(performance_profile(COSTS).ratio) == {1.0, 2.0} and (performance_profile(COSTS).tasks == 4).all()


def test_a_performance_profile_knows_ratios_only():
    scaled = COSTS.mul([3.0, 0.1, 7.0, 1.0], axis=0)
    pd.testing.assert_frame_equal(performance_profile(COSTS, [1, 1.5, 3]), performance_profile(scaled, [1, 1.5, 3]))
    with pytest.raises(BadInput, match="must be positive"):
        performance_profile(COSTS * 0)


def test_the_ptb_tests_from_the_logs():
    """Plain restatement from the file; and what five pairs can at most say."""
    path = folders.PUBLISHED / "adamomentum_ptb_perplexity.csv"
    table, logs = penn_treebank.tests(path), pd.read_csv(path)
    assert table.groupby("layers").size().to_dict() == {1: 7, 2: 8, 3: 8} and (table.seeds == 5).all()
    row = table[(table.layers == 1) & (table.optimizer == "radam")].iloc[0]
    one = logs[logs.lstm_layers == 1].pivot(index="seed", columns="optimizer", values="best_test_perplexity")
    difference = (one.adam3 - one.radam).to_numpy()
    t = difference.mean() / (difference.std(ddof=1) / math.sqrt(5))
    np.testing.assert_allclose(row.p_t, stats.t.cdf(t, 4), rtol=1e-9)
    assert (table.p_wilcoxon == penn_treebank.LEAST).all() and (table.p_t < 0.001).all()
    assert (table.holm_p_wilcoxon > 0.05).all() and (table.holm_p_t < 0.001).all()
