"""Invariant polygons: the exact factor against another formula for it, and what a certificate promises."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.claims.lcam import r9_polygons as r9
from proofs.claims.lcam.r9_switching import MU, UNSTABLE, steps
from proofs.models.polygon import factor, invariant

SQUARE = [(1, -1), (1, 1)]  # the corners with x > 0; the other two are their opposites
entry = st.fractions(-2, 2, max_denominator=50)


def ring(n: int) -> list[tuple[int, int]]:
    """Half of a 2n-gon, nearly regular, on integers."""
    return [(round(1e6 * math.cos(math.pi * i / n)), round(1e6 * math.sin(math.pi * i / n))) for i in range(n)]


def by_supports(corners, A):
    """The factor from the other description of a convex polygon: the largest of its sides' normals on the images."""
    around = [*corners, *((-x, -y) for x, y in corners)]
    sides = list(zip(around, [*around[1:], around[0]], strict=True))
    images = [(A[0][0] * x + A[0][1] * y, A[1][0] * x + A[1][1] * y) for x, y in around]
    return max(
        Fraction((q[1] - p[1]) * x - (q[0] - p[0]) * y) / ((q[1] - p[1]) * p[0] - (q[0] - p[0]) * p[1])
        for p, q in sides
        for x, y in images
    )


@settings(max_examples=150, deadline=None)
@given(entry, entry, entry, entry, st.integers(2, 9))
def test_factor_is_the_norm_of_the_matrix_in_the_polygon(a, b, c, d, n):
    A = ((a, b), (c, d))
    assert factor(ring(n), A) == by_supports(ring(n), A)


def test_factors_by_hand():
    assert factor(SQUARE, ((1, 0), (0, 1))) == 1
    assert factor(SQUARE, ((Fraction(1, 2), 0), (0, Fraction(-1, 3)))) == Fraction(1, 2)
    assert factor(SQUARE, ((Fraction(1, 2), Fraction(1, 2)), (0, 1))) == 1
    assert factor(SQUARE, ((1, 1), (0, 0))) == 2


@pytest.mark.parametrize(
    "corners", [[(1, 1), (1, -1)], [(1, 0), (-1, 1), (1, 1)], [(1, 0), (-1, 1), (-1, -1), (1, -1), (1, 1)], [(1, 1)]]
)
def test_corners_out_of_order_certify_nothing(corners):
    # Clockwise; not in order; one and a half turns, whose every corner is left of the one before; a segment.
    assert factor(corners, ((0, 0), (0, 0))) is None


def rotation(angle: float, size: float) -> np.ndarray:
    return size * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def test_found_where_products_shrink_and_not_where_they_grow():
    seed = np.array([1.0, 0.0])
    corners = invariant([rotation(1.0, 0.98), rotation(-0.3, 0.9)], seed)
    assert corners is not None
    shrinks = factor(corners, tuple(tuple(Fraction(float(x)) for x in row) for row in rotation(1.0, 0.98)))  # type: ignore[arg-type]
    assert shrinks is not None and 0.98 * 0.99 < shrinks < 1.0 + 1e-8  # no norm is below the spectral radius
    assert invariant([rotation(1.0, 1.001)], seed, most=200) is None


@pytest.mark.parametrize(("low", "high"), [r9.CUTS[:2], r9.CUTS[30:32], r9.CUTS[-2:]])
def test_a_piece_holds_for_every_alpha_lambda_inside_it(low, high):
    """Any order of coefficients, any alpha lambda of the interval, and both changing from step to step."""
    corners = r9.polygon(low, high)
    assert corners is not None and r9.worst(corners, low, high) < 1  # type: ignore[operator]
    rng = np.random.default_rng(1)
    for weight in rng.random(3):
        a = low + Fraction(float(weight)) * (high - low)
        assert all(factor(corners, A) < 1 for A in steps(a).values())  # type: ignore[operator]
    ends = [[np.array(A) for A in steps(a, float).values()] for a in (low, high)]
    z = np.array([1.0, 0.0])
    for letter, weight in zip(rng.integers(0, 2, 20_000), rng.random(20_000), strict=True):
        z = ((1 - weight) * ends[0][letter] + weight * ends[1][letter]) @ z
    assert np.abs(z).max() < 1e-6


def test_no_polygon_past_the_unstable_word():
    assert r9.polygon(UNSTABLE, UNSTABLE + Fraction(1, 1000), most=300) is None
    assert set(MU.values()) == {Fraction(9, 10), Fraction(19, 20)}
