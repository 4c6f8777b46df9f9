"""Polygons that given 2x2 matrices map into themselves: found in floats, checked in integers and fractions.

A polygon K with centre 0 is the list of its corners, one of every opposite pair. A maps K into c K if every corner's
image lies in c K, K being convex; q lies in c K if q = s p + t p' for neighbouring corners with s, t >= 0 and
s + t <= c. So a finite set of matrices that all shrink one K makes every product of them tend to 0, in any order.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

import numpy as np
import sympy

from proofs.checkers.by_exact import Found, exact
from proofs.inference.derivation import Fact, WrongShape, _fact
from proofs.models.step_matrix import Matrix
from proofs.statements.statement import ForAll, Tends

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


class Switched:
    """A linear recurrence (x(t+1), w(t)) = A (x(t), w(t-1)), where A depends on a letter mu_t and a parameter a.

    Args:
        state: (x, w), sequences of the step t.
        step: (x', w') as expressions of `old`.
        old: the symbols (x, w, mu, a) that stand for x(t), w(t-1), mu(t) and a in `step`; a is free in the facts too.

    Raises:
        WrongShape: a step that is not linear and homogeneous in (x, w), or not affine in a.
    """

    def __init__(self, state: tuple[Any, Any], step: tuple[Any, Any], letter: Any, t: Any, old: Sequence[Any]):
        self.state, self.letter, self.t, self.a = state, letter, t, old[3]
        x, w, mu, a = old
        self._entries = [[sympy.expand(e).coeff(s) for s in (x, w)] for e in step]
        for e, row in zip(step, self._entries, strict=True):
            rest = sympy.expand(e - row[0] * x - row[1] * w)
            if rest != 0 or any({x, w} & c.free_symbols or c.free_symbols - {mu, a} for c in row):
                raise WrongShape(f"{e} is not linear in {x} and {w}")
            if any(not c.is_polynomial(a) or sympy.degree(c, a) > 1 for c in row if a in c.free_symbols):
                raise WrongShape(f"{e} is not affine in {a}")
        self.old, self._step = tuple(old), tuple(step)
        here = dict(zip(old, (state[0](t), state[1](t - 1), letter(t), a), strict=True))
        new_x, new_w = (sympy.sympify(e).subs(here, simultaneous=True) for e in step)
        after = ((state[0](t + 1), new_x), (state[1](t), new_w))
        self.steps = [ForAll(t, t >= 1, sympy.Eq(left, right, evaluate=False)) for left, right in after]

    def next(self, letter: Any) -> tuple[Any, Any]:
        """(x', w') for one letter, in the symbols of `old`."""
        x, w = (sympy.sympify(e).subs(self.old[2], letter) for e in self._step)
        return x, w

    def matrix(self, mu: Fraction, a: Fraction) -> Matrix:
        """A for one letter and one value of the parameter, in fractions."""
        put = {self.old[2]: sympy.Rational(mu), self.old[3]: sympy.Rational(a)}
        (p, q), (r, s) = ([Fraction(str(c.subs(put))) for c in row] for row in self._entries)
        return (p, q), (r, s)


def shrinking(
    name: str, words: str, switched: Switched, letters: Sequence[Fraction], cuts: Sequence[Fraction],
    find: Callable[[Fraction, Fraction], list[Point] | None], beyond: Fraction,
) -> Fact:  # fmt: skip
    """x(t) and w(t) tend to 0 for every a from the first cut to the last and every order of the letters.

    The check finds a polygon K for each interval between two cuts and computes that the matrices of every letter at
    both ends of the interval map K into c K with c < 1. For a between the ends the matrix is a mixture of the two,
    because it is affine in a, and c K is convex: it maps K into c K too. So a state in r K is in r c^n K after n more
    steps, whatever the letters; some r K holds the first state, because K has 0 inside, and K is bounded.

    Args:
        find: corners of a polygon for an interval, or None; any will do that the check accepts.
        beyond: a value of a at which the last polygon must fail, so that the check is seen to tell the two apart.
    """

    def largest(corners: list[Point], ends: Sequence[Fraction]) -> Fraction | None:
        found = [factor(corners, switched.matrix(mu, a)) for a in ends for mu in letters]
        return None if None in found else max(c for c in found if c is not None)

    def build() -> Found:
        count, most, corners = 0, Fraction(0), None
        for ends in pairwise(cuts):
            corners = find(*ends)
            shrinks = largest(corners, ends) if corners and ends[0] < ends[1] else None
            if corners is None or shrinks is None or shrinks >= 1:
                return False, True, f"no polygon for [{float(ends[0])}, {float(ends[1])}]", None
            count, most = count + len(corners), max(most, shrinks)
        assert corners is not None
        fails = largest(corners, (cuts[-2], beyond))
        witness = {"a": [str(cuts[0]), str(cuts[-1])], "intervals": len(cuts) - 1, "corner_pairs": count}
        detail = f"{len(cuts) - 1} intervals, {count} corners and their opposites; every step shrinks its polygon, " + (
            f"the least by 1 - {float(1 - most):.1e}"
        )
        return True, fails is None or fails >= 1, detail, witness

    t, a = switched.t, switched.a
    one: list[Any] = [sympy.Eq(switched.letter(t), sympy.Rational(mu), evaluate=False) for mu in letters]
    taken = sympy.Or(*one)
    given = [*switched.steps, ForAll(t, t >= 1, taken), sympy.Rational(cuts[0]) <= a, a <= sympy.Rational(cuts[-1])]
    then = sympy.And(*(Tends(t, s(t), sympy.S.Zero) for s in switched.state))
    return _fact(given, then, "polygon", any_values=True, words=words, check=exact(name, words, build))
