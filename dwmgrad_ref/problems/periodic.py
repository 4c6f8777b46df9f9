"""The periodic losses on which a capped window goes to the worst point ([dwmgradnotes] R6)."""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Best, Problem
from dwmgrad_ref.rules.base import Source

SOURCE = Source("reddi2018", "Theorem 1, Equation 5", also=(Source("dwmgradnotes", "R6, the form used here"),))


def periodic_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """c[0] (x + 2) once every c[1] steps, 2 - x otherwise; all losses are positive on [-1, 1]."""
    if (t - 1) % c[1] == 0:
        g[0] = c[0]
        return c[0] * (x[0] + 2.0)
    g[0] = -1.0
    return 2.0 - x[0]


@problem("periodic", kind="online", source=SOURCE)
def periodic(
    C: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 7.0,
    k: Annotated[int, Field(ge=2)] = 7,
    start: Annotated[float, Field(ge=-1, le=1)] = 0.0,
) -> Problem:
    """f_t = C(x+2) every k-th step, else 2-x, on [-1, 1]; for C > k-1 the best fixed point is -1."""

    def best(T: int, gradient_sum: np.ndarray | None) -> Best:
        high = -(-T // k)  # steps t ≡ 1 (mod k)
        slope = C * high - (T - high)
        u = -1.0 if slope > 0 else 1.0
        return Best(np.array([u]), high * C * (u + 2) + (T - high) * (2 - u))

    return Problem(
        name="periodic", title="periodic losses", source=SOURCE, kind="online", kernel=periodic_loss,
        c=np.array([C, float(k)]), x0=np.array([start]), box=(-1.0, 1.0), L=0.0, G=max(C, 1.0), best=best, linear=True,
    )  # fmt: skip
