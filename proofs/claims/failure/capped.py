"""A capped window on the losses that repeat with period k: the facts from which R6 and its kin are joined.

The chain: the window saturates; G_t comes near to G*, at the rate q^t; so the push of a step comes near to one that
repeats, and V_t/alpha_t is a bounded running sum of the pushes; R6-drift does the rest.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from proofs.claims.failure.capped_limit import (
    CAP,
    DOWN,
    FACTOR,
    GAP,
    LIMIT,
    PUSHES,
    STAR_AT_LEAST_ONE,
    UP_NOW,
    Gstar,
    limit_push,
    limit_step,
    near_limit,
    q,
)
from proofs.claims.failure.capped_sums import (
    CARRIED,
    FIXED,
    LONGEST,
    SPREAD,
    SUMS,
    TOTAL,
    WIDEST,
    centred_sums,
    mean,
    sums_step,
    wide,
)
from proofs.claims.failure.r6_drift_lemma import CLAIM as R6_DRIFT
from proofs.claims.failure.r6_drift_lemma import E, F, d, e, m
from proofs.claims.failure.r6_drift_lemma import x as iterate
from proofs.claims.failure.repeating import (
    ENDS,
    LOSSES,
    SLOPES,
    SPIKE,
    SPIKES,
    START,
    C,
    Repeating,
    push,
    replaced_velocity,
    spike,
    velocity,
)
from proofs.claims.failure.step_sizes import FROM_ONE, FROM_ZERO, equal, kept
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    eventually,
    eventually_both,
    eventually_near,
    eventually_so,
    follows,
    for_all,
    induction,
    lemma,
    part,
    replace,
    theorem,
    use,
)
from proofs.inference.limits import antecedent, cases, congruence, contraction, dominated, limit_of, shifted
from proofs.inference.periods import Phase
from proofs.models.symbolic_run import Run
from proofs.statements.formulas import DWMGRAD
from proofs.statements.statement import keys, reals, substitute
from proofs.statements.vocabulary import G, alpha, alpha_t, delta, eps, f, g, gamma, i, k, omega, omega0, t, theta

a, r, x, y, z, p, rate, bound = reals("a r x y z p rho B")
OPTIONS = (alpha > 0) & (gamma >= 0) & (gamma < 1) & (delta >= 1) & (omega0 >= 0) & (omega0 <= delta) & (eps >= 0)
FAMILY = (LOSSES, SLOPES, ENDS, START, OPTIONS, SPIKE)
WHERE = (
    (C, "slope of the spike"),
    (k, "period of the losses"),
    (f, "f_t(theta_t), the loss that the rule reads"),
    (Gstar, "the second moment so many steps after a spike, in the periodic limit"),
)


class Capped(Repeating):
    """The facts of one run on the family, for a schedule and a momentum."""

    def __init__(self, **choices: Any):
        run = Run(DWMGRAD, box=True, alpha=alpha, gamma=gamma, delta=delta, omega0=omega0, eps=eps, **choices)
        super().__init__(run, choices.get("schedule") != "sqrt")
        self.tied = choices.get("momentum") != "constant"
        self.given = (self.run.hypothesis, *FAMILY, LIMIT)

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
    def limit(self, sign: int) -> Fact:
        """theta_t tends to the end of the box of that sign, under alpha/sqrt(t)."""
        near = use(self.end(sign), FIXED)
        widest = near.then.args[1].rhs / alpha_t(t)
        return dominated(near, limit_of(widest * x, {x: self.step_size_vanishes()}), theta(t, i) - sign)

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
