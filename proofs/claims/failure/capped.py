"""A capped window on the losses that repeat with period k: the facts from which R6 and its kin are joined.

The chain: the window saturates; G_t comes near to G*, at the rate q^t; so the push of a step comes near to one that
repeats, and V_t/alpha_t is a bounded running sum of the pushes; R6-drift does the rest.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import sympy

from proofs.claims.failure.r6_drift_lemma import CLAIM as R6_DRIFT
from proofs.claims.failure.r6_drift_lemma import E, F, c, d, e, elapsed, m
from proofs.claims.failure.r6_drift_lemma import x as iterate
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    empty_sum,
    equation,
    eventually,
    eventually_both,
    eventually_near,
    eventually_so,
    evident,
    follows,
    for_all,
    induction,
    lemma,
    limit,
    linear,
    longer_sum,
    part,
    replace,
    sum_over,
    theorem,
    under,
    use,
)
from proofs.inference.limits import (
    antecedent,
    average_to_zero,
    cases,
    congruence,
    constant_limit,
    contraction,
    dominated,
    limit_of,
    limit_value,
    restated_limit,
    shifted,
)
from proofs.inference.periods import (
    Phase,
    average_over_periods,
    constant_sum,
    first_phase,
    one_period,
    partial_sums,
    phase_grows,
    phase_range,
    phase_wraps,
    power_at_most,
    power_next,
    power_range,
)
from proofs.models import periodic
from proofs.models.symbolic_run import Run
from proofs.statements.formulas import DWMGRAD
from proofs.statements.statement import ForAll, keys, reals, sequences, substitute
from proofs.statements.vocabulary import (
    G,
    T,
    V,
    alpha,
    alpha_t,
    delta,
    eps,
    f,
    g,
    gamma,
    high,
    i,
    j,
    k,
    low,
    omega,
    omega0,
    s,
    t,
    theta,
)

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
    (C, "slope of the spike"),
    (k, "period of the losses"),
    (f, "f_t(theta_t), the loss that the rule reads"),
    (Gstar, "the second moment so many steps after a spike, in the periodic limit"),
)

UP, DOWN = 1 / (sympy.sqrt(Gstar(j)) + eps), C / (sympy.sqrt(Gstar(0)) + eps)
PUSHES = sympy.Sum(UP, (j, 1, k - 1))  # against DOWN: the condition of R6


def limit_push(t: Any) -> Any:
    """The push up that a step comes near to, over the step size."""
    phase = Phase(t, k)
    return sympy.Piecewise((-DOWN, spike(t)), (1 / (sympy.sqrt(Gstar(phase)) + eps), True))


LONGEST = 2 * sympy.sqrt(delta) / (1 - gamma)
WIDEST = LONGEST + 1


def push(t: Any) -> Any:
    return -g(t, i) / (sympy.sqrt(G(t, i)) + eps)


def velocity(t: Any) -> Any:
    """How far step t moves up, over the step size."""
    return -V(t, i) / alpha_t(t)


GAP = G(t, i) - Gstar(Phase(t, k))
AT_LEAST_TWO = lemma("R6.period", "A period of two steps or more is a period.", [k >= 2], k >= 1, [k >= 3])
SPIKES = lemma(
    "R6.spike", "A spike is at least as large as the other slopes.", [SPIKE], C > 1, [C > sympy.Rational(101, 100)]
)


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


# --- the periodic limit of G ----------------------------------------------------------------------------------------


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


LAST = sympy.Eq(Phase(t, k), k - 1, evaluate=False)


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


# --- the run ---------------------------------------------------------------------------------------------------------


def kept(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of `Capped` whose facts are made once, so that a step of the proof is one step wherever it is used."""

    @wraps(method)
    def found(self: Any, *args: Any) -> Any:
        key = (method.__name__, *args)
        if key not in self.made:
            self.made[key] = method(self, *args)
        return self.made[key]

    return found


