"""The non-convex suite: starts, the gradients counted by a plain loop, tuning, and statistics of known tables."""

import numpy as np
import pandas as pd
import pytest

from analysis.nonconvex import judge, measure
from analysis.nonconvex.suite import SUITE
from dwmgrad_ref import rules

ITEMS = {item.name: item for item in SUITE}


@pytest.mark.parametrize("name", ITEMS)
def test_starts_are_drawn_from_their_seed_and_box(name):
    item = ITEMS[name]
    a, b, c = item.starts(1, 20), item.starts(1, 20), item.starts(2, 20)
    assert np.array_equal(a, b) and not np.array_equal(a, c)
    centred = a - (item.problem.x0 if item.around else 0.0)
    assert a.shape == (20, item.problem.d) and centred.min() >= item.low - 1e-12 and centred.max() <= item.high + 1e-12
    losses = [item.problem.value_grad(x)[0] for x in a]
    assert min(losses) > item.problem.solution.value  # nobody starts at the minimum


@pytest.mark.parametrize(("rule", "alpha"), [("sgd", 0.01), ("heavy-ball", 0.003), ("adam", 0.1)])
def test_gradients_are_counted_as_a_plain_loop_counts_them(rule, alpha):
    item, made = ITEMS["himmelblau"], rules.get(rule)
    starts, options = item.starts(3, 4), made.options(alpha=alpha)
    found, o = measure.gradients_needed(made, options, item, starts), made.encode(options)
    for x, needed in zip(starts, found, strict=True):
        k, c = made.begin(o, x)
        first, expected = item.problem.value_grad(x)[0], np.inf
        for t in range(1, measure.BUDGET + 1):
            loss, g = item.problem.value_grad(x)
            if t in measure.LOOKS and loss <= measure.TOLERANCE * first:  # the minimum is 0
                expected = t
                break
            k, c, x = made.step(o, k, c, x, g, loss)
        assert needed == expected


def test_a_run_that_diverges_has_not_arrived():
    item, sgd = ITEMS["rosenbrock-nd"], rules.get("sgd")
    assert np.isinf(measure.gradients_needed(sgd, sgd.options(alpha=10.0), item, item.starts(0, 3))).all()


def test_the_step_size_with_most_successes_is_chosen():
    rows = measure.tuned(measure.Entry("sgd", "sgd"), ITEMS["himmelblau"], (1e-6, 1e-2, 1.0), count=5)
    assert [row["chosen"] for row in rows] == [0, 1, 0] and [row["solved"] for row in rows] == [0, 5, 0]
    assert rows[0]["mean"] == measure.BUDGET > rows[1]["mean"]


def runs(**needed) -> pd.DataFrame:
    """A table of runs from gradients by label, (problems, starts)."""
    return pd.DataFrame(
        {"label": label, "problem": f"p{i}", "seed": 0, "start": j, "alpha": 1.0, "gradients": value}
        for label, table in needed.items()
        for i, row in enumerate(table)
        for j, value in enumerate(row)
    )


def test_profiles_are_shares_of_all_runs():
    table = judge.data_profiles(runs(a=[[1, 10], [100, np.inf]]), (1, 9, 10, 1000))
    assert table.solved.tolist() == [0.25, 0.25, 0.5, 0.75] and set(table.runs) == {4}


def test_intervals_and_verdicts_of_known_tables():
    inf = np.inf
    table = runs(ours=[[1] * 5] * 8, same=[[1] * 5] * 8, never=[[inf] * 5] * 8, half=[[1] * 5, [inf] * 5] * 4)
    found = judge.against(table, ("ours",), draws=2000).set_index("other")
    assert found.difference.to_dict() == {"half": 0.5, "never": 1.0, "same": 0.0}
    assert found.p["same"] == 1.0 and (found.low["never"], found.high["never"]) == (1.0, 1.0)
    # Eight problems of which half differ: a redrawn mean is Binomial(8, 1/2)/8, with these 2.5 and 97.5 % points.
    assert (found.low["half"], found.high["half"]) == (0.125, 0.875)
    assert found.wins.to_dict() == {"half": 4, "never": 8, "same": 0} and not found.losses.any()
    assert judge.verdict(found.reset_index()) == "better than half, never; not told apart from same"
    back = judge.against(table, ("never",), draws=2000)
    assert "worse than half, ours, same" == judge.verdict(back)


def test_few_problems_decide_nothing():
    """One problem in three that differs is drawn away in a third of the draws, (2/3)^3 = 8/27."""
    found = judge.against(runs(ours=[[1], [1], [1]], other=[[1], [1], [np.inf]]), ("ours",), draws=20_000)
    assert found.p[0] == pytest.approx(2 * 8 / 27, abs=0.02) and judge.verdict(found) == "not told apart from other"
