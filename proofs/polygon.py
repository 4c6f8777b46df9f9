"""Polygons that given 2x2 matrices map into themselves: found in floats, checked in integers and fractions.

A polygon K with centre 0 is the list of its corners, one of every opposite pair. A maps K into c K if every corner's
image lies in c K, K being convex; q lies in c K if q = s p + t p' for neighbouring corners with s, t >= 0 and
s + t <= c. So a finite set of matrices that all shrink one K makes every product of them tend to 0, in any order.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from proofs.step_matrix import Matrix

Point = tuple[int, int]
GRID = 10**12  # corners are counted in units of 1/GRID: what is checked is what was found, rounded


def invariant(matrices: Sequence[np.ndarray], seed: np.ndarray, most: int = 2000) -> list[Point] | None:
    """Corners of a polygon that every matrix maps into itself, in floats: the hull of what becomes of a few points.

    Args:
        matrices: (2, 2) each.
        seed: (2,), a direction that must be inside, such as the slowest eigenvector of a long product.
        most: give up beyond so many corners.
    """
    corners = _hull(np.array([seed, -seed, (0.3, 0), (-0.3, 0), (0, 0.3), (0, -0.3)]))
    while len(corners) <= most and np.abs(corners).max() < 1e3:
        images = np.concatenate([corners @ M.T for M in matrices])
        outside = images[_gauge(corners, images) > 1 + 1e-9]
        if not len(outside):
            half = corners[corners @ (1.0, np.pi) > 0]  # no corner lies on that line
            around = np.argsort((half @ (-np.pi, 1.0)) / (half @ (1.0, np.pi)))  # tangent of the angle, -inf..inf
            return [(round(x * GRID), round(y * GRID)) for x, y in half[around]]
        corners = _hull(np.concatenate([corners, outside]))
    return None


def factor(corners: Sequence[Point], A: Matrix) -> Fraction | None:
    """The smallest c with A K inside c K, exactly; None unless the corners go half around, counter-clockwise."""
    around = [*corners, *((-x, -y) for x, y in corners)]
    pairs = list(zip(around, [*around[1:], around[0]], strict=True))
    if any(_cross(p, q) <= 0 for p, q in pairs[: len(corners)] + [(corners[0], p) for p in corners[1:]]):
        return None
    unit = lcm(*(Fraction(x).denominator for row in A for x in row))  # images are counted in 1/(GRID unit)
    (a, b), (c, d) = (tuple(int(x * unit) for x in row) for row in A)
    found = [_in_cones(pairs, (a * x + b * y, c * x + d * y)) for x, y in corners]
    return None if None in found else max(c for c in found if c is not None) / unit


def _in_cones(pairs: Sequence[tuple[Point, Point]], q: Point) -> Fraction | None:
    """s + t of q = s p + t p' in the cone of neighbours where it lies."""
    for p, after in pairs:
        s, t = _cross(q, after), _cross(p, q)
        if s >= 0 and t >= 0:
            return Fraction(s + t, _cross(p, after))
    return None


def _cross(p: Point, q: Point) -> int:
    return p[0] * q[1] - p[1] * q[0]


def _hull(points: np.ndarray) -> np.ndarray:
    """Corners of the convex hull, counter-clockwise."""
    from scipy.spatial import ConvexHull

    return points[ConvexHull(points).vertices]


def _gauge(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """For every point the smallest c with the point in c K."""
    angle = np.arctan2(corners[:, 1], corners[:, 0])
    order = np.argsort(angle)
    angle, corners = angle[order], corners[order]
    i = (np.searchsorted(angle, np.arctan2(points[:, 1], points[:, 0])) - 1) % len(corners)
    p, after = corners[i], corners[(i + 1) % len(corners)]

    def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]

    return (cross(p, points) + cross(points, after)) / cross(p, after)
