"""R8-cycle: where AdaMomentum's momentum comes near to a periodic one, its push comes near to a periodic one too."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.failure.repeating import AT_LEAST_TWO
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    eventually,
    eventually_near,
    eventually_so,
    lemma,
    use,
)
from proofs.inference.limits import dominated, forced_contraction, limit_of, shifted
from proofs.inference.periods import Phase, phase_range
from proofs.models.adamomentum import MEANING, MOMENT, every, m, v
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, Tends, reals, sequences
from proofs.statements.vocabulary import beta2, eps, i, j, k, t

M, W = sequences("M W")
B, floor = reals("B w")
x, y, z, a, b, c, r, p, q, n = reals("x y z a b c r p q n")
ALMOST = sympy.Rational(99, 100)
NOW, NEXT = Phase(t, k), Phase(t + 1, k)


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


def phases(statement: Any) -> ForAll:
    """The statement about the phase j, for every phase of a period."""
    return ForAll(j, (j >= 0) & (j <= k - 1), statement)


NEAR = Tends(t, m(t, i) - M(NOW), sympy.S.Zero)
BOUNDED = phases(sympy.Abs(M(j)) <= B)
CYCLE = every(equal(W(NEXT), beta2 * W(NOW) + (1 - beta2) * M(NEXT) ** 2 + eps))
HIGH = phases(W(j) >= floor)
GIVEN = (every(MOMENT), NEAR, BOUNDED, CYCLE, HIGH, floor > 0, k >= 2, 0 <= beta2, beta2 < 1)
LIMIT_PUSH = M(NOW) / sympy.sqrt(W(NOW))
WHERE = (
    *MEANING,
    (M, "the periodic momentum, so many steps after the start of a period"),
    (W, "the second moment that goes with it"),
    (B, "bound on |M|"),
    (floor, "lower bound on W"),
)  # fmt: skip


def of_phase(statement: ForAll, phase: Any, when: Any) -> Fact:
    """What is known of every phase, at the phase of a step."""
    return discharge(at(assume(statement), phase), discharge(phase_range(when, k), AT_LEAST_TWO))


def moment_settles() -> Fact:
    """v_t - W tends to 0."""
    later = lemma("R8-cycle.later", "The step after a step is a step.", [t >= 1], t + 1 >= 1, [t + 1 >= 3])
    newest = discharge(at(assume(every(MOMENT)), t + 1), later)
    excess = sympy.Abs(x) * (sympy.Abs(x) + 2 * B)
    squares = lemma("R8-cycle.squares", "The squares differ by little where the numbers do.",
                    [sympy.Abs(z) <= B], sympy.Abs((x + z) ** 2 - z**2) <= excess,
                    [sympy.Abs((x + z) ** 2 - z**2) <= ALMOST * excess])  # fmt: skip
    driven = lemma(
        "R8-cycle.driven", "The distance shrinks, but for what the squares of the momentum differ by.",
        [equal(a, c * b + (1 - c) * p + n), equal(y, c * z + (1 - c) * q + n), 0 <= c, c < 1, sympy.Abs(p - q) <= r],
        sympy.Abs(a - y) <= c * sympy.Abs(b - z) + r, [sympy.Abs(a - y) <= c * sympy.Abs(b - z) + r / 2],
    )  # fmt: skip
    off = m(t + 1, i) - M(NEXT)
    squares = use(squares, {x: off, z: M(NEXT)})
    squares = discharge(squares, of_phase(BOUNDED, NEXT, t + 1))
    driven = use(driven, {a: v(t + 1, i), b: v(t, i), c: beta2, p: m(t + 1, i) ** 2, q: M(NEXT) ** 2, n: eps,
                          y: W(NEXT), z: W(NOW), r: squares.then.rhs})  # fmt: skip
    driven = discharge(driven, newest, at(assume(CYCLE), t), squares)
    forcing = limit_of(excess, {x: shifted(assume(NEAR), 1)})
    return forced_contraction(eventually(driven, t), forcing, v(t, i) - W(NOW), beta2)


def push_settles() -> Fact:
    """m_t/√v_t - M/√W tends to 0."""
    inverse = lemma(
        "R8-cycle.inverse", "Inverse roots differ by no more than the numbers, over the cube of the smallest root.",
        [a >= r, b >= r, r > 0, equal(a**2, x), equal(b**2, y)],
        (1 / a <= 1 / r) & (1 / a > 0) & (sympy.Abs(1 / a - 1 / b) <= sympy.Abs(x - y) / (2 * r**3)),
        [sympy.Abs(1 / a - 1 / b) <= ALMOST * sympy.Abs(x - y) / (2 * r**3)],
    )  # fmt: skip
    joined = lemma(
        "R8-cycle.push", "The pushes differ by what the momenta and the inverse roots do.",
        [a <= n, a > 0, sympy.Abs(z) <= B, sympy.Abs(a - b) <= c],
        sympy.Abs(p * a - z * b) <= n * sympy.Abs(p - z) + B * c,
        [sympy.Abs(p * a - z * b) <= ALMOST * n * sympy.Abs(p - z) + B * c],
    )  # fmt: skip
    root = sympy.sqrt(floor / 2)
    roots = lemma(
        "R8-cycle.roots", "Near the limit the second moment is not small.",
        [sympy.Abs(x - y) <= floor / 2, y >= floor, floor > 0],
        (sympy.sqrt(x) >= root) & (sympy.sqrt(y) >= root) & (root > 0) & equal(sympy.sqrt(x) ** 2, x)
        & equal(sympy.sqrt(y) ** 2, y) & (x > 0) & (y > 0), [sympy.sqrt(x) >= sympy.Rational(101, 100) * root],
    )  # fmt: skip
    here = {x: v(t, i), y: W(NOW)}
    roots = discharge(use(roots, here), of_phase(HIGH, NOW, t))
    inverse = use(inverse, {**here, a: sympy.sqrt(v(t, i)), b: sympy.sqrt(W(NOW)), r: root})
    inverse = discharge(inverse, roots)
    gap = sympy.Abs(v(t, i) - W(NOW)) / (2 * root**3)
    joined = use(joined, {a: 1 / sympy.sqrt(v(t, i)), b: 1 / sympy.sqrt(W(NOW)), n: 1 / root, p: m(t, i), z: M(NOW),
                          c: gap})  # fmt: skip
    joined = discharge(joined, inverse, of_phase(BOUNDED, NOW, t))
    settles = moment_settles()
    close = discharge(eventually_near(settles, floor / 2),
                      lemma("R8-cycle.half", "Half of a positive number is positive.", [floor > 0], floor / 2 > 0,
                            [floor / 2 > 1]))  # fmt: skip
    late = eventually_so(close, joined)
    small = limit_of(sympy.Abs(x) / root + B * sympy.Abs(y) / (2 * root**3), {x: assume(NEAR), y: settles})
    return dominated(late, small, m(t, i) / sympy.sqrt(v(t, i)) - LIMIT_PUSH)


CLAIM = Claim(
    id="R8-cycle",
    title="a momentum that comes near to a periodic one pushes as the periodic one does",
    statement=Statement(
        given=GIVEN,
        then=Tends(t, m(t, i) / sympy.sqrt(v(t, i)) - LIMIT_PUSH, sympy.S.Zero),
        where=WHERE,
    ),
    source=Source("dwmgradnotes", "R8 (e)"),
    kind="rate",
    proof=(push_settles(),),
)
