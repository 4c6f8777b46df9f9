"""l2-regularized logistic regression on real data: the whole table at once, or its rows one after another.

    f(x) = mean_i log(1 + exp(-y_i a_i·x)) + ½ l2 |x|²,   y_i = ±1

a_i is a row of features followed by a constant 1, so the last coordinate of x is the intercept; it is
penalized too, which makes f l2-strongly convex in every coordinate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import flint
import numpy as np
from pydantic import Field

from dwmgrad_ref import data
from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.problems.rows import add_row, dot, log_loss, ridge
from dwmgrad_ref.problems.solve import Stream, certified_minimum, matrix
from dwmgrad_ref.rules.base import Source

Penalty = Annotated[float, Field(ge=1e-6, allow_inf_nan=False)]  # with less, rounding keeps Newton from its end
Radius = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0)]
Batch = Annotated[int, Field(ge=1)]
SOURCE = Source("bishop2006", "section 4.3.2, Equation 4.90, plus a quadratic penalty")


def logistic_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Mean over the t-th batch of log(1 + exp(-A_i·x)), the labels multiplied into A, plus the penalty."""
    rows = int(c[1])
    penalty = ridge(c[0], x, g)
    position = ((t - 1) * rows) % b.size
    total = 0.0
    for _ in range(rows):
        i = int(b[position])
        loss, slope = log_loss(dot(A, i, x, 0, x.size))
        total += loss
        add_row(g, 0, A, i, x.size, slope / rows)
        position += 1
        if position == b.size:
            position = 0
    return total / rows + penalty


@dataclass(frozen=True, eq=False)
class LogisticLoss:
    """The same loss for the solver (see solve.Loss); A is (n, d) with the labels multiplied in."""

    A: np.ndarray
    l2: float

    @property
    def n(self) -> int:
        return self.A.shape[0]

    @property
    def d(self) -> int:
        return self.A.shape[1]

    def value_grad(self, x: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray]:
        from scipy.special import expit  # here: listing the problems shall be quick

        margins = self.A @ x
        value = p @ np.logaddexp(0.0, -margins) + 0.5 * self.l2 * (x @ x)
        return float(value), self.l2 * x - (p * expit(-margins)) @ self.A

    def hessian(self, x: np.ndarray, p: np.ndarray) -> np.ndarray:
        from scipy.special import expit

        q = expit(self.A @ x)
        return (self.A.T * (p * q * (1 - q))) @ self.A + self.l2 * np.eye(self.d)

    def rows(self, index: np.ndarray) -> "LogisticLoss":
        return LogisticLoss(self.A[index], self.l2)

    def balls(self) -> Callable[[flint.arb_mat], tuple[flint.arb, flint.arb_mat]]:
        A, n, l2 = matrix(self.A), self.n, flint.arb(self.l2)

        def evaluate(x: flint.arb_mat) -> tuple[flint.arb, flint.arb_mat]:
            odds = [(-margin).exp() for margin in (A * x).entries()]
            losses = sum((e.log1p() for e in odds), flint.arb(0))
            slopes = flint.arb_mat(1, n, [-e / (1 + e) for e in odds]) * A
            return losses / n + l2 / 2 * (x.transpose() * x)[0, 0], slopes.transpose() * (1 / flint.arb(n)) + x * l2

        return evaluate


def with_intercept(X: np.ndarray) -> np.ndarray:
    """(n, m) features and a last column of ones."""
    return np.column_stack([X, np.ones(len(X))])


