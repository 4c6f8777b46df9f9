"""Minimizers against independent solutions, and certificates against 40 digits."""

import mpmath
import numpy as np
import pytest
from scipy.optimize import lsq_linear
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from dwmgrad_ref import data
from dwmgrad_ref.problems import solve
from dwmgrad_ref.problems.logistic import LogisticLoss, signed_rows
from dwmgrad_ref.problems.softmax import SoftmaxLoss
from dwmgrad_ref.problems.svm import _from_groups, _minimum
from tests.dwmgrad_ref.problems.problem_tools import DATA, get


@pytest.mark.parametrize(
    "name", ["breast-cancer", pytest.param("a9a", marks=DATA), pytest.param("mushrooms", marks=DATA)]
)
def test_logistic_minimizer_agrees_with_sklearn(name):
    """sklearn's Newton stops at a gradient of 1e-9, which is 1e-7 in x with l2 = 1e-2."""
    A, l2 = signed_rows(name), 1e-2
    model = LogisticRegression(C=1 / (l2 * len(A)), fit_intercept=False, solver="newton-cholesky", tol=1e-9)
    signs = A[:, -1]
    expected = model.fit(A * signs[:, None], signs).coef_[0]
    np.testing.assert_allclose(get(f"logistic-{name}").solution.x, expected, atol=1e-7)


def test_softmax_minimizer_agrees_with_sklearn():
    X, y = data.load("digits")
    rows = np.column_stack([X / 16, np.ones(len(X))])
    model = LogisticRegression(C=1 / (1e-2 * len(X)), fit_intercept=False, solver="newton-cholesky", tol=1e-9)
    with threadpool_limits(1):  # two BLAS threads on busy cores mostly wait
        expected = model.fit(rows, y).coef_.ravel()
    np.testing.assert_allclose(get("softmax-digits").solution.x, expected, atol=1e-7)


def test_least_squares_minimizer_agrees_with_lapack_and_the_published_fit():
    p = get("least-squares-diabetes")
    np.testing.assert_allclose(p.solution.x, np.linalg.lstsq(p.A, p.b)[0], atol=1e-13)
    assert 1 - 2 * p.solution.value == pytest.approx(0.5177, abs=5e-5)  # R², as the full fit is always quoted


def test_svm_minimizer_has_a_zero_subgradient():
    """0 = l2 x - (1/n)(Σ rows below + Σ α rows at the edge) for some α in [0, 1]; then |x - x*| ≤ residual/l2."""
    p = get("svm-breast-cancer")
    x, l2, n = p.solution.x, p.c[0], len(p.A)
    margins = p.A @ x
    edge = np.abs(margins - 1) < 1e-13  # the rounding of x and of a sum of 31 products
    rest = n * l2 * x - p.A[(margins < 1) & ~edge].sum(axis=0)
    fit = lsq_linear(p.A[edge].T, rest, (0, 1), method="bvls", tol=1e-15)
    assert np.linalg.norm(p.A[edge].T @ fit.x - rest) / n / l2 <= 1e-12
    assert 1e-3 < fit.x.min() and fit.x.max() < 1 - 1e-3


def test_svm_refuses_a_wrong_grouping_and_other_penalties_work():
    A = signed_rows("breast-cancer")
    margins = A @ get("svm-breast-cancer").solution.x
    at = np.abs(margins - 1) < 1e-9
    below = (margins < 1) & ~at
    assert _from_groups(A, 1e-2, below, at) is not None
    nearest_above = np.argmin(np.where(at | below, np.inf, margins))
    nearest_below = np.argmax(np.where(below, margins, -np.inf))
    one = np.eye(len(A), dtype=bool)
    assert _from_groups(A, 1e-2, below | one[nearest_above], at) is None
    assert _from_groups(A, 1e-2, below & ~one[nearest_below], at) is None
    assert _from_groups(A, 1e-2, below, at | one[nearest_above]) is None  # needs a multiplier below 0
    assert _from_groups(A, 1e-2, below & ~one[nearest_below], at | one[nearest_below]) is None  # above 1
    for l2 in (1.0, 1e-4):
        assert _minimum(A, l2).error <= 1e-12


def few(kind: str):
    """Eight rows of two features: small enough for 40-digit arithmetic."""
    rows = np.random.default_rng(0).standard_normal((8, 2))
    if kind == "logistic":
        return LogisticLoss(rows, 0.05)
    return SoftmaxLoss(rows[:, :1], np.arange(8) % 10, 0.05)


def exact_minimum(loss) -> list:
    """Minimizer in 40 digits, from the definition, by mpmath's own derivatives."""
    x0 = solve.minimize(loss, solve.uniform_weights(loss.n), np.zeros(loss.d), (-np.inf, np.inf))[0]
    with mpmath.workdps(40):
        if isinstance(loss, LogisticLoss):
            rows = [[mpmath.mpf(v) for v in row] for row in loss.A]

            def slope(*x):
                terms = [-1 / (1 + mpmath.exp(mpmath.fdot(row, x))) for row in rows]
                return [mpmath.fdot(terms, column) / 8 + loss.l2 * xj for column, xj in zip(zip(*rows), x)]  # noqa: B905
        else:
            feature = [mpmath.mpf(v) for v in loss.X[:, 0]]

            def slope(*x):
                shares = [[mpmath.exp(w * a) for w in x] for a in feature]
                return [
                    sum(a * (s[k] / mpmath.fsum(s) - int(k == y)) for a, s, y in zip(feature, shares, loss.y)) / 8  # noqa: B905
                    + loss.l2 * x[k]
                    for k in range(10)
                ]

        return list(mpmath.findroot(slope, [mpmath.mpf(v) for v in x0], tol=1e-60, maxsteps=20))


@pytest.mark.parametrize("kind", ["logistic", "softmax"])
def test_the_certified_error_is_a_bound_and_not_a_loose_one(kind):
    loss = few(kind)
    found, exact = solve.certified_minimum(loss), exact_minimum(loss)
    distance = max(abs(mpmath.mpf(a) - b) for a, b in zip(found.x, exact, strict=True))
    assert distance <= found.error <= 2 * np.spacing(np.abs(found.x).max())


def test_a_point_off_the_minimum_does_not_get_a_small_bound():
    loss = few("logistic")
    x = solve.certified_minimum(loss).x + 1e-9
    gradient_at = solve.norm(loss.balls()(solve.column(x))[1])
    assert float(gradient_at) / loss.l2 >= 1e-9
