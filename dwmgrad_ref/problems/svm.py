"""Linear support vector machine: mean hinge loss with l2 on the breast cancer data.

    f(x) = mean_i max(0, 1 - y_i a_i·x) + ½ l2 |x|²

At the minimizer x = Σ α_i y_i a_i / (l2 n) with α_i = 1 where the margin y_i a_i·x is below 1, 0 where it is
above, and between where it is 1. Once these three groups are known, x solves linear equations.
"""

from typing import Any

import flint
import numpy as np

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.problems.logistic import Penalty, signed_rows
from dwmgrad_ref.problems.rows import add_row, dot, ridge
from dwmgrad_ref.problems.solve import BITS, column, matrix, rounded
from dwmgrad_ref.rules.base import Source

SOURCE = Source("shalevshwartz2011", "Equations 1 and 2")


def hinge_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Mean of max(0, 1 - A_i·x) plus the penalty; the subgradient at the kink is that of the flat side."""
    n = A.shape[0]
    penalty = ridge(c[0], x, g)
    total = 0.0
    for i in range(n):
        short = 1.0 - dot(A, i, x, 0, x.size)
        if short > 0.0:
            total += short
            add_row(g, 0, A, i, x.size, -1.0 / n)
    return total / n + penalty


def _minimum(A: np.ndarray, l2: float) -> Optimum:
    """Groups of margins from liblinear, then the equations and every inequality of the KKT conditions in balls."""
    from sklearn.svm import LinearSVC  # late: it takes a second, and listing problems does not need it

    signs = A[:, -1]  # the constant feature times the label
    solver = LinearSVC(
        C=1 / (l2 * len(A)), loss="hinge", fit_intercept=False, tol=1e-10, max_iter=10**6, random_state=0
    )
    margins = A @ solver.fit(A * signs[:, None], signs).coef_[0]
    with flint.ctx.workprec(BITS):
        for width in 10.0 ** -np.arange(3, 9):
            optimum = _from_groups(A, l2, margins < 1 - width, np.abs(margins - 1) <= width)
            if optimum is not None:
                return optimum
    raise RuntimeError(f"no grouping of the margins satisfies the optimality conditions at l2={l2:g}")


def _from_groups(A: np.ndarray, l2: float, below: np.ndarray, at: np.ndarray) -> Optimum | None:
    """The minimizer if these are its groups: margins below 1 and at 1; None if that cannot be proved."""
    n, rows, edge = flint.arb(len(A)), matrix(A), matrix(A[at])
    pull = column(below.astype(float)).transpose() * rows  # Σ of the rows below, (1, d)
    try:
        wanted = column(np.ones(at.sum())) * (l2 * n) - edge * pull.transpose()
        alpha = (edge * edge.transpose()).solve(wanted)
    except ZeroDivisionError:  # the rows on the edge are not certainly independent
        return None
    x = (pull.transpose() + edge.transpose() * alpha) * (1 / (l2 * n))
    margins = (rows * x).entries()
    right = all(margins[i] < 1 if below[i] else margins[i] > 1 for i in np.flatnonzero(~at))
    if not (right and all(0 < a and a < 1 for a in alpha.entries())):
        return None
    hinge = sum((1 - margins[i] for i in np.flatnonzero(below)), flint.arb(0)) / n
    value = hinge + flint.arb(l2) / 2 * (x.transpose() * x)[0, 0]
    return rounded(x, 0, value, f"the KKT conditions hold, every inequality strict, in {BITS}-bit ball arithmetic")


@problem("svm-breast-cancer", kind="convex", source=SOURCE)
def svm_breast_cancer(l2: Penalty = 1e-2) -> Problem:
    """Linear SVM (hinge loss) on the 569 breast cancer rows, standardized, with l2.

    Data and labels as in logistic-breast-cancer; the intercept is the last coordinate and is penalized too.
    """
    A = signed_rows("breast-cancer")
    return Problem(
        name="svm-breast-cancer", title="linear SVM", source=SOURCE, kind="convex", kernel=hinge_loss,
        A=A, c=np.array([l2]), x0=np.zeros(A.shape[1]), mu=l2, optimum=lambda: _minimum(A, l2),
    )  # fmt: skip
