"""Many runs as one table, choosing on a grid, and intervals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.stats.tuning import choose, interval, quarter_decades, sweep
from dwmgrad_ref import run
from dwmgrad_ref.errors import BadInput


def test_a_quarter_of_a_decade_apart():
    grid = quarter_decades(-4, 2)
    assert len(grid) == 25 and grid[0] == 1e-4 and grid[-1] == 100 and 1e-3 in grid
    # Four digits are kept: each value is off by at most 0.05 %, a ratio by twice that.
    np.testing.assert_allclose(np.divide(grid[1:], grid[:-1]), 10**0.25, rtol=1e-3)


def test_a_sweep_is_its_runs_labelled_in_order():
    alphas = (0.1, 0.2)
    job = {"rule": "dwmgrad", "problem": "quadratic-diagonal", "steps": 9, "observe": ("regret",), "grid": 3}
    table = sweep([({"alpha": a, "who": f"run {a}"}, {**job, "alpha": a}) for a in alphas], ["loss", "regret"])
    assert list(table.columns) == ["alpha", "who", "t", "loss", "regret"]
    assert table.alpha.tolist() == [0.1] * 3 + [0.2] * 3 and table.t.tolist() == [3, 6, 9] * 2
    for alpha, part in table.groupby("alpha"):
        alone = run(**job, alpha=alpha).frame
        np.testing.assert_array_equal(part[["loss", "regret"]], alone[["loss", "regret"]])


def test_a_run_that_diverges_keeps_its_rows_up_to_there():
    job = {"rule": "sgd", "problem": "rosenbrock", "steps": 100, "observe": (), "grid": 1}
    table = sweep([({"alpha": a}, {**job, "alpha": a}) for a in (1e-4, 1.0)], ["loss"])
    lengths = table.groupby("alpha").size()
    assert lengths[1e-4] == 100 and 0 < lengths[1.0] < 100


def test_the_lowest_finite_score_is_chosen_and_of_equal_ones_the_first():
    table = pd.DataFrame({"who": list("aaabbb"), "score": [3.0, np.nan, 2.0, np.inf, 1.0, 1.0]})
    assert choose(table, ["who"], "score").chosen.tolist() == [0, 0, 1, 0, 1, 0]


def test_a_grid_without_a_finite_score_is_refused():
    table = pd.DataFrame({"who": ["a", "b"], "score": [1.0, np.inf]})
    with pytest.raises(BadInput, match="no finite score for some who: widen the grid"):
        choose(table, ["who"], "score")


@pytest.mark.parametrize("geometric", [False, True])
def test_the_interval_is_students(geometric):
    values = np.array([1.0, 2.0, 4.0, 8.5])
    table = pd.DataFrame({"t": 1, "value": values})
    row = interval(table, ["t"], "value", geometric=geometric).iloc[0]
    sample = np.log(values) if geometric else values
    expected = [sample.mean(), *stats.t.interval(0.95, 3, sample.mean(), stats.sem(sample))]
    expected = np.exp(expected) if geometric else expected
    # The same formula by scipy; both round a handful of times.
    np.testing.assert_allclose(row[["mean", "low", "high"]].to_numpy(float), expected, rtol=1e-12)
    assert row.seeds == 4


def test_one_seed_has_no_interval():
    row = interval(pd.DataFrame({"t": [1], "value": [3.0]}), ["t"], "value").iloc[0]
    assert (row["mean"], row.low, row.high, row.seeds) == (3, 3, 3, 1)
