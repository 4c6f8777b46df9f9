"""Control: the potential argument, from which the regret bounds of the controls follow."""

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.regret.r2_a_posteriori import CLAIM as R2
from proofs.claims.regret.r2_a_posteriori import GROWTH, NEAR, QUADRATIC, ZERO, each, every, total
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    follows,
    for_all,
    induction,
    longer_sum,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, reals
from proofs.statements.vocabulary import CONVEX, DESCENT, IN_BOX, POSITIVE, D, R, T, d, h, i, s, t

MONOTONE = h(t, i) >= h(t - 1, i)
width = reals("D²")


def growth() -> Fact:
    """The positive parts of the differences of h add up to h_t, because h never decreases and h_0 = 0."""
    invariant = sympy.Eq(total(GROWTH, t), h(t, i), evaluate=False)
    base = follows("C-potential.start", "No growth has been added before the first step.",
                   [empty_sum(GROWTH, s), assume(ZERO)], invariant.subs({t: 0}))  # fmt: skip
    rises = at(assume(every(MONOTONE)), t + 1)
    step = follows("C-potential.growth", "Each positive part is the difference itself.",
                   [rises, longer_sum(GROWTH, s, t)], invariant.subs({t: t + 1}), given=[invariant])  # fmt: skip
    return induction(invariant, t, 0, base, step, last=T)


def potential() -> Fact:
    last = under(use(growth(), {t: T}), T >= 1)
    one = D(i) ** 2 / 2 * h(T, i) + total(QUADRATIC, T)
    other = D(i) ** 2 / 2 * total(GROWTH, T) + total(QUADRATIC, T)
    coordinate = follows("C-potential.coordinate", "The growth is what R2 multiplies with the squared width.", [last],
                         sympy.Eq(other, one, evaluate=False), parts={width: D(i) ** 2})  # fmt: skip
    summed = sum_over(coordinate, i, 1, d)
    return follows("C-potential.bound", "This is put into R2.", [theorem(R2), summed], R(T) <= summed.then.rhs,
                   [R(T) <= summed.then.rhs - 1])  # fmt: skip


POTENTIAL = Claim(
    id="C-potential",
    title="control: the potential argument",
    statement=Statement(
        given=(*R2.statement.given, each(every(MONOTONE))),
        then=R(T) <= sympy.Sum(D(i) ** 2 / 2 * h(T, i) + total(QUADRATIC, T), (i, 1, d)),
    ),
    source=Source("mcmahan2010", "the diagonal analysis", also=(Source("dwmgradnotes", "R1, R2"),)),
    kind="inequality",
    proof=(potential(),),
    note="R2 for a preconditioner that never decreases: the growth of h adds up to its last value.",
)


def each_step(fact: Fact) -> Fact:
    """The fact for every step up to T and every coordinate."""
    return each_coordinate(for_all(fact, t, (t >= 1) & (t <= T)))


def each_coordinate(fact: Fact) -> Fact:
    """The fact for every coordinate."""
    return for_all(fact, i, (1 <= i) & (i <= d))


def regret(name: str, descent: Fact, positive: Fact, monotone: Fact, zero: Fact, last: Fact, sums: Fact,
           coordinate: sympy.Expr, given: tuple[Any, ...]) -> Fact:  # fmt: skip
    """A rule's regret bound from the potential argument.

    Args:
        descent, positive, monotone, zero: what DESCENT, POSITIVE, MONOTONE and ZERO ask of h, for step t, coordinate i.
        last: an upper bound of h_T (or its value).
        sums: an upper bound of the sum of g_t²/(2 h_t) up to T.
        coordinate: the coordinate's part of the bound that the rule's own `bounds` states.
        given: the ranges of the options in it.
    """
    known = discharge(theorem(POTENTIAL), each_step(descent), each_step(positive), each_step(monotone),
                      each_coordinate(zero))  # fmt: skip
    part = D(i) ** 2 / 2 * h(T, i) + total(QUADRATIC, T)
    total_part = reals("Q")
    one = follows(f"{name}.bound", "The last h and the sum of squares over h are replaced by their bounds.",
                  [last, sums], part <= coordinate, [part <= coordinate * sympy.Rational(9, 10)],
                  parts={width: D(i) ** 2, total_part: total(QUADRATIC, T)}, given=[width >= 0, *given])  # fmt: skip
    summed = sum_over(one, i, 1, d)
    return follows(f"{name}.regret", "The coordinates are added up.", [known, summed], R(T) <= summed.then.rhs,
                   [R(T) <= summed.then.rhs - 1])  # fmt: skip


HYPOTHESES = (CONVEX, each(every(NEAR)), each(IN_BOX), T >= 1)  # of a bound from the potential argument
REQUIRED = (DESCENT, POSITIVE, MONOTONE, ZERO)  # what such a bound's proof must show about its rule
