"""A run of dwmgrad under the signals `increase` and `decrease`, on the losses that repeat: what its window does.

One epoch, the sum of the signal reset after every step, no momentum; C > 3, so that a spike's loss exceeds every other
loss on the box.
"""
# SymPy's classes have attributes and operators that its type stubs do not know.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false, reportArgumentType=false
# pyright: reportReturnType=false, reportGeneralTypeIssues=false

from functools import cache
from typing import Any

import sympy

from proofs.claims.failure.pushed_up import PushedUp
from proofs.claims.failure.repeating import AT_LEAST_TWO, ENDS, LOSSES, SLOPES, START, C, push, spike, velocity
from proofs.claims.failure.step_sizes import equal, kept
from proofs.inference.derivation import (
    Fact,
    apart,
    assume,
    at,
    discharge,
    follows,
    induction,
    lemma,
    part,
    replace,
    under,
    use,
)
from proofs.inference.limits import cases
from proofs.inference.periods import Phase, phase_grows, phase_range, phase_wraps
from proofs.models.symbolic_run import Run
from proofs.statements.formulas import DWMGRAD
from proofs.statements.statement import reals, substitute
from proofs.statements.vocabulary import G, alpha, alpha_t, delta, eps, f, g, i, k, omega, omega0, t, theta

R = sympy.Rational
p0, p1, x0, x1, f0, f1, w0, w1, x, y, z, w, r = reals("p0 p1 x0 x1 f0 f1 w0 w1 x y z w r")
OPTIONS = (alpha > 0) & (delta >= 2) & (omega0 >= 0) & (omega0 <= delta) & (eps >= 0)
SHAPE = (k >= 3) & (C > k - 1) & (C > 3)
FAMILY = (LOSSES, SLOPES, ENDS, START, OPTIONS, SHAPE)
LONG = lemma("R6-signal.period", "A period of three steps is one of two.", [k >= 3], k >= 2, [k >= 4])


def next_phase(p0: Any, p1: Any) -> Any:
    """What the phases of two steps that follow each other are."""
    return sympy.Or((equal(p0, k - 1)) & (equal(p1, 0)), (p0 <= k - 2) & equal(p1, p0 + 1)) & (p0 >= 0) & (p0 <= k - 1)


@cache
def phases() -> Fact:
    """The phases of steps t and t + 1."""
    goal = next_phase(Phase(t, k), Phase(t + 1, k))
    last = equal(Phase(t, k), k - 1)
    wraps, grows, inside = (discharge(rule(t, k), AT_LEAST_TWO) for rule in (phase_wraps, phase_grows, phase_range))
    parts = {p0: Phase(t, k), p1: Phase(t + 1, k)}
    at_last = follows(
        "R6-signal.wraps", "After the last phase comes the first.", [wraps, inside], goal, given=[last], parts=parts
    )
    between = follows(
        "R6-signal.grows",
        "After any other phase comes the next one.",
        [grows, inside, apart(Phase(t, k), k - 1)],
        goal,
        given=[sympy.Not(last)],
        parts=parts,
    )
    return discharge(cases(at_last, between, last), LONG)


