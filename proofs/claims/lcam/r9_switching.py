"""R9c: arbitrary switching of LCAM's coefficients, from the common Lyapunov function to the first unstable word."""

import itertools
from fractions import Fraction
from typing import Any

from dwmgrad_ref import rules
from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_exact import Found, exact
from proofs.checkers.by_search import searched
from proofs.inference.worded import claim as Claim
from proofs.models.step_matrix import Matrix, decrease, det, step_matrix, times, trace

LCAM = rules.get("lcam")
MU = {"l": Fraction(9, 10), "h": Fraction(19, 20)}  # the low and the high coefficient
WORD = "lllhhhh"
UNSTABLE, LAST_STABLE_WORD, STABLE = Fraction(366107, 10**5), Fraction(366106, 10**5), Fraction(365, 100)
LONGEST, MEMORY = 14, 3


def steps(a: Any, number: Any = Fraction) -> dict[str, Matrix]:
    return {letter: step_matrix(LCAM, number(mu), number(a)) for letter, mu in MU.items()}


def product(word: str, A: dict[str, Matrix]) -> Matrix:
    """The matrix of a word, its first letter applied first."""
    M: Matrix = ((1, 0), (0, 1))
    for letter in word:
        M = times(A[letter], M)
    return M


def unstable(M: Matrix) -> bool:
    """Jury's conditions (R9a) fail strictly: a root of z² - T z + D lies outside the unit circle."""
    return abs(trace(M)) > 1 + det(M) or det(M) > 1


def growing() -> Found:
    M = product(WORD, steps(UNSTABLE))
    witness = {"alpha_lambda": str(UNSTABLE), "word": WORD, "trace": str(trace(M)), "det": str(det(M))}
    return unstable(M), not unstable(product(WORD, steps(LAST_STABLE_WORD))), f"T = {float(trace(M)):.6f}", witness


def words(longest: int) -> list[str]:
    """Words up to that length that are the smallest of their rotations and no power of a shorter one (Lyndon)."""
    found, word = [], [-1]
    while word:
        word[-1] += 1
        found.append("".join("lh"[i] for i in word))
        n = len(word)
        while len(word) < longest:
            word.append(word[-n])
        while word and word[-1] == 1:
            word.pop()
    return found


def none_before() -> Found:
    """Every word up to LONGEST letters, in exact arithmetic; rotations share their trace, powers their stability."""
    tried, before, after = words(LONGEST), steps(LAST_STABLE_WORD), steps(UNSTABLE)
    bad = [w for w in tried if unstable(product(w, before))]
    later = [w for w in tried if unstable(product(w, after))]
    return not bad, later == [WORD], f"{len(tried)} words; just above only {WORD} is unstable", None


def no_smaller() -> tuple[bool, str, dict[str, Any] | None]:
    """The same words on a grid of alpha lambda in (0, 3.66], in floats."""
    points, tried = 60, words(12)
    for i in range(1, points + 1):
        a = 3.66 * i / points
        A = steps(a, float)
        for word in tried:
            if unstable(product(word, A)):
                return False, f"{word} is unstable at {a}", {"alpha_lambda": a, "word": word}
    return True, f"none of {len(tried)} words up to 12 letters at {points} values of alpha lambda", None


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


SOURCE = Source("lcam", "the LCAM update", also=(Source("dwmgradnotes", "R9"),))

WORDS = Claim(
    id="R9c",
    title="LCAM switching: the first unstable word, 0.9³0.95⁴ at αλ = 3.66107",
    statement="At alpha lambda = 3.66107 three steps with 0.9 and four with 0.95, repeated, diverge, although each "
    "coefficient alone is stable up to 3.8; at 3.66106 no word of up to 14 letters does",
    latex=r"\rho(A_{0.95}^4A_{0.9}^3)>1\ \text{at}\ \alpha\lambda=3.66107",
    source=SOURCE,
    kind="impossibility",
    hypotheses=("mu in {0.9, 0.95}, the order chosen freely",),
    depends=("R9a",),
    proof=(
        exact("R9c.word", "|T| > 1 + D for the product of the word at 3.66107, and not at 3.66106", growing),
        exact("R9c.none", "at 3.66106 every word up to 14 letters fulfils Jury's conditions", none_before),
    ),
    search=(searched("R9c.smaller", "no word is unstable at any smaller alpha lambda on a grid", no_smaller),),
    note="[dwmgradnotes] R9, as first written, looked near 3.75; a word of seven letters is unstable 0.09 earlier. "
    "That no word is unstable up to 3.661066 is R9g.",
)

MEMORIES = Claim(
    id="R9d",
    title="LCAM switching: stable at αλ = 3.65, beyond any common quadratic function",
    statement="At alpha lambda = 3.65 > a* of R9b arbitrary switching between 0.9 and 0.95 still converges: the "
    "quadratic function may depend on the last three coefficients",
    latex=r"A_s^\top P_{v}A_s\prec P_w,\qquad v=\text{last three of }ws,\ \alpha\lambda=3.65",
    source=SOURCE,
    kind="inequality",
    hypotheses=("mu in {0.9, 0.95}, the order chosen freely",),
    proof=(exact("R9d.decrease", "eight positive definite P_w, and P_w - A_sᵀP_vA_s > 0 for all w, s", decreasing),),
    note="With a memory of 0, 1, 2, 3, 4, 6 letters such certificates reach 3.4209, 3.6100, 3.6495, 3.6571, 3.6599 and "
    "3.6606 (bisection with a numerical solver); the first unstable word comes at 3.66107. Polygons instead of "
    "quadratic functions close the gap (R9g).",
)
