"""The polygons of R9g: intervals that cover alpha kappa from 3.42 to the first unstable word, and how each is found."""

from fractions import Fraction

import numpy as np

from proofs.claims.lcam.r9_switching import WORD, product, steps
from proofs.models.polygon import Point, factor, invariant

# Ends of the intervals, in 1e-8; found by halving, the first inside R9b's range.
ENDS = (
    342000000, 344000000, 346000000, 348000000, 349000000, 350000000, 351000000, 352000000, 353000000, 354000000,
    355000000, 356000000, 357000000, 358000000, 359000000, 359500000, 360500000, 361500000, 362000000, 362500000,
    363000000, 363500000, 364000000, 364500000, 365000000, 365250000, 365500000, 365750000, 365839150, 365928300,
    365972875, 366017450, 366039738, 366062026, 366073170, 366084314, 366089885, 366095456, 366098242, 366101028,
    366102421, 366103814, 366104511, 366105208, 366105556, 366105904, 366106078, 366106252, 366106426, 366106513,
    366106557, 366106600,
)  # fmt: skip
CUTS = tuple(Fraction(end, 10**8) for end in ENDS)
THRESHOLD = 3.661066986844  # of WORD, in floats: how much room a polygon may be left


def polygon(low: Fraction, high: Fraction, most: int = 2000) -> list[Point] | None:
    """At most so many corners for the steps with either coefficient at both ends, with a little room to spare."""
    room = 1 - 0.03 * (THRESHOLD - float(high))
    matrices = [np.array(A) / room for a in (low, high) for A in steps(a, float).values()]
    values, vectors = np.linalg.eig(np.array(product(WORD, steps(high, float))))
    return invariant(matrices, np.real(vectors[:, np.argmax(np.abs(values))]), most)


def worst(corners: list[Point], low: Fraction, high: Fraction) -> Fraction | None:
    """How much the polygon shrinks at least under any step of the interval."""
    found = [factor(corners, A) for a in (low, high) for A in steps(a).values()]
    return None if None in found else max(c for c in found if c is not None)