class Capped:
    """The facts of one run on the family, for a schedule and a momentum."""

    def __init__(self, **choices: Any):
        self.made: dict[Any, Any] = {}
        self.run = Run(DWMGRAD, box=True, alpha=alpha, gamma=gamma, delta=delta, omega0=omega0, eps=eps, **choices)
        self.constant = choices.get("schedule") != "sqrt"
        self.tied = choices.get("momentum") != "constant"
        self.given = (self.run.hypothesis, *FAMILY, LIMIT)

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
    def window(self) -> Fact:
        """omega_t = min(omega_0 + t, delta) for t >= 0."""
        summed = induction(
            equal(self.run.sequence("beta")(t), 0),
            t,
            0,
            self.run.shared_start("beta"),
            use(self.run.shared("beta"), {t: t + 1}),
        )
        loss, inside = at(assume(LOSSES), t + 1), use(self.in_box(), {t: t + 1})
        moved = use(self.run.shared("omega"), {t: t + 1})
        goal = equal(omega(t), sympy.Min(omega0 + t, delta))
        base = follows(
            "R6.first window",
            "It starts at omega_0.",
            [self.run.shared_start("omega")],
            substitute(goal, {t: 0}),
            given=[OPTIONS],
        )
        step = follows(
            "R6.saturation",
            "Every loss is positive, so the window widens by one until it is capped.",
            [moved, summed, loss, inside, SPIKES, assume(goal)],
            substitute(goal, {t: t + 1}),
            parts={x: f(t + 1), y: theta(t + 1, i)},
        )
        return induction(goal, t, 0, base, step)

    @kept
    def saturated(self) -> Fact:
        """omega_t = delta for all large t."""
        late = follows(
            "R6.capped",
            "Then the window has its cap.",
            [self.window()],
            equal(omega(t), delta),
            given=[t >= delta - omega0],
            parts={x: omega(t)},
        )
        return eventually(late, t)

    @kept
    def moment_settles(self) -> Fact:
        """G_t - G* tends to 0."""
        step = use(self.run.coord("G"), {t: t + 1})
        step = replace(step, assume(equal(omega(t + 1), delta)))
        shrink = follows(
            "R6.contraction",
            "Once the window is capped, the distance to the limit shrinks by the factor.",
            [step, limit_step(), FACTOR],
            sympy.Abs(substitute(GAP, {t: t + 1})) <= q * sympy.Abs(GAP),
            [sympy.Abs(substitute(GAP, {t: t + 1})) <= q * sympy.Abs(GAP) * 99 / 100],
            parts={p: 1 / delta, x: Gstar(Phase(t + 1, k)), y: Gstar(Phase(t, k))},
        )
        shrinks = eventually_so(eventually_both(shifted(self.saturated(), 1), FROM_ZERO), shrink)
        return discharge(contraction(shrinks, GAP, q), FACTOR)

    @kept
    def pushes_settle(self) -> Fact:
        """The push of step t minus the one of the limit tends to 0."""
        difference = 1 / (sympy.sqrt(x) + eps) - 1 / (sympy.sqrt(y) + eps)
        roots = lemma(
            "R6.roots",
            "Roots of what is not small differ by no more than their squares.",
            [2 * x >= 1, y >= 1, eps >= 0],
            sympy.Abs(difference) <= sympy.Abs(x - y),
            [sympy.Abs(difference) <= sympy.Abs(x - y) * 4 / 5],
        )
        roots = discharge(use(roots, {x: G(t, i), y: Gstar(Phase(t, k))}), near_limit(), STAR_AT_LEAST_ONE)
        goal = sympy.Abs(push(t) - limit_push(t)) <= C * sympy.Abs(GAP)
        here = at(assume(SLOPES), t)
        parts = {r: 1 / (sympy.sqrt(G(t, i)) + eps), a: GAP}
        at_spike = follows(
            "R6.push at spike",
            "So the push comes as near to its limit, times the slope, at a spike",
            [congruence(UP_NOW, assume(spike(t))), roots, here, assume(spike(t)), SPIKES],
            goal,
            [sympy.Abs(push(t) - limit_push(t)) <= C * sympy.Abs(GAP) * 99 / 100],
            parts={**parts, x: UP_NOW, y: 1 / (sympy.sqrt(Gstar(0)) + eps)},
        )
        between = follows(
            "R6.push between",
            "and between spikes.",
            [roots, here, SPIKES],
            goal,
            [sympy.Abs(push(t) - limit_push(t)) <= sympy.Abs(GAP) * 99 / 100],
            given=[sympy.Not(spike(t))],
            parts={**parts, x: UP_NOW, y: 1 / (sympy.sqrt(Gstar(0)) + eps)},
        )
        close = cases(at_spike, between, spike(t))
        close = eventually_so(eventually_both(self.near(), FROM_ONE), close)
        return dominated(close, limit_of(C * sympy.Abs(x), {x: self.moment_settles()}), push(t) - limit_push(t))

    @kept
    def near(self) -> Fact:
        """G_t is within ½ of its limit for all large t."""
        return eventually_near(self.moment_settles(), sympy.Rational(1, 2))

    @kept
    def step_size(self) -> Fact:
        """alpha_t = alpha/sqrt(t), or alpha, for t >= 1: the guard is off."""
        scale = self.run.sequence("scale")
        kept = follows(
            "R6.scale",
            "The guard takes nothing from the step size.",
            [use(self.run.shared("scale"), {t: t + 1})],
            equal(scale(t + 1), 1),
            given=[equal(scale(t), 1)],
        )
        one = induction(equal(scale(t), 1), t, 0, self.run.shared_start("scale"), kept)
        return replace(self.run.shared("alpha"), discharge(use(one, {t: t - 1})))

    # --- the schedule

    @kept
    def schedule(self) -> tuple[Fact, ...]:
        """What R6-drift asks of the step size: positive, never growing, slowly falling, with a sum without bound."""
        now, later = self.step_size(), use(self.step_size(), {t: t + 1})
        step = sympy.sqrt(t) if not self.constant else sympy.S.One
        following = sympy.sqrt(t + 1) if not self.constant else sympy.S.One
        positive = follows(
            "R6.positive",
            "The step size is positive.",
            [now],
            alpha_t(t) > 0,
            [alpha_t(t) > sympy.Rational(1, 100)],
            given=[alpha > 0, t >= 1],
        )
        shrinks = follows(
            "R6.shrinks",
            "It never grows.",
            [now, later],
            alpha_t(t + 1) <= alpha_t(t),
            [alpha_t(t + 1) <= alpha_t(t) * 99 / 100],
            given=[alpha > 0, t >= 1],
        )
        ratios = []
        for name, over, limit_ratio in (
            ("ratio", alpha_t(t + 1) / alpha_t(t), step / following),
            ("inverse", alpha_t(t) / alpha_t(t + 1), following / step),
        ):
            same = follows(
                f"R6.{name}",
                "Two steps that follow each other differ by the ratio of their roots.",
                [now, later],
                equal(over, limit_ratio),
                given=[alpha > 0, t >= 1],
            )
            tends = (
                constant_limit(1, t)
                if self.constant
                else limit(f"R6.{name} limit", "It tends to 1.", limit_ratio, t, 1, 2)
            )
            ratios.append(restated_limit(tends, eventually(same, t)))
        return for_all(positive, t, t >= 1), for_all(under(shrinks, t >= 1), t, t >= 1), *ratios, self.without_bound()

    @kept
    def without_bound(self) -> Fact:
        """The sums of the step sizes exceed every number."""
        total = elapsed(t)
        least = alpha * (t - 1) if self.constant else 2 * alpha * (sympy.sqrt(t) - 1)
        base = evident(substitute(total >= least, {t: sympy.S.One}))  # before the first step nothing is summed
        more = longer_sum(alpha_t(s), s, t - 1)
        step = follows(
            "R6.steps",
            "A step adds at least what the bound grows by.",
            [more, self.step_size()],
            substitute(total >= least, {t: t + 1}),
            [substitute(total >= least, {t: t + 1}).lhs >= substitute(least, {t: t + 1}) + alpha / 100],
            given=[total >= least, alpha > 0, t >= 1],
            parts={x: total, y: substitute(total, {t: t + 1})},
        )
        grows = induction(total >= least, t, 1, base, step)
        enough = c / alpha + 1 if self.constant else (c / (2 * alpha) + 1) ** 2
        exceeds = follows(
            "R6.exceeds",
            "So it exceeds any number from some step on.",
            [grows],
            c <= total,
            [c <= total * 99 / 100],
            given=[t >= enough, alpha > 0, c > 0],
            parts={x: total},
        )
        return for_all(eventually(exceeds, t), c, c > 0)

    # --- the velocity

    @kept
    def momentum(self) -> Fact:
        """mu_t = gamma omega_t/delta, or gamma."""
        found = self.run.shared("mu")
        return replace(found, self.run.shared("omega"), backwards=True) if self.tied else found

    @kept
    def velocity_step(self) -> Fact:
        """Once the window is capped, the push carried over and the newest: b_{t+1} = gamma rho b_t + u_{t+1}."""
        momentum = use(self.momentum(), {t: t + 1})
        momentum = replace(momentum, assume(equal(omega(t + 1), delta))) if self.tied else momentum
        newest = use(replace(self.run.coord("V"), self.run.coord("G"), backwards=True), {t: t + 1})
        now, later = (at(self.schedule()[0], n) for n in (t, t + 1))
        goal = equal(velocity(t + 1), gamma * alpha_t(t) / alpha_t(t + 1) * velocity(t) + push(t + 1))
        return follows(
            "R6.scaled",
            "The velocity over the step size is a running sum of the pushes.",
            [momentum, newest, now, later],
            goal,
            given=[delta >= 1],
            parts={r: 1 / (sympy.sqrt(G(t + 1, i)) + eps)},
        )

    @kept
    def push_bounded(self) -> Fact:
        """A step pushes by no more than sqrt(delta), once the window is capped and G_t is near its limit."""
        step = replace(use(self.run.coord("G"), {t: t + 1}), assume(equal(omega(t + 1), delta)))
        root = reals("s")
        most = lemma(
            "R6.pushed",
            "The newest gradient is part of the moment that divides it.",
            [
                equal(x, (1 - p) * z + p * y**2),
                p * root**2 >= 1,
                root > 0,
                p > 0,
                p <= 1,
                2 * z >= 1,
                2 * x >= 1,
                eps >= 0,
            ],
            sympy.Abs(-y / (sympy.sqrt(x) + eps)) <= root,
            [sympy.Abs(-y / (sympy.sqrt(x) + eps)) <= root * 99 / 100],
        )
        most = use(most, {x: G(t + 1, i), z: G(t, i), y: g(t + 1, i), p: 1 / delta, root: sympy.sqrt(delta)})
        return discharge(most, step, near_limit(), use(near_limit(), {t: t + 1}), CAP)

    @kept
    def velocity_bounded(self) -> Fact:
        """|V_t/alpha_t| <= WIDEST for all large t."""
        factor = (1 + gamma) / 2
        before, after, kappa = reals("B0 B1 kappa")

        def above(b: Any) -> Any:
            return sympy.Max(sympy.Abs(b) - bound, 0)

        shrink = lemma(
            "R6.settling",
            "What the velocity has above its bound shrinks by a factor a step.",
            [
                equal(after, gamma * rate * before + x),
                sympy.Abs(x) <= z,
                gamma >= 0,
                gamma * rate <= kappa,
                rate > 0,
                kappa < 1,
                bound * (1 - kappa) >= z,
            ],
            sympy.Abs(above(after)) <= kappa * sympy.Abs(above(before)),
            [sympy.Abs(above(after)) <= kappa * sympy.Abs(above(before)) * 99 / 100],
        )
        ratio = alpha_t(t) / alpha_t(t + 1)
        near_one = lemma(
            "R6.near_one",
            "A ratio near 1 leaves a factor below 1.",
            [sympy.Abs(rate - 1) <= (1 - gamma) / 2, gamma >= 0, gamma < 1],
            (gamma * rate <= factor) & (rate > 0) & (factor < 1),
            [gamma * rate <= factor * 99 / 100],
        )
        near_one = use(near_one, {rate: ratio})
        shrink = use(
            shrink,
            {
                after: velocity(t + 1),
                before: velocity(t),
                rate: ratio,
                x: push(t + 1),
                z: sympy.sqrt(delta),
                kappa: factor,
            },
        )
        shrink = discharge(shrink, self.velocity_step(), self.push_bounded(), near_one)
        distance = lemma(
            "R6.distance",
            "There is room below 1.",
            [gamma < 1],
            (1 - gamma) / 2 > 0,
            [(1 - gamma) / 2 > sympy.Rational(1, 100)],
        )
        ratio_near = discharge(eventually_near(self.schedule()[3], (1 - gamma) / 2), distance)
        late = eventually_both(
            ratio_near, shifted(self.saturated(), 1), self.near(), shifted(self.near(), 1), FROM_ONE, FROM_ZERO
        )
        excess = sympy.Max(sympy.Abs(velocity(t)) - bound, 0)
        room = lemma(
            "R6.room",
            "A factor below 1.",
            [gamma < 1, gamma >= 0],
            (factor < 1) & (factor >= 0),
            [factor >= sympy.Rational(51, 100)],
        )
        vanishes = discharge(contraction(eventually_so(late, shrink), excess, factor), room)
        small = lemma(
            "R6.bounded",
            "So it comes within 1 of the bound.",
            [sympy.Abs(sympy.Max(sympy.Abs(x) - bound, 0)) <= 1],
            sympy.Abs(x) <= bound + 1,
            [sympy.Abs(x) <= bound + sympy.Rational(99, 100)],
        )
        longest = lemma(
            "R6.longest",
            "What the factor of a step and its push leave.",
            [gamma < 1, z > 0],
            (2 * z / (1 - gamma)) * (1 - factor) >= z,
            [(2 * z / (1 - gamma)) * (1 - factor) >= z * 101 / 100],
        )
        bounded = eventually_so(eventually_near(vanishes, sympy.S.One), use(small, {x: velocity(t)}))
        return discharge(use(bounded, {bound: LONGEST}), discharge(use(longest, {z: sympy.sqrt(delta)}), CAP))

    # --- the drift lemma

    @kept
    def comes_near(self) -> Fact:
        """The velocity over the step size comes near to CARRIED."""
        loss = reals("w")
        gap = gamma * sympy.Abs(rate - 1) * WIDEST + sympy.Abs(loss)
        difference = push(t + 1) - limit_push(t + 1)
        ratio = alpha_t(t) / alpha_t(t + 1)
        before, after, limiting, newest, widest = reals("B0 B1 u v W")
        join = lemma(
            "R6.joined",
            "What is left is the change of the step size times a bounded velocity, and the push's own gap.",
            [
                equal(after, gamma * rate * before + newest),
                sympy.Abs(before) <= widest,
                gamma >= 0,
                gamma < 1,
                equal(loss, newest - limiting),
            ],
            sympy.Abs(after - (limiting - gamma * (after - before)) / (1 - gamma))
            <= (gamma * sympy.Abs(rate - 1) * widest + sympy.Abs(loss)) / (1 - gamma),
            [
                sympy.Abs(after - (limiting - gamma * (after - before)) / (1 - gamma))
                <= (gamma * sympy.Abs(rate - 1) * widest + sympy.Abs(loss)) / (1 - gamma) * 99 / 100
            ],
        )
        join = use(
            join,
            {
                after: velocity(t + 1),
                before: velocity(t),
                newest: push(t + 1),
                limiting: limit_push(t + 1),
                rate: ratio,
                loss: difference,
                widest: WIDEST,
            },
        )
        join = discharge(join, self.velocity_step())
        late = eventually_both(self.velocity_bounded(), shifted(self.saturated(), 1), FROM_ONE, FROM_ZERO)
        small = limit_of(gap / (1 - gamma), {rate: self.schedule()[3], loss: shifted(self.pushes_settle(), 1)})
        gap_later = substitute(velocity(t) - CARRIED, {t: t + 1})
        return shifted(dominated(eventually_so(late, join), small, gap_later), -1)

    @kept
    def carried_to(self) -> Fact:
        """R6-drift for this run: theta comes to the end of the box that the mean push points to."""
        positive, shrinks, slowly, _, without_bound = self.schedule()
        lemma_ = use(
            theorem(R6_DRIFT),
            {
                iterate: sympy.Lambda(t, theta(t, i)),
                d: sympy.Lambda(t, velocity(t)),
                e: sympy.Lambda(t, CARRIED),
                E: sympy.Lambda(t, SUMS),
                m: mean / (1 - gamma),
            },
        )
        moves = for_all(replaced_velocity(self.moves(), at(positive, t)), t, t >= 1)
        return discharge(
            lemma_,
            moves,
            positive,
            shrinks,
            slowly,
            without_bound,
            sums_step(),
            wide(),
            self.sums_bounded(),
            self.comes_near(),
        )

    @kept
    def end(self, sign: int) -> Fact:
        """|theta_t - sign| <= 3 F alpha_t for all large t, if the limit's pushes sum to something of that sign."""
        wanted = mean / (1 - gamma) > 0 if sign > 0 else mean / (1 - gamma) < 0
        points = lemma(
            "R6.up" if sign > 0 else "R6.down",
            "The mean has the sign of the sum.",
            [equal(k * mean, y - z), y > z if sign > 0 else y < z, k >= 2, gamma < 1, gamma >= 0],
            wanted,
            [mean / (1 - gamma) > sympy.Rational(1, 100) if sign > 0 else mean / (1 - gamma) < -sympy.Rational(1, 100)],
        )
        points = use(points, {y: PUSHES, z: DOWN})
        there = next(e for e in self.carried_to().then.args if keys([e.args[0]]).keys() == keys([wanted]).keys())
        reached = discharge(antecedent(part(self.carried_to(), there)), points)
        inside = eventually(self.in_box(), t)
        near = lemma(
            f"R6.distance to {sign}",
            "The iterate lies in the box.",
            [1 - sign * x <= y, x >= -1, x <= 1],
            sympy.Abs(x - sign) <= y,
            [sympy.Abs(x - sign) <= y * 99 / 100],
        )
        both_ = eventually_both(reached, inside)
        return eventually_so(both_, use(near, {x: theta(t, i), y: 3 * F * alpha_t(t)}))

    @kept
    def step_size_vanishes(self) -> Fact:
        """alpha_t tends to 0 under the schedule alpha/sqrt(t)."""
        tends = limit("R6.vanishing", "The step size tends to 0.", alpha / sympy.sqrt(t), t, 0, 1)
        return restated_limit(tends, eventually(self.step_size(), t))

    @kept
    def sums_bounded(self) -> Fact:
        """|SUMS| <= F for all large t."""
        total, before = reals("S b")
        within = lemma(
            "R6.sums",
            "The sums of the carried push stay within a constant.",
            [
                sympy.Abs(total) <= y,
                sympy.Abs(before) <= z,
                gamma >= 0,
                gamma < 1,
                F >= (y + gamma * z + 1) / (1 - gamma),
            ],
            sympy.Abs((total - gamma * before) / (1 - gamma)) <= F,
            [sympy.Abs((total - gamma * before) / (1 - gamma)) <= F * 99 / 100],
        )
        within = use(within, {total: TOTAL, before: velocity(t - 1), y: SPREAD, z: WIDEST})
        within = discharge(within, centred_sums())
        return eventually_so(eventually_both(shifted(self.velocity_bounded(), -1), FROM_ONE), within)

    @kept
    def limit(self, sign: int) -> Fact:
        """theta_t tends to the end of the box of that sign, under alpha/sqrt(t)."""
        near = use(self.end(sign), FIXED)
        widest = near.then.args[1].rhs / alpha_t(t)
        return dominated(near, limit_of(widest * x, {x: self.step_size_vanishes()}), theta(t, i) - sign)

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

    @kept
    def near_end(self, sign: int) -> Fact:
        """|theta_t - sign| <= 3 F alpha for all large t, at a constant step size."""
        same = follows(
            "R6-constant.near",
            "The step size is the same at every step.",
            [self.step_size()],
            sympy.Abs(theta(t, i) - sign) <= 3 * F * alpha,
            [sympy.Abs(theta(t, i) - sign) <= 3 * F * alpha * 99 / 100],
            given=[sympy.Abs(theta(t, i) - sign) <= 3 * F * alpha_t(t)],
        )
        return eventually_so(eventually_both(self.end(sign), FROM_ONE), same)


RATE = 2 * (C - k + 1) / k
AVERAGE = sympy.Sum(g(t, i) * (theta(t, i) + 1), (t, 1, T)) / T


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


def replaced_velocity(moves: Fact, positive: Fact) -> Fact:
    """theta_{t+1} = P(theta_t + alpha_t b_t) from theta_{t+1} = P(theta_t - V_t)."""
    goal = equal(theta(t + 1, i), sympy.Min(sympy.Max(theta(t, i) + alpha_t(t) * velocity(t), -1), 1))
    if goal == moves.then:
        return moves
    return follows("R6.pushes", "It moves up by the step size times the push.", [moves, positive], goal)


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


FROM_ONE = eventually(assume(t >= 1), t)
FROM_ZERO = eventually(assume(t >= 0), t)
