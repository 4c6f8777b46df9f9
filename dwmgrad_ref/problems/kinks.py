"""|x| and its smooth cousin, Huber's loss: bounded gradients, minimum at the origin."""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

Dimension = Annotated[int, Field(ge=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
ABSOLUTE = Source("nesterov2018", "section 3.1, the standard example of a nonsmooth convex function")
HUBER = Source("huber1964", "the function ρ(t) = t²/2 for |t| < k, k|t| - k²/2 for |t| ≥ k")


def absolute_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Σ |x_i|; the subgradient at 0 is 0."""
    total = 0.0
    for i in range(x.size):
        g[i] = 1.0 if x[i] > 0.0 else (-1.0 if x[i] < 0.0 else 0.0)
        total += g[i] * x[i]
    return total


def huber_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Σ ρ(x_i) with ρ(t) = t²/2 up to the knee k = c[0], k|t| - k²/2 beyond."""
    total = 0.0
    for i in range(x.size):
        g[i] = min(max(x[i], -c[0]), c[0])
        total += g[i] * (x[i] - 0.5 * g[i])
    return total


def _origin(d: int) -> Optimum:
    return Optimum(np.zeros(d), 0.0, 0.0, "closed form: the loss is positive elsewhere")


@problem("absolute", kind="convex", source=ABSOLUTE)
def absolute(d: Dimension = 1, start: Number = 1.0) -> Problem:
    """Σ|x_i| from (start, ..., start), minimum 0 at the origin; no smoothness, gradients ±1."""
    return Problem(
        name="absolute", title="absolute value", source=ABSOLUTE, kind="convex", kernel=absolute_loss,
        x0=np.full(d, start), G=1.0, optimum=lambda: _origin(d),
    )  # fmt: skip


@problem("huber", kind="convex", source=HUBER)
def huber(
    d: Dimension = 1, knee: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0, start: Number = 3.0
) -> Problem:
    """Huber's loss Σρ(x_i), quadratic up to the knee and linear beyond, from (start, ..., start)."""
    return Problem(
        name="huber", title="Huber loss", source=HUBER, kind="convex", kernel=huber_loss,
        c=np.array([knee]), x0=np.full(d, start), L=1.0, G=knee, optimum=lambda: _origin(d),
    )  # fmt: skip
