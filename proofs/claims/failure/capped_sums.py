"""The sums of the pushes that a capped window comes near to, less their mean, stay bounded."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from proofs.claims.failure.capped_limit import CAP, DOWN, PUSHES, UP, Gstar, limit_push
from proofs.claims.failure.r6_drift_lemma import F
from proofs.claims.failure.repeating import AT_LEAST_TWO, velocity
from proofs.claims.failure.step_sizes import equal
from proofs.inference.derivation import (
    Fact,
    discharge,
    follows,
    for_all,
    lemma,
    linear,
    longer_sum,
    replace,
    sum_over,
    use,
)
from proofs.inference.periods import Phase, constant_sum, one_period, partial_sums
from proofs.statements.statement import reals, sequences, substitute
from proofs.statements.vocabulary import alpha_t, delta, eps, gamma, j, k, s, t

mean = reals("m0")
a, b, x, y, z = reals("a b x y z")
LONGEST = 2 * sympy.sqrt(delta) / (1 - gamma)

WIDEST = LONGEST + 1
TOTAL = sympy.Sum(limit_push(s) - mean, (s, 1, t - 1))
SPREAD = sympy.Sum(sympy.Abs(limit_push(s) - mean), (s, 1, k))
CARRIED = (limit_push(t) - gamma * (velocity(t) - velocity(t - 1))) / (1 - gamma)
SUMS = (TOTAL - gamma * velocity(t - 1)) / (1 - gamma)
WIDE = (SPREAD + gamma * WIDEST + 1) / (1 - gamma)
FIXED = {mean: (PUSHES - DOWN) / k, F: WIDE.subs(mean, (PUSHES - DOWN) / k)}
MEAN = equal(k * mean, PUSHES - DOWN)


@cache
def centred_sums() -> Fact:
    """|TOTAL| <= SPREAD for t >= 1: the pushes of the limit repeat, and less their mean they sum to 0 over a period."""
    w = sequences("w")
    split = use(linear(sympy.Sum(w(s) - mean, (s, 1, k))), {w: sympy.Lambda(s, limit_push(s))})
    number = discharge(
        constant_sum(sympy.S.One, s, 1, k), lemma("R6.length", "There is such a sum.", [k >= 2], k >= 0, [k >= 3])
    )
    centred = follows(
        "R6.centred",
        "Less their mean, the pushes of a period sum to 0.",
        [split, number, period_pushes()],
        equal(sympy.Sum(limit_push(s) - mean, (s, 1, k)), 0),
        given=[MEAN],
        parts={
            x: sympy.Sum(limit_push(s), (s, 1, k)),
            y: PUSHES,
            z: 1 / (sympy.sqrt(Gstar(0)) + eps),
            a: sympy.Sum(limit_push(s) - mean, (s, 1, k)),
        },
    )
    return discharge(partial_sums(limit_push(s) - mean, s, k, t), centred, AT_LEAST_TWO)


@cache
def period_pushes() -> Fact:
    """Over a period the pushes of the limit sum to PUSHES - DOWN."""
    whole = discharge(one_period(limit_push(s), s, k, j), AT_LEAST_TWO)
    after = substitute_phase(limit_push(s), j)
    plain = follows(
        "R6.no spike", "The other steps push up.", [], equal(after, UP), given=[j >= 1], parts={x: UP, y: -DOWN}
    )
    return replace(whole, sum_over(plain, j, 1, k - 1))


def substitute_phase(body: Any, phase: Any) -> Any:
    return body.xreplace({Phase(s, k): phase})


@cache
def sums_step() -> Fact:
    """SUMS grows by CARRIED less the mean."""
    goal = equal(substitute(SUMS, {t: t + 1}), SUMS + CARRIED - mean / (1 - gamma))
    step = follows(
        "R6.summed",
        "The sums are those of the carried push.",
        [longer_sum(limit_push(s) - mean, s, t - 1)],
        goal,
        given=[gamma < 1],
        parts={x: TOTAL, y: substitute(TOTAL, {t: t + 1}), z: limit_push(t), a: 1 / alpha_t(t - 1), b: 1 / alpha_t(t)},
    )
    return for_all(step, t, t >= 1)


@cache
def wide() -> Fact:
    """F > 0."""
    positive = lemma(
        "R6.wide",
        "The bound on the sums is positive.",
        [x >= 0, z > 0, gamma >= 0, gamma < 1, F >= (x + gamma * (2 * z / (1 - gamma) + 1) + 1) / (1 - gamma)],
        F > 0,
        [F > sympy.Rational(101, 100)],
    )
    return discharge(use(positive, {x: SPREAD, z: sympy.sqrt(delta)}), CAP, use(centred_sums(), {t: 1}))
