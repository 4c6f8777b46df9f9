"""R6 under the released signals: what the window does at a spike, and whether the failure happens.

`increase` narrows the window to 1 on every step but the spike (2): sign descent that a large loss cannot correct.
`decrease` widens it to delta on every step but the spike (delta - 1) until the iterate touches the upper end.
Both are stated without momentum and for C > 3, where a spike's loss exceeds every other loss on the box.
"""

from typing import Any

import flint
import sympy

from dwmgrad_ref.rules.base import Source
from proofs.checkers.by_arb import ball, rigorous, shown
from proofs.checkers.by_exact import Found
from proofs.claims.failure.capped import AVERAGE, ENDS, LOSSES, RATE, SLOPES, START, WHERE, C, equal
from proofs.claims.failure.r6_drift_lemma import CLAIM as R6_DRIFT
from proofs.inference.derivation import Fact, argued, computed, equation, lemma, theorem
from proofs.inference.limits import closed
from proofs.inference.periods import Phase
from proofs.models.simulation import in_balls, periodic_run
from proofs.models.symbolic_run import Run
from proofs.statements.claim import Claim
from proofs.statements.formulas import DWMGRAD, advance, clip, record, step
from proofs.statements.statement import Eventually, Named, Statement, Tends, integers, reals, substitute
from proofs.statements.vocabulary import T, alpha, delta, eps, gamma, i, k, omega, omega0, t, theta

CODE = Source(
    "dwmgrad-code",
    "the MNIST and CIFAR-10 scripts (increase), the Rosenbrock script (decrease)",
    also=(Source("dwmgradnotes", "R6"),),
)
window, loss_place, before, gain, G, n, r = reals("omega theta y gain G n r")
R = sympy.Rational
ONE = {i: sympy.S.One}


