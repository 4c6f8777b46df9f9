"""Distances to published curves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.comparison.published_curves import SLACK, distance, read
from dwmgrad_ref.errors import BadInput
from paper_figures.lib import folders

STEPS = np.arange(0, 20, 2)
CURVE = 100 * 0.8 ** np.arange(25)


def test_a_curve_is_at_no_distance_from_itself():
    assert distance(STEPS, CURVE[STEPS], CURVE, 0.3)[:4] == (0, 0, 0, 0)
    assert distance(STEPS, CURVE[STEPS], CURVE, 0.3).points == STEPS.size


@given(st.floats(-50, 50), st.floats(0.01, 10))
def test_a_flat_curve_is_as_far_as_it_is_shifted(shift, error):
    """Without slope the slack of half a step changes nothing. 1e-12: a subtraction and a division."""
    d = distance(STEPS, np.full(STEPS.size, 7.0 + shift), np.full(25, 7.0), error)
    np.testing.assert_allclose(d[:4], abs(shift) / error, rtol=1e-12, atol=1e-12 * 60 / error)


def test_rms_and_worst_of_known_residuals():
    losses = CURVE[STEPS].copy()
    losses[3] += 0.6
    losses[5] -= 1.2
    d = distance(STEPS, losses, CURVE, 0.3)
    assert d.worst == pytest.approx(4.0, rel=1e-12)
    assert d.rms == pytest.approx(np.sqrt((2**2 + 4**2) / STEPS.size), rel=1e-12)


@given(st.floats(-SLACK, SLACK))
def test_points_read_up_to_half_a_step_away_are_forgiven(shift):
    inner = STEPS[1:]
    losses = np.interp(inner + shift, np.arange(CURVE.size), CURVE)
    d = distance(inner, losses, CURVE, 0.3)
    # The same straight line, evaluated in two ways: rounding of values up to 100, over the error.
    assert d.worst_slack <= 1e-12 * 100 / 0.3
    assert d.worst >= d.worst_slack


def test_a_whole_step_is_not_forgiven():
    line = 10.0 - np.arange(25)
    d = distance(STEPS, line[STEPS + 1], line, 1.0)
    assert (d.rms, d.rms_slack) == pytest.approx((1.0, 0.5), rel=1e-12)


def test_a_peak_between_the_ends_of_the_slack_counts():
    """The nearest value may be at the step itself, not at either end."""
    peak = np.array([0.0, 8.0, 0.0])
    assert distance(np.array([1]), np.array([9.0]), peak, 1.0)[2:4] == (1.0, 1.0)


@pytest.mark.parametrize("end", [np.nan, np.inf])
def test_a_curve_that_diverged_is_infinitely_far(end):
    curve = CURVE.copy()
    curve[15:] = end
    assert distance(STEPS, CURVE[STEPS], curve, 0.3)[:4] == (np.inf,) * 4
    assert distance(STEPS[:5], CURVE[STEPS[:5]], curve, 0.3).worst == 0


def test_bad_input_is_named():
    with pytest.raises(BadInput, match=r"points at steps 0..18; the curve has steps 0..4"):
        distance(STEPS, CURVE[STEPS], CURVE[:5], 0.3)
    with pytest.raises(BadInput, match="error=0.0 is not allowed"):
        distance(STEPS, CURVE[STEPS], CURVE, 0.0)


def test_the_shipped_curves_are_whole():
    frame = read(folders.PUBLISHED / "rosenbrock_loss.csv")
    assert frame.optimizer.value_counts().to_dict() == {"Adam": 50, "AdaGrad": 49, "DWMGrad": 40}
    assert frame.loss.between(0, 100).all() and frame.step.between(0, 499).all()


def test_a_missing_or_strange_file_is_named(tmp_path):
    with pytest.raises(BadInput, match="gone.csv are missing"):
        read(tmp_path / "gone.csv")
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match=r"odd.csv has columns \['a', 'b'\]"):
        read(tmp_path / "odd.csv")
