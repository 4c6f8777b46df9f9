"""The compiled driver against the interpreter, and the promises of a run: exact sums, no influence of watching."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwmgrad_ref import run
from dwmgrad_ref.observers import DEFAULT
from tests.dwmgrad_ref.execution.interpreted import interpret

ITERATE = (*DEFAULT, "iterate")
WINDOWS = st.sampled_from([1.0, 2.0, 10.0, 100.0, float("inf")])


def thetas(trace):
    return trace.frame.filter(like="theta_").to_numpy()


@pytest.mark.parametrize("problem", ["quadratic-diagonal", "quadratic-dense", "periodic"])
@settings(max_examples=15, deadline=None)
@given(
    delta=WINDOWS,
    signal=st.sampled_from(["loss", "increase", "decrease"]),
    schedule=st.sampled_from(["constant", "sqrt"]),
    momentum=st.sampled_from(["tied", "constant"]),
    reset=st.booleans(),
    guard=st.booleans(),
    epoch=st.sampled_from([1.0, 7.0, float("inf")]),
    alpha=st.floats(1e-4, 1.0),
)
def test_compiled_driver_equals_interpreter_bitwise(problem, **options):
    """Same operations in the same order, no fused or reassociated arithmetic: not one bit may differ."""
    options["omega0"] = min(5.0, options["delta"])
    slow = interpret("dwmgrad", problem, 60, **options)
    fast = run("dwmgrad", problem, 60, ("iterate", "window"), grid=1, **options)
    np.testing.assert_array_equal(thetas(fast), slow.theta)
    np.testing.assert_array_equal(fast.frame["loss"], slow.loss)
    np.testing.assert_array_equal(fast.frame["window"], slow.omega)


@pytest.mark.parametrize("rule", ["dwmgrad"])
@pytest.mark.parametrize("problem", ["quadratic-dense", "periodic"])
def test_watching_changes_nothing(rule, problem):
    alone = run(rule, problem, 3000, ("iterate",), grid=[1, 2, 999, 3000], alpha=0.05)
    watched = run(rule, problem, 3000, ITERATE, grid=1, alpha=0.05)
    at = watched.frame["t"].isin(alone.frame["t"])
    np.testing.assert_array_equal(thetas(alone), thetas(watched)[at])


def test_sums_do_not_depend_on_the_grid():
    """Thinning drops rows, never steps: what is logged at a step is the same bit for bit on any grid."""
    fine = run("dwmgrad", "quadratic-dense", 2000, grid=1).frame.set_index("t")
    coarse = run("dwmgrad", "quadratic-dense", 2000, grid=[3, 500, 2000]).frame.set_index("t")
    columns = [c for c in fine if not c.startswith("step_")]  # extremes since the last row do depend on it
    np.testing.assert_array_equal(coarse[columns], fine.loc[coarse.index, columns])
    largest = [fine["step_max"].loc[a + 1 : b].max() for a, b in [(0, 3), (3, 500), (500, 2000)]]
    np.testing.assert_array_equal(coarse["step_max"], largest)


def test_running_loss_sum_is_exact():
    """Compensated: equal to math.fsum's correctly rounded sum; a plain loop is off by many ulps here."""
    losses = run("dwmgrad", "periodic", 200_000, (), grid=1, alpha=0.3).frame["loss"]
    trace = run("dwmgrad", "periodic", 200_000, ("regret",), alpha=0.3)
    plain = 0.0
    for loss in losses:
        plain += loss
    assert plain != math.fsum(losses)
    assert trace.final["loss_sum"] == math.fsum(losses)


@pytest.mark.parametrize("grid, expected", [(3, [3, 6, 9, 10]), ([1, 5], [1, 5, 10]), ("log", list(range(1, 11)))])
def test_grids(grid, expected):
    assert run("dwmgrad", "periodic", 10, (), grid=grid).frame["t"].tolist() == expected


def test_log_grid_stays_small():
    """24 rows a decade and no array that grows with T: a run of 10^8 steps would keep under 200 rows."""
    from dwmgrad_ref import grid_points

    assert grid_points("log", 10**8).size < 200
    assert grid_points("log", 10**8)[-1] == 10**8
