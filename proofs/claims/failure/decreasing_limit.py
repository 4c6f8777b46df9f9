"""The periodic limit of the second moment under the signal `decrease`: window delta - 1 at a spike, delta elsewhere."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from proofs.claims.failure.capped_limit import chained
from proofs.claims.failure.pushed_up import Periodic
from proofs.claims.failure.repeating import AT_LEAST_TWO, SLOPES, C, spike
from proofs.claims.failure.signals import LONG
from proofs.claims.failure.step_sizes import equal
from proofs.inference.derivation import Fact, assume, at, discharge, equation, follows, lemma, part, use
from proofs.inference.limits import cases, congruence
from proofs.inference.periods import Phase, phase_grows, phase_range, phase_wraps, power_range
from proofs.statements.statement import ForAll, reals, sequences
from proofs.statements.vocabulary import delta, eps, g, i, j, k, t

R = sympy.Rational
Hstar = sequences("Hstar")
P, Q, S, a, b, r, w, x, y, z, p, p0 = reals("p q S a b r w x y z s p0")
AT_SPIKE, ELSEWHERE = 1 - 1 / (delta - 1), 1 - 1 / delta  # the factors of the two windows
LAST = equal(Phase(t, k), k - 1)


def moment(q: Any, P: Any, j: Any) -> Any:
    """The moment j steps after the spike, where q and P are the factors of the windows elsewhere and at the spike."""
    spike = (P * (1 - q ** (k - 1)) + (1 - P) * C**2) / (1 - P * q ** (k - 1))
    return q**j * spike + 1 - q**j


LIMIT = ForAll(j, j >= 0, equal(Hstar(j), moment(ELSEWHERE, AT_SPIKE, j)))
PUSH = Periodic(1 / (sympy.sqrt(Hstar(0)) + eps), 1 / (sympy.sqrt(Hstar(j)) + eps))


def target(t: Any) -> Any:
    """The window that the run comes to."""
    return sympy.Piecewise((delta - 1, spike(t)), (delta, True))


FACTORS = lemma(
    "R6-decrease.factors",
    "The factors of the two windows lie between 0 and 1.",
    [delta >= 2],
    (AT_SPIKE >= 0) & (AT_SPIKE < 1) & (ELSEWHERE >= 0) & (ELSEWHERE < 1) & (ELSEWHERE <= 1) & (ELSEWHERE > 0),
    [AT_SPIKE >= R(1, 100)],
)
LAST_STEP = lemma("R6.last phase", "A period has a last step.", [k >= 2], k - 1 >= 0, [k - 1 >= 2])


@cache
def divides() -> Fact:
    """p q^(k-1) < 1."""
    below = lemma(
        "R6-decrease.below",
        "Nothing is divided by 0.",
        [P >= 0, P < 1, y >= 0, y <= 1],
        P * y < 1,
        [P * y < R(99, 100)],
    )
    below = use(below, {P: AT_SPIKE, y: ELSEWHERE ** (k - 1)})
    power = discharge(power_range(ELSEWHERE, k - 1), LAST_STEP)
    return discharge(below, FACTORS, discharge(power, FACTORS))


@cache
def cycle() -> tuple[Fact, Fact]:
    """Hstar(j + 1) from Hstar(j) for j >= 0, and Hstar(0) from Hstar(k - 1)."""
    bounds = [Q >= 0, Q < 1, P >= 0, P < 1, P * Q ** (k - 1) < 1]
    grows = equation(
        "R6-decrease.limit",
        "The moments of the limit follow each other between spikes,",
        moment(Q, P, j + 1),
        Q * moment(Q, P, j) + 1 - Q,
        moment(Q, P, j),
        [*bounds, j >= 0],
    )
    closes = equation(
        "R6-decrease.closes",
        "and at the spike.",
        moment(Q, P, sympy.S.Zero),
        P * moment(Q, P, k - 1) + (1 - P) * C**2,
        moment(Q, P, sympy.S.One),
        bounds,
    )
    grows, closes = (discharge(use(e, {Q: ELSEWHERE, P: AT_SPIKE}), FACTORS, divides()) for e in (grows, closes))
    later = lemma("R6.later", "So is the next.", [j >= 0], j + 1 >= 0, [j + 1 >= 2])
    here, ahead = at(assume(LIMIT), j), discharge(at(assume(LIMIT), j + 1), later)
    first, end = at(assume(LIMIT), 0), discharge(at(assume(LIMIT), k - 1), LAST_STEP)
    return chained(grows, here, ahead), chained(closes, end, first)


@cache
def limit_step() -> Fact:
    """Hstar moves as the moment does under the window that the run comes to."""
    grows, closes = cycle()
    window = target(t + 1)
    goal = equal(Hstar(Phase(t + 1, k)), (1 - 1 / window) * Hstar(Phase(t, k)) + g(t + 1, i) ** 2 / window)
    wraps, more, inside = (discharge(rule(t, k), AT_LEAST_TWO) for rule in (phase_wraps, phase_grows, phase_range))
    slope = at(assume(SLOPES), t + 1)
    parts = {x: Hstar(Phase(t + 1, k)), y: Hstar(Phase(t, k)), p0: Phase(t + 1, k)}
    at_last = follows(
        "R6-decrease.at spike",
        "At a spike the limit closes.",
        [congruence(Hstar(Phase(t + 1, k)), wraps), congruence(Hstar(Phase(t, k)), assume(LAST)), closes, wraps, slope],
        goal,
        given=[delta >= 2],
        parts={**parts, a: Hstar(0), b: Hstar(k - 1)},
    )
    between = follows(
        "R6-decrease.between",
        "Between spikes it goes on.",
        [
            congruence(Hstar(Phase(t + 1, k)), more),
            discharge(use(grows, {j: Phase(t, k)}), inside),
            more,
            inside,
            slope,
        ],
        goal,
        given=[delta >= 2],
        parts={**parts, a: Hstar(Phase(t, k) + 1), z: Phase(t, k)},
    )
    return cases(at_last, between, LAST)


@cache
def limit_bounds() -> Fact:
    """1 <= Hstar(j) <= C² for j >= 0."""
    numbers = lemma(
        "R6-decrease.limit range",
        "The limit lies between the squares of the slopes.",
        [
            P >= 0,
            P < 1,
            y >= 0,
            y <= 1,
            p >= 0,
            p <= 1,
            C > 3,
            equal(x, p * S + 1 - p),
            equal(S, (P * (1 - y) + (1 - P) * C**2) / (1 - P * y)),
        ],
        (x >= 1) & (x <= C**2),
        [x >= R(101, 100), x <= C**2 * R(99, 100)],
    )
    there = {P: AT_SPIKE, y: ELSEWHERE ** (k - 1), p: ELSEWHERE**j, x: Hstar(j)}
    there[S] = moment(ELSEWHERE, AT_SPIKE, sympy.S.Zero)
    powers = [
        discharge(power_range(ELSEWHERE, j), FACTORS),
        discharge(discharge(power_range(ELSEWHERE, k - 1), LAST_STEP), FACTORS),
    ]
    return discharge(use(numbers, there), at(assume(LIMIT), j), *powers, FACTORS)


@cache
def bounds_now() -> Fact:
    """1 <= Hstar(phase) <= C²."""
    inside = part(discharge(phase_range(t, k), AT_LEAST_TWO), Phase(t, k) >= 0)
    return discharge(discharge(use(limit_bounds(), {j: Phase(t, k)}), inside), LONG)
