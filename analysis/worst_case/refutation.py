"""Look for a proof that a rule suffers linear regret, whatever its step size alpha.

    refute("dwmgrad")                 -> a Witness, with alpha/sqrt(t)
    refute("adagrad", "constant")     -> None: nothing was found, which proves nothing

Short words of slopes are tried in floats. The most telling ones are then certified in balls: a box of states that the
word does not leave (`invariant.py`) and pushes whose mean points to the worst end, so that the drift lemma (claim
R6-drift-below) takes the iterate there.
"""

import time
from dataclasses import replace
from fractions import Fraction
from math import inf, nextafter
from typing import Any, NamedTuple

import flint
import numpy as np

from analysis.worst_case.enclosures import Engine, balls
from analysis.worst_case.invariant import Driven, Invariant, closed
from analysis.worst_case.played import average_regret
from analysis.worst_case.witness import Finite, Witness
from analysis.worst_case.words import SETTLE, Candidate, candidates, length, offsets, slopes
from dwmgrad_ref import rules
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.execution import compiled as c
from dwmgrad_ref.ops import Undecided
from dwmgrad_ref.rules.base import Rule

SCHEDULES = ("sqrt", "constant")
LEAST = 100  # steps before the first attempt at a box
STEPS = 10_000  # of the statement about one run
ALPHAS = (1e-3, 1e-2, 0.1, 0.5, 2.0)


class Drift(NamedTuple):
    """What the drift lemma asks of pushes: their mean towards the worst end, and the spread of their sums about it."""

    mean: Fraction
    spread: Fraction


def drift(pushes: tuple[tuple[float, float], ...], worst: int) -> Drift:
    """The drift of pushes enclosed by [low, high], at least; `worst` is the end, 1 or -1."""
    least = [Fraction(low) if worst > 0 else -Fraction(high) for low, high in pushes]
    mean = sum(least, Fraction(0)) / len(least)
    sums, total = [Fraction(0)], Fraction(0)
    for push in least:
        total += push - mean
        sums.append(total)
    return Drift(mean, max((max(sums) - min(sums)) / 2, Fraction(1, 10**6)))


def refute(
    rule: str | Rule, schedule: str = "sqrt", seconds: float = 30.0, file: str | None = None, **options: Any
) -> Witness | None:
    """A certified witness that the rule suffers linear regret for every step size, or None if none was found.

    Args:
        schedule: "sqrt" for alpha/sqrt(t), or "constant".
        seconds: about how long to look.
        file: where the rule is, if it is not one of ours; the witness names it.
        options: of the rule; its step size and schedule are not used.

    Raises:
        BadInput: an unknown schedule.
    """
    if schedule not in SCHEDULES:
        raise BadInput(f"schedule={schedule!r} is not known; it must be one of {', '.join(SCHEDULES)}")
    rule = rules.get(rule)
    deadline = time.monotonic() + seconds
    chosen = rule.options(**{name: value for name, value in options.items() if name not in ("alpha", "schedule")})
    for candidate in candidates(rule, chosen, time.monotonic() + seconds / 3):
        if time.monotonic() > deadline:
            break
        with balls() as engine:
            limit = min(deadline, time.monotonic() + max(seconds / 5, 4.0))
            if found := certified(rule, chosen, schedule, candidate, engine, limit):
                return with_run(replace(found, file=file), rule, chosen, engine)
    return None


