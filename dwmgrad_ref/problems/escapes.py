"""Where descent is slow or misled without a bad minimum of its own: a saddle, a plateau, a valley with ripples."""

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

Number = Annotated[float, Field(allow_inf_nan=False)]
SADDLE = Source("jin2017", "a strict saddle between two minima, here ¼(x² - 1)² + ½ Σ y²")
PLATEAU = Source("geman1985", "the loss x²/(1 + x²), flat far from its minimum")
RIPPLED = Source("more2009", "a smooth function with a small oscillating term as deterministic noise")


def saddle_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """¼(x_1² - 1)² + ½ Σ_{i>1} x_i²."""
    well = x[0] * x[0] - 1.0
    g[0] = well * x[0]
    total = 0.25 * well * well
    for i in range(1, x.size):
        g[i] = x[i]
        total += 0.5 * x[i] * x[i]
    return total


def plateau_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Σ x_i²/(1 + x_i²)."""
    total = 0.0
    for i in range(x.size):
        q = 1.0 / (1.0 + x[i] * x[i])
        total += x[i] * x[i] * q
        g[i] = 2.0 * x[i] * q * q
    return total


def noisy_valley_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """10 (y - x²)² + (1 - x)² + c_0 Σ_i sin²(c_1 (x_i - 1)): a curved valley with ripples that vanish at (1, 1)."""
    valley = x[1] - x[0] * x[0]
    short = 1.0 - x[0]
    total = 10.0 * valley * valley + short * short
    g[0] = -40.0 * valley * x[0] - 2.0 * short
    g[1] = 20.0 * valley
    for i in range(2):
        s = np.sin(c[1] * (x[i] - 1.0))
        total += c[0] * s * s
        g[i] += c[0] * c[1] * np.sin(2.0 * c[1] * (x[i] - 1.0))
    return total


@problem("saddle", kind="nonconvex", source=SADDLE)
def saddle(d: Annotated[int, Field(ge=2)] = 10, start: Number = 1e-3) -> Problem:
    """¼(x² - 1)² + ½ Σ y² from (start, 1, ..., 1), near the ridge that leads to a saddle at the origin.

    The minima have the value 0 and lie at x = 1 and x = -1; the saddle has the value ¼.
    """
    x0 = np.ones(d)
    x0[0] = start
    return Problem(
        name="saddle", title="a saddle between two minima", source=SADDLE, kind="nonconvex", kernel=saddle_loss, x0=x0,
        optimum=lambda: Optimum(np.eye(d)[0], 0.0, 0.0, "closed form: a sum of squares that vanishes there"),
    )  # fmt: skip


@problem("plateau", kind="nonconvex", source=PLATEAU)
def plateau(d: Annotated[int, Field(ge=1)] = 10, start: Number = 10.0) -> Problem:
    """Σ x_i²/(1 + x_i²) from (start, ..., start), where the slope is about 2/start³; minimum 0 at the origin.

    L = 2, the second derivative at 0; G = 3√3/8, the slope at 1/√3.
    """
    return Problem(
        name="plateau", title="a plateau around one minimum", source=PLATEAU, kind="nonconvex", kernel=plateau_loss,
        x0=np.full(d, start), L=2.0, G=float(np.nextafter(3 * np.sqrt(3) / 8, 1)),
        optimum=lambda: Optimum(np.zeros(d), 0.0, 0.0, "closed form: every term is least, and 0, at the origin"),
    )  # fmt: skip


@problem("noisy-valley", kind="nonconvex", source=RIPPLED)
def noisy_valley(
    height: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.1,
    frequency: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 20.0,
) -> Problem:
    """Rosenbrock's valley with a tenth of its steepness and ripples on it, from (-1.2, 1), minimum 0 at (1, 1)."""
    return Problem(
        name="noisy-valley", title="a curved valley with ripples", source=RIPPLED, kind="nonconvex",
        kernel=noisy_valley_loss, x0=np.array([-1.2, 1.0]), c=np.array([height, frequency]),
        optimum=lambda: Optimum(np.ones(2), 0.0, 0.0, "closed form: a sum of squares that vanishes there"),
    )  # fmt: skip
