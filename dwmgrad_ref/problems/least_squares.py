"""Least squares on the diabetes data."""

from typing import Any

import flint
import numpy as np

from dwmgrad_ref import data
from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.problems.logistic import standardized
from dwmgrad_ref.problems.rows import add_row, dot
from dwmgrad_ref.problems.solve import BITS, column, matrix, rounded
from dwmgrad_ref.rules.base import Source

SOURCE = Source("efron2004", "section 1, the diabetes study and its ordinary least squares fit")


def squares_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Mean of ½ (A_i·x - b_i)²."""
    n = A.shape[0]
    for j in range(x.size):
        g[j] = 0.0
    total = 0.0
    for i in range(n):
        residual = dot(A, i, x, 0, x.size) - b[i]
        total += 0.5 * residual * residual
        add_row(g, 0, A, i, x.size, residual / n)
    return total / n


def _normal_equations(A: np.ndarray, y: np.ndarray) -> Optimum:
    with flint.ctx.workprec(BITS):
        rows, targets = matrix(A), column(y)
        x = (rows.transpose() * rows).solve(rows.transpose() * targets)
        misfit = rows * x - targets
        value = (misfit.transpose() * misfit)[0, 0] / (2 * len(y))
        return rounded(x, 0, value, f"the normal equations solved in {BITS}-bit ball arithmetic, which encloses x*")


@problem("least-squares-diabetes", kind="convex", source=SOURCE)
def least_squares_diabetes() -> Problem:
    """Least squares on the 442 diabetes rows; features and target standardized, so f* = (1 - R²)/2.

    Data: [efron2004] as scikit-learn brings it, 10 features. Everything is centred, so no intercept is needed.
    """
    table = data.load("diabetes")
    A, y = standardized(table.X), standardized(table.y)
    eigenvalues = np.linalg.eigvalsh(A.T @ A / len(y))
    return Problem(
        name="least-squares-diabetes", title="least squares", source=SOURCE, kind="convex", kernel=squares_loss,
        A=A, b=y, x0=np.zeros(A.shape[1]), L=float(eigenvalues[-1]), mu=float(eigenvalues[0]),
        optimum=lambda: _normal_equations(A, y),
    )  # fmt: skip
