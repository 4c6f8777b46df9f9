"""Convex quadratics of chosen condition number, minimized at the origin."""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

Dimension = Annotated[int, Field(ge=1)]
Condition = Annotated[float, Field(ge=1, allow_inf_nan=False)]
SOURCE = Source("nesterov2018", "section 2.1.4")


def diagonal(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """½ Σ b_i x_i²."""
    total = 0.0
    for i in range(x.size):
        g[i] = b[i] * x[i]
        total += 0.5 * g[i] * x[i]
    return total


def dense(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """½ xᵀ A x, A symmetric."""
    total = 0.0
    for i in range(x.size):
        row = 0.0
        for j in range(x.size):
            row += A[i, j] * x[j]
        g[i] = row
        total += 0.5 * row * x[i]
    return total


def _at_origin(d: int) -> Optimum:
    return Optimum(np.zeros(d), 0.0, 0.0, "closed form: the gradient A x vanishes only at 0")


def _spectrum(d: int, condition: float) -> np.ndarray:
    return np.geomspace(1.0, condition, d) / condition


@problem("quadratic-diagonal", kind="convex", source=SOURCE)
def quadratic_diagonal(d: Dimension = 10, condition: Condition = 100.0) -> Problem:
    """½ Σ λ_i x_i² with λ from 1/condition to 1 in geometric steps, from (1, ..., 1)."""
    eigenvalues = _spectrum(d, condition)
    return Problem(
        name="quadratic-diagonal", title="diagonal quadratic", source=SOURCE, kind="convex",
        kernel=diagonal, b=eigenvalues, x0=np.ones(d),
        L=float(eigenvalues.max()), mu=float(eigenvalues.min()), optimum=lambda: _at_origin(d),
    )  # fmt: skip


@problem("quadratic-dense", kind="convex", source=SOURCE)
def quadratic_dense(d: Dimension = 10, condition: Condition = 100.0, seed: int = 0) -> Problem:
    """½ xᵀAx with a random eigenbasis and eigenvalues from 1/condition to 1, from (1, ..., 1)."""
    eigenvalues = _spectrum(d, condition)
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    A = (basis * eigenvalues) @ basis.T
    return Problem(
        name="quadratic-dense", title="dense quadratic", source=SOURCE, kind="convex",
        kernel=dense, A=np.ascontiguousarray((A + A.T) / 2), x0=np.ones(d),
        L=float(eigenvalues.max()), mu=float(eigenvalues.min()), optimum=lambda: _at_origin(d),
    )  # fmt: skip