def run_of(signal: str, momentum: Any) -> Run:
    """One epoch, beta reset after every step."""
    return Run(
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


def given(run: Run, *more: Any) -> tuple[Any, ...]:
    options = (alpha > 0) & (delta >= 2) & (omega0 >= 0) & (omega0 <= delta) & (eps >= 0)
    shape = (k >= 3) & (C > k - 1) & (C > 3)
    return tuple(substitute(e, ONE) for e in (run.hypothesis, LOSSES, SLOPES, ENDS, START, options, shape, *more))


WORST = Tends(t, theta(t, 1), sympy.S.One) & Tends(T, substitute(AVERAGE, ONE), RATE)
PATTERN = Eventually(t, equal(omega(t), sympy.Piecewise((2, sympy.Eq(Phase(t, k), 0, evaluate=False)), (1, True))))


def windows(signal: str) -> Fact:
    """omega_t at the spike, right after it, and later where theta did not fall."""
    o = record(DWMGRAD, signal=signal, delta=delta)

    def after(loss: Any, last: Any) -> Any:
        return advance(DWMGRAD, o, loss, {"omega": window, "last": last, "e": 1}).omega

    wider, narrower = sympy.Min(window + 1, delta), sympy.Max(window - 1, 1)
    up, down = (wider, narrower) if signal == "increase" else (narrower, wider)
    resting = narrower if signal == "increase" else sympy.Piecewise((wider, gain > 0), (narrower, True))
    return lemma(
        f"R6-{signal}.window",
        "A spike's loss exceeds every other, and where the iterate rose the loss fell.",
        [loss_place >= -1, loss_place <= 1, before >= -1, before <= 1, C > 3, gain >= 0, window >= 1, window <= delta],
        equal(after(C * (loss_place + 2), 2 - before), up)
        & equal(after(2 - loss_place, C * (before + 2)), down)
        & equal(after(2 - (before + gain), 2 - before), resting),
        [],
    )


def rises(signal: str) -> Fact:
    """Without momentum every step but the spike raises the iterate, strictly unless the projection stops it."""
    _, free = step(g=-sympy.S.One, omega=window, G=G, alpha=alpha, eps=eps, x=loss_place)
    moved = clip(free, -1, 1)
    return lemma(
        f"R6-{signal}.rises",
        "Between spikes the push is upwards.",
        [loss_place >= -1, loss_place <= 1, window >= 1, G >= 0, eps >= 0, alpha > 0],
        (moved >= loss_place) & sympy.Or(moved > loss_place, equal(loss_place, 1)),
        [moved >= loss_place + alpha / 100],
    )


def collapse() -> Fact:
    """The window at the spikes falls by at least one a period until it is 2."""
    low = sympy.Max(window - n, 1)
    return lemma(
        "R6-increase.collapse",
        "Two steps down and one up: a period narrows the spike's window until it is 2.",
        [n >= 2, window >= 2],
        (low + 1 >= 2) & sympy.Or(equal(low + 1, 2), low + 1 <= window - 1),
        [sympy.Or(equal(low + 1, 2), low + 1 <= window - R(11, 10))],
    )


def unit_limit() -> Fact:
    """G is 1 between spikes and (1 + C²)/2 at them, exactly."""
    spike = step(omega=2 * sympy.S.One, G=sympy.S.One, g=C)[0].G
    return equation(
        "R6-increase.limit", "A window of 1 forgets everything, so no limit is needed.", spike, (1 + C**2) / 2, C**2 / 2
    )


def unit_drift() -> Fact:
    return lemma(
        "R6-increase.drift",
        "The pushes of a period sum to something positive.",
        [k >= 3, equal(2 * r**2, 1 + C**2), r > 0, C > 0, eps >= 0, 5 * eps <= 2],
        (k - 1) / (1 + eps) > C / (r + eps),
        [(k - 1) / (1 + eps) > C / (r + eps) * R(102, 100)],
    )


def spike_velocity() -> Fact:
    V, mu = reals("V mu")
    new = step(omega=2 * sympy.S.One, G=sympy.S.One, g=C, V=V, mu=mu, alpha=alpha, eps=eps)[0].V
    return lemma(
        "R6-increase.spike",
        "A spike moves the iterate down by no more than a step size and a half.",
        [V <= 0, mu >= 0, alpha > 0, C > 0, eps >= 0],
        100 * new <= 142 * alpha,
        [100 * new <= 141 * alpha],
    )


def velocity_after() -> Fact:
    V, mu, last = reals("V mu a")
    new = step(omega=sympy.S.One, g=-sympy.S.One, V=V, mu=mu, alpha=alpha, eps=eps)[0].V
    return lemma(
        "R6-increase.after",
        "The step after the spike moves up again, and so does every later one.",
        [
            100 * V <= 142 * last,
            alpha > 0,
            last <= 2 * alpha,
            last >= alpha,
            mu >= 0,
            4 * mu <= 1,
            eps >= 0,
            100 * eps <= 1,
        ],
        new <= 0,
        [new <= -alpha * R(9, 10)],
    )


def momentum_mean() -> Fact:
    S, first, last, m = reals("S b0 b m")
    return lemma(
        "R6-increase.mean",
        "The velocities of a period in the limit sum to something that moves up.",
        [
            equal((1 + eps) * (S - m * (first + S - last)), -(k - 1)),
            100 * first <= 142,
            S <= last,
            last <= 0,
            k >= 3,
            m >= 0,
            4 * m <= 1,
            eps >= 0,
            100 * eps <= 1,
        ],
        first + S < 0,
        [first + S < -R(1, 2)],
    )


P = reals("p")


def decrease_limit(q: Any, j: Any) -> Any:
    """G*_j under `decrease` before the top is touched: the spike has the window delta - 1, p = 1 - 1/(delta - 1)."""
    spike = (P * (1 - q ** (k - 1)) + (1 - P) * C**2) / (1 - P * q ** (k - 1))
    return q**j * spike + 1 - q**j


def decrease_cycle() -> tuple[Fact, Fact]:
    q, j = reals("q"), integers("j")
    between = step(omega=1 / (1 - q), G=decrease_limit(q, j), g=-sympy.S.One)[0].G
    closes = step(omega=1 / (1 - P), G=decrease_limit(q, k - 1), g=C)[0].G
    bounds = [q >= 0, q < 1, P >= 0, P < 1, P * q ** (k - 1) < 1]
    return (
        equation(
            "R6-decrease.limit",
            "The moments of the limit follow each other between spikes,",
            between,
            decrease_limit(q, j + 1),
            decrease_limit(q, j),
            [*bounds, j >= 0],
        ),
        equation(
            "R6-decrease.closes",
            "and at the spike.",
            closes,
            decrease_limit(q, sympy.S.Zero),
            decrease_limit(q, sympy.S.One),
            bounds,
        ),
    )


def widening() -> Fact:
    """Net k - 2 >= 1 a period: the spike's window grows by one until it is delta - 1."""
    high = sympy.Min(window + n, delta)
    low = sympy.Max(high - 1, 1)
    return lemma(
        "R6-decrease.widening",
        "Two steps up and one down: a period widens the spike's window until it is delta - 1.",
        [n >= 2, window >= 1, window <= delta, delta >= 2],
        sympy.Or(equal(low, delta - 1), low >= window + 1),
        [sympy.Or(equal(low, delta - 1), low >= window + R(11, 10))],
    )


Y, after, a, later, F, L, N, m, M = reals("Y Z a b F L N m M")


def excursion_start() -> Fact:
    return lemma(
        "R6-decrease.excursion",
        "For a bounded number of steps after touching the top Y stays within some step sizes.",
        [
            later > 0,
            later <= a,
            (a - later) * (F + 2 * L * N + L) <= later * L,
            after >= Y - a * L,
            n >= 0,
            n <= N,
            F >= 0,
            L > 0,
            Y >= 1 - a * (F + 2 * L * n),
        ],
        after >= 1 - later * (F + 2 * L * (n + 1)),
        [after >= 1 - later * (F + 2 * L * (n + R(1, 4)))],
    )


def excursion_goes_on() -> Fact:
    return lemma(
        "R6-decrease.back",
        "From then on a step's gain covers the decay of the step size.",
        [2 * (a - later) * M <= a * m, after >= Y + a * m / 2, Y >= 1 - a * M],
        after >= 1 - later * M,
        [after >= 1 - later * M * R(99, 100)],
    )


LEVEL = R(99, 100)


def run_words(signal: str, C: int, k: int, steps: int, settled: int, regret: Any, pattern: str = "") -> Named:
    return Named(
        f"the run of dwmgrad with the paper's defaults but signal = {signal}, from theta_1 = -1, projected onto [-1, "
        f"1], on f_t = "
        f"{{0}} (x + 2) at every {{1}}th step from the first on and 2 - x at the others, has theta_t > {{2}}{pattern} "
        f"for {{3}} < "
        "t <= {4}, and R_T/T > {5} for T = {4} against u = -1",
        *map(sympy.sympify, (C, k, LEVEL, settled, steps, regret)),
    )


INCREASE_RUN = run_words("increase", 7, 7, 5000, 3000, R(15, 100), " and the window 2 at the spikes and 1 elsewhere")
DECREASE_RUN = run_words("decrease", 100, 50, 6000, 3000, R(15, 10))


def run_found(statement: Named, signal: str) -> Found:
    size, period, level, settled, steps, regret = statement.about
    total, lowest, pattern = flint.arb(0), flint.arb(1), True
    o, spike = in_balls(DWMGRAD, signal=signal), flint.arb(int(size))
    for moment in periodic_run(DWMGRAD, o, spike, int(period), int(steps), flint.arb(-1)):
        total += moment.regret
        if moment.t > settled:
            lowest = lowest.min(moment.theta)
            pattern &= bool(moment.shared.omega == (2 if (moment.t - 1) % period == 0 else 1)) or signal != "increase"
    average, limit = total / int(steps), 2 * flint.arb(int(size - period + 1)) / int(period)
    above = bool(lowest > flint.arb(int(level.p)) / int(level.q)) and bool(
        average > flint.arb(int(regret.p)) / int(regret.q)
    )
    detail = (
        f"C = {size}, k = {period}: theta_t > {shown(lowest)} for t > {settled}, "
        f"R_T/T = {shown(average)} at T = {steps}"
    )
    witness = {"C": int(size), "k": int(period), "steps": int(steps), "start": -1}
    return pattern and above, bool(average < limit), detail, witness


def decrease_drift(eps: Any) -> dict[str, Any]:
    """The drift of `decrease` at delta = 10, from the formula's own periodic limit."""
    found = {}
    for size, period in ((100, 50), (7, 7), (6, 6)):
        q, p = flint.arb(9) / 10, flint.arb(8) / 9
        G = (p * (1 - q ** (period - 1)) + (1 - p) * size * size) / (1 - p * q ** (period - 1))
        drift = -size / (G.sqrt() + eps)
        for _ in range(1, period):
            G = q * G + 1 - q
            drift += 1 / (G.sqrt() + eps)
        found[f"C={size}, k={period}"] = drift
    return found


def decrease_holds() -> Found:
    found = decrease_drift(flint.arb(0))
    detail = "; ".join(f"{name}: {shown(drift)}" for name, drift in found.items())
    first, second, third = found.values()
    return (
        bool(first > 0) and bool(second > 0),
        bool(third < 0),
        detail,
        {name: shown(drift) for name, drift in found.items()},
    )


def eps_matters() -> Found:
    """The condition needs eps: at delta = 10, C = k = 7 it holds for eps = 0 and not for eps = 1/2."""
    plain, with_eps = (decrease_drift(e)["C=7, k=7"] for e in (flint.arb(0), ball("0.5")))
    detail = f"drift {shown(plain)} at eps = 0, {shown(with_eps)} at eps = 1/2"
    return (
        bool(plain > 0) and bool(with_eps < 0),
        not bool(with_eps > 0),
        detail,
        {"eps": "1/2", "drift": shown(with_eps)},
    )


def used(*facts: Fact) -> list[Fact]:
    """Lemmas that an argued step names, and R6-drift, each for whatever its symbols are."""
    return [closed(fact) for fact in (*facts, theorem(R6_DRIFT))]


INCREASING, WITH_MOMENTUM, DECREASING = run_of("increase", 0), run_of("increase", gamma), run_of("decrease", 0)
LATER = integers("j")
Q, CAPPED_P = 1 - 1 / delta, 1 - 1 / (delta - 1)


def cycle_moment(j: Any) -> Any:
    return decrease_limit(Q, j).subs(P, CAPPED_P)


DRIFT = sympy.Sum(1 / (sympy.sqrt(cycle_moment(LATER)) + eps), (LATER, 1, k - 1)) > C / (
    sympy.sqrt(cycle_moment(sympy.S.Zero)) + eps
)

INCREASE = Claim(
    id="R6-increase",
    title="signal `increase`: failure for every C > max(k-1, 3), whatever the cap",
    statement=Statement(
        given=given(INCREASING, 5 * eps <= 2),
        then=PATTERN & WORST & INCREASE_RUN,
        where=WHERE,
    ),
    source=CODE,
    kind="impossibility",
    proof=(
        argued(
            "Between spikes the iterate never falls, so the loss never rises and the window narrows; at a spike it "
            "widens by one, "
            "and after finitely many periods it is 2 there and 1 elsewhere. Then the moment is what "
            "R6-increase.limit says, the "
            "push repeats exactly and has a positive mean, R6-drift takes the iterate to 1, and the average regret "
            "follows as in "
            "R6.",
            used(windows("increase"), rises("increase"), collapse(), unit_limit(), unit_drift()),
            PATTERN & WORST,
            given(INCREASING, 5 * eps <= 2),
        ),
        computed(
            rigorous(
                "R6-increase.run",
                "The run at every default of the paper but the signal, in balls.",
                lambda: run_found(INCREASE_RUN, "increase"),
            ),
            INCREASE_RUN,
        ),
    ),
    note="It holds for one epoch with beta reset after every step: the first step of an epoch has no loss before it, "
    "and "
    "without the reset beta adds up. So the released scripts' signal makes the failure worse: no window cap protects.",
)

MOMENTUM = Claim(
    id="R6-increase-momentum",
    title="signal `increase` with tied momentum, once the window is 2 at spikes and 1 elsewhere",
    statement=Statement(
        given=given(WITH_MOMENTUM, gamma >= 0, 8 * gamma <= delta, gamma < 1, 100 * eps <= 1, PATTERN),
        then=WORST,
        where=WHERE,
    ),
    source=CODE,
    kind="impossibility",
    proof=(
        argued(
            "In this pattern mu_t is at most 1/4. A spike moves the iterate down once, the step after it already "
            "moves up, and "
            "the velocities over the step size come near to a cycle whose sum moves up; R6-drift does the rest.",
            used(spike_velocity(), velocity_after(), momentum_mean()),
            WORST,
            given(WITH_MOMENTUM, gamma >= 0, 8 * gamma <= delta, gamma < 1, 100 * eps <= 1, PATTERN),
        ),
    ),
    note="That the window enters the pattern with momentum is not claimed; R6-increase.run shows it for the paper's "
    "defaults.",
)

DECREASE = Claim(
    id="R6-decrease",
    title="signal `decrease`: failure as for `loss`, with window delta - 1 at the spike",
    statement=Statement(given=given(DECREASING, DRIFT), then=WORST & DECREASE_RUN, where=WHERE),
    source=CODE,
    kind="impossibility",
    proof=(
        argued(
            "While the iterate is below 1 the window tends to delta - 1 at the spike and delta elsewhere, so the "
            "moment comes "
            "near to the cycle of R6-decrease.limit and the push to one of positive mean. At 1 the window narrows; "
            "leaving the top "
            "costs a number of step sizes that does not depend on when, and from then on every step gains, so the "
            "distance to 1 "
            "stays of the order of the step size and the average regret follows as in R6.",
            used(
                windows("decrease"),
                rises("decrease"),
                widening(),
                *decrease_cycle(),
                excursion_start(),
                excursion_goes_on(),
            ),
            WORST,
            given(DECREASING, DRIFT),
        ),
        computed(
            rigorous(
                "R6-decrease.run",
                "The run at every default of the paper but the signal, in balls.",
                lambda: run_found(DECREASE_RUN, "decrease"),
            ),
            DECREASE_RUN,
        ),
    ),
    controls=(
        rigorous(
            "R6-decrease.drift",
            "The condition holds at delta = 10 and eps = 0 for C = 100, k = 50 and C = k = 7, not for C = k = 6.",
            decrease_holds,
        ),
        rigorous(
            "R6-decrease.eps",
            "The condition must contain eps: without it C = k = 7 would be said to fail at eps = 1/2.",
            eps_matters,
        ),
    ),
    note="The window never settles at the top, so this is not R6 with another cap. With momentum only the run is "
    "shown.",
)
