"""The periodic limit of the second moment on losses that repeat, once the window is capped at delta."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from proofs.claims.failure.repeating import AT_LEAST_TWO, SLOPES, SPIKES, C, spike
from proofs.claims.failure.step_sizes import equal
from proofs.inference.derivation import Fact, assume, at, discharge, equation, follows, lemma, part, replace, use
from proofs.inference.limits import cases, congruence
from proofs.inference.periods import (
    Phase,
    phase_grows,
    phase_range,
    phase_wraps,
    power_at_most,
    power_next,
    power_range,
)
from proofs.models import periodic
from proofs.statements.statement import ForAll, reals, sequences, substitute
from proofs.statements.vocabulary import G, delta, eps, g, i, j, k, t

Gstar = sequences("Gstar")
q = 1 - 1 / delta
a, b, r, x, y, z, p = reals("a b r x y z p")
LIMIT = ForAll(j, j >= 0, equal(Gstar(j), periodic.after_spike(C, k, delta, j)))

UP, DOWN = 1 / (sympy.sqrt(Gstar(j)) + eps), C / (sympy.sqrt(Gstar(0)) + eps)
PUSHES = sympy.Sum(UP, (j, 1, k - 1))  # against DOWN: the condition of R6


def limit_push(t: Any) -> Any:
    """The push up that a step comes near to, over the step size."""
    phase = Phase(t, k)
    return sympy.Piecewise((-DOWN, spike(t)), (1 / (sympy.sqrt(Gstar(phase)) + eps), True))


GAP = G(t, i) - Gstar(Phase(t, k))

CAP = lemma(
    "R6.cap",
    "The cap is at least 1.",
    [delta >= 1],
    (sympy.sqrt(delta) > 0) & (1 / delta > 0) & (1 / delta <= 1) & (sympy.sqrt(delta) ** 2 / delta >= 1),
    [sympy.sqrt(delta) >= sympy.Rational(101, 100)],
)

FACTOR = lemma(
    "R6.factor",
    "The factor of a saturated window lies below 1.",
    [delta >= 1],
    (q >= 0) & (q < 1) & (q <= 1),
    [q >= sympy.Rational(1, 100)],
)

LAST = sympy.Eq(Phase(t, k), k - 1, evaluate=False)


@cache
def limit_step() -> Fact:
    """G* after t + 1 from G* after t: G* is a cycle of the formula."""
    factor = reals("q")
    closed = periodic.after_spike(C, k, 1 / (1 - factor), j)
    given = [factor >= 0, factor**k < 1, j >= 0, k >= 1]
    grows = equation(
        "R6.limit",
        "A step without spike takes each moment of the limit to the next.",
        substitute(closed, {j: j + 1}),
        factor * closed + 1 - factor,
        closed,
        given,
    )
    closes = equation(
        "R6.closes",
        "The spike takes the last moment of a period to the first.",
        substitute(closed, {j: 0}),
        factor * substitute(closed, {j: k - 1}) + C**2 * (1 - factor),
        closed,
        [*given[:2], k >= 1],
    )
    below = discharge(use(below_one(), {r: q}), FACTOR, AT_LEAST_TWO)
    grows, closes = (discharge(use(e, {factor: q}), FACTOR, below) for e in (grows, closes))
    closes = discharge(closes, AT_LEAST_TWO)
    grows = discharge(grows, AT_LEAST_TWO)
    later = lemma("R6.later", "So is the next.", [j >= 0], j + 1 >= 0, [j + 1 >= 2])
    here, ahead = at(assume(LIMIT), j), discharge(at(assume(LIMIT), j + 1), later)
    last = lemma("R6.last phase", "A period has a last step.", [k >= 2], k - 1 >= 0, [k - 1 >= 2])
    first, end = at(assume(LIMIT), 0), discharge(at(assume(LIMIT), k - 1), last)
    grows = chained(grows, here, ahead)
    closes = chained(closes, end, first)
    wraps = discharge(phase_wraps(t, k), AT_LEAST_TWO)
    more = discharge(phase_grows(t, k), AT_LEAST_TWO)
    in_range = discharge(phase_range(t, k), AT_LEAST_TWO)
    goal = equal(Gstar(Phase(t + 1, k)), q * Gstar(Phase(t, k)) + g(t + 1, i) ** 2 / delta)
    slope_then = at(assume(SLOPES), t + 1)
    parts = {x: Gstar(Phase(t + 1, k)), y: Gstar(Phase(t, k)), p: 1 / delta}
    at_last = follows(
        "R6.at spike",
        "At a spike the limit closes.",
        [
            congruence(Gstar(Phase(t + 1, k)), wraps),
            congruence(Gstar(Phase(t, k)), assume(LAST)),
            closes,
            wraps,
            slope_then,
        ],
        goal,
        parts={**parts, a: Gstar(0), b: Gstar(k - 1)},
    )
    between = follows(
        "R6.between",
        "Between spikes it goes on.",
        [
            congruence(Gstar(Phase(t + 1, k)), more),
            discharge(use(grows, {j: Phase(t, k)}), in_range),
            more,
            in_range,
            slope_then,
        ],
        goal,
        parts={**parts, a: Gstar(Phase(t, k) + 1)},
    )
    return cases(at_last, between, LAST)


@cache
def below_one() -> Fact:
    """r^k < 1 for 0 <= r < 1 and k >= 1."""
    atmost = power_at_most(r, k)
    return follows(
        "R6.power",
        "So does its power.",
        [atmost],
        r**k < 1,
        [r**k < sympy.Rational(99, 100)],
        given=[r < 1],
        parts={p: r**k},
    )


def chained(step: Fact, before: Fact, after: Fact) -> Fact:
    """The recurrence of closed forms, for the sequence that they define."""
    return replace(replace(step, after, backwards=True), before, backwards=True)


@cache
def limit_bounds() -> Fact:
    """1 <= G*_j for j >= 0."""
    factor, Q, P, first = reals("q Q P G0")
    numbers = lemma(
        "R6.limit_bounded",
        "The limit lies between 1 and C².",
        [
            Q >= 0,
            Q <= factor,
            factor < 1,
            P >= 0,
            P <= 1,
            C > 1,
            equal(x, P * first + 1 - P),
            equal(first, (factor * (1 - z) + C**2 * (1 - factor)) / (1 - Q)),
            equal(factor * z, Q),
        ],
        (x >= 1) & (x <= C**2),
        [x >= sympy.Rational(101, 100), x <= C**2 * 99 / 100],
    )
    here = at(assume(LIMIT), j)
    there = {factor: q, Q: q**k, P: q**j, z: q ** (k - 1), x: Gstar(j), first: periodic.at_spike(C, k, delta)}
    powers = [
        discharge(power_at_most(q, k), FACTOR, AT_LEAST_TWO),
        discharge(power_range(q, j), FACTOR),
        discharge(power_next(q, k), AT_LEAST_TWO),
    ]
    return discharge(use(numbers, there), here, *powers, FACTOR, SPIKES)


PHASES = part(discharge(phase_range(t, k), AT_LEAST_TWO), Phase(t, k) >= 0)

STAR_AT_LEAST_ONE = part(discharge(use(limit_bounds(), {j: Phase(t, k)}), PHASES), Gstar(Phase(t, k)) >= 1)

UP_NOW = substitute(UP, {j: Phase(t, k)})


@cache
def near_limit() -> Fact:
    """A moment near the limit is at least ½."""
    near = lemma(
        "R6.near",
        "A moment near the limit is not small.",
        [sympy.Abs(x - y) <= sympy.Rational(1, 2), y >= 1],
        (2 * x >= 1) & (x >= 0),
        [x >= sympy.Rational(51, 100)],
    )
    near = discharge(use(near, {x: G(t, i), y: Gstar(Phase(t, k))}), STAR_AT_LEAST_ONE)
    return part(near, 2 * G(t, i) >= 1)
