"""What a problem is: losses f_1, f_2, ..., their gradients, and the constants that bounds are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np

from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Source

Kind = Literal["convex", "online", "nonconvex"]
Kernel = Callable[..., float]


class Optimum(NamedTuple):
    """A minimizer of a fixed loss. `error` bounds |x - x*| (inf-norm); `certificate` says why."""

    x: np.ndarray
    value: float
    error: float
    certificate: str


class Best(NamedTuple):
    """The best fixed point for f_1..f_T in the domain and the loss it suffers in total."""

    u: np.ndarray
    total: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Losses f_t on R^d or on a box, t = 1, 2, ...

    kernel(A, b, c, t, x, g) -> f_t(x), writing the gradient to g, is the loss itself. It is compiled as it
    stands and must run uncompiled too (plain loops and math); A (2-D), b and c (1-D) are its data.

    kind      "convex": one convex loss; "online": convex losses that change; "nonconvex": one loss
    box       lower and upper end of the domain, None for all of R^d; the run projects onto it
    L, mu     smoothness and strong convexity of every f_t, None where there is none
    G         bound on |∂f_t/∂x_i| over the domain
    D         largest side of the box, None without a box
    optimum   () -> Optimum of a fixed loss
    best      (T, gradient sum or None) -> Best for an online problem; see `best_fixed`
    adaptive  the losses depend on the iterates, so the best fixed point is known only after the run
    """

    name: str
    title: str
    source: Source
    kind: Kind
    kernel: Kernel
    x0: np.ndarray
    A: np.ndarray = field(default_factory=lambda: np.zeros((1, 1)))
    b: np.ndarray = field(default_factory=lambda: np.zeros(1))
    c: np.ndarray = field(default_factory=lambda: np.zeros(1))
    box: tuple[float, float] | None = None
    L: float | None = None
    mu: float | None = None
    G: float | None = None
    optimum: Callable[[], Optimum] | None = None
    best: Callable[[int, np.ndarray | None], Best] | None = None
    linear: bool = False
    adaptive: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    result_version: int | str = 1  # of a problem read from a file outside the package, the file's checksum

    @property
    def d(self) -> int:
        """The dimension: how many coordinates theta has."""
        return self.x0.size

    @property
    def D(self) -> float | None:
        """The side of the box, in units of theta; None where the domain is all of R^d."""
        return None if self.box is None else self.box[1] - self.box[0]

    @property
    def convex(self) -> bool:
        """Whether every loss is convex."""
        return self.kind != "nonconvex"

    @property
    def fixed(self) -> bool:
        """Whether the loss is the same at every step."""
        return self.kind != "online"

    @cached_property
    def lower(self) -> np.ndarray:
        """The (d,) lower ends of the domain, -inf without a box."""
        return np.full(self.d, -np.inf if self.box is None else self.box[0])

    @cached_property
    def upper(self) -> np.ndarray:
        """The (d,) upper ends of the domain, inf without a box."""
        return np.full(self.d, np.inf if self.box is None else self.box[1])

    @cached_property
    def solution(self) -> Optimum:
        """The minimizer of a fixed loss.

        Raises:
            BadInput: the problem is online, so no single loss has a minimizer.
        """
        if self.optimum is None:
            raise BadInput(f"{self.name} has no single minimizer; ask best_fixed(T)")
        return self.optimum()

    def best_fixed(self, T: int, gradient_sum: np.ndarray | None = None) -> Best:
        """Best fixed point in hindsight over steps 1..T.

        Raises:
            BadInput: linear losses without a closed form need the (d,) sum of their gradients; it is missing.
        """
        if self.best is None:
            return Best(self.solution.x, T * self.solution.value)
        return self.best(T, gradient_sum)

    def value_grad(self, x: np.ndarray, t: int = 1) -> tuple[float, np.ndarray]:
        """f_t(x) and its gradient, x of shape (d,), by the interpreted kernel."""
        x = np.asarray(x, dtype=float)
        if x.shape != (self.d,):
            raise BadInput(f"{self.name}: x has shape {x.shape}; expected ({self.d},)")
        g = np.zeros(self.d)
        return float(self.kernel(self.A, self.b, self.c, t, x, g)), g
