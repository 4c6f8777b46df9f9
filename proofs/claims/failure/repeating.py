"""The losses of [reddi2018] that repeat with period k, the regret on them, and a run in the box [-1, 1]."""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from proofs.claims.failure.step_sizes import Scheduled, equal, kept
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    eventually,
    follows,
    for_all,
    induction,
    lemma,
    linear,
    longer_sum,
    replace,
    sum_over,
    under,
    use,
)
from proofs.inference.limits import average_to_zero, cases, dominated, limit_of, limit_value, restated_limit
from proofs.inference.periods import (
    Phase,
    average_over_periods,
    constant_sum,
    first_phase,
    one_period,
    phase_grows,
    phase_range,
    phase_wraps,
)
from proofs.statements.statement import ForAll, reals, sequences, substitute
from proofs.statements.vocabulary import G, T, V, alpha_t, eps, f, g, high, i, j, k, low, t, theta

C = reals("C")
a, x, y, z = reals("a x y z")


def every(statement: Any) -> ForAll:
    return ForAll(t, t >= 1, statement)


def spike(t: Any) -> Any:
    return sympy.Eq(Phase(t, k), 0, evaluate=False)


def slope(t: Any) -> Any:
    """g_t of the family."""
    return sympy.Piecewise((C, spike(t)), (-1, True))


LOSSES = every(equal(f(t), sympy.Piecewise((C * (theta(t, i) + 2), spike(t)), (2 - theta(t, i), True))))

SLOPES = every(equal(g(t, i), slope(t)))

ENDS = equal(low(i), -1) & equal(high(i), 1)

START = (theta(1, i) >= -1) & (theta(1, i) <= 1)

SPIKE = (k >= 2) & (C > k - 1)
RATE = 2 * (C - k + 1) / k

AVERAGE = sympy.Sum(g(t, i) * (theta(t, i) + 1), (t, 1, T)) / T
AT_LEAST_TWO = lemma("R6.period", "A period of two steps or more is a period.", [k >= 2], k >= 1, [k >= 3])

SPIKES = lemma(
    "R6.spike", "A spike is at least as large as the other slopes.", [SPIKE], C > 1, [C > sympy.Rational(101, 100)]
)


def push(t: Any) -> Any:
    return -g(t, i) / (sympy.sqrt(G(t, i)) + eps)


def velocity(t: Any) -> Any:
    """How far step t moves up, over the step size."""
    return -V(t, i) / alpha_t(t)


def at_now(every_: Any) -> Any:
    return every_.args[2]


@cache
def twice_slopes() -> Fact:
    """Twice the slopes of a period sum to 2 (C - k + 1)."""
    whole = discharge(one_period(2 * slope(t), t, k, j), AT_LEAST_TWO)
    inside = 2 * sympy.Piecewise((C, sympy.Eq(j, 0)), (-1, True))
    plain = follows("R6.other slopes", "The others slope down.", [], equal(inside, -2), given=[j >= 1])
    number = discharge(
        constant_sum(sympy.Integer(-2), j, 1, k - 1),
        lemma("R6.others", "There are such.", [k >= 2], k - 1 >= 0, [k - 1 >= 2]),
    )
    rest = sum_over(plain, j, 1, k - 1)
    return follows(
        "R6.period sum",
        "They sum to the spike less the others.",
        [whole, rest, number],
        equal(whole.then.lhs, 2 * (C - k + 1)),
        parts={x: whole.then.lhs, y: rest.then.lhs, z: number.then.lhs},
    )


@cache
def best() -> Fact:
    """The slopes of the first T steps sum to something positive for every T >= 1, so -1 is the best point."""
    total = sympy.Sum(g(t, i), (t, 1, T))
    least = total >= C - Phase(T, k)
    first = follows(
        "R6.first slope",
        "The first slope is the spike.",
        [
            longer_sum(g(t, i), t, sympy.S.Zero),
            empty_sum(g(t, i), t),
            at(assume(SLOPES), 1),
            discharge(first_phase(k), AT_LEAST_TWO),
        ],
        substitute(least, {T: 1}),
        [substitute(total, {T: 1}) >= C + 1],
    )
    more = longer_sum(g(t, i), t, T)
    slope_next = at(assume(SLOPES), T + 1)
    last = sympy.Eq(Phase(T, k), k - 1, evaluate=False)
    longer = substitute(total, {T: T + 1})
    goal = substitute(least, {T: T + 1})
    wraps, grows = (discharge(use(e, {t: T}), AT_LEAST_TWO) for e in (phase_wraps(t, k), phase_grows(t, k)))
    in_range = discharge(use(phase_range(t, k), {t: T}), AT_LEAST_TWO)
    at_spike = follows(
        "R6.next spike",
        "A spike outweighs the steps of a period.",
        [more, slope_next, wraps],
        goal,
        [longer >= C - Phase(T + 1, k) + C],
        given=[least, last, C > k - 1],
        parts={x: total, y: longer},
    )
    between = follows(
        "R6.next slope",
        "Any other step takes one away.",
        [more, slope_next, grows, in_range],
        goal,
        [longer >= C - Phase(T + 1, k) + sympy.Rational(1, 100)],
        given=[least, sympy.Not(last)],
        parts={x: total, y: longer},
    )
    always = induction(least, T, 1, first, under(cases(at_spike, between, last), T >= 1))
    positive = follows(
        "R6.best",
        "So the sum stays positive.",
        [always, in_range],
        total > 0,
        [total > sympy.Rational(101, 100)],
        given=[C > k - 1],
        parts={x: total},
    )
    return for_all(positive, T, T >= 1)