def certified(
    rule: Rule, options: Any, schedule: str, candidate: Candidate, engine: Engine, deadline: float
) -> Witness | None:
    """The witness of a word, if a box closes from some step on and the pushes in it point to the worst end."""
    word, k = candidate.word, length(candidate.word)
    driven = Driven(rule, options, schedule, word, engine, candidate.ramp)
    first = -(-LEAST // k) * k
    while first <= 3 * SETTLE and time.monotonic() < deadline:
        try:
            found = closed(driven, first)
        except (Undecided, ZeroDivisionError):
            if driven.fading and first > 2 * SETTLE:
                return None
            driven.fading, found = True, None
        if found and (witness := _witness(driven, found)):
            return witness
        first = -(-2 * first // k) * k
    return None


def _witness(driven: Driven, found: Invariant) -> Witness | None:
    worst = 1 if sum(driven.g) > 0 else -1
    mean, spread = drift(found.pushes, worst)
    if mean <= 0:
        return None
    rule = driven.rule
    kept = {n: v for n, v in driven.options._asdict().items() if n not in ("alpha", "schedule")}
    return Witness(
        rule=rule.name,
        options=kept,
        schedule=driven.schedule,
        word=driven.word,
        ramp=driven.ramp,
        first=found.first,
        box=found.box,
        mean_push=_below(mean * Fraction(999, 1000)),  # another engine's enclosures differ a little
        spread=-_below(-spread * Fraction(101, 100)),
        result_version=rule.result_version,
        versions={"engine": driven.engine.name, "python-flint": flint.__version__},
    )


def with_run(witness: Witness, rule: Rule, options: Any, engine: Engine) -> Witness:
    """The witness with a certified statement about a run of 10,000 steps from the best end, if one says anything."""
    start = float(-witness.worst)
    tried = {alpha: _played(witness, rule, options, alpha) for alpha in ALPHAS}
    alpha = max(tried, key=lambda alpha: np.nan_to_num(tried[alpha], nan=-inf))
    if not tried[alpha] > 0:
        return witness
    driven = Driven(rule, options, witness.schedule, witness.word, engine, witness.ramp)
    run = Finite(alpha, start, STEPS, 0.0)
    try:
        low, _ = average_regret(driven, run)
    except (Undecided, ZeroDivisionError):
        return witness
    return replace(witness, finite=replace(run, average=_rounded(low))) if low > 0 else witness


def _rounded(value: float) -> float:
    """A little less, in few digits."""
    short = float(f"{value:.4g}")
    return short if short <= value else float(f"{value * (1 - 1e-3):.4g}")


def _below(value: Fraction) -> float:
    near = float(value)
    return near if Fraction(near) <= value else nextafter(near, -inf)


_step = c.caller(c.STEP)


@c.compiled
def _suffered(step, p, k0, rows, g, b, steps, start, alpha, place, rooted):
    """R_T against the best end of the box, in floats; `rooted` divides the option at `place` by sqrt(t)."""
    k, state, x, gradient, q = k0.copy(), np.zeros((rows, 1)), np.full(1, start), np.zeros(1), p.copy()
    suffered = total = 0.0
    for t in range(steps):
        if rooted:
            q[place] = alpha / np.sqrt(t + 1.0)
        gradient[0] = g[t % g.size]
        suffered += gradient[0] * x[0]
        total += gradient[0]
        _step(step, (q, k, state, x, gradient, 1, rows, gradient[0] * x[0] + b[t % g.size]))
        x[0] = min(max(x[0], -1.0), 1.0)
    return suffered + abs(total)


def _played(witness: Witness, rule: Rule, options: Any, alpha: float) -> float:
    """R_T/T after STEPS steps from the best end, in floats."""
    inner = "schedule" in options._fields
    code = rule.encode(options._replace(alpha=alpha, **({"schedule": witness.schedule} if inner else {})))
    rows = len(rule.Coord._fields) + max(rule.history(code) - 1, 0)
    p, k0 = np.array(code, dtype=float), np.array(rule.start(code), dtype=float)
    place, rooted = options._fields.index("alpha"), witness.schedule == "sqrt" and not inner
    g, b = slopes(witness.word), offsets(witness.word, witness.ramp)
    start, step = float(-witness.worst), c.step_of(rule).address
    return _suffered(step, p, k0, rows, g, b, STEPS, start, alpha, place, rooted) / STEPS