def standardized(X: np.ndarray) -> np.ndarray:
    """Columns of zero mean and unit variance."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def signed_rows(name: str, data_dir: str | None = None) -> np.ndarray:
    """y_i a_i of a data set: (n, features + 1)."""
    X, y = data.load(name, data_dir)
    if name == "breast-cancer":
        X, positive = standardized(X), y == 1
    elif name == "digits":
        X, positive = X / 16, y % 2 == 0
    else:
        positive = y == y.max()
    return np.where(positive, 1.0, -1.0)[:, None] * with_intercept(X)


def _whole(name: str, l2: float, data_dir: str | None = None) -> Problem:
    A = signed_rows(name, data_dir)
    n, d = A.shape
    loss = LogisticLoss(A, l2)
    return Problem(
        name=f"logistic-{name}", title="logistic regression", source=SOURCE, kind="convex", kernel=logistic_loss,
        A=A, b=np.arange(n, dtype=float), c=np.array([l2, n]), x0=np.zeros(d),
        L=float(np.linalg.eigvalsh(A.T @ A)[-1] / (4 * n) + l2), mu=l2, optimum=lambda: certified_minimum(loss),
    )  # fmt: skip


def _streamed(name: str, l2: float, radius: float, batch: int, seed: int, data_dir: str | None = None) -> Problem:
    A = signed_rows(name, data_dir)
    n, d = A.shape
    order, box = np.random.default_rng(seed).permutation(n), (-radius, radius)
    return Problem(
        name=f"stream-logistic-{name}", title="streaming logistic regression", source=SOURCE, kind="online",
        kernel=logistic_loss, A=A, b=order.astype(float), c=np.array([l2, batch]), x0=np.zeros(d), box=box,
        L=float((A * A).sum(axis=1).max() / 4 + l2), mu=l2, G=float(np.abs(A).max() + l2 * radius),
        best=Stream(LogisticLoss(A, l2), order, batch, box).best,
    )  # fmt: skip


@problem("logistic-breast-cancer", kind="convex", source=SOURCE)
def logistic_breast_cancer(l2: Penalty = 1e-2) -> Problem:
    """Logistic regression on the 569 breast cancer rows, standardized, with l2.

    Data: [street1993] as scikit-learn brings it, 30 features; +1 is benign.
    """
    return _whole("breast-cancer", l2)


@problem("logistic-a9a", kind="convex", source=SOURCE, data="a9a")
def logistic_a9a(l2: Penalty = 1e-2, data_dir: str | None = None) -> Problem:
    """Logistic regression on the 32,561 rows of a9a (census income), with l2.

    Data: LIBSVM's a9a [chang2011], 123 binary features, from the Adult set [kohavi1996].
    """
    return _whole("a9a", l2, data_dir)


@problem("logistic-mushrooms", kind="convex", source=SOURCE, data="mushrooms")
def logistic_mushrooms(l2: Penalty = 1e-2, data_dir: str | None = None) -> Problem:
    """Logistic regression on the 8,124 rows of mushrooms, with l2.

    Data: LIBSVM's mushrooms [chang2011], 112 binary features; +1 is its label 2.
    """
    return _whole("mushrooms", l2, data_dir)


@problem("stream-logistic-breast-cancer", kind="online", source=SOURCE)
def stream_breast_cancer(l2: Penalty = 1e-2, radius: Radius = 2.0, batch: Batch = 1, seed: Seed = 0) -> Problem:
    """Breast cancer rows one after another in a fixed shuffled order, logistic loss on a box.

    Data as in logistic-breast-cancer; f_t is the penalized mean loss of `batch` rows.
    """
    return _streamed("breast-cancer", l2, radius, batch, seed)


@problem("stream-logistic-digits", kind="online", source=SOURCE)
def stream_digits(l2: Penalty = 1e-2, radius: Radius = 2.0, batch: Batch = 1, seed: Seed = 0) -> Problem:
    """Rows of digits one after another in a fixed shuffled order, even against odd, on a box.

    Data: [alpaydin1998] as scikit-learn brings it, 1,797 images of 8 x 8 pixels scaled to [0, 1].
    """
    return _streamed("digits", l2, radius, batch, seed)


@problem("stream-logistic-a9a", kind="online", source=SOURCE, data="a9a")
def stream_a9a(
    l2: Penalty = 1e-2, radius: Radius = 2.0, batch: Batch = 1, seed: Seed = 0, data_dir: str | None = None
) -> Problem:
    """Rows of a9a one after another in a fixed shuffled order, logistic loss on a box.

    Data as in logistic-a9a.
    """
    return _streamed("a9a", l2, radius, batch, seed, data_dir)


@problem("stream-logistic-mushrooms", kind="online", source=SOURCE, data="mushrooms")
def stream_mushrooms(
    l2: Penalty = 1e-2, radius: Radius = 2.0, batch: Batch = 1, seed: Seed = 0, data_dir: str | None = None
) -> Problem:
    """Rows of mushrooms one after another in a fixed shuffled order, logistic loss on a box.

    Data as in logistic-mushrooms.
    """
    return _streamed("mushrooms", l2, radius, batch, seed, data_dir)
