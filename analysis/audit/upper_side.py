"""A regret theorem for a rule, searched for and proved from its formula alone.

The conditions are those of the ledger's C-potential and C-means: the step before projection is -d_t/h_t, where d_t is
the gradient or a mean of the gradients at a constant rate; h_t > 0; h_t >= h_{t-1}. With two growth lemmas they give a
bound. Runs say first which conditions cannot hold, because they show a step that violates one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import z3

from analysis.audit import agreement, growth, invariants
from analysis.audit.invariants import Found
from analysis.audit.proving import Budget, Prover, term, unknowns
from analysis.audit.solver_numbers import NotSolvable, Number, World
from analysis.audit.step_model import Stepping, Taken, View, runs
from analysis.audit.theorem import Theorem
from dwmgrad_ref.rules.base import Rule

ROUNDING = 1e-9
BASIC = (
    "every f_t is convex and g_t is a subgradient of f_t at theta_t",
    "theta_1 and the comparator lie in a box of widths D_i, and every iterate is projected onto the box",
    "|g_{t,i}| <= G_i, and S_i² is the sum of g_{t,i}² over t <= T",
    "the calculation is exact",
)
LINEAR = "no bound of the order sqrt(T) was found; the regret is at most linear in T"
POSITIVE = "every loss f_t(theta_t) is positive"
Tell = Callable[[str], None]


@dataclass
class Side:
    """What the upper side found: a bound of the order sqrt(T), or one of the order T, or why there is neither."""

    theorem: Theorem | None = None
    reasons: list[str] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)
    reads_loss: bool = False


@dataclass(frozen=True)
class Drive:
    """What the step divides by h: the gradient, or the field of a mean of the gradients at rate beta."""

    beta: Fraction = Fraction(0)
    field: str = ""

    def of(self, taken: Taken) -> Any:
        return taken.after.state[self.field] if self.field else taken.g

    @property
    def words(self) -> str:
        name = self.field.partition(".")[2]
        return f"the mean {name} with rate {float(self.beta):g}" if self.field else "the gradient"


def search(rule: Rule, schedule: str, seconds: float, tell: Tell = lambda what: None) -> Side:
    """The bound that is proved of a rule, with a schedule of its step sizes, within so many seconds.

    Args:
        rule: its default options are the ones that the bound holds for, except alpha, which may be any.
        schedule: constant or sqrt, as `step_model.scheduled` returns it.
        tell: is told what is being done.
    """
    if reason := _unreadable(rule):
        return Side(reasons=[reason])
    prover, side = Prover(Budget(seconds)), Side()
    for positive in (False, True):
        tell("upper side: runs" + (" with positive losses" if positive else ""))
        try:
            side = _attempt(rule, schedule, positive, prover, tell)
        except NotSolvable as error:
            side = Side(reasons=[f"the solvers cannot follow the formula: {error}"])
        if (side.theorem and side.theorem.no_regret) or not side.reads_loss:
            break
    if prover.budget.at_most(1) == 0:
        side.reasons.append(f"the budget of {seconds:g} s was spent")
    return side


def _unreadable(rule: Rule) -> str:
    if rule.potential is None:
        return "the rule declares no potential, so its step is not read as preconditioned descent"
    if rule.history(rule.encode(rule.options())):
        return "the rule keeps past gradients, which the invariants have no templates for"
    return ""


def _attempt(rule: Rule, schedule: str, positive: bool, prover: Prover, tell: Tell) -> Side:
    seen = runs(rule, schedule, positive)
    floats = Stepping(rule, schedule, np.float64)
    side = Side(reads_loss=_reads_loss(rule, schedule))
    with np.errstate(all="ignore"):
        drives = list(_drives(rule, floats, seen))
        if not drives:
            side.reasons.append(_no_drive(floats, seen))
            return side
        if fall := _falls(floats, seen):
            side.reasons.append(fall)
            return side
    tell("upper side: invariants of the state")
    flat = [taken.after for run in seen for taken in run]
    found = invariants.search(rule, schedule, positive, flat, prover)
    if other := agreement.differs(floats, found.steps):
        raise NotSolvable(f"it asks of which kind its numbers are: {other}")
    side.invariants = [e.words for e in (*found.equalities, *found.inequalities)]
    tell("upper side: the conditions of the potential argument")
    for drive in drives:
        side.reasons = list(_unproved(rule, schedule, drive, found, prover))
        if not side.reasons:
            tell("upper side: growth of the preconditioner")
            hypotheses = (*BASIC, *_chosen(rule), *([POSITIVE] if positive else []))
            with np.errstate(all="ignore"):
                side.theorem, why = _grown(rule, schedule, drive, found, seen, prover, hypotheses)
            # What was asked since may divide and take roots too, and its answers mean nothing where these do not.
            if side.theorem and (undefined := _undefined(found, prover)):
                side.theorem, why = None, undefined
            side.reasons += [why] if why else []
            break
    return side


def _chosen(rule: Rule) -> list[str]:
    """The options for which the bound is proved, as a hypothesis."""
    options = {n: v for n, v in rule.options()._asdict().items() if n not in ("alpha", "schedule")}
    return [", ".join(f"{n} = {v}" for n, v in options.items())] if options else []


def _reads_loss(rule: Rule, schedule: str) -> bool:
    world = World()
    stepping = Stepping(rule, schedule, world.number)
    taken = stepping.step(stepping.start(world.real("alpha"), world.real("G")), *map(world.real, ("x", "g", "loss")))
    return any("loss" in unknowns(v.above * v.below) for v in taken.after.state.values() if not v.known)


# --- what the runs show -----------------------------------------------------------------------------------------


def _drives(rule: Rule, floats: Stepping, seen: Sequence[list[Taken]]) -> Iterator[Drive]:
    """The gradient and means of the gradients along which all runs step as -d_t/h_t."""
    means = [Drive(b, f"c.{f}") for f in rule.Coord._fields for b in invariants.constants(floats) if 0 < b < 1]
    for drive in (Drive(), *means):
        if all(_follows(floats, drive, taken) for run in seen for taken in run):
            yield drive


def _follows(floats: Stepping, drive: Drive, taken: Taken) -> bool:
    d, h = drive.of(taken), floats.potential(taken.after).h
    if drive.field:
        mean = float(drive.beta) * taken.before.state[drive.field] + (1 - float(drive.beta)) * taken.g
        if not np.allclose(d, mean, rtol=1e-7, atol=0):
            return False
    # The iterate moves by a difference of nearby numbers, so that only digits beyond its own rounding count.
    return bool(np.all(np.abs(taken.moved + d / h) <= 1e-14 + 1e-6 * np.abs(d / h)))


def _no_drive(floats: Stepping, seen: Sequence[list[Taken]]) -> str:
    shifts = [np.any(np.asarray(floats.potential(t.after).shift) != 0) for run in seen for t in run]
    if any(shifts):
        return ("momentum is open: the step is not d_t/h_t with a mean d_t of the gradients, and no lemma for other "
                "momentum on a box is known here")  # fmt: skip
    return "the step before projection is not -g_t/h_t with the h that the rule declares"


def _falls(floats: Stepping, seen: Sequence[list[Taken]]) -> str:
    """A step of the runs at which h is smaller than before it; empty if there is none."""
    for run in seen:
        for taken in run[1:]:
            before, after = (np.asarray(floats.potential(v).h) for v in (taken.before, taken.after))
            before, after = np.broadcast_arrays(before, after)
            if np.any(fell := after < before * (1 - ROUNDING)):
                i = int(np.argmax(fell))
                return (f"the potential condition h_t >= h_(t-1) fails: alpha h falls from "
                        f"{before.flat[i] * taken.after.alpha:.4g} to {after.flat[i] * taken.after.alpha:.4g} "
                        f"at step {taken.after.t:g} of a run")  # fmt: skip
    return ""


# --- what the solvers prove -------------------------------------------------------------------------------------


def _unproved(rule: Rule, schedule: str, drive: Drive, found: Found, prover: Prover) -> Iterator[str]:
    """The conditions of the potential argument that are not proved; none if all are."""
    steps, given = found.steps, found.given
    stepping = Stepping(rule, schedule, steps.world.number)
    starting = Stepping(rule, schedule, steps.first_world.number)
    before, after = (stepping.potential(v).h for v in (steps.taken.before, steps.taken.after))
    first = starting.potential(steps.first.after).h
    before, after = map(steps.world.number, (before, after))
    first = steps.first_world.number(first)
    if why := _undefined(found, prover):
        yield why
        return
    if not (prover.implied(steps.world, given, term(before > 0)).proved
            and prover.implied(steps.world, given, term(after > 0)).proved
            and prover.implied(steps.first_world, steps.first_given, term(first > 0)).proved):  # fmt: skip
        yield "h_t > 0 is not proved"
    for taken, h, world, known in ((steps.taken, after, steps.world, given),
                                   (steps.first, first, steps.first_world, steps.first_given)):  # fmt: skip
        d = drive.of(taken)
        if not prover.implied(world, known, term(taken.moved == -d / h)).proved:
            yield f"it is not proved that the step is {drive.words} over h_t"
        if drive.field:
            mean = drive.beta * taken.before.state[drive.field] + (1 - drive.beta) * taken.g
            if not prover.implied(world, known, term(d == mean)).proved:
                yield f"it is not proved that d_t is {drive.words}"
        if not prover.implied(world, known, term(d * d <= taken.after.G * taken.after.G)).proved:
            yield "it is not proved that |d_t| <= G"
    known = [*given, *_larger_roots(found, before, after, prover)]
    if not prover.implied(steps.world, known, term(after >= before)).proved:
        yield "the potential condition h_t >= h_(t-1) is neither proved nor violated in the runs"


def _undefined(found: Found, prover: Prover) -> str:
    """Why a root or a quotient of what was asked so far may be undefined; empty if all are proved to be defined."""
    steps = found.steps
    return invariants.defined(steps.world, found.given, prover) or invariants.defined(
        steps.first_world, steps.first_given, prover
    )


def _larger_roots(found: Found, before: Any, after: Any, prover: Prover) -> Iterator[Any]:
    """Roots r of h_t and q of h_(t-1) with r sqrt(t) >= q sqrt(t - 1): from their squares, which have no roots."""
    world, view = found.steps.world, found.steps.taken
    ends = [(root, x) for root, x in world.roots.values() if str(root) in unknowns(after.above * after.below)]
    starts = [(root, x) for root, x in world.roots.values() if str(root) in unknowns(before.above * before.below)]
    now, last = view.after.root_t.above, view.before.root_t.above
    for r, x in ends:
        for q, y in starts:
            squares = term(x * view.after.t >= y * view.before.t)
            if str(r) == str(q) or str(r) == str(now) or not prover.implied(world, found.given, squares).proved:
                continue
            signs = [r >= 0, q >= 0, now >= 0, last >= 0, r * r * now * now >= q * q * last * last]
            if prover.implied(World(), signs, r * now >= q * last).proved:
                yield r * now >= q * last


def _grown(rule: Rule, schedule: str, drive: Drive, found: Found, seen: Sequence[list[Taken]], prover: Prover,
           hypotheses: tuple[str, ...]) -> tuple[Theorem | None, str]:  # fmt: skip
    """The theorem of the best pair of growth lemmas that is proved, or why there is none of the order sqrt(T)."""
    floats = Stepping(rule, schedule, np.float64)
    flat = [taken for run in seen for taken in run]
    heights = [np.asarray(floats.potential(t.after).h * t.after.alpha) * np.ones_like(t.g) for t in flat]
    lower = _lower(rule, schedule, drive, found, flat, heights, prover)
    if lower is None:
        return None, "no growth lemma alpha h_t >= kappa L_t is proved"
    for upper in growth.UPPER:
        U, W = zip(*(upper.measure(t.after) for t in flat), strict=True)
        for K, E in growth.largest_constants(heights, U, W):
            if _capped(rule, schedule, found, prover, upper, K, E):
                theorem = Theorem(lower[0], upper, lower[1], K, E, drive.beta, hypotheses)
                slow = "" if theorem.no_regret else LINEAR
                return theorem, slow
    return None, "no growth lemma alpha h_t <= K U_t + E W_t is proved"


def _lower(rule: Rule, schedule: str, drive: Drive, found: Found, flat: Sequence[Taken], heights: Sequence[Any],
           prover: Prover) -> tuple[growth.Lower, Fraction] | None:  # fmt: skip
    for lemma in growth.LOWER:
        if drive.field and not lemma.means:
            continue
        measures = [lemma.measure(t.after, drive.of(t)) * np.ones_like(t.g) for t in flat]
        for kappa in growth.kappas(heights, measures):
            if all(_raised(rule, schedule, drive, lemma, kappa, world, taken, given, prover) for world, taken, given in
                   ((found.steps.world, found.steps.taken, found.given),
                    (found.steps.first_world, found.steps.first, found.steps.first_given))):  # fmt: skip
                sums, then = growth.summable(lemma)
                if prover.implied(World(), sums, then).proved:
                    return lemma, kappa
    return None


def _raised(rule: Rule, schedule: str, drive: Drive, lemma: growth.Lower, kappa: Fraction, world: World, taken: Taken,
            given: Sequence[Any], prover: Prover) -> bool:  # fmt: skip
    """Whether alpha h >= kappa L after a step, in its world."""
    h = Stepping(rule, schedule, world.number).potential(taken.after).h
    wanted = kappa * lemma.measure(taken.after, world.number(drive.of(taken)))
    height, known = taken.after.alpha * h, list(given)
    if lemma is growth.SQUARES and isinstance(taken.after.root_t, Number):
        now = world.number(taken.after.root_t).above
        for r, x in list(world.roots.values()):  # a root of h sqrt(t) against S, by their squares
            if str(r) not in unknowns(world.number(height).above) or str(r) == str(now):
                continue
            squares = term(kappa * kappa * taken.after.squares <= x * taken.after.t)
            if prover.implied(world, given, squares).proved:
                S = world.number(wanted / kappa).above
                signs = [r >= 0, now >= 0, S >= 0, _scaled(kappa * kappa, S * S) <= r * r * now * now]
                lower = _scaled(kappa, S) <= r * now
                known += [lower] if prover.implied(World(), signs, lower).proved else []
    return prover.implied(world, known, term(wanted <= height)).proved


def _scaled(kappa: Fraction, S: Any) -> Any:
    return z3.Q(kappa.numerator, kappa.denominator) * S


def _capped(rule: Rule, schedule: str, found: Found, prover: Prover, upper: growth.Upper, K: Fraction, E: Fraction
            ) -> bool:  # fmt: skip
    """Whether alpha h <= K U + E W after every step: in any state that the invariants allow, and after the first."""
    steps = found.steps
    cases: list[tuple[World, View, Sequence[Any]]] = [
        (steps.world, steps.taken.before, found.given),
        (steps.first_world, steps.first.after, steps.first_given),
    ]
    for world, view, given in cases:
        h = Stepping(rule, schedule, world.number).potential(view).h
        U, W = upper.measure(view)
        if not prover.implied(world, given, term(view.alpha * h <= K * U + E * W)).proved:
            return False
    return True
