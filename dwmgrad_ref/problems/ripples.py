"""Classical test functions with many local minima: Rastrigin's and Ackley's.

Some surveys print Ackley's 0.2 as 0.02, which makes another function.
"""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

Dimension = Annotated[int, Field(ge=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
RASTRIGIN = Source("muhlenbein1991", "Rastrigin's function, generalized to d dimensions")
ACKLEY = Source("ackley1987", "Ackley's function, constants 20, 0.2 and 2π, generalized to d dimensions")
TURN = 2.0 * np.pi


def rastrigin_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Σ_i x_i² + 10 (1 - cos 2πx_i), written with sin² πx_i to keep its digits near 0."""
    total = 0.0
    for i in range(x.size):
        s = np.sin(np.pi * x[i])
        total += x[i] * x[i] + 20.0 * s * s
        g[i] = 2.0 * x[i] + 10.0 * TURN * np.sin(TURN * x[i])
    return total


def ackley_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """20 (1 - exp(-r/5)) + e - exp(mean cos 2πx_i), r the root mean square of x; the gradient at 0 is 0."""
    d = x.size
    square, ripple = 0.0, 0.0
    for i in range(d):
        square += x[i] * x[i]
        s = np.sin(np.pi * x[i])
        ripple -= 2.0 * s * s
    r = np.sqrt(square / d)
    wave = np.exp(1.0 + ripple / d)
    pull = 0.0
    if r != 0.0:
        pull = 4.0 * np.exp(-0.2 * r) / (d * r)
    for i in range(d):
        g[i] = pull * x[i] + wave * TURN / d * np.sin(TURN * x[i])
    return -20.0 * np.expm1(-0.2 * r) - np.e * np.expm1(ripple / d)


def _origin(d: int) -> Optimum:
    return Optimum(np.zeros(d), 0.0, 0.0, "closed form: every term is least, and 0, at the origin")


@problem("rastrigin", kind="nonconvex", source=RASTRIGIN)
def rastrigin(d: Dimension = 2, start: Number = 3.3) -> Problem:
    """Rastrigin's function 10d + Σ(x² - 10 cos 2πx), a minimum near every integer point, 0 at the origin.

    L = 2 + 40π², the second derivative at the integers.
    """
    return Problem(
        name="rastrigin", title="Rastrigin's function", source=RASTRIGIN, kind="nonconvex", kernel=rastrigin_loss,
        x0=np.full(d, start), L=2 + 10 * TURN**2, optimum=lambda: _origin(d),
    )  # fmt: skip


@problem("ackley", kind="nonconvex", source=ACKLEY)
def ackley(d: Dimension = 2, start: Number = 3.3) -> Problem:
    """Ackley's function, nearly flat far away and rippled, minimum 0 at the origin, where it has a kink.

    G = 4/√d + 2πe/d: |x_i| is at most √d r, and exp(mean cos) at most e.
    """
    return Problem(
        name="ackley", title="Ackley's function", source=ACKLEY, kind="nonconvex", kernel=ackley_loss,
        x0=np.full(d, start), G=4 / np.sqrt(d) + TURN * np.e / d, optimum=lambda: _origin(d),
    )  # fmt: skip
