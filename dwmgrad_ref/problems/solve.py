"""Minimizers of weighted mean losses: a box-constrained Newton method, and certificates in ball arithmetic."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol, Self

import flint
import numpy as np
from threadpoolctl import ThreadpoolController

from dwmgrad_ref.problems.base import Best, Optimum

BITS = 128  # of the certificates' ball arithmetic
RELATIVE = 1e-14  # of the value, by which a solve may exceed the minimum
SLOW = 0.3  # a Hessian that shrinks the gradient less than this a step is replaced


class Loss(Protocol):
    """F(x) = Σ_i p_i f_i(x) + ½ l2 |x|² over n rows, p ≥ 0 with sum 1; smooth, convex and positive."""

    @property
    def n(self) -> int: ...

    @property
    def d(self) -> int: ...

    @property
    def l2(self) -> float: ...

    def value_grad(self, x: np.ndarray, p: np.ndarray) -> tuple[float, np.ndarray]: ...

    def hessian(self, x: np.ndarray, p: np.ndarray) -> np.ndarray: ...

    def rows(self, index: np.ndarray) -> Self:
        """The same loss of these rows only."""
        ...

    def balls(self) -> Callable[[flint.arb_mat], tuple[flint.arb, flint.arb_mat]]:
        """The function x -> (F(x), ∇F(x)) with p = 1/n on columns of Arb balls."""
        ...


@cache
def _blas() -> ThreadpoolController:
    """Made at the first solve: it only controls libraries that are loaded, and SciPy loads a BLAS of its own."""
    import scipy.linalg  # noqa: F401

    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """These matrices are small: on a busy machine, waiting for a second thread made a solve 20 times slower."""
    with _blas().limit(limits=1, user_api="blas"):
        yield


def uniform_weights(n: int) -> np.ndarray:
    return np.full(n, 1 / n)


@one_blas_thread()
def minimize(
    loss: Loss, p: np.ndarray, x: np.ndarray, box: tuple[float, float], hessian: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """Minimizer over a box and its value, which exceeds the minimum by at most `RELATIVE` of itself.

    Projected Newton: coordinates held at an end of the box stay there for the step, the rest take Newton's.
    A Hessian (at first the one given) is kept while it makes the gradient clearly smaller at every step.
    The stopping test is a bound: F(y) ≥ F(x) + ∇F(x)·(y-x) + ½ l2 |y-x|² ≥ F(x) - |∇F(x)|²/(2 l2), the
    norm over the coordinates that are not held, for the others only increase F.
    """
    from scipy.linalg import cho_factor, cho_solve  # here: listing the problems shall be quick

    x = np.clip(x, *box)
    value, g = loss.value_grad(x, p)
    residual, held, factor = np.inf, np.zeros(x.size, bool), None
    for _ in range(500):
        before, held_before = residual, held
        held = ((x <= box[0]) & (g > 0)) | ((x >= box[1]) & (g < 0))
        residual = float(np.linalg.norm(g[~held]))
        if residual**2 <= 2 * loss.l2 * RELATIVE * value:
            return x, value
        if hessian is None or residual > SLOW * before:
            hessian, factor = loss.hessian(x, p), None
        if factor is None or not np.array_equal(held, held_before):
            factor = cho_factor(hessian[np.ix_(~held, ~held)])
        step = np.zeros_like(x)
        step[~held] = -cho_solve(factor, g[~held])
        x, value, g = _line_search(loss, p, x, value, g, step, box)
    raise RuntimeError(f"the box-constrained Newton method did not converge; gradient norm {residual:g}")


def _line_search(
    loss: Loss, p: np.ndarray, x: np.ndarray, value: float, g: np.ndarray, step: np.ndarray, box: tuple[float, float]
) -> tuple[np.ndarray, float, np.ndarray]:
    """The first of x + step, x + step/2, ... on the box that decreases F enough (Armijo), up to rounding."""
    for _ in range(60):
        y = np.clip(x + step, *box)
        reached, slope = loss.value_grad(y, p)
        if reached <= value + 1e-4 * (g @ (y - x)) + 1e-15 * value:
            return y, reached, slope
        step = step / 2
    raise RuntimeError("no step along Newton's direction decreases the loss")


@one_blas_thread()
def certified_minimum(loss: Loss) -> Optimum:
    """Minimizer of the mean over all rows, with a proof of its distance to the exact one.

    The loss is l2-strongly convex, so |y - x*| ≤ |∇F(y)| / l2 at every y. Newton's method brings y (more
    digits than a float64 has) close; the gradient is then enclosed in balls, rounding included. The x
    returned is y rounded, and `error` also counts that rounding.
    """
    from scipy.linalg import cho_factor, cho_solve

    everywhere, p = (-np.inf, np.inf), uniform_weights(loss.n)
    x, _ = minimize(loss, p, np.zeros(loss.d), everywhere)
    factor = cho_factor(loss.hessian(x, p))
    with flint.ctx.workprec(BITS):
        evaluate, y = loss.balls(), column(x)
        value, gradient = evaluate(y)
        for _ in range(3):
            if norm(gradient) < 1e-17 * loss.l2:  # nothing left that a float64 could show
                break
            y = middle(y - column(cho_solve(factor, floats(gradient))))
            value, gradient = evaluate(y)
        distance = norm(gradient) / flint.arb(loss.l2)
        return rounded(y, distance, value, f"|x - x*| <= |grad f(x)| / mu in {BITS}-bit ball arithmetic")


def rounded(y: flint.arb_mat, distance: Any, value: Any, certificate: str) -> Optimum:
    """The Optimum for a y in balls that lies within `distance` of the exact minimizer."""
    x = floats(y)
    errors = [(abs(ball - float(xi)) + distance).upper() for ball, xi in zip(y.entries(), x, strict=True)]
    return Optimum(x, float(value.mid()), float(np.nextafter(float(max(errors)), np.inf)), certificate)


def column(x: np.ndarray) -> flint.arb_mat:
    return flint.arb_mat(x.size, 1, x.tolist())


def matrix(A: np.ndarray) -> flint.arb_mat:
    return flint.arb_mat(A.shape[0], A.shape[1], A.ravel().tolist())


def middle(y: flint.arb_mat) -> flint.arb_mat:
    """The column of midpoints, as exact balls."""
    return flint.arb_mat(y.nrows(), 1, [entry.mid() for entry in y.entries()])


def floats(y: flint.arb_mat) -> np.ndarray:
    """Midpoints, row by row, as a 1-D array."""
    return np.array([float(entry.mid()) for entry in y.entries()])


def norm(y: flint.arb_mat) -> flint.arb:
    return sum((entry * entry for entry in y.entries()), flint.arb(0)).sqrt()


class Stream:
    """Best fixed points for f_t = mean loss of the t-th `batch` rows of an order that repeats for ever.

    Every T is solved from the minimizer over the whole table, so the answer depends on T alone and not on
    what was asked before; answers are remembered.
    """

    def __init__(self, loss: Loss, order: np.ndarray, batch: int, box: tuple[float, float]):
        self.loss, self.order, self.batch, self.box = loss, order, batch, box
        self._start: tuple[np.ndarray, np.ndarray] | None = None
        self._known: dict[int, Best] = {}

    def weights(self, T: int) -> np.ndarray:
        """Visits of each row over steps 1..T, divided by their number."""
        cycles, rest = divmod(T * self.batch, self.order.size)
        visits = np.bincount(self.order[:rest], minlength=self.loss.n)
        if cycles:
            visits = visits + cycles * np.bincount(self.order, minlength=self.loss.n)
        return visits / (T * self.batch)

    def best(self, T: int, gradient_sum: np.ndarray | None = None) -> Best:
        """Minimizer over the box of f_1 + ... + f_T and that sum, to about 1e-14 of itself."""
        if T not in self._known:
            x, hessian = self._whole_table()
            p = self.weights(T)
            seen = np.flatnonzero(p)
            loss = self.loss if seen.size == self.loss.n else self.loss.rows(seen)
            u, value = minimize(loss, p[seen], x, self.box, hessian)
            self._known[T] = Best(u, T * value)
        return self._known[T]

    def _whole_table(self) -> tuple[np.ndarray, np.ndarray]:
        if self._start is None:
            p = uniform_weights(self.loss.n)
            x, _ = minimize(self.loss, p, np.zeros(self.loss.d), self.box)
            self._start = x, self.loss.hessian(x, p)
        return self._start
