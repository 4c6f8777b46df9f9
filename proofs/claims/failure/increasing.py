"""The signal `increase` on the losses that repeat: the window comes down to 2 at the spikes and 1 elsewhere.

A window of 1 forgets every older square, so from then on the moment repeats exactly and no limit is needed.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from typing import Any

import sympy

from proofs.claims.failure.pushed_up import Periodic, mean
from proofs.claims.failure.repeating import AT_LEAST_TWO, SLOPES, C, spike, velocity
from proofs.claims.failure.signals import LONG, Signalled, phases
from proofs.claims.failure.step_sizes import FROM_ONE, FROM_ZERO, equal, kept
from proofs.inference.derivation import (
    Fact,
    assume,
    at,
    discharge,
    eventually,
    eventually_both,
    eventually_so,
    follows,
    induction,
    lemma,
    part,
    use,
)
from proofs.inference.limits import cases, congruence, shifted
from proofs.inference.periods import Phase, constant_sum, first_phase
from proofs.statements.statement import reals, substitute
from proofs.statements.vocabulary import G, delta, eps, i, j, k, omega, t, theta

R = sympy.Rational
p0, p1, w0, w1, x, y, z, r, n, first = reals("p0 p1 w0 w1 x y z r n w_1")
SPIKE_MOMENT = (1 + C**2) / 2
NARROW = Periodic(1 / (sympy.sqrt(SPIKE_MOMENT) + eps), 1 / (1 + eps))
SMALL_EPS = 5 * eps <= 2


def narrow(t: Any) -> Any:
    """The window is 2 at a spike and 1 elsewhere."""
    return equal(omega(t), sympy.Piecewise((2, spike(t)), (1, True)))


def repeated(t: Any) -> Any:
    """The second moment of such a window."""
    return equal(G(t, i), sympy.Piecewise((SPIKE_MOMENT, spike(t)), (1, True)))


class Increasing(Signalled):
    """The facts of one run under the signal `increase`."""

    periodic = NARROW

    def __init__(self) -> None:
        super().__init__("increase")

    @kept
    def narrows(self) -> Fact:
        """The window is narrow from some step on: a period of k steps narrows it by k - 2 until it is."""

        def height(window: Any, phase: Any) -> Any:
            return k * window + 2 * phase

        most = k * omega(1) - (k - 2) * (t - 1)
        invariant = sympy.Or(narrow(t), height(omega(t), Phase(t, k)) <= most)
        base = follows(
            "R6-increase.start",
            "At the first step nothing is claimed.",
            [discharge(discharge(first_phase(k), AT_LEAST_TWO), LONG)],
            substitute(invariant, {t: sympy.S.One}),
            [height(omega(1), Phase(1, k)) <= k * omega(1) - 1],
        )
        step = follows(
            "R6-increase.collapse",
            "Two steps or more down and one up: a period narrows the window until it is 1 before a spike.",
            [self.window_law(), phases(), part(self.window_range(), omega(t) >= 1)],
            substitute(invariant, {t: t + 1}),
            [
                sympy.Or(
                    narrow(t + 1), height(omega(t + 1), Phase(t + 1, k)) <= substitute(most, {t: t + 1}) - R(1, 100)
                )
            ],
            given=[invariant, k >= 3, delta >= 2],
            parts={p0: Phase(t, k), p1: Phase(t + 1, k), w0: omega(t), w1: omega(t + 1)},
        )
        always = induction(invariant, t, 1, base, step)
        late = follows(
            "R6-increase.narrow",
            "A window is never below 1, so after finitely many steps it is narrow.",
            [always, part(self.window_range(), omega(t) >= 1), part(phases(), Phase(t, k) >= 0)],
            narrow(t),
            given=[t >= k * omega(1) / (k - 2) + 1, k >= 3],
            parts={p0: Phase(t, k), w0: omega(t), w1: omega(1)},
        )
        return eventually(late, t)

    @kept
    def repeats(self) -> Fact:
        """From some step on the moment is 1 between spikes and (1 + C²)/2 at them."""
        slope = at(assume(SLOPES), t)
        parts = {p0: Phase(t, k), p1: Phase(t + 1, k)}
        plain = follows(
            "R6-increase.forgets",
            "A window of 1 keeps the newest square only.",
            [self.run.coord("G"), slope],
            sympy.Or(spike(t), equal(G(t, i), 1)),
            given=[narrow(t)],
            parts={p0: Phase(t, k), w0: omega(t), x: G(t, i), y: G(t - 1, i)},
        )
        plain = eventually_so(eventually_both(self.narrows(), FROM_ONE), plain)
        at_spike = follows(
            "R6-increase.limit",
            "At a spike half of the moment is the square before it, which is 1.",
            [use(self.run.coord("G"), {t: t + 1}), use(slope, {t: t + 1}), phases()],
            repeated(t + 1),
            given=[narrow(t + 1), sympy.Or(spike(t), equal(G(t, i), 1)), k >= 3],
            parts={**parts, w1: omega(t + 1), x: G(t, i), y: G(t + 1, i)},
        )
        late = eventually_both(shifted(self.narrows(), 1), plain, FROM_ONE, FROM_ZERO)
        return shifted(eventually_so(late, at_spike), -1)

    @kept
    def pushed(self) -> Fact:
        """The push is the periodic one, once the moment repeats."""
        now = 1 / (sympy.sqrt(G(t, i)) + eps)
        goal = sympy.Or(velocity(t) - self.compared() >= -mean / 4, equal(theta(t + 1, i), 1))
        found = []
        for name, words, value, assumed in (
            ("spike push", "So the push repeats at a spike", SPIKE_MOMENT, spike(t)),
            ("push", "and elsewhere.", sympy.S.One, sympy.Not(spike(t))),
        ):
            moment = follows(
                f"R6-increase.{name} moment",
                "The moment is what it is there.",
                [assume(repeated(t))],
                equal(G(t, i), value),
                given=[assumed],
                parts={p0: Phase(t, k), y: G(t, i)},
            )
            found.append(
                follows(
                    f"R6-increase.{name}",
                    words,
                    [self.velocity_is_push(), at(assume(SLOPES), t), congruence(now, moment)],
                    goal,
                    given=[assumed, mean > 0],
                    parts={
                        p0: Phase(t, k),
                        x: theta(t + 1, i),
                        y: now,
                        z: NARROW.weight,
                        n: NARROW.up,
                        w0: velocity(t),
                    },
                )
            )
        return eventually_so(eventually_both(self.repeats(), FROM_ONE), cases(found[0], found[1], spike(t)))

    @kept
    def upwards(self) -> Fact:
        """The mean of the periodic push is positive."""
        ups = lemma(
            "R6-increase.drift",
            "The pushes of a period sum to something positive.",
            [k >= 3, equal(2 * r**2, 1 + C**2), r > 0, C > 0, SMALL_EPS, eps >= 0, equal(x, (k - 1) / (1 + eps))],
            (x - C / (r + eps)) / k > 0,
            [(x - C / (r + eps) * R(102, 100)) / k > 0],
        )
        number = discharge(
            constant_sum(1 / (1 + eps), j, 1, k - 1),
            lemma("R6-increase.steps", "There are such steps.", [k >= 3], k - 1 >= 0, [k - 1 >= 3]),
        )
        root = lemma(
            "R6-increase.root",
            "The moment at a spike is positive.",
            [C > 3],
            (sympy.sqrt((1 + C**2) / 2) > 0) & (C > 0),
            [sympy.sqrt((1 + C**2) / 2) > 3],
        )
        ups = use(ups, {r: sympy.sqrt(SPIKE_MOMENT), x: NARROW.ups})
        return discharge(ups, root, number)
