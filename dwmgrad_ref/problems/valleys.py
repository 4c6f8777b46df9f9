"""Classical test functions made of polynomials: Rosenbrock, Beale, Himmelblau, Booth, Styblinski-Tang."""

from typing import Annotated, Any

import flint
import numpy as np
from pydantic import Field

from dwmgrad_ref.problems import problem
from dwmgrad_ref.problems.base import Optimum, Problem
from dwmgrad_ref.rules.base import Source

Number = Annotated[float, Field(allow_inf_nan=False)]
ROSENBROCK = Source("rosenbrock1960", "the curved valley 100 (y - x²)² + (1 - x)²")
ROSENBROCK_ND = Source("jamilyang2013", "the Rosenbrock function")
BEALE = Source("jamilyang2013", "the Beale function")
HIMMELBLAU = Source("himmelblau1972", "the function (x² + y - 11)² + (x + y² - 7)²")
BOOTH = Source("jamilyang2013", "the Booth function")
STYBLINSKI_TANG = Source("styblinskitang1990", "the test function ½ Σ (x⁴ - 16 x² + 5 x)")


def rosenbrock_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Σ_i 100 (x_{i+1} - x_i²)² + (1 - x_i)²."""
    total = 0.0
    g[0] = 0.0
    for i in range(x.size - 1):
        valley = x[i + 1] - x[i] * x[i]
        short = 1.0 - x[i]
        total += 100.0 * valley * valley + short * short
        g[i] -= 400.0 * valley * x[i] + 2.0 * short
        g[i + 1] = 200.0 * valley
    return total


def beale_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """Σ_{k=1..3} (a_k - x (1 - y^k))² with a = 1.5, 2.25, 2.625."""
    total = 0.0
    g[0] = 0.0
    g[1] = 0.0
    power = 1.0
    for k in range(1, 4):
        below = power
        power = power * x[1]
        a = 1.5 if k == 1 else (2.25 if k == 2 else 2.625)
        r = a - x[0] * (1.0 - power)
        total += r * r
        g[0] -= 2.0 * r * (1.0 - power)
        g[1] += 2.0 * r * x[0] * k * below
    return total


def himmelblau_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """(x² + y - 11)² + (x + y² - 7)²."""
    p = x[0] * x[0] + x[1] - 11.0
    q = x[0] + x[1] * x[1] - 7.0
    g[0] = 4.0 * p * x[0] + 2.0 * q
    g[1] = 2.0 * p + 4.0 * q * x[1]
    return p * p + q * q


def booth_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """(x + 2y - 7)² + (2x + y - 5)²."""
    p = x[0] + 2.0 * x[1] - 7.0
    q = 2.0 * x[0] + x[1] - 5.0
    g[0] = 2.0 * p + 4.0 * q
    g[1] = 4.0 * p + 2.0 * q
    return p * p + q * q


def styblinski_tang_loss(A: Any, b: Any, c: Any, t: Any, x: Any, g: Any) -> Any:
    """½ Σ_i x_i⁴ - 16 x_i² + 5 x_i."""
    total = 0.0
    for i in range(x.size):
        square = x[i] * x[i]
        total += 0.5 * ((square - 16.0) * square + 5.0 * x[i])
        g[i] = (2.0 * square - 16.0) * x[i] + 2.5
    return total


def zero_at(*x: float) -> Optimum:
    return Optimum(np.array(x), 0.0, 0.0, "closed form: a sum of squares that vanishes there")


def _lowest_root() -> Optimum:
    """Minimizer of ½(x⁴ - 16 x² + 5 x): its derivative's three roots are isolated in balls and compared."""
    with flint.ctx.workprec(128):
        quartic = flint.arb_poly([0, flint.arb(5) / 2, -8, 0, flint.arb(1) / 2])
        cubic: Any = flint.fmpz_poly([5, -32, 0, 4])
        roots = [root.real for root, _ in cubic.complex_roots()]  # all three are real
        lowest = min(roots, key=lambda root: float(quartic(root).mid()))
        if not all(root is lowest or quartic(lowest) < quartic(root) for root in roots):
            raise RuntimeError("two stationary points cannot be told apart; raise the precision")
        x = float(lowest.mid())
        error = float(np.nextafter(float(abs(lowest - x).upper()), 1.0))
        certificate = "the roots of 4x³ - 32x + 5 isolated in 128-bit balls, the lowest value certain"
        return Optimum(np.array([x]), float(quartic(lowest).mid()), error, certificate)


