"""One step on a quadratic as a 2x2 matrix, read off the formula that runs."""

from typing import Any

from dwmgrad_ref.rules.base import Rule
from proofs.statements.formulas import record

Matrix = tuple[tuple[Any, Any], tuple[Any, Any]]


def step_matrix(rule: Rule, mu: Any, curvature: Any, alpha: Any = 1) -> Matrix:
    """Rows of the map (theta, V) -> (theta', V') on ½ curvature theta², for heavy ball and LCAM.

    The step is linear there, so its columns are what becomes of (1, 0) and (0, 1).
    """
    o = record(rule, alpha=alpha, weight_decay=0)
    k = rule.start(o)._replace(mu=mu)
    (c1, x1), (c2, x2) = (rule.coord(o, k, rule.Coord(V=V), x, curvature * x) for x, V in ((1, 0), (0, 1)))
    return (x1, x2), (c1.V, c2.V)


def times(A: Matrix, B: Matrix) -> Matrix:
    """A B."""
    (a, b), (c, d) = A
    (e, f), (g, h) = B
    return (a * e + b * g, a * f + b * h), (c * e + d * g, c * f + d * h)


def transposed(A: Matrix) -> Matrix:
    (a, b), (c, d) = A
    return (a, c), (b, d)


def minus(A: Matrix, B: Matrix) -> Matrix:
    (a, b), (c, d) = A
    (e, f), (g, h) = B
    return (a - e, b - f), (c - g, d - h)


def trace(A: Matrix) -> Any:
    return A[0][0] + A[1][1]


def det(A: Matrix) -> Any:
    return A[0][0] * A[1][1] - A[0][1] * A[1][0]


def decrease(P: Matrix, A: Matrix, Q: Matrix | None = None) -> Matrix:
    """P - Aᵀ Q A: what zᵀPz loses when z becomes Az and is measured by Q next (by P itself unless given)."""
    return minus(P, times(transposed(A), times(P if Q is None else Q, A)))
