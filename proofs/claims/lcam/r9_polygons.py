"""R9g, R9h: switched in any order LCAM converges up to the first unstable word; so its own loss control does too.

alpha lambda is covered by intervals with a polygon each. The step is affine in alpha lambda, so the image of a corner
anywhere in an interval is a mixture of its images at the two ends: two checks settle the whole interval.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import sympy
import z3

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_smt import Obligation, forall, reals
from proofs.checkers.by_sympy import identity
from proofs.claims.lcam.r9_switching import MU, UNSTABLE, WORD, product, steps, unstable
from proofs.inference.worded import claim as Claim
from proofs.models.polygon import Point, factor, invariant
from proofs.models.step_matrix import step_matrix
from proofs.statements.formulas import advance, record

LCAM = rules.get("lcam")
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
FIRST_UNSTABLE = Fraction(3661067, 10**6)


def affine() -> tuple[Any, Any, Any]:
    """The matrix of the step that runs, at a mixture of two alpha lambda."""
    mu, low, high, w, u, v = sympy.symbols("mu low high w u v")

    def seen(a: Any) -> Any:  # four entries as one expression; u and v are free
        (p, q), (r, s) = step_matrix(LCAM, mu, a)
        return p + u * q + v * r + u * v * s

    return seen((1 - w) * low + w * high), (1 - w) * seen(low) + w * seen(high), seen(low)


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


def covered() -> Found:
    corners, largest, last = 0, Fraction(0), None
    for low, high in pairwise(CUTS):
        last = polygon(low, high)
        shrinks = worst(last, low, high) if last else None
        if last is None or shrinks is None or shrinks >= 1 or high <= low:
            return False, True, f"no polygon for [{float(low)}, {float(high)}]", None
        corners, largest = corners + len(last), max(largest, shrinks)
    assert last is not None
    beyond = worst(last, CUTS[-2], UNSTABLE)
    witness = {"alpha_lambda": [str(CUTS[0]), str(CUTS[-1])], "intervals": len(CUTS) - 1, "corner_pairs": corners}
    detail = f"{len(CUTS) - 1} intervals, {corners} corners and their opposites; every step shrinks its polygon, " + (
        f"the least by 1 - {float(1 - largest):.1e}"
    )
    return True, beyond is None or beyond >= 1, detail, witness


def overlap() -> Found:
    """CUTS[0] < a* = (2/9)(2 + sqrt(3.7))² of R9b: (9/2 CUTS[0] - 7.7)² < 16 * 3.7."""
    excess = Fraction(9, 2) * CUTS[0] - Fraction(77, 10)
    limit = 16 * Fraction(37, 10)
    later = Fraction(9, 2) * Fraction(343, 100) - Fraction(77, 10)
    return excess**2 < limit, later**2 > limit, f"{float(CUTS[0])} < a*, and not 3.43", None


def sharp() -> Found:
    grows = unstable(product(WORD, steps(FIRST_UNSTABLE)))
    before = unstable(product(WORD, steps(CUTS[-1])))
    return grows, not before, f"{WORD} diverges at {float(FIRST_UNSTABLE)} and not at {float(CUTS[-1])}", None


def choices() -> Obligation:
    """One step of the shared state from any state whose coefficients are the two, with any loss."""
    e, total, loss, epoch = reals("e total loss epoch")
    mu, after, low, high = reals("mu after low high")
    o = record(LCAM, below=high, above=low, epoch=epoch)
    k = advance(LCAM, o, loss, {"e": e, "total": total, "mu": mu, "next": after})

    def one(x: Any) -> Any:
        return z3.Or(x == low, x == high)

    given = {"e >= 0": e >= 0, "mu_t, mu_(t+1) in {low, high}": z3.And(one(mu), one(after))}
    return Obligation(given, z3.And(one(k.mu), one(k.next)), {"always low": k.next == low})


def from_start() -> Found:
    """The first coefficients, and that the coordinate's step takes the shared one."""
    o = record(LCAM, below=MU["h"], above=MU["l"])
    k = LCAM.start(o)
    return {k.mu, k.next} <= set(MU.values()), k.mu != MU["h"], f"mu = {k.mu} at first", None


SOURCE = Source("lcam", "the LCAM update", also=(Source("dwmgradnotes", "R9"),))

ANY_ORDER = Claim(
    id="R9g",
    title="switching between 0.9 and 0.95 in any order: stable up to αλ = 3.661066, one word diverges at 3.661067",
    statement="For every 0 < alpha lambda <= 3.661066 every sequence of the coefficients 0.9 and 0.95 makes "
    "(theta_t, V_t) tend to 0 on ½ lambda theta²; at 3.661067 the word lllhhhh (R9c) diverges. So the threshold of "
    "free switching is the word's, to six decimals",
    latex=r"0<\alpha\lambda\le3.661066\ \Rightarrow\ A_{\mu_t}\cdots A_{\mu_1}\to0\quad(\mu_i\in\{0.9,0.95\}),"
    r"\qquad\rho(A_{0.95}^4A_{0.9}^3)>1\ \text{at}\ 3.661067",
    source=SOURCE,
    kind="inequality",
    hypotheses=("mu in {0.9, 0.95}, the order chosen freely", "no weight decay"),
    depends=("R9b",),
    proof=(
        exact("R9g.overlap", "below a* > 3.42 a common quadratic function does it (R9b)", overlap),
        identity("R9g.affine", "the step's matrix is affine in alpha lambda: ends of an interval suffice", affine),
        exact(
            "R9g.polygons",
            "[3.42, 3.661066] is covered by intervals, each with a polygon around 0 that the steps with either "
            "coefficient, at both ends, map strictly inside itself",
            covered,
        ),
        exact("R9g.sharp", "the word of R9c diverges from 3.661067 on, and not at 3.661066", sharp),
    ),
    note="Polygons are found in floats by closing a hull under the steps and checked in fractions. The last "
    "millionth, up to the word's own threshold 3.66106698..., would need a polygon over that algebraic number.",
)

OWN = Claim(
    id="R9h",
    title="LCAM itself never goes unstable for αλ ≤ 3.661066",
    statement="Whatever its losses, epochs and which of 0.9 and 0.95 goes with a loss below the mean, LCAM converges "
    "on every convex quadratic whose curvatures lambda > 0 satisfy alpha lambda <= 3.661066",
    latex=r"0<\alpha\lambda_i\le3.661066\ \forall i\ \Rightarrow\ \theta_t\to\theta^*",
    source=SOURCE,
    kind="inequality",
    hypotheses=("a quadratic with curvatures lambda_i > 0, minimum at theta*", "no weight decay"),
    depends=("R9g",),
    proof=(
        exact("R9h.start", "the first coefficient is one of the two", from_start),
        forall(
            "R9h.choice",
            "a step from any shared state, with any loss, uses one of the two and leaves one of the two; it is the "
            "same for all coordinates, so along each eigenvector the run is one of R9g's sequences",
            choices,
        ),
    ),
    note="Answers for the loss-controlled rule between a* = 3.42092 (R9b) and 3.66107 (R9c): it is stable there. It "
    "does diverge at 3.73 (R9e). In between nothing is proved here in either direction.",
)