def replaced_velocity(moves: Fact, positive: Fact) -> Fact:
    """theta_{t+1} = P(theta_t + alpha_t b_t) from theta_{t+1} = P(theta_t - V_t)."""
    goal = equal(theta(t + 1, i), sympy.Min(sympy.Max(theta(t, i) + alpha_t(t) * velocity(t), -1), 1))
    if goal == moves.then:
        return moves
    return follows("R6.pushes", "It moves up by the step size times the push.", [moves, positive], goal)


class Repeating(Scheduled):
    """The facts of one run on these losses."""

    @kept
    def moves(self) -> Fact:
        """theta_{t+1} is theta_t - V_t, projected onto [-1, 1]."""
        step = replace(self.run.iterate(), self.run.coord("G"), backwards=True)
        newest = replace(self.run.coord("V"), self.run.coord("G"), backwards=True)
        goal = equal(theta(t + 1, i), sympy.Min(sympy.Max(theta(t, i) - V(t, i), -1), 1))
        return follows(
            "R6.moves",
            "The iterate moves by the velocity.",
            [step, newest, assume(ENDS)],
            goal,
            parts={x: 1 / (sympy.sqrt(G(t, i)) + eps)},
        )

    @kept
    def in_box(self) -> Fact:
        """-1 <= theta_t <= 1 for t >= 1."""
        inside = (theta(t, i) >= -1) & (theta(t, i) <= 1)
        step = follows(
            "R6.inside",
            "The projection keeps the iterate in the box.",
            [self.moves()],
            substitute(inside, {t: t + 1}),
            [theta(t + 1, i) >= sympy.Rational(-99, 100)],
            parts={x: theta(t, i) - V(t, i)},
        )
        return induction(inside, t, 1, assume(START), step)

    @kept
    def regret_limit(self, sign: int) -> Fact:
        """R_T/T tends to 2 (C - k + 1)/k if theta tends to 1, to 0 if theta tends to -1."""
        steepest = lemma(
            "R6.slopes",
            "No slope is larger than the spike's.",
            [at_now(SLOPES), C > 1],
            sympy.Abs(g(t, i)) <= C,
            [sympy.Abs(g(t, i)) <= C * 99 / 100],
        )
        steepest = discharge(steepest, at(assume(SLOPES), t), SPIKES)
        off = theta(t, i) - sign
        most = follows(
            "R6.lost",
            "What a step loses against the end is small near it.",
            [steepest],
            sympy.Abs(g(t, i) * off) <= C * sympy.Abs(off),
            [sympy.Abs(g(t, i) * off) <= C * sympy.Abs(off) * 99 / 100],
            parts={x: off},
        )
        small = dominated(eventually(most, t), limit_of(C * sympy.Abs(x), {x: self.limit(sign)}), g(t, i) * off)
        average = average_to_zero(small, T)
        if sign < 0:
            return average
        gained = average_over_periods(2 * slope(t), t, k, T)
        each = follows(
            "R6.split",
            "The regret of a step is that at the end and what is off from it.",
            [at(assume(SLOPES), t)],
            equal(g(t, i) * (theta(t, i) + 1), 2 * slope(t) + g(t, i) * off),
            parts={x: theta(t, i)},
        )
        a_, b_ = sequences("a b")
        apart = linear(sympy.Sum(a_(t) + b_(t), (t, 1, T)))
        apart = use(apart, {a_: sympy.Lambda(t, 2 * slope(t)), b_: sympy.Lambda(t, g(t, i) * off)})
        total = sympy.Sum(g(t, i) * (theta(t, i) + 1), (t, 1, T))
        parts = [sympy.Sum(2 * slope(t), (t, 1, T)), sympy.Sum(g(t, i) * off, (t, 1, T))]
        same = follows(
            "R6.regret",
            "So is the average.",
            [sum_over(each, t, 1, T), apart],
            equal(total / T, parts[0] / T + parts[1] / T),
            given=[T >= 1],
            parts={x: total, y: parts[0], z: parts[1], a: sum_over(each, t, 1, T).then.rhs},
        )
        joined = limit_of(x + y, {x: discharge(gained, AT_LEAST_TWO), y: average})
        whole = restated_limit(joined, eventually(same, T))
        value = follows(
            "R6.average",
            "Over a period the spike outweighs the other slopes.",
            [twice_slopes()],
            equal(whole.then.args[2], RATE),
            given=[k >= 2],
            parts={x: sympy.Sum(2 * slope(t), (t, 1, k))},
        )
        return limit_value(whole, value)
