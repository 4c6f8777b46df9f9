"""A capped window on the losses that repeat with period k: the facts from which R6 and its kin are joined.

The chain: the window saturates; G_t comes near to G*, at the rate q^t; so the push of a step comes near to one that
repeats, and V_t/alpha_t is a bounded running sum of the pushes; R6-drift does the rest.
"""

from functools import cache
from typing import Any

import sympy

from proofs import periodic
from proofs.derivation import (
    Fact, assume, at, both, discharge, equation, eventually, eventually_both, eventually_near, eventually_so, follows,
    for_all, induction, lemma, linear, part, replace, sum_over, use,
)  # fmt: skip
from proofs.formulas import DWMGRAD
from proofs.limits import cases, congruence, contraction, dominated, limit_of, shifted
from proofs.periods import (
    Phase, constant_sum, first_phase, one_period, partial_sums, phase_grows, phase_range, phase_wraps, power_at_most, power_next,
    power_range,
)  # fmt: skip
from proofs.run import Run
from proofs.statement import ForAll, reals, sequences, substitute
from proofs.vocabulary import (
    G, V, alpha, alpha_t, delta, eps, f, g, gamma, high, i, j, k, low, mu_t, omega, omega0, s, t, theta,
)  # fmt: skip

C, mean = reals("C m0")
Gstar = sequences("Gstar")
q = 1 - 1 / delta
a, b, r, x, y, z, p, rate, size, bound = reals("a b r x y z p rho y0 B")


def equal(left: Any, right: Any) -> Any:
    return sympy.Eq(left, right, evaluate=False)


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
OPTIONS = (alpha > 0) & (gamma >= 0) & (gamma < 1) & (delta >= 1) & (omega0 >= 0) & (omega0 <= delta) & (eps >= 0)
SPIKE = (k >= 2) & (C > k - 1)
LIMIT = ForAll(j, j >= 0, equal(Gstar(j), periodic.after_spike(C, k, delta, j)))
FAMILY = (LOSSES, SLOPES, ENDS, START, OPTIONS, SPIKE)
WHERE = (
    (C, "slope of the spike"), (k, "period of the losses"), (f, "f_t(theta_t), the loss that the rule reads"),
    (Gstar, "the second moment so many steps after a spike, in the periodic limit"),
)  # fmt: skip

UP, DOWN = 1 / (sympy.sqrt(Gstar(j)) + eps), C / (sympy.sqrt(Gstar(0)) + eps)
PUSHES = sympy.Sum(UP, (j, 1, k - 1))  # against DOWN: the condition of R6


def limit_push(t: Any) -> Any:
    """The push up that a step comes near to, over the step size."""
    phase = Phase(t, k)
    return sympy.Piecewise((-DOWN, spike(t)), (1 / (sympy.sqrt(Gstar(phase)) + eps), True))


def push(t: Any) -> Any:
    return -g(t, i) / (sympy.sqrt(G(t, i)) + eps)


def velocity(t: Any) -> Any:
    """How far step t moves up, over the step size."""
    return -V(t, i) / alpha_t(t)


GAP = G(t, i) - Gstar(Phase(t, k))
AT_LEAST_TWO = lemma("R6.period", "A period of two steps or more is a period.", [k >= 2], k >= 1, [k >= 3])
SPIKES = lemma("R6.spike", "A spike is at least as large as the other slopes.", [SPIKE], C > 1, [C > sympy.Rational(101, 100)])


FACTOR = lemma("R6.factor", "The factor of a saturated window lies below 1.", [delta >= 1], (q >= 0) & (q < 1) & (q <= 1),
               [q >= sympy.Rational(1, 100)])  # fmt: skip


# --- the periodic limit of G ----------------------------------------------------------------------------------------


@cache
def limit_step() -> Fact:
    """G* after t + 1 from G* after t: G* is a cycle of the formula."""
    factor = reals("q")
    closed = periodic.after_spike(C, k, 1 / (1 - factor), j)
    given = [factor >= 0, factor**k < 1, j >= 0, k >= 1]
    grows = equation("R6.limit", "A step without spike takes each moment of the limit to the next.",
                     substitute(closed, {j: j + 1}), factor * closed + 1 - factor, closed, given)  # fmt: skip
    closes = equation("R6.closes", "The spike takes the last moment of a period to the first.", substitute(closed, {j: 0}),
                      factor * substitute(closed, {j: k - 1}) + C**2 * (1 - factor), closed, [*given[:2], k >= 1])  # fmt: skip
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
        "R6.at spike", "At a spike the limit closes.",
        [congruence(Gstar(Phase(t + 1, k)), wraps), congruence(Gstar(Phase(t, k)), assume(LAST)), closes, wraps, slope_then],
        goal, parts={**parts, a: Gstar(0), b: Gstar(k - 1)},
    )  # fmt: skip
    between = follows(
        "R6.between", "Between spikes it goes on.",
        [congruence(Gstar(Phase(t + 1, k)), more), discharge(use(grows, {j: Phase(t, k)}), in_range), more, in_range, slope_then], goal,
        parts={**parts, a: Gstar(Phase(t, k) + 1)},
    )  # fmt: skip
    return cases(at_last, between, LAST)


