"""my-problem: the sum of b_i x_i^2 / 2 over the coordinates, minimized at the origin.

A problem states its constants and its minimizer beside its loss, since bounds are computed from them. Tests check the
gradient, the constants and the minimizer of every problem in `dwmgrad_ref/problems`.
"""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

# Every parameter that a user may set has a type and a range.
Dimension = Annotated[int, Field(ge=1)]

SOURCE = Source("nesterov2018", "section 2.1.4")  # a key of references.bib, and the place in that work


def loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """f_t(x), with its gradient written to g. It is compiled, so use plain loops and the module math.

    A (a matrix), b and c (vectors) are the data given below; t counts the steps from 1.
    """
    total = 0.0
    for i in range(x.size):
        g[i] = b[i] * x[i]
        total += 0.5 * g[i] * x[i]
    return total


@problem("my-problem", kind="convex", source=SOURCE)
def my_problem(d: Dimension = 5) -> Problem:
    """½ Σ b_i x_i² with b from 1/d to 1 in equal steps, from (1, ..., 1)."""
    b = np.arange(1, d + 1) / d
    return Problem(
        name="my-problem",
        title="quadratic with curvatures in equal steps",
        source=SOURCE,
        kind="convex",  # or "online" (losses that change, on a box) or "nonconvex"
        kernel=loss,
        b=b,
        x0=np.ones(d),  # where runs start
        L=float(b.max()),  # smoothness: |grad f(x) - grad f(y)| <= L |x - y|; leave it out where there is none
        mu=float(b.min()),  # strong convexity
        optimum=lambda: Optimum(np.zeros(d), 0.0, 0.0, "closed form: the gradient b x vanishes only at 0"),
    )
