"""R6-periodic: with alpha/√t, pushes near to periodic ones take the iterate to the end that their sum points to.

It is R6-drift for e_t that repeats with period k: the sums of e_t less its mean stay within one period's.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from dwmgrad_ref.rules.base import Source
from proofs.claims.failure.r6_drift_lemma import CLAIM as R6_DRIFT
from proofs.claims.failure.r6_drift_lemma import MOVES, E, F, box, d, e, m, x
from proofs.claims.failure.repeating import AT_LEAST_TWO
from proofs.claims.failure.step_sizes import FROM_ONE, Scheduled
from proofs.inference.derivation import (  # fmt: skip
    Fact,
    assume,
    at,
    discharge,
    eventually,
    eventually_both,
    eventually_so,
    follows,
    for_all,
    induction,
    lemma,
    linear,
    longer_sum,
    part,
    theorem,
    under,
    use,
)
from proofs.inference.limits import antecedent, dominated, implication, limit_of
from proofs.inference.periods import Phase, constant_sum, one_period, partial_sums
from proofs.models.window import ROOT_SCHEDULE, equal
from proofs.statements.claim import Claim
from proofs.statements.statement import Statement, Tends, keys, reals, sequences, substitute
from proofs.statements.vocabulary import alpha, alpha_t, j, k, s, t

p = sequences("p")
a, b, c, y, z, w = reals("a b c y z w")
ALMOST = sympy.Rational(99, 100)
SUM = p(0) + sympy.Sum(p(j), (j, 1, k - 1))
MEAN = SUM / k
NEAR = Tends(t, d(t) - p(Phase(t, k)), sympy.S.Zero)
START = (x(1) >= -1) & (x(1) <= 1)
GIVEN = (MOVES, ROOT_SCHEDULE, alpha > 0, START, k >= 2, NEAR)
OFF = p(Phase(s, k)) - MEAN
TOTAL, SPREAD = sympy.Sum(OFF, (s, 1, t - 1)), sympy.Sum(sympy.Abs(OFF), (s, 1, k))


class Rooted(Scheduled):
    """What R6 knows of the schedule alpha/√t, for a step size of which only this is given."""

    def __init__(self) -> None:
        self.made: dict[Any, Any] = {}
        self.constant = False

    def step_size(self) -> Fact:
        return at(assume(ROOT_SCHEDULE), t)


SCHEDULE = Rooted()


def centred() -> Fact:
    """|sum over s < t of p - mean| is at most one period's sum of sizes, for t >= 1."""
    whole = discharge(one_period(p(Phase(s, k)), s, k, j), AT_LEAST_TWO)
    v = sequences("v")
    split = use(linear(sympy.Sum(v(s) - c, (s, 1, k))), {v: sympy.Lambda(s, p(Phase(s, k)))})
    length = lemma("R6-periodic.length", "There is such a sum.", [k >= 2], k >= 0, [k >= 3])
    number = discharge(constant_sum(sympy.S.One, s, 1, k), length)
    zero = follows("R6-periodic.centred", "Less their mean the pushes of a period sum to 0.",
                   [use(split, {c: MEAN}), number, whole], equal(sympy.Sum(OFF, (s, 1, k)), 0), given=[k >= 2],
                   parts={y: SUM.args[0], z: SUM.args[1]})  # fmt: skip
    return discharge(partial_sums(OFF, s, k, t), zero, AT_LEAST_TWO)


def drift() -> Fact:
    """R6-drift for e_t = p((t - 1) mod k)."""
    step = follows("R6-periodic.sums", "The sums gain the newest push less the mean.", [longer_sum(OFF, s, t - 1)],
                   equal(substitute(TOTAL, {t: t + 1}), TOTAL + p(Phase(t, k)) - MEAN))  # fmt: skip
    widest = SPREAD + 1
    wide = lemma("R6-periodic.wide", "A sum of sizes and 1 is positive.", [z >= 0], z + 1 > 0, [z > 0])
    wide = discharge(use(wide, {z: SPREAD}), use(centred(), {t: sympy.S.One}))
    within = lemma("R6-periodic.within", "The sums stay within it.", [sympy.Abs(y) <= z], sympy.Abs(y) <= z + 1,
                   [sympy.Abs(y) <= ALMOST * z])  # fmt: skip
    within = discharge(use(within, {y: TOTAL, z: SPREAD}), centred())
    known = use(theorem(R6_DRIFT), {e: sympy.Lambda(t, p(Phase(t, k))), E: sympy.Lambda(t, TOTAL), m: MEAN, F: widest})
    positive, shrinks, slowly, _, without_bound = SCHEDULE.schedule()
    sums = for_all(under(step, t >= 1), t, t >= 1)
    return discharge(known, positive, shrinks, slowly, without_bound, sums, wide, eventually(within, t))


def in_box() -> Fact:
    inside = (x(t) >= -1) & (x(t) <= 1)
    ends = lemma("R6-periodic.inside", "The projection keeps the iterate in the box.", [equal(y, box(z))],
                 (y >= -1) & (y <= 1), [y >= -ALMOST])  # fmt: skip
    ends = use(ends, {y: x(t + 1), z: x(t) + alpha_t(t) * d(t)})
    return induction(inside, t, 1, assume(START), discharge(ends, at(assume(MOVES), t)))


def end(sign: int) -> Fact:
    """x_t tends to the end of that sign if the pushes of a period sum to something of that sign."""
    towards = SUM > 0 if sign > 0 else SUM < 0
    pointing = lemma(f"R6-periodic.{'up' if sign > 0 else 'down'}", "The mean has the sign of the sum.",
                     [y > 0 if sign > 0 else y < 0, k >= 2], y / k > 0 if sign > 0 else y / k < 0,
                     [y / k > 1 if sign > 0 else y / k < -1])  # fmt: skip
    pointing = use(pointing, {y: SUM})
    drifted = drift()
    there = next(part_ for part_ in drifted.then.args if keys([part_.args[0]]).keys() == keys([pointing.then]).keys())
    reached = discharge(antecedent(part(drifted, there)), pointing)
    near = lemma(f"R6-periodic.distance to {sign}", "The iterate lies in the box.",
                 [1 - sign * y <= z, y >= -1, y <= 1], sympy.Abs(y - sign) <= z,
                 [sympy.Abs(y - sign) <= ALMOST * z])  # fmt: skip
    widest = 3 * (SPREAD + 1)
    both = eventually_both(reached, eventually(in_box(), t), FROM_ONE)
    close = eventually_so(both, use(near, {y: x(t), z: widest * alpha_t(t)}))
    off = dominated(close, limit_of(widest * y, {y: SCHEDULE.step_size_vanishes()}), x(t) - sign)
    return implication(limit_of(y + sign, {y: off}), towards)


CLAIM = Claim(
    id="R6-periodic",
    title="with alpha/√t, pushes near to periodic ones go to the end that their sum points to",
    statement=Statement(
        given=GIVEN,
        then=end(1).then & end(-1).then,
        where=(
            (x, "iterate in [-1, 1]"),
            (d, "the push of step t, over the step size"),
            (p, "what the push comes near to, so many steps after the start of a period"),
        ),
    ),
    source=Source("reddi2018", "Theorem 1 is of this kind", also=(Source("dwmgradnotes", "R6"),)),
    kind="rate",
    proof=(end(1), end(-1)),
)