LAST = sympy.Eq(Phase(t, k), k - 1, evaluate=False)


@cache
def below_one() -> Fact:
    """r^k < 1 for 0 <= r < 1 and k >= 1."""
    atmost = power_at_most(r, k)
    return follows("R6.power", "So does its power.", [atmost], r**k < 1, [r**k < sympy.Rational(99, 100)],
                   given=[r < 1], parts={p: r**k})  # fmt: skip


def chained(step: Fact, before: Fact, after: Fact) -> Fact:
    """The recurrence of closed forms, for the sequence that they define."""
    return replace(replace(step, after, backwards=True), before, backwards=True)


@cache
def limit_bounds() -> Fact:
    """1 <= G*_j for j >= 0."""
    factor, Q, P, first = reals("q Q P G0")
    numbers = lemma(
        "R6.limit_bounded", "The limit lies between 1 and C².",
        [Q >= 0, Q <= factor, factor < 1, P >= 0, P <= 1, C > 1, equal(x, P * first + 1 - P),
         equal(first, (factor * (1 - z) + C**2 * (1 - factor)) / (1 - Q)), equal(factor * z, Q)],
        (x >= 1) & (x <= C**2), [x >= sympy.Rational(101, 100), x <= C**2 * 99 / 100],
    )  # fmt: skip
    here = at(assume(LIMIT), j)
    there = {factor: q, Q: q**k, P: q**j, z: q ** (k - 1), x: Gstar(j), first: periodic.at_spike(C, k, delta)}
    powers = [
        discharge(power_at_most(q, k), FACTOR, AT_LEAST_TWO), discharge(power_range(q, j), FACTOR),
        discharge(power_next(q, k), AT_LEAST_TWO),
    ]  # fmt: skip
    return discharge(use(numbers, there), here, *powers, FACTOR, SPIKES)


# --- the run ---------------------------------------------------------------------------------------------------------