class Signalled(PushedUp):
    """The facts of one run under a signal."""

    def __init__(self, signal: str, momentum: Any = 0):
        run = Run(
            DWMGRAD,
            box=True,
            schedule="sqrt",
            signal=signal,
            reset=True,
            epoch=sympy.oo,
            alpha=alpha,
            gamma=momentum,
            delta=delta,
            omega0=omega0,
            eps=eps,
        )
        super().__init__(run, constant=False)
        self.signal = signal
        self.given = (run.hypothesis, *FAMILY)

    @kept
    def plain(self) -> Fact:
        """V_t = alpha_t g_t/(sqrt(G_t) + eps)."""
        newest = replace(replace(self.run.coord("V"), self.run.coord("G"), backwards=True), self.run.shared("mu"))
        return newest

    @kept
    def velocity_is_push(self) -> Fact:
        """-V_t/alpha_t = -g_t/(sqrt(G_t) + eps) for t >= 1."""
        return follows(
            "R6-signal.push",
            "Without momentum the velocity is the newest push.",
            [self.plain(), at(self.schedule()[0], t)],
            equal(velocity(t), push(t)),
            parts={x: 1 / (sympy.sqrt(G(t, i)) + eps)},
        )

    @kept
    def counted(self) -> Fact:
        """t steps are taken in the epoch, and the last loss is that of step t >= 1."""
        e = self.run.sequence("e")
        step = follows(
            "R6-signal.counts",
            "The epoch never ends.",
            [use(self.run.shared("e"), {t: t + 1})],
            equal(e(t + 1), t + 1),
            given=[equal(e(t), t)],
        )
        return induction(equal(e(t), t), t, 0, self.run.shared_start("e"), step)

    @kept
    def beta(self) -> Fact:
        """The sum of the signal is 0 between steps."""
        beta = self.run.sequence("beta")
        return induction(
            equal(beta(t), 0), t, 0, self.run.shared_start("beta"), use(self.run.shared("beta"), {t: t + 1})
        )

    @kept
    def later_window(self) -> Fact:
        """omega_{t+1} from omega_t and two losses, for t >= 1."""
        step = use(self.run.shared("omega"), {t: t + 1})
        step = replace(replace(replace(step, self.counted()), self.beta()), self.run.shared("last"))
        return under(step, t >= 1)

    @kept
    def window_range(self) -> Fact:
        """1 <= omega_t <= delta for t >= 1."""
        inside = (omega(t) >= 1) & (omega(t) <= delta)
        first = use(self.run.shared("omega"), {t: 1})
        first = replace(replace(first, self.run.shared_start("omega")), self.run.shared_start("beta"))
        base = follows(
            "R6-signal.first window",
            "One step takes the window into its range.",
            [first],
            substitute(inside, {t: sympy.S.One}),
            [omega(1) >= R(101, 100)],
            given=[OPTIONS],
        )
        step = follows(
            "R6-signal.window range",
            "It stays there.",
            [self.later_window()],
            substitute(inside, {t: t + 1}),
            [omega(t + 1) >= R(101, 100)],
            given=[inside, delta >= 2],
            parts={w0: omega(t), w1: omega(t + 1)},
        )
        return induction(inside, t, 1, base, step)

    @kept
    def moment_range(self) -> Fact:
        """0 <= G_t <= C² for t >= 0."""
        inside = (G(t, i) >= 0) & (G(t, i) <= C**2)
        base = follows(
            "R6-signal.empty",
            "The moment starts at 0.",
            [self.run.coord_start("G")],
            substitute(inside, {t: sympy.S.Zero}),
            [G(0, i) >= R(1, 100)],
        )
        average = lemma(
            "R6-signal.moment",
            "A mean of what lies in the range lies in it.",
            [equal(y, (1 - 1 / w) * x + z**2 / w), w >= 1, x >= 0, x <= C**2, z**2 <= C**2],
            (y >= 0) & (y <= C**2),
            [y <= C**2 * R(99, 100)],
        )
        average = use(average, {y: G(t + 1, i), x: G(t, i), z: g(t + 1, i), w: omega(t + 1)})
        return induction(
            inside,
            t,
            0,
            base,
            discharge(
                average,
                use(self.run.coord("G"), {t: t + 1}),
                part(use(self.window_range(), {t: t + 1}), omega(t + 1) >= 1),
                self.slope_square(t + 1),
            ),
        )

    def slope_square(self, index: Any) -> Fact:
        """1 <= g_t² <= C²."""
        steep = lemma(
            "R6-signal.slopes",
            "Every slope is -1 or the spike's.",
            [equal(z, sympy.Piecewise((C, equal(p0, 0)), (-1, True))), C > 3],
            (z**2 <= C**2) & (z**2 >= 1),
            [z**2 >= R(101, 100)],
        )
        steep = use(steep, {z: g(index, i), p0: Phase(index, k)})
        return discharge(steep, at(assume(SLOPES), index))

    @kept
    def push_size(self) -> Fact:
        """sqrt(G_t) + eps > 0 for t >= 1."""
        before = part(use(self.moment_range(), {t: t - 1}), G(t - 1, i) >= 0)
        positive = lemma(
            "R6-signal.positive",
            "The newest square makes the moment positive.",
            [equal(y, (1 - 1 / w) * x + z**2 / w), w >= 1, x >= 0, z**2 >= 1, eps >= 0],
            (y > 0) & (sympy.sqrt(y) + eps > 0),
            [sympy.sqrt(y) + eps > R(1, 100)],
        )
        positive = use(positive, {y: G(t, i), x: G(t - 1, i), z: g(t, i), w: omega(t)})
        positive = discharge(
            positive,
            self.run.coord("G"),
            before,
            part(self.window_range(), omega(t) >= 1),
            part(self.slope_square(t), g(t, i) ** 2 >= 1),
        )
        return under(positive, t >= 1)

    @kept
    def raised(self) -> Fact:
        """Every step but a spike raises the iterate, or leaves it at the top."""
        size = alpha_t(t) / (sympy.sqrt(G(t, i)) + eps)
        goal = (theta(t + 1, i) >= theta(t, i)) & sympy.Or(theta(t + 1, i) > theta(t, i), equal(theta(t + 1, i), 1))
        upwards = lemma("R6-signal.upwards", "The push is positive.", [x > 0, y > 0], x / y > 0, [x / y > R(1, 100)])
        upwards = discharge(
            use(upwards, {x: alpha_t(t), y: sympy.sqrt(G(t, i)) + eps}),
            at(self.schedule()[0], t),
            part(self.push_size(), sympy.sqrt(G(t, i)) + eps > 0),
        )
        return follows(
            "R6-signal.rises",
            "Between spikes the push is upwards.",
            [replace(self.moves(), self.plain()), at(assume(SLOPES), t), upwards, self.in_box()],
            goal,
            [
                (theta(t + 1, i) >= theta(t, i))
                & sympy.Or(theta(t + 1, i) > theta(t, i) + size * R(101, 100), equal(theta(t + 1, i), 1))
            ],
            given=[sympy.Not(spike(t))],
            parts={x: 1 / (sympy.sqrt(G(t, i)) + eps), x0: theta(t, i), x1: theta(t + 1, i)},
        )

    @kept
    def window_law(self) -> Fact:
        """omega_{t+1} from omega_t, for t >= 1: which way the window goes."""
        goal = self.law()
        losses = [at(assume(LOSSES), t), use(at(assume(LOSSES), t), {t: t + 1})]
        boxes = [self.in_box(), use(self.in_box(), {t: t + 1})]
        parts = {
            f0: f(t),
            f1: f(t + 1),
            x0: theta(t, i),
            x1: theta(t + 1, i),
            p0: Phase(t, k),
            p1: Phase(t + 1, k),
            w0: omega(t),
            w1: omega(t + 1),
        }
        signal = self.signal
        after = follows(
            f"R6-{signal}.after a spike",
            "A spike's loss exceeds the one after it.",
            [self.later_window(), phases(), *losses, *boxes],
            goal,
            given=[spike(t), C > 3, k >= 3, t >= 1],
            parts=parts,
        )
        elsewhere = follows(
            f"R6-{signal}.elsewhere",
            "A spike's loss exceeds the one before it, and where the iterate rose the loss fell.",
            [self.later_window(), phases(), *losses, *boxes, self.raised()],
            goal,
            given=[sympy.Not(spike(t)), C > 3, k >= 3, t >= 1],
            parts=parts,
        )
        return under(cases(after, elsewhere, spike(t)), t >= 1)

    def law(self) -> Any:
        w0, w1 = omega(t), omega(t + 1)
        wider, narrower = sympy.Min(w0 + 1, delta), sympy.Max(w0 - 1, 1)
        next_spike = spike(t + 1)
        if self.signal == "increase":
            return equal(w1, sympy.Piecewise((wider, next_spike), (narrower, True)))
        stopped = equal(w1, narrower) & equal(theta(t + 1, i), 1)
        return sympy.Or(next_spike & equal(w1, narrower), sympy.Not(next_spike) & sympy.Or(equal(w1, wider), stopped))
