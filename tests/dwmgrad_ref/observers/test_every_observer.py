"""Every logged quantity restated by brute force from the full history of an interpreted run."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwmgrad_ref import problems, run
from dwmgrad_ref.errors import UnknownName
from tests.dwmgrad_ref.execution.interpreted import interpret

# Quantities are sums of up to 300 terms, each from about ten roundings of 2^-53: 1e-12 relative leaves a margin of
# four, and no formula error hides below it.
RELATIVE = 1e-12
CASES = [
    ("quadratic-dense", {"alpha": 0.05, "gamma": 0.0, "schedule": "sqrt"}),
    ("quadratic-dense", {"alpha": 0.01, "momentum": "constant"}),
    ("quadratic-diagonal", {"alpha": 0.01, "signal": "decrease"}),
    ("periodic", {"alpha": 0.5, "gamma": 0.0, "schedule": "sqrt"}),
    ("periodic", {"alpha": 0.5, "gamma": 0.0, "delta": float("inf"), "schedule": "sqrt"}),
    ("periodic", {"alpha": 0.1, "signal": "increase"}),
]
cases = pytest.mark.parametrize("name, options", CASES)
STEPS = 300


@cases
def test_potential_window_and_momentum(name, options):
    slow, problem = interpret("dwmgrad", name, STEPS, **options), problems.get(name)
    frame = run("dwmgrad", name, STEPS, grid=1, **options).frame
    z = slow.theta + np.vstack([np.zeros(problem.d), slow.shift[:-1]])
    u = problem.best_fixed(STEPS).u
    potential = 0.5 * np.sum(slow.h * (z - u) ** 2, axis=1)
    np.testing.assert_allclose(frame["potential"], potential, rtol=RELATIVE)
    np.testing.assert_array_equal(frame["window"], slow.omega)
    np.testing.assert_allclose(frame["momentum"], 1 - slow.damp[:, 0], rtol=RELATIVE)


@cases
def test_regret_is_the_loss_above_the_best_fixed_point(name, options):
    """The best fixed point is found again by evaluating the losses themselves on a fine grid (1-D) or at x*."""
    slow, problem = interpret("dwmgrad", name, STEPS, **options), problems.get(name)
    frame = run("dwmgrad", name, STEPS, grid=1, **options).frame
    points = [np.array([v]) for v in np.linspace(-1, 1, 5)] if problem.box else [problem.solution.x]
    totals = np.array([np.cumsum([problem.value_grad(p, t)[0] for t in range(1, STEPS + 1)]) for p in points])
    expected = np.cumsum(slow.loss) - totals.min(axis=0)
    np.testing.assert_allclose(frame["regret"], expected, rtol=RELATIVE, atol=1e-10)


@cases
def test_effective_steps_and_audit(name, options):
    slow = interpret("dwmgrad", name, STEPS, **options)
    frame = run("dwmgrad", name, STEPS, grid=1, **options).frame
    np.testing.assert_allclose(frame["step_min"], 1 / slow.h.max(axis=1), rtol=RELATIVE)
    np.testing.assert_allclose(frame["step_max"], 1 / slow.h.min(axis=1), rtol=RELATIVE)
    falls = slow.h[1:] < slow.h[:-1] * (1 - 1e-12)
    np.testing.assert_array_equal(frame["violations"], np.concatenate([[0], np.cumsum(falls.sum(axis=1))]))
    np.testing.assert_array_equal(frame["violating_steps"], np.concatenate([[0], np.cumsum(falls.any(axis=1))]))
    if falls.any():
        assert frame["first_violation"].iloc[-1] == np.argmax(falls.any(axis=1)) + 2
    else:
        assert np.isnan(frame["first_violation"].iloc[-1])


@pytest.mark.parametrize("options", [CASES[0][1], {**CASES[0][1], "delta": float("inf")}, {"gamma": 0.0, "alpha": 0.1}])
@pytest.mark.parametrize("name", ["quadratic-dense", "periodic"])
def test_certificate_without_momentum_is_r2(name, options):
    """R2 as the notes print it, D being the largest distance seen to the comparator or the farther end of the box."""
    slow, problem = interpret("dwmgrad", name, STEPS, **options), problems.get(name)
    low, high = (problem.lower, problem.upper) if problem.box else (problem.solution.x,) * 2
    D = np.maximum(slow.theta.max(axis=0) - low, high - slow.theta.min(axis=0))
    variation = slow.h[0] + np.maximum(np.diff(slow.h, axis=0), 0).sum(axis=0)
    r2 = np.sum(0.5 * D**2 * variation) + 0.5 * np.sum(slow.g**2 / slow.h)
    # The certificate recovers g from the step taken, h (theta - w): one cancellation of size eps |theta| / |step|.
    bound = run("dwmgrad", name, STEPS, **options).final["bound"]
    np.testing.assert_allclose(bound, r2, rtol=1e-10)


@pytest.mark.parametrize("momentum", ["tied", "constant"])
@pytest.mark.parametrize("name", ["quadratic-dense", "periodic"])
def test_certificate_with_momentum_restated(name, momentum):
    """Every term of the derivation in observers/bound.py, from the full history, with arrays over time."""
    options = {"alpha": 0.02, "momentum": momentum, "gamma": 0.8, "schedule": "sqrt"}
    slow, problem = interpret("dwmgrad", name, STEPS, **options), problems.get(name)
    z = slow.theta + np.vstack([np.zeros(problem.d), slow.shift[:-1]])
    w = np.clip(slow.free, problem.lower, problem.upper) + slow.shift
    H = slow.damp * slow.h
    ghat = H * (z - w)
    low, high = (problem.lower, problem.upper) if problem.box else (problem.solution.x,) * 2
    D = np.maximum(z.max(axis=0) - low, high - z.min(axis=0))
    terms = [
        np.sum(0.5 * D**2 * (H[0] + np.maximum(np.diff(H, axis=0), 0).sum(axis=0))),
        np.sum(ghat**2 / (2 * H)),
        np.sum(D * np.abs(slow.g - ghat).sum(axis=0)),
        np.sum(slow.g * (slow.theta - z)),
    ]
    # ghat cancels |z| / |step| digits, so where it should equal g its residual is rounding of about 1e-13 of it
    np.testing.assert_allclose(run("dwmgrad", name, STEPS, **options).final["bound"], sum(terms), rtol=1e-10)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["quadratic-dense", "quadratic-diagonal", "periodic"]),
    alpha=st.floats(1e-3, 2.0),
    gamma=st.floats(0.0, 0.95),
    delta=st.sampled_from([1.0, 3.0, 10.0, float("inf")]),
    signal=st.sampled_from(["loss", "increase", "decrease"]),
    schedule=st.sampled_from(["constant", "sqrt"]),
    momentum=st.sampled_from(["tied", "constant"]),
)
def test_certificate_holds_for_every_option(name, **options):
    """A theorem for any rule on convex losses: a single violation beyond rounding would refute the derivation."""
    options["omega0"] = min(5.0, options["delta"])
    frame = run("dwmgrad", name, 400, grid=1, **options).frame
    assert np.all(frame["regret"] <= frame["bound"] + 1e-9 * frame["bound"].abs())


@pytest.mark.parametrize("omega0", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("eps", [0.0, 1e-8, 0.5])
def test_r3_bounds_the_certificate(omega0, eps):
    """R3 follows from R2 by sum g²/S <= 2 S, so the a-priori bound lies above the a-posteriori one."""
    options = {"alpha": 0.7, "gamma": 0.0, "delta": float("inf"), "schedule": "sqrt", "omega0": omega0, "eps": eps}
    frame = run("dwmgrad", "periodic", 2000, grid=1, **options).frame
    assert np.all(frame["bound"] <= frame["bound_apriori"] * (1 + 1e-12))
    assert frame["violations"].iloc[-1] == 0  # W8: the expanding window satisfies the potential condition


def test_r3_formula_by_hand():
    """One step with g = C: D = 2, so 2²/(2 alpha) C + alpha sqrt(1 + omega_0) C, plus the eps term 2²/(2 alpha) eps."""
    alpha, C, eps = 0.7, 7.0, 0.25
    frame = run("dwmgrad", "periodic", 1, alpha=alpha, gamma=0.0, delta=float("inf"), schedule="sqrt", eps=eps).frame
    by_hand = (4 / (2 * alpha) + alpha * np.sqrt(6)) * C + 4 / (2 * alpha) * eps
    np.testing.assert_allclose(frame["bound_apriori"].iloc[-1], by_hand, rtol=1e-14)


def test_no_apriori_bound_is_claimed_past_the_cap():
    """R5: with a cap the window expands until t = delta - omega_0, and the claim stops there."""
    frame = run("dwmgrad", "periodic", 20, grid=1, gamma=0.0, delta=10.0, schedule="sqrt").frame
    assert frame["bound_apriori"].notna().tolist() == [t <= 5 for t in range(1, 21)]


def test_r4_needs_constant_momentum_and_a_fixed_loss():
    free = {"delta": float("inf"), "schedule": "sqrt", "momentum": "constant", "alpha": 0.1}
    fixed = run("dwmgrad", "quadratic-dense", 300, grid=1, **free).frame
    assert np.all(fixed["regret"] <= fixed["bound_apriori"])
    assert run("dwmgrad", "periodic", 300, **free).frame["bound_apriori"].isna().all()
    tied = {**free, "momentum": "tied", "delta": 400.0}
    assert run("dwmgrad", "quadratic-dense", 300, **tied).frame["bound_apriori"].isna().all()


def test_unknown_observer_suggests_the_nearest():
    with pytest.raises(UnknownName, match="did you mean regret"):
        run("dwmgrad", "periodic", 5, ("regert",))


# AMSGrad's second moment must have had time to reach its largest value, hence the short memory.
SHORT = {"bias_correction": False, "beta2": 0.9}
BOUNDED = [("sgd", {}), ("adagrad", {}), ("amsgrad", SHORT), ("dwmgrad", {"delta": float("inf")})]


@pytest.mark.parametrize("rule, options", BOUNDED)
@pytest.mark.parametrize("problem", ["periodic", "stream-logistic-breast-cancer"])
def test_apriori_bounds_hold_and_grow_like_the_root_of_t(rule, options, problem):
    """Above the regret at every step, and of order sqrt(T) (AMSGrad: times sqrt(log T)), not T: the largest
    gradient seen must reach the bound, or SGD's and AMSGrad's would grow linearly."""
    schedule = {} if rule == "adagrad" else {"schedule": "sqrt"}
    frame = run(rule, problem, 16_000, grid=[10, 4000, 16_000], alpha=0.5, **schedule, **options).frame
    assert np.all(frame["regret"] <= frame["bound_apriori"])
    # sqrt(4) = 2 and linear growth 4; AMSGrad's sqrt(log T) and rare features still rising account for the rest
    assert frame["bound_apriori"].iloc[2] / frame["bound_apriori"].iloc[1] < 2.5
