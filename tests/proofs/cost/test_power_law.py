"""The exponent's estimator: exact without noise, unmoved by outliers, and its intervals cover the truth."""

import numpy as np
import pytest

from dwmgrad_ref.errors import BadInput
from proofs.cost import power_law
from tests.analysis.cost.synthetic import times

X = np.geomspace(16, 2**15, 12)


@pytest.mark.parametrize("p", [0.9, 1.0, 1.1, 2.0])
@pytest.mark.parametrize("c0", [0.0, 1e-6])
def test_without_noise_the_exponent_is_found(p, c0):
    found = power_law.fit(X, [[c0 + 3e-9 * x**p] for x in X])
    # The search over c0/c1 ends a few tenths of a per cent from the best, which moves p by about 1e-3.
    assert found.p == pytest.approx(p, abs=2e-3)
    assert found.c0 == pytest.approx(c0, rel=0.02, abs=1e-11)


@pytest.mark.parametrize("p", [0.9, 1.0, 1.1, 2.0])
def test_intervals_cover_the_truth_in_nine_of_ten_draws(p):
    """100 draws of nine repeats at twelve sizes: overhead, 3 % noise, every twelfth value up to six times too long."""
    rng = np.random.default_rng(int(10 * p))
    covered = 0
    for _ in range(100):
        found = power_law.fit(X, times(rng, X, p))
        covered += found.low <= p <= found.high
        assert found.low <= found.p <= found.high
    assert covered >= 90


@pytest.mark.parametrize("p", [1.0, 1.1])
def test_they_do_at_few_sizes_without_overhead_too(p):
    rng, x = np.random.default_rng(5), np.geomspace(2**21, 2**25, 6)
    found = [power_law.fit(x, times(rng, x, p, crossing=None), overhead=0.0) for _ in range(100)]
    assert sum(f.low <= p <= f.high for f in found) >= 90
    assert np.median([f.high - f.low for f in found]) < 0.06


def test_intervals_are_not_wide_for_nothing():
    """At 100 draws of exponent 1 the interval tells 1 from 0.95 and from 1.05."""
    rng = np.random.default_rng(1)
    found = [power_law.fit(X, times(rng, X, 1.0)) for _ in range(100)]
    assert sum(f.high < 1.05 and f.low > 0.95 for f in found) >= 90


def test_one_size_that_was_disturbed_does_not_move_the_exponent():
    rng = np.random.default_rng(2)
    clean = times(rng, X, 1.0, outliers=0.0)
    disturbed = [3 * t if i == 9 else t for i, t in enumerate(clean)]
    before, after = power_law.fit(X, clean), power_law.fit(X, disturbed)
    # Least squares moves by 0.09 here; Huber's weight of that point is about a hundredth.
    assert abs(after.p - before.p) < 0.02
    assert after.low <= 1.0 <= after.high


def test_a_held_overhead_is_taken_off():
    t = [[5e-6 + 2e-9 * x] for x in X]
    found = power_law.fit(X, t, overhead=5e-6)
    assert found.p == pytest.approx(1.0, abs=1e-4) and found.c0 == 5e-6
    assert found.c1 == pytest.approx(2e-9, rel=1e-3)
    assert power_law.fit(X, t, overhead=0.0).p < 0.9, "without it the exponent is too low"


def test_units_do_not_matter():
    t = times(np.random.default_rng(3), X, 1.1)
    seconds, nanoseconds = power_law.fit(X, t), power_law.fit(1000 * X, [1e9 * v for v in t])
    # The searches end within 1e-5 of the optimum.
    assert nanoseconds.p == pytest.approx(seconds.p, abs=1e-4)
    assert (nanoseconds.low, nanoseconds.high) == pytest.approx((seconds.low, seconds.high), abs=1e-3)
    assert nanoseconds.at(1000 * X[5]) == pytest.approx(1e9 * seconds.at(X[5]), rel=1e-3)


@pytest.mark.parametrize(
    ("x", "t", "options"),
    [
        ([1, 2, 3], [[1], [2], [3]], {}),
        ([1, 2], [[1], [2]], {"overhead": 0.0}),
        ([1, 2, 3, 4], [[1], [2], [0], [4]], {}),
        ([1, 2, 3, 4], [[1], [2], [np.nan], [4]], {}),
        ([1, 2, 3, 4], [[1], [2], [3], [4]], {"overhead": 1.5}),
        ([1, 2, 3, 4], [[1], [2], [3]], {}),
    ],
)
def test_what_cannot_be_fitted_is_refused(x, t, options):
    with pytest.raises(BadInput):
        power_law.fit(x, t, **options)
