"""l2-regularized softmax (multinomial logistic) regression on digits: all rows, or mini-batches.

    f(W) = mean_i [log Σ_k exp(w_k·a_i) - w_{y_i}·a_i] + ½ l2 |W|²

x is W, (classes, features + 1), row by row; a_i ends with a constant 1 for the intercepts, which are
penalized too. A row of A is a_i followed by its class y_i.
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
from dwmgrad_ref.problems.logistic import Batch, Penalty, Radius, Seed, with_intercept
from dwmgrad_ref.problems.rows import add_row, dot, ridge
from dwmgrad_ref.problems.solve import Stream, certified_minimum, matrix
from dwmgrad_ref.rules.base import Source

CLASSES = 10
SOURCE = Source("bishop2006", "section 4.3.4, Equation 4.108, plus a quadratic penalty")


def softmax_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Mean over the t-th batch of the cross-entropy of softmax(W a_i) with class y_i, plus the penalty."""
    rows = int(c[1])
    m = A.shape[1] - 1
    # One small array a call, not a part of the data: several threads may run the same problem.
    p = np.empty(CLASSES, x.dtype)
    penalty = ridge(c[0], x, g)
    position = ((t - 1) * rows) % b.size
    total = 0.0
    for _ in range(rows):
        i = int(b[position])
        label = int(A[i, m])
        highest = dot(A, i, x, 0, m)
        for k in range(CLASSES):
            p[k] = dot(A, i, x, k * m, m)
            if p[k] > highest:
                highest = p[k]
        total += highest - p[label]
        mass = 0.0
        for k in range(CLASSES):
            p[k] = np.exp(p[k] - highest)
            mass += p[k]
        total += np.log(mass)
        for k in range(CLASSES):
            share = p[k] / mass
            if k == label:
                share -= 1.0
            add_row(g, k * m, A, i, m, share / rows)
        position += 1
        if position == b.size:
            position = 0
    return total / rows + penalty


@dataclass(frozen=True, eq=False)
class SoftmaxLoss:
    """The same loss for the solver (see solve.Loss); X is (n, m) with the intercept column, y (n,) classes."""

    X: np.ndarray
    y: np.ndarray
    l2: float

    @property
    def n(self) -> int:
        return self.X.shape[0]

    @property
    def d(self) -> int:
        return CLASSES * self.X.shape[1]

    def _log_shares(self, x: np.ndarray) -> np.ndarray:
        """log softmax(W a_i), (n, classes)."""
        from scipy.special import log_softmax  # here: listing the problems shall be quick

        return log_softmax(self.X @ x.reshape(CLASSES, -1).T, axis=1)

    def value_grad(self, x: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray]:
        logs, each = self._log_shares(x), np.arange(self.n)
        value = 0.5 * self.l2 * (x @ x) - p @ logs[each, self.y]
        slopes = np.exp(logs)
        slopes[each, self.y] -= 1
        return float(value), ((p[:, None] * slopes).T @ self.X).ravel() + self.l2 * x

    def hessian(self, x: np.ndarray, p: np.ndarray) -> np.ndarray:
        q, m = np.exp(self._log_shares(x)), self.X.shape[1]
        H = np.empty((CLASSES, m, CLASSES, m))
        for k in range(CLASSES):
            for j in range(k + 1):
                curvature = p * q[:, k] * ((k == j) - q[:, j])
                H[k, :, j] = H[j, :, k] = (self.X.T * curvature) @ self.X
        return H.reshape(self.d, self.d) + self.l2 * np.eye(self.d)

    def rows(self, index: np.ndarray) -> "SoftmaxLoss":
        return SoftmaxLoss(self.X[index], self.y[index], self.l2)

    def balls(self) -> Callable[[flint.arb_mat], tuple[flint.arb, flint.arb_mat]]:
        X, n, m, l2 = matrix(self.X), self.n, self.X.shape[1], flint.arb(self.l2)

        def evaluate(x: flint.arb_mat) -> tuple[flint.arb, flint.arb_mat]:
            logits = (X * flint.arb_mat(CLASSES, m, x.entries()).transpose()).tolist()
            losses, slopes = flint.arb(0), []
            for row, label in zip(logits, self.y.tolist(), strict=True):
                odds = [z.exp() for z in row]
                mass = sum(odds, flint.arb(0))
                losses += mass.log() - row[label]
                slopes.append([odds[k] / mass - (k == label) for k in range(CLASSES)])
            mean = flint.arb_mat(slopes).transpose() * X * (1 / flint.arb(n))
            value = losses / n + l2 / 2 * (x.transpose() * x)[0, 0]
            return value, flint.arb_mat(self.d, 1, mean.entries()) + x * l2

        return evaluate


def _loss(l2: float) -> SoftmaxLoss:
    X, y = data.load("digits")
    return SoftmaxLoss(with_intercept(X / 16), y.astype(int), l2)


@problem("softmax-digits", kind="convex", source=SOURCE)
def softmax_digits(l2: Penalty = 1e-2) -> Problem:
    """Softmax regression on the 1,797 digits of scikit-learn, ten classes, with l2.

    Data: [alpaydin1998], 8 x 8 pixels scaled to [0, 1]. L uses that the Hessian of log Σ exp is at most ½ I.
    """
    loss = _loss(l2)
    n = loss.n
    return Problem(
        name="softmax-digits", title="softmax regression", source=SOURCE, kind="convex", kernel=softmax_loss,
        A=np.column_stack([loss.X, loss.y]), b=np.arange(n, dtype=float), c=np.array([l2, n]), x0=np.zeros(loss.d),
        L=float(np.linalg.eigvalsh(loss.X.T @ loss.X)[-1] / (2 * n) + l2), mu=l2,
        optimum=lambda: certified_minimum(loss),
    )  # fmt: skip


@problem("minibatch-softmax-digits", kind="online", source=SOURCE)
def minibatch_softmax_digits(
    l2: Penalty = 1e-2,
    radius: Radius = 2.0,
    batch: Batch = 64,
    epochs: Annotated[int, Field(ge=1)] = 100,
    seed: Seed = 0,
) -> Problem:
    """Mini-batches of digits, softmax loss, freshly shuffled every epoch, on a box.

    Data as in softmax-digits. The shuffled orders of `epochs` epochs follow one another and then repeat;
    a batch may straddle two epochs.
    """
    loss, box, random = _loss(l2), (-radius, radius), np.random.default_rng(seed)
    order = np.concatenate([random.permutation(loss.n) for _ in range(epochs)])
    return Problem(
        name="minibatch-softmax-digits", title="mini-batch softmax regression", source=SOURCE, kind="online",
        kernel=softmax_loss, A=np.column_stack([loss.X, loss.y]), b=order.astype(float), c=np.array([l2, batch]),
        x0=np.zeros(loss.d), box=box, L=float((loss.X**2).sum(axis=1).max() / 2 + l2), mu=l2,
        G=float(np.abs(loss.X).max() + l2 * radius), best=Stream(loss, order, batch, box).best,
    )  # fmt: skip