@problem("rosenbrock", kind="nonconvex", source=ROSENBROCK)
def rosenbrock(x: Number = 1.0, y: Number = 2.0) -> Problem:
    """Rosenbrock's valley (1-x)² + 100(y-x²)² from (1, 2), minimum 0 at (1, 1).

    (1, 2) is where the DWMGrad paper's figure starts.
    """
    return Problem(
        name="rosenbrock", title="Rosenbrock's valley", source=ROSENBROCK, kind="nonconvex", kernel=rosenbrock_loss,
        x0=np.array([x, y]), optimum=lambda: zero_at(1.0, 1.0),
    )  # fmt: skip


@problem("rosenbrock-nd", kind="nonconvex", source=ROSENBROCK_ND)
def rosenbrock_nd(d: Annotated[int, Field(ge=2)] = 10) -> Problem:
    """Rosenbrock's valley in d dimensions from (-1.2, 1, -1.2, 1, ...), minimum 0 at (1, ..., 1)."""
    return Problem(
        name="rosenbrock-nd", title="Rosenbrock's valley in d dimensions", source=ROSENBROCK_ND, kind="nonconvex",
        kernel=rosenbrock_loss, x0=np.where(np.arange(d) % 2 == 0, -1.2, 1.0), optimum=lambda: zero_at(*np.ones(d)),
    )  # fmt: skip


@problem("beale", kind="nonconvex", source=BEALE)
def beale(x: Number = 1.0, y: Number = 1.0) -> Problem:
    """Beale's function from (1, 1), minimum 0 at (3, 0.5)."""
    return Problem(
        name="beale", title="Beale's function", source=BEALE, kind="nonconvex", kernel=beale_loss,
        x0=np.array([x, y]), optimum=lambda: zero_at(3.0, 0.5),
    )  # fmt: skip


@problem("himmelblau", kind="nonconvex", source=HIMMELBLAU)
def himmelblau(x: Number = 0.0, y: Number = 0.0) -> Problem:
    """Himmelblau's function from (0, 0): four minima of value 0, x* is (3, 2)."""
    return Problem(
        name="himmelblau", title="Himmelblau's function", source=HIMMELBLAU, kind="nonconvex", kernel=himmelblau_loss,
        x0=np.array([x, y]), optimum=lambda: zero_at(3.0, 2.0),
    )  # fmt: skip


@problem("booth", kind="convex", source=BOOTH)
def booth(x: Number = 0.0, y: Number = 0.0) -> Problem:
    """Booth's function from (0, 0), minimum 0 at (1, 3); a convex quadratic among the test functions."""
    return Problem(
        name="booth", title="Booth's function", source=BOOTH, kind="convex", kernel=booth_loss,
        x0=np.array([x, y]), L=18.0, mu=2.0, optimum=lambda: zero_at(1.0, 3.0),
    )  # fmt: skip


@problem("styblinski-tang", kind="nonconvex", source=STYBLINSKI_TANG)
def styblinski_tang(d: Annotated[int, Field(ge=1)] = 2, start: Number = 0.0) -> Problem:
    """The Styblinski-Tang function ½ Σ(x⁴ - 16x² + 5x), minimum about -39.166 d at x_i about -2.9035."""

    def optimum() -> Optimum:
        one = _lowest_root()
        return one._replace(x=np.repeat(one.x, d), value=d * one.value)

    return Problem(
        name="styblinski-tang", title="Styblinski-Tang function", source=STYBLINSKI_TANG, kind="nonconvex",
        kernel=styblinski_tang_loss, x0=np.full(d, start), optimum=optimum,
    )  # fmt: skip
