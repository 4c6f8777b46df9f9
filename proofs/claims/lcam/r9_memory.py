"""R9d: at alpha kappa = 3.65 any order converges, and a quadratic function with memory shows it too."""

import itertools
from fractions import Fraction
from typing import Any

import sympy

from proofs.checkers.by_exact import Found, exact
from proofs.claims.lcam.r9_any_order import ANY_ORDER, LETTERS
from proofs.claims.lcam.r9_polygons import CUTS
from proofs.claims.lcam.r9_switching import STABLE, UNSTABLE, steps
from proofs.inference.derivation import Fact, discharge, lemma, theorem, use
from proofs.models.step_matrix import Matrix, decrease, det
from proofs.models.switched import SOURCE, STEPS, VANISHES, WHERE, A, a, among
from proofs.models.window import equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement
from proofs.statements.vocabulary import alpha

MEMORY = 3


def certificate(a: Fraction) -> dict[str, Matrix]:
    """One P for every word of the last MEMORY coefficients, found by a numerical solver and then taken as it is.

    Maximizes the smallest eigenvalue of P_w - A_sᵀ P_v A_s over all w and s, v = (w s) without its first letter.
    """
    import cvxpy as cp
    import numpy as np

    A = {s: np.array(M) for s, M in steps(a, float).items()}
    names = ["".join(w) for w in itertools.product("lh", repeat=MEMORY)]
    P = {w: cp.Variable((2, 2), symmetric=True) for w in names}
    margin = cp.Variable()
    gaps: list[Any] = [P[w] - A[s].T @ P[(w + s)[1:]] @ A[s] >> margin * np.eye(2) for w in names for s in "lh"]
    scale = sum((cp.trace(P[w]) for w in names), start=cp.Constant(0)) == len(names)
    constraints: list[Any] = [*gaps, scale]
    cp.Problem(cp.Maximize(margin), constraints).solve(solver="CLARABEL")
    return {w: _symmetric(P[w].value) for w in names}


def _symmetric(values: Any) -> Matrix:
    """Rounded to multiples of 1e-9: what is checked is then what is printed."""
    x, y, z = (Fraction(round(float(v) * 10**9), 10**9) for v in (values[0, 0], values[0, 1], values[1, 1]))
    return (x, y), (y, z)


def decreasing() -> Found:
    P = certificate(STABLE)

    def works(a: Fraction) -> bool:
        A = steps(a)
        gaps = [decrease(P[w], A[s], P[(w + s)[1:]]) for w in P for s in "lh"]
        return all(M[0][0] > 0 and det(M) > 0 for M in [*P.values(), *gaps])

    witness = {"alpha_lambda": str(STABLE), "P": {w: [str(M[0][0]), str(M[0][1]), str(M[1][1])] for w, M in P.items()}}
    return (
        works(STABLE),
        not works(UNSTABLE),
        f"{len(P)} matrices, {2 * len(P)} decreases, all minors positive",
        witness,
    )


def here() -> Fact:
    """The range of R9g at one place."""
    place, last = sympy.Rational(STABLE), sympy.Rational(CUTS[-1])
    inside = lemma("R9d.inside", "The place lies in the range.", [equal(a, place)], (a > 0) & (a <= last),
                   [a <= place - sympy.Rational(1, 1000)])  # fmt: skip
    return discharge(theorem(ANY_ORDER), use(inside, {a: A}))


CLAIM = Claim(
    id="R9d",
    title="LCAM switching: stable at αλ = 3.65, beyond any common quadratic function",
    statement=Statement(
        given=(*STEPS, among(*LETTERS), equal(A, sympy.Rational(STABLE)), alpha > 0), then=VANISHES, where=WHERE,
    ),
    source=SOURCE,
    kind="inequality",
    proof=(here(),),
    controls=(
        exact(
            "R9d.decrease", "Eight positive definite P_w, and P_w - A_sᵀ P_v A_s positive definite for all w and s.",
            decreasing,
        ),
    ),
    note="An instance of R9g. A second certificate, checked here too, is a quadratic function that depends on the last "
    "three coefficients: v is w s without its first letter. With a memory of 0, 1, 2, 3, 4, 6 letters such "
    "functions reach 3.4209, 3.6100, 3.6495, 3.6571, 3.6599 and 3.6606 (bisection with a numerical solver).",
)  # fmt: skip
