"""The boundary against its defining equation, its limits, and against runs on either side."""

import math

import pandas as pd
import pytest

from analysis.worst_case import failure_region
from analysis.worst_case.failure_region import boundary, simulated, table
from dwmgrad_ref.errors import BadInput
from proofs.models import periodic


@pytest.mark.parametrize("delta", [1.5, 2.0, 10.0, 1000.0])
@pytest.mark.parametrize("k", [3, 7, 20])
def test_boundary_is_where_the_drift_changes_sign(k, delta):
    end = boundary(k, delta)
    assert end > k - 1
    for factor, sign in ((1 - 1e-9, 1), (1 + 1e-9, -1)):  # bisection stops at 1e-13 in log C
        C = (k - 1) + factor * (end - (k - 1))
        assert math.copysign(1, periodic.drift(C, k, delta)) == sign


def test_boundary_at_the_edges():
    assert math.isnan(boundary(2, 10.0)) and boundary(3, 1.0) == math.inf
    assert boundary(3, 10.0) < boundary(4, 10.0) < boundary(5, 10.0)
    assert boundary(5, 2.0) > boundary(5, 10.0) > boundary(5, 100.0) > 4  # shrinks with delta but never closes
    assert boundary(2000, 2.0) == math.inf  # beyond 1e130


@pytest.mark.parametrize("k, delta", [(1, 10.0), (3, 0.5), (3, math.inf), (3, math.nan)])
def test_bad_input(k, delta):
    with pytest.raises(BadInput, match="expected k >= 2"):
        boundary(k, delta)


@pytest.mark.parametrize("gamma", [0.0, 0.9])
@pytest.mark.parametrize("k, delta", [(3, 10.0), (7, 10.0), (5, 2.0)])
def test_runs_agree_with_the_boundary_whatever_the_momentum(k, delta, gamma):
    low, end = k - 1, boundary(k, delta)
    assert simulated(low + 0.8 * (end - low), k, delta, gamma)
    assert not simulated(low + 1.2 * (end - low), k, delta, gamma)


def test_table_and_csv(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(failure_region, "table", lambda: table((10.0,), (3, 5)))
    failure_region.main(["--out", str(tmp_path / "region.csv")])
    rows = pd.read_csv(tmp_path / "region.csv")
    assert rows["inside_fails"].all() and not rows["outside_fails"].any()
    assert list(rows["k"]) == [3, 5] and "C_bar" in capsys.readouterr().out
