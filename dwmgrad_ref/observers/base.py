"""What an observer is: sums taken at every step by compiled code, read out at the logged steps.

Observers only read. Their kernels are C functions of their own, called after the rule has stepped, so the
trajectory is the same machine code with and without them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref.arithmetic import added
from dwmgrad_ref.problems.base import Problem
from dwmgrad_ref.rules.base import Rule


class View(NamedTuple):
    """A run at a logged step t, after the rule has stepped. Vectors are (d,).

    options, k     the options as numbers and the shared state after step t
    theta, g, loss theta_t, its gradient and loss
    h, damp        the rule's Potential after step t; nan for a rule without one
    z, u           mirrored iterate z_t and the comparator
    loss_sum       f_1(theta_1) + ... + f_t(theta_t), and first_loss its first term
    sums, totals   what the observer's own kernel has accumulated: (rows, d) and (TOTALS,)
    """

    t: int
    rule: Rule
    problem: Problem
    options: Any
    k: Any
    theta: np.ndarray
    g: np.ndarray
    loss: float
    h: np.ndarray
    damp: np.ndarray
    z: np.ndarray
    u: np.ndarray
    loss_sum: "Compensated"
    first_loss: float
    sums: np.ndarray
    totals: np.ndarray


class Compensated(NamedTuple):
    """A sum kept in two parts; `minus` subtracts before the parts are joined, so nothing cancels early."""

    high: float
    low: float

    def minus(self, other: float) -> float:
        """The sum less `other`, rounded once for each part."""
        return (self.high - other) + self.low


@dataclass(frozen=True, eq=False)
class Observer:
    """Columns of a trace.

    columns(view) -> values by column name, at a logged step
    kernel(t, x, g, h, damp, z, w, u, rows, totals), at every step, where `wanted(problem)`; `rows` and
    `totals` start at zero and are the observer's alone
    """

    name: str
    title: str
    columns: Callable[[View], dict[str, float]]
    kernel: Callable[..., None] | None = None
    rows: int = 0
    wanted: Callable[[Problem], bool] = lambda problem: True

    def kernel_on(self, problem: Problem) -> Callable[..., None] | None:
        """The kernel that runs at every step on this problem; None where nothing is summed."""
        return self.kernel if self.wanted(problem) else None


def add(rows: Any, row: Any, i: Any, value: Any) -> None:
    """rows[row, i] += value with the rounding error kept in rows[row + 1, i]."""
    rows[row, i], rows[row + 1, i] = added(rows[row, i], rows[row + 1, i], value)


def total(sums: np.ndarray, row: int) -> np.ndarray:
    """The sum that `add` has accumulated, (d,)."""
    return sums[row] + sums[row + 1]
