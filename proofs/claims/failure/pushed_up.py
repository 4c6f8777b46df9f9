"""A run on the losses that repeat whose push is at least a periodic one of positive mean goes to the upper end.

Without momentum the push over the step size is -g_t/(sqrt(G_t) + eps). It is compared with a periodic one, corrected by
what a bounded sequence gains in a step: that is where a distance to the periodic limit that shrinks is put to use.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from proofs.claims.failure.r6_drift_lemma import ONE_SIDED, E, F, d, e, m
from proofs.claims.failure.r6_drift_lemma import x as iterate
from proofs.claims.failure.repeating import AT_LEAST_TWO, C, Repeating, replaced_velocity, spike, velocity
from proofs.claims.failure.step_sizes import FROM_ONE, equal, kept
from proofs.inference.derivation import (
    Fact,
    at,
    discharge,
    eventually,
    eventually_both,
    eventually_so,
    follows,
    for_all,
    lemma,
    linear,
    longer_sum,
    replace,
    sum_over,
    theorem,
    use,
)
from proofs.inference.limits import dominated, limit_of
from proofs.inference.periods import Phase, constant_sum, one_period, partial_sums
from proofs.statements.statement import reals, sequences, substitute
from proofs.statements.vocabulary import alpha_t, i, j, k, s, t, theta

mean = reals("m0")
a, b, w, x, y, z = reals("a b w x y z")
R = sympy.Rational


class Periodic:
    """A push of period k: `down` at a spike, in units of -C, and `up` (an expression in j) j steps later, 0 < j < k."""

    def __init__(self, down: Any, up: Any):
        self.down, self.up = C * down, up
        self.ups = sympy.Sum(up, (j, 1, k - 1))
        self.mean = equal(k * mean, self.ups - self.down)
        self.total = sympy.Sum(self.at(s) - mean, (s, 1, t - 1))
        self.spread = sympy.Sum(sympy.Abs(self.at(s) - mean), (s, 1, k))
        self.weight = down

    def at(self, t: Any) -> Any:
        """The push of step t."""
        return sympy.Piecewise((-self.down, spike(t)), (substitute(self.up, {j: Phase(t, k)}), True))

    def period(self) -> Fact:
        """Over a period the pushes sum to `ups` - `down`."""
        whole = discharge(one_period(self.at(s), s, k, j), AT_LEAST_TWO)
        after = self.at(s).xreplace({Phase(s, k): j})
        plain = follows(
            "R6.no spike",
            "The other steps push up.",
            [],
            equal(after, self.up),
            given=[j >= 1],
            parts={x: self.up, y: self.weight},
        )
        return replace(whole, sum_over(plain, j, 1, k - 1))

    def bounded_sums(self) -> Fact:
        """The sums of the pushes less their mean are at most those of one period."""
        name = sequences("w")
        split = use(linear(sympy.Sum(name(s) - mean, (s, 1, k))), {name: sympy.Lambda(s, self.at(s))})
        number = discharge(
            constant_sum(sympy.S.One, s, 1, k), lemma("R6.length", "There is such a sum.", [k >= 2], k >= 0, [k >= 3])
        )
        centred = follows(
            "R6.centred",
            "Less their mean, the pushes of a period sum to 0.",
            [split, number, self.period()],
            equal(sympy.Sum(self.at(s) - mean, (s, 1, k)), 0),
            given=[self.mean],
            parts={
                x: sympy.Sum(self.at(s), (s, 1, k)),
                y: self.ups,
                z: self.weight,
                a: sympy.Sum(self.at(s) - mean, (s, 1, k)),
            },
        )
        return discharge(partial_sums(self.at(s) - mean, s, k, t), centred, AT_LEAST_TWO)


class PushedUp(Repeating):
    """The facts of one run whose push is at least `periodic`, corrected by `extra`, a bounded sequence."""

    periodic: Periodic
    extra: Any = sympy.S.Zero
    most: Any = sympy.S.Zero  # bounds |extra|

    def compared(self) -> Any:
        """What the push of step t is compared with."""
        return self.periodic.at(t) + substitute(self.extra, {t: t + 1}) - self.extra

    def pushed(self) -> Fact:
        """For all large t the push is at least what it is compared with, less m/4, or the step ends at 1."""
        raise NotImplementedError

    def extra_bounded(self) -> Fact:
        """|extra| <= most for all large t."""
        raise NotImplementedError

    def most_is_positive(self) -> list[Fact]:
        """most >= 0, where SymPy does not see it."""
        return []

    @kept
    def top(self) -> Fact:
        """1 - theta_t <= 3 F alpha_t for all large t, where the mean is positive and F is large enough."""
        positive, shrinks, slowly, _, without_bound = self.schedule()
        total = self.periodic.total + self.extra
        found = use(
            theorem(ONE_SIDED),
            {
                iterate: sympy.Lambda(t, theta(t, i)),
                d: sympy.Lambda(t, velocity(t)),
                e: sympy.Lambda(t, self.compared()),
                E: sympy.Lambda(t, total),
                m: mean,
            },
        )
        moves = for_all(replaced_velocity(self.moves(), self.positive_step()), t, t >= 1)
        sums = lemma(
            "R6-drift.sums",
            "The sums are those of what the push is compared with.",
            [equal(y, x + z - mean)],
            equal(y + b, x + z + b - mean),  # what the correction was before cancels
            [],
        )
        later = {y: substitute(self.periodic.total, {t: t + 1}), b: substitute(self.extra, {t: t + 1})}
        sums = use(sums, {x: self.periodic.total, z: self.periodic.at(t), **later})
        sums = discharge(sums, longer_sum(self.periodic.at(s) - mean, s, t - 1))
        sums = for_all(sums, t, t >= 1)
        return discharge(
            found, moves, positive, shrinks, slowly, without_bound, sums, self.wide(), self.bounded(), self.pushed()
        )

    def positive_step(self) -> Fact:
        return at(self.schedule()[0], t)

    @kept
    def wide(self) -> Fact:
        """F > 0."""
        positive = lemma(
            "R6-drift.wide",
            "The bound on the sums is positive.",
            [x >= 0, y >= 0, F >= x + y + 1],
            F > 0,
            [F > R(101, 100)],
        )
        nothing = use(self.periodic.bounded_sums(), {t: 1})  # no step is summed: 0 is at most the spread
        return discharge(use(positive, {x: self.periodic.spread, y: self.most}), nothing, *self.most_is_positive())

    @kept
    def bounded(self) -> Fact:
        """|total + extra| <= F for all large t."""
        within = lemma(
            "R6-drift.within",
            "The sums stay within a constant.",
            [sympy.Abs(z) <= x, sympy.Abs(w) <= y, F >= x + y + 1],
            sympy.Abs(z + w) <= F,
            [sympy.Abs(z + w) <= F - R(101, 100)],
        )
        within = use(within, {x: self.periodic.spread, y: self.most, z: self.periodic.total, w: self.extra})
        within = discharge(within, self.periodic.bounded_sums())
        if self.extra == 0:
            return eventually_so(FROM_ONE, within)
        return eventually_so(eventually_both(self.extra_bounded(), FROM_ONE), within)

    @kept
    def end(self) -> Fact:
        """|theta_t - 1| <= 3 F alpha_t for all large t, with F and the mean as they are."""
        near = lemma(
            "R6.distance to 1",
            "The iterate lies in the box.",
            [1 - x <= y, x >= -1, x <= 1],
            sympy.Abs(x - 1) <= y,
            [sympy.Abs(x - 1) <= y * 99 / 100],
        )
        near = use(near, {x: theta(t, i), y: 3 * F * alpha_t(t)})
        near = eventually_so(eventually_both(self.top(), eventually(self.in_box(), t)), near)
        value = (self.periodic.ups - self.periodic.down) / k
        near = use(near, {F: self.periodic.spread + self.most + 1})
        near = use(near, {mean: value})
        return near

    @kept
    def limit(self, sign: int) -> Fact:
        """theta_t tends to 1 under alpha/sqrt(t)."""
        near = self.end()
        widest = near.then.args[1].rhs / alpha_t(t)
        return dominated(near, limit_of(widest * x, {x: self.step_size_vanishes()}), theta(t, i) - sign)
