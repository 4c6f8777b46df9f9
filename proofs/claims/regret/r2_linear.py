"""R2-linear: the potential argument of one coordinate, before convexity is used."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.regret.r1_one_step import GENERAL as R1
from proofs.claims.regret.r1_one_step import NEARER
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    follows,
    induction,
    longer_sum,
    theorem,
    under,
    use,
)
from proofs.statements.claim import Claim
from proofs.statements.statement import ForAll, Statement, reals
from proofs.statements.vocabulary import POSITIVE, D, T, g, h, i, s, t, theta, u

a, b, D2, q, r = reals("a b D² q r")  # squared distances before and after, width, the step's terms
TERM = g(s, i) * (theta(s, i) - u(i))
GROWTH = sympy.Max(h(s, i) - h(s - 1, i), 0)
QUADRATIC = g(s, i) ** 2 / (2 * h(s, i))


def total(term: object, last: object) -> sympy.Sum:
    return sympy.Sum(term, (s, 1, last))


def bound(last: object) -> sympy.Expr:
    """½ D² [h_1 + sum (h_t - h_{t-1})_+] + sum g²/(2 h), with h_0 = 0."""
    return D(i) ** 2 / 2 * total(GROWTH, last) + total(QUADRATIC, last)


def every(statement: object) -> ForAll:
    """The statement about step t, for every step up to T."""
    return ForAll(t, (t >= 1) & (t <= T), statement)


NEAR = (theta(t, i) - u(i)) ** 2 <= D(i) ** 2
ZERO = sympy.Eq(h(0, i), 0, evaluate=False)
INVARIANT = total(TERM, t) + h(t, i) * (theta(t + 1, i) - u(i)) ** 2 / 2 <= bound(t)


def potential() -> Fact:
    """The invariant for 0 <= t <= T, by induction."""
    empty = [empty_sum(x, s) for x in (TERM, GROWTH, QUADRATIC)]
    start = INVARIANT.subs({t: 0})
    base = follows("R2.base", "Before the first step both sides are 0.", [*empty, assume(ZERO)], start,
                   [start.lhs + 1 <= start.rhs])  # fmt: skip
    step_hypotheses = [at(assume(every(e)), t + 1) for e in (NEARER, POSITIVE, NEAR)]
    one_step = discharge(use(theorem(R1), {t: t + 1}), *step_hypotheses[:2])
    longer = [longer_sum(x, s, t) for x in (TERM, GROWTH, QUADRATIC)]
    step = follows(
        "R2.step", "R1 adds a term on the left; the growth of h times the squared distance is at most that times D².",
        [one_step, step_hypotheses[1], step_hypotheses[2], *longer], INVARIANT.subs({t: t + 1}),
        [INVARIANT.subs({t: t + 1}).lhs <= bound(t)], given=[INVARIANT, a >= 0],
        parts={a: (theta(t + 1, i) - u(i)) ** 2, b: (theta(t + 2, i) - u(i)) ** 2, D2: D(i) ** 2,
               q: QUADRATIC.subs({s: t + 1}), r: TERM.subs({s: t + 1})},
    )  # fmt: skip
    return induction(INVARIANT, t, 0, base, step, last=T)


def linear() -> Fact:
    """The linearized regret of one coordinate: the square at the end is dropped."""
    at_end = under(use(potential(), {t: T}), T >= 1)
    late = at(assume(every(POSITIVE)), T)
    return follows("R2.last", "The square that is left at the end is not negative.", [at_end, late],
                   total(TERM, T) <= bound(T), [total(TERM, T) <= bound(T) / 2])  # fmt: skip


CLAIM = Claim(
    id="R2-linear",
    title="a-posteriori bound of the linear sums of one coordinate",
    statement=Statement(
        given=(every(NEARER), every(POSITIVE), every(NEAR), ZERO, T >= 1), then=total(TERM, T) <= bound(T)
    ),
    source=Source("duchi2011", "the argument of Theorem 5 for any diagonal preconditioner",
                  also=(Source("dwmgradnotes", "R2"),)),
    kind="inequality",
    proof=(linear(),),
    note="Neither convexity nor a box is used, so it serves mirrored iterates too. Only distances up to theta_T count.",
)  # fmt: skip
