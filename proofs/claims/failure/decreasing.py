"""The signal `decrease` on the losses that repeat: a distance to the periodic limit falls at every step below the top.

The window comes to delta - 1 at a spike and delta elsewhere, and the moment to the limit of `decreasing_limit.py`, but
both start anew when the iterate stops at the top. The distance D_t counts the moment's gap and the steps that the
window still needs. A step that does not end at the top takes from it a share of the gap, which is what the push may
lack against the periodic one.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from proofs.claims.failure.decreasing_limit import FACTORS, LIMIT, PUSH, Hstar, bounds_now, limit_step, target
from proofs.claims.failure.pushed_up import mean
from proofs.claims.failure.repeating import SLOPES, C, push, spike, velocity
from proofs.claims.failure.signals import Signalled, phases
from proofs.claims.failure.step_sizes import FROM_ONE, FROM_ZERO, equal, kept
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    eventually_both,
    eventually_near,
    eventually_so,
    follows,
    lemma,
    part,
    replace,
    under,
    use,
)
from proofs.inference.limits import cases, congruence, contraction, implication
from proofs.inference.periods import Phase
from proofs.statements.statement import reals, substitute
from proofs.statements.vocabulary import G, delta, eps, g, i, k, omega, t, theta

R = sympy.Rational
p0, p1, w0, w1, x, y, z, r, a, b, n, x1, A0, A1, v0, v1, left = reals("p0 p1 w0 w1 x y z r a b n x1 A0 A1 v0 v1 U")
GAP = G(t, i) - Hstar(Phase(t, k))
ARRIVED = equal(omega(t), target(t))
HEIGHT = k * (delta - omega(t)) + 2 * Phase(t, k) + k
TO_GO = sympy.Piecewise((0, ARRIVED), (HEIGHT, True))  # falls by k - 2 a step until the window has arrived
DISTANCE = sympy.Abs(GAP) + C**2 * TO_GO
NEXT_TOP = equal(theta(t + 1, i), 1)


def later(e: Any) -> Any:
    return substitute(e, {t: t + 1})


class Decreasing(Signalled):
    """The facts of one run under the signal `decrease`."""

    periodic = PUSH
    extra = C * delta * DISTANCE
    most = C * delta * (C**2 + C**2 * k * (delta + 2))

    def __init__(self) -> None:
        super().__init__("decrease")
        self.given = (*self.given, LIMIT)

    @kept
    def window_arrives(self) -> Fact:
        """A step below the top leaves the window arrived, or brings it nearer by k - 2, or by what is left."""
        goal = sympy.Or(NEXT_TOP, later(ARRIVED) & (later(TO_GO) <= TO_GO), later(TO_GO) <= TO_GO - 1) & (TO_GO >= 0)
        return follows(
            "R6-decrease.widening",
            "Below the top two steps or more widen the window and one narrows it, until it has arrived.",
            [self.window_law(), phases(), self.window_range()],
            goal,
            [sympy.Or(NEXT_TOP, later(ARRIVED) & (later(TO_GO) <= TO_GO), later(TO_GO) <= TO_GO - R(101, 100))],
            given=[k >= 3, delta >= 2],
            parts={p0: Phase(t, k), p1: Phase(t + 1, k), w0: omega(t), w1: omega(t + 1), x1: theta(t + 1, i)},
        )

    @kept
    def gap_shrinks(self) -> Fact:
        """With its window arrived, a step takes a share 1/delta of the moment's gap."""
        step = use(self.run.coord("G"), {t: t + 1})
        factor = lemma(
            "R6-decrease.shrinks",
            "The gap shrinks by the factor of the window, which is at most delta.",
            [equal(y, (1 - 1 / n) * x + z), equal(b, (1 - 1 / n) * a + z), n >= 1, n <= delta],
            sympy.Abs(y - b) <= sympy.Abs(x - a) - sympy.Abs(x - a) / delta,
            [sympy.Abs(y - b) <= sympy.Abs(x - a) - sympy.Abs(x - a) / delta * R(101, 100)],
        )
        window = later(target(t))
        in_range = lemma(
            "R6-decrease.target",
            "The window that the run comes to is in its range.",
            [delta >= 2],
            (sympy.Piecewise((delta - 1, equal(p1, 0)), (delta, True)) >= 1)
            & (sympy.Piecewise((delta - 1, equal(p1, 0)), (delta, True)) <= delta),
            [sympy.Piecewise((delta - 1, equal(p1, 0)), (delta, True)) >= R(101, 100)],
        )
        in_range = use(in_range, {p1: Phase(t + 1, k)})
        arrived = congruence(step.then.rhs, assume(later(ARRIVED)))
        values = {
            y: G(t + 1, i),
            x: G(t, i),
            z: g(t + 1, i) ** 2 / window,
            n: window,
            b: later(Hstar(Phase(t, k))),
            a: Hstar(Phase(t, k)),
        }
        moved = replace(step, arrived)
        return discharge(use(factor, values), moved, limit_step(), in_range)

    @kept
    def falls(self) -> Fact:
        """A step below the top takes |GAP|/delta from the distance."""
        gap, gap_later = sympy.Abs(GAP), sympy.Abs(later(GAP))
        range_later = lemma(
            "R6-decrease.gap",
            "Both moments lie in one range.",
            [x >= 0, x <= C**2, y >= 1, y <= C**2],
            sympy.Abs(x - y) <= C**2,
            [sympy.Abs(x - y) <= C**2 * R(99, 100)],
        )
        range_later = use(range_later, {x: G(t + 1, i), y: Hstar(Phase(t + 1, k))})
        range_later = discharge(range_later, use(self.moment_range(), {t: t + 1}), use(bounds_now(), {t: t + 1}))
        shrinks = implication(self.gap_shrinks(), later(ARRIVED))
        goal = sympy.Or(NEXT_TOP, later(DISTANCE) <= DISTANCE - gap / delta)
        found = follows(
            "R6-decrease.falls",
            "Either the gap shrinks, or the window needs one step less, which is worth any gap.",
            [self.window_arrives(), shrinks, range_later],
            goal,
            [sympy.Or(NEXT_TOP, later(DISTANCE) <= DISTANCE - gap / delta * R(101, 100))],
            given=[v0 >= 0, z >= 0, delta >= 2],
            parts={
                A0: TO_GO,
                A1: later(TO_GO),
                v0: gap,
                v1: gap_later,
                x1: theta(t + 1, i),
                w1: omega(t + 1),
                p1: Phase(t + 1, k),
                z: C**2,
            },
        )
        return under(found, t >= 1)

    @kept
    def extra_bounded(self) -> Fact:
        """The distance is bounded."""
        gap = lemma(
            "R6-decrease.gap",
            "Both moments lie in one range.",
            [x >= 0, x <= C**2, y >= 1, y <= C**2],
            sympy.Abs(x - y) <= C**2,
            [sympy.Abs(x - y) <= C**2 * R(99, 100)],
        )
        gap = discharge(use(gap, {x: G(t, i), y: Hstar(Phase(t, k))}), self.moment_range(), bounds_now())
        height = follows(
            "R6-decrease.height",
            "The window is at least 1 and the phase below the period.",
            [self.window_range(), phases()],
            (TO_GO >= 0) & (TO_GO <= k * (delta + 2)),
            [TO_GO <= k * (delta + 2) - 5],
            given=[k >= 3, delta >= 2],
            parts={p0: Phase(t, k), p1: Phase(t + 1, k), w0: omega(t)},
        )
        bounded = lemma(
            "R6-decrease.distance",
            "So the distance is bounded.",
            [v0 <= z, v0 >= 0, A0 >= 0, A0 <= n, a > 0, z > 0],
            sympy.Abs(a * (v0 + z * A0)) <= a * (z + z * n),
            [sympy.Abs(a * (v0 + z * A0)) <= a * (z + z * n) * R(99, 100)],
        )
        positive = lemma(
            "R6-decrease.scale",
            "Both factors are positive.",
            [C > 3, delta >= 2],
            (C * delta > 0) & (C**2 > 0),
            [C * delta > 7],
        )
        bounded = use(bounded, {v0: sympy.Abs(GAP), A0: TO_GO, n: k * (delta + 2), a: C * delta, z: C**2})
        bounded = discharge(bounded, gap, height, positive)
        return eventually_so(eventually_both(FROM_ONE, FROM_ZERO), bounded)

    def most_is_positive(self) -> list[Fact]:
        """The bound on the distance is not negative."""
        return [
            lemma(
                "R6-decrease.most",
                "All its factors are positive.",
                [C > 3, delta >= 2, k >= 3],
                self.most >= 0,
                [self.most >= 1000],
            )
        ]

    @kept
    def settled(self) -> Fact:
        """2 G_t >= 1 for all large t."""

        def lacking(moment: Any) -> Any:
            return sympy.Max(1 - moment, 0)

        shrink = lemma(
            "R6-decrease.lacking",
            "What the moment lacks to 1 shrinks by the factor of the window.",
            [equal(y, (1 - 1 / n) * x + z / n), n >= 1, n <= delta, z >= 1],
            sympy.Abs(lacking(y)) <= (1 - 1 / delta) * sympy.Abs(lacking(x)),
            [sympy.Abs(lacking(y)) <= (1 - 1 / delta) * sympy.Abs(lacking(x)) * R(99, 100)],
        )
        shrink = use(shrink, {y: G(t + 1, i), x: G(t, i), n: omega(t + 1), z: g(t + 1, i) ** 2})
        square = part(self.slope_square(t + 1), g(t + 1, i) ** 2 >= 1)
        shrink = discharge(shrink, use(self.run.coord("G"), {t: t + 1}), use(self.window_range(), {t: t + 1}), square)
        vanishes = discharge(contraction(eventually_so(FROM_ZERO, shrink), lacking(G(t, i)), 1 - 1 / delta), FACTORS)
        half = lemma(
            "R6-decrease.half",
            "So the moment comes above one half.",
            [sympy.Abs(lacking(x)) <= R(1, 2)],
            2 * x >= 1,
            [2 * x >= R(101, 100)],
        )
        return eventually_so(eventually_near(vanishes, R(1, 2)), use(half, {x: G(t, i)}))

    @kept
    def push_close(self) -> Fact:
        """|push - periodic push| <= C |GAP| where 2 G_t >= 1."""
        star = Hstar(Phase(t, k))
        difference = 1 / (sympy.sqrt(x) + eps) - 1 / (sympy.sqrt(y) + eps)
        roots = lemma(
            "R6.roots",
            "Roots of what is not small differ by no more than their squares.",
            [2 * x >= 1, y >= 1, eps >= 0],
            sympy.Abs(difference) <= sympy.Abs(x - y),
            [sympy.Abs(difference) <= sympy.Abs(x - y) * 4 / 5],
        )
        roots = discharge(use(roots, {x: G(t, i), y: star}), part(bounds_now(), star >= 1))
        goal = sympy.Abs(push(t) - PUSH.at(t)) <= C * sympy.Abs(GAP)
        here, then = at(assume(SLOPES), t), 1 / (sympy.sqrt(star) + eps)
        parts = {r: 1 / (sympy.sqrt(G(t, i)) + eps), v0: sympy.Abs(GAP), x: then, y: PUSH.weight, p0: Phase(t, k)}
        at_spike = follows(
            "R6-decrease.spike push",
            "So the push comes as near to the periodic one, times the slope, at a spike",
            [congruence(then, assume(spike(t))), roots, here],
            goal,
            [sympy.Abs(push(t) - PUSH.at(t)) <= C * sympy.Abs(GAP) * R(99, 100)],
            given=[spike(t), C > 3],
            parts=parts,
        )
        between = follows(
            "R6-decrease.push",
            "and between spikes.",
            [roots, here],
            goal,
            [sympy.Abs(push(t) - PUSH.at(t)) <= sympy.Abs(GAP) * R(99, 100)],
            given=[sympy.Not(spike(t)), C > 3, v0 >= 0],
            parts=parts,
        )
        return cases(at_spike, between, spike(t))

    @kept
    def pushed(self) -> Fact:
        """Below the top the push lacks no more than the distance loses."""
        lacks = follows(
            "R6-decrease.lacks",
            "The push lacks little where the gap is small.",
            [self.velocity_is_push(), self.push_close()],
            velocity(t) - PUSH.at(t) >= -C * sympy.Abs(GAP),
            [velocity(t) - PUSH.at(t) >= -C * sympy.Abs(GAP) * R(99, 100)],
            parts={a: velocity(t), b: 1 / (sympy.sqrt(G(t, i)) + eps), r: PUSH.at(t), v0: sympy.Abs(GAP)},
        )
        enough = lemma(
            "R6-decrease.enough",
            "So a step that does not end at the top pushes by at least what it is compared with.",
            [a - r >= -C * v0, sympy.Or(equal(x1, 1), A1 <= A0 - v0 / delta), mean > 0, C > 3, delta >= 2],
            sympy.Or(a - (r + C * delta * A1 - C * delta * A0) >= -mean / 4, equal(x1, 1)),
            [sympy.Or(a - (r + C * delta * A1 - C * delta * A0) >= R(1, 100), equal(x1, 1))],
        )
        there = {a: velocity(t), r: PUSH.at(t), v0: sympy.Abs(GAP), A0: DISTANCE, A1: later(DISTANCE)}
        enough = discharge(use(enough, {**there, x1: theta(t + 1, i)}), lacks, self.falls())
        late = eventually_both(self.settled(), FROM_ONE, FROM_ZERO)
        return eventually_so(late, enough)

    @kept
    def upwards(self) -> Fact:
        """The mean of the periodic push is positive if the pushes up exceed the one down."""
        ups = lemma(
            "R6-decrease.mean",
            "The mean has the sign of the sum.",
            [x > y, k >= 3],
            (x - y) / k > 0,
            [(x - y) / k > R(1, 100)],
        )
        return use(ups, {x: PUSH.ups, y: PUSH.down})