class Capped:
    """The facts of one run on the family, for a schedule and a momentum."""

    def __init__(self, **choices: str):
        self.run = Run(DWMGRAD, box=True, alpha=alpha, gamma=gamma, delta=delta, omega0=omega0, eps=eps, **choices)
        self.constant = choices.get("schedule") != "sqrt"
        self.given = (self.run.hypothesis, *FAMILY, LIMIT)

    @cache
    def moves(self) -> Fact:
        """theta_{t+1} is theta_t - V_t, projected onto [-1, 1]."""
        step = replace(self.run.iterate(), self.run.coord("G"), backwards=True)
        newest = replace(self.run.coord("V"), self.run.coord("G"), backwards=True)
        goal = equal(theta(t + 1, i), sympy.Min(sympy.Max(theta(t, i) - V(t, i), -1), 1))
        return follows("R6.moves", "The iterate moves by the velocity.", [step, newest, assume(ENDS)], goal,
                       parts={x: 1 / (sympy.sqrt(G(t, i)) + eps)})  # fmt: skip

    @cache
    def in_box(self) -> Fact:
        """-1 <= theta_t <= 1 for t >= 1."""
        inside = (theta(t, i) >= -1) & (theta(t, i) <= 1)
        step = follows("R6.inside", "The projection keeps the iterate in the box.", [self.moves()],
                       substitute(inside, {t: t + 1}), [theta(t + 1, i) >= sympy.Rational(-99, 100)],
                       parts={x: theta(t, i) - V(t, i)})  # fmt: skip
        return induction(inside, t, 1, assume(START), step)

    @cache
    def window(self) -> Fact:
        """omega_t = min(omega_0 + t, delta) for t >= 0."""
        summed = induction(equal(self.run.sequence("beta")(t), 0), t, 0, self.run.shared_start("beta"),
                           use(self.run.shared("beta"), {t: t + 1}))  # fmt: skip
        loss, inside = at(assume(LOSSES), t + 1), use(self.in_box(), {t: t + 1})
        moved = use(self.run.shared("omega"), {t: t + 1})
        goal = equal(omega(t), sympy.Min(omega0 + t, delta))
        base = follows("R6.first window", "It starts at omega_0.", [self.run.shared_start("omega")],
                       substitute(goal, {t: 0}), given=[OPTIONS])  # fmt: skip
        step = follows("R6.saturation", "Every loss is positive, so the window widens by one until it is capped.",
                       [moved, summed, loss, inside, SPIKES, assume(goal)], substitute(goal, {t: t + 1}),
                       parts={x: f(t + 1), y: theta(t + 1, i)})  # fmt: skip
        return induction(goal, t, 0, base, step)

    @cache
    def saturated(self) -> Fact:
        """omega_t = delta for all large t."""
        late = follows("R6.capped", "Then the window has its cap.", [self.window()], equal(omega(t), delta),
                       given=[t >= delta - omega0], parts={x: omega(t)})  # fmt: skip
        return eventually(late, t)

    @cache
    def moment_settles(self) -> Fact:
        """G_t - G* tends to 0."""
        step = use(self.run.coord("G"), {t: t + 1})
        step = replace(step, assume(equal(omega(t + 1), delta)))
        shrink = follows("R6.contraction", "Once the window is capped, the distance to the limit shrinks by the factor.",
                         [step, limit_step(), FACTOR], sympy.Abs(substitute(GAP, {t: t + 1})) <= q * sympy.Abs(GAP),
                         [sympy.Abs(substitute(GAP, {t: t + 1})) <= q * sympy.Abs(GAP) * 99 / 100],
                         parts={p: 1 / delta, x: Gstar(Phase(t + 1, k)), y: Gstar(Phase(t, k))})  # fmt: skip
        shrinks = eventually_so(eventually_both(shifted(self.saturated(), 1), FROM_ZERO), shrink)
        return discharge(contraction(shrinks, GAP, q), FACTOR)


    @cache
    def pushes_settle(self) -> Fact:
        """The push of step t minus the one of the limit tends to 0."""
        difference = 1 / (sympy.sqrt(x) + eps) - 1 / (sympy.sqrt(y) + eps)
        roots = lemma("R6.roots", "Roots of what is not small differ by no more than their squares.",
                      [2 * x >= 1, y >= 1, eps >= 0], sympy.Abs(difference) <= sympy.Abs(x - y),
                      [sympy.Abs(difference) <= sympy.Abs(x - y) * 4 / 5])  # fmt: skip
        roots = discharge(use(roots, {x: G(t, i), y: Gstar(Phase(t, k))}), near_limit(), STAR_AT_LEAST_ONE)
        first = congruence(Gstar(Phase(t, k)), assume(equal(Phase(t, k), 0)))
        goal = sympy.Abs(push(t) - limit_push(t)) <= C * sympy.Abs(GAP)
        here = at(assume(SLOPES), t)
        parts = {r: 1 / (sympy.sqrt(G(t, i)) + eps), a: GAP}
        at_spike = follows("R6.push at spike", "So the push comes as near to its limit, times the slope, at a spike",
                           [congruence(UP_NOW, assume(spike(t))), roots, here, assume(spike(t)), SPIKES], goal,
                           [sympy.Abs(push(t) - limit_push(t)) <= C * sympy.Abs(GAP) * 99 / 100],
                           parts={**parts, x: UP_NOW, y: 1 / (sympy.sqrt(Gstar(0)) + eps)})  # fmt: skip
        between = follows("R6.push between", "and between spikes.", [roots, here, SPIKES], goal,
                          [sympy.Abs(push(t) - limit_push(t)) <= sympy.Abs(GAP) * 99 / 100],
                          given=[sympy.Not(spike(t))],
                          parts={**parts, x: UP_NOW, y: 1 / (sympy.sqrt(Gstar(0)) + eps)})  # fmt: skip
        close = cases(at_spike, between, spike(t))
        close = eventually_so(eventually_both(self.near(), FROM_ONE), close)
        return dominated(close, limit_of(C * sympy.Abs(x), {x: self.moment_settles()}))

    @cache
    def near(self) -> Fact:
        """G_t is within ½ of its limit for all large t."""
        return eventually_near(self.moment_settles(), sympy.Rational(1, 2))

    @cache
    def step_size(self) -> Fact:
        """alpha_t = alpha/sqrt(t), or alpha, for t >= 1: the guard is off."""
        scale = self.run.sequence("scale")
        kept = follows("R6.scale", "The guard takes nothing from the step size.", [use(self.run.shared("scale"), {t: t + 1})],
                       equal(scale(t + 1), 1), given=[equal(scale(t), 1)])  # fmt: skip
        one = induction(equal(scale(t), 1), t, 0, self.run.shared_start("scale"), kept)
        return replace(self.run.shared("alpha"), discharge(use(one, {t: t - 1})))


PHASES = part(discharge(phase_range(t, k), AT_LEAST_TWO), Phase(t, k) >= 0)
STAR_AT_LEAST_ONE = part(discharge(use(limit_bounds(), {j: Phase(t, k)}), PHASES), Gstar(Phase(t, k)) >= 1)
UP_NOW = substitute(UP, {j: Phase(t, k)})


@cache
def near_limit() -> Fact:
    """A moment near the limit is at least ½."""
    near = lemma("R6.near", "A moment near the limit is not small.", [sympy.Abs(x - y) <= sympy.Rational(1, 2), y >= 1],
                 (2 * x >= 1) & (x >= 0), [x >= sympy.Rational(51, 100)])  # fmt: skip
    near = discharge(use(near, {x: G(t, i), y: Gstar(Phase(t, k))}), STAR_AT_LEAST_ONE)
    return part(near, 2 * G(t, i) >= 1)


FROM_ONE = eventually(assume(t >= 1), t)
FROM_ZERO = eventually(assume(t >= 0), t)
