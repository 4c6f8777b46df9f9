"""What a rule's state satisfies after every step t >= 1, found on runs and proved by induction.

Candidates are instances of a few templates: constants, counters, the step size, running sums and means of squares,
signs, ranges, and sizes of one memory against another. Runs drop most of them. What is left is assumed before a step
and asked for after it; a candidate that fails is dropped, with all that the solver's counterexample violates, until
all that are left carry each other. So the proof is an induction whatever the search was.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from analysis.audit.proving import Prover, term
from analysis.audit.solver_numbers import Number, World
from analysis.audit.step_model import Stepping, Taken, View
from dwmgrad_ref.rules.base import Rule

ROUNDING = 1e-9
LADDER = (Fraction(1), Fraction(11, 10), Fraction(2), Fraction(10))  # a constant measured on runs is widened so far
Value = Callable[[View], Any]


@dataclass(frozen=True)
class Equality:
    """A field of the state, or A = g_1² + ... + g_t², as a function of the rest."""

    field: str
    words: str
    value: Value

    def of(self, view: View) -> Any:
        return view.squares if self.field == "A" else view.state[self.field]

    def sides(self, view: View) -> tuple[Any, Any]:
        return self.of(view), self.value(view)

    def holds(self, view: View) -> bool:
        a, b = np.broadcast_arrays(*map(np.asarray, self.sides(view)))
        return bool(np.all(np.abs(a - b) <= ROUNDING * np.maximum(np.abs(a), np.abs(b))))

    def term(self, view: View) -> Any:
        a, b = self.sides(view)
        return term(_number(a, b) == b)


@dataclass(frozen=True)
class Inequality:
    """low <= high, or low < high if strict."""

    words: str
    low: Value
    high: Value
    strict: bool = False

    def holds(self, view: View) -> bool:
        a, b = np.broadcast_arrays(np.asarray(self.low(view)), np.asarray(self.high(view)))
        if self.strict:
            return bool(np.all(a < b))
        return bool(np.all(a <= b + ROUNDING * np.maximum(np.abs(a), np.abs(b))))

    def term(self, view: View) -> Any:
        a, b = self.low(view), self.high(view)
        a = _number(a, b)
        return term(a < b if self.strict else a <= b)


Invariant = Equality | Inequality


def _number(a: Any, b: Any) -> Any:
    """The first with the second's world, so that the two compare as exact numbers."""
    return b.world.number(a) if isinstance(b, Number) else a


@dataclass
class Induction:
    """The step from any t >= 1 to t + 1, and the first step, on the solvers' numbers."""

    world: World
    taken: Taken
    given: list[Any]  # ranges of what is not the state
    first_world: World
    first: Taken
    first_given: list[Any]

    def before(self, known: Sequence[Invariant]) -> list[Any]:
        """What is known before the step, as the solvers' terms."""
        with self.world.without_duties():
            return [e.term(self.taken.before) for e in known]


def induction(stepping_of: Callable[[World], Stepping], equalities: Sequence[Equality], positive: bool) -> Induction:
    """The two steps, where fields with an equality are replaced by their values; `positive` makes the losses so."""
    world, first_world = World(), World()
    stepping, starting = stepping_of(world), stepping_of(first_world)
    before, given = _before(world, stepping, equalities)
    taken = stepping.step(before, *_inputs(world, before.G, given, positive))
    alpha, G = (first_world.real(name, positive=True) for name in ("alpha", "G"))
    first_given: list[Any] = []
    first_given += [positive_term(e) for e in (alpha, G)]
    inputs = _inputs(first_world, G, first_given, positive)
    first = starting.step(starting.start(alpha, G), *inputs)
    return Induction(world, taken, given, first_world, first, first_given)


def _before(world: World, stepping: Stepping, equalities: Sequence[Equality]) -> tuple[View, list[Any]]:
    alpha, G, root_t = (world.real(name, positive=True) for name in ("alpha", "G", "root_t"))
    t = root_t * root_t
    solved = {e.field: e for e in equalities}
    state = {f: world.real(f.replace(".", "_")) for f in stepping.fields if f not in solved}
    view = View(state, t, root_t, None, alpha, G, stepping.options(alpha, root_t))
    state |= {f: world.number(e.value(view)) for f, e in solved.items() if f != "A"}
    squares = world.number(solved["A"].value(view)) if "A" in solved else world.real("A")
    given = [root_t >= 1, squares >= 0, squares <= t * G * G]
    view = View(state, t, root_t, squares, alpha, G, view.options)
    return view, [*map(positive_term, (alpha, G)), *map(term, given)]


def positive_term(e: Any) -> Any:
    """That an unknown which the world takes for positive is so; comparing it would cancel it."""
    return e.above > 0


def _inputs(world: World, G: Any, given: list[Any], positive: bool) -> tuple[Any, Any, Any]:
    x, g, loss = map(world.real, ("x", "g", "loss"))
    given += [term(g <= G), term(-G <= g)] + ([term(loss > 0)] if positive else [])
    return x, g, loss


# --- candidates -------------------------------------------------------------------------------------------------


def constants(stepping: Stepping) -> list[Fraction]:
    """0, 1, the finite numbers among the options and what the state starts from."""
    options = [v for v in stepping.rule.options() if isinstance(v, int | float) and not isinstance(v, bool)]
    started = [v for v in stepping.rule.start(stepping.encoded) if isinstance(v, int | float)]
    values = [Fraction(repr(float(v))) for v in [*options, *started] if math.isfinite(v)]
    return list(dict.fromkeys([Fraction(0), Fraction(1), *values]))


def equalities(stepping: Stepping, seen: Sequence[View]) -> Iterator[list[Equality]]:
    """For each field, the equalities that hold on all views, the simplest first; last those about A."""
    pool, counted = constants(stepping), []
    for f in stepping.fields:
        tried = [*_equalities(f, pool)]
        found = [e for e in tried if all(e.holds(v) for v in seen)]
        if found:
            yield found
        else:
            counted.append(f)
    sums = [Equality("A", f"A = {_name(f)} * (t + {c})", lambda v, f=f, c=c: v.state[f] * (v.t + _as(v.t, c)))
            for f in counted for c in pool if c >= 0]  # fmt: skip
    sums += [Equality("A", f"A = {_name(f)}", lambda v, f=f: v.state[f]) for f in counted]
    if found := [e for e in sums if all(e.holds(v) for v in seen)]:
        yield found


def _as(like: Any, c: Fraction) -> Any:
    """A constant as a number of the kind of another."""
    return like.world.number(c) if isinstance(like, Number) else float(c)


def _equalities(f: str, pool: Sequence[Fraction]) -> Iterator[Equality]:
    name = _name(f)
    for c in pool:
        yield Equality(f, f"{name} = {c}", lambda v, c=c: _as(v.t, c))
    for c in pool:
        yield Equality(f, f"{name} = t + {c}", lambda v, c=c: v.t + _as(v.t, c))
    yield Equality(f, f"{name} = alpha", lambda v: v.alpha)
    yield Equality(f, f"{name} = alpha/sqrt(t)", lambda v: v.alpha / v.root_t)


def _name(f: str) -> str:
    return f.partition(".")[2]


def inequalities(stepping: Stepping, free: Sequence[str], seen: Sequence[View]) -> list[Inequality]:
    """Signs, ranges and sizes against each other that hold on all views, for fields without an equality."""
    tried = [e for f in free for e in _ranges(f, constants(stepping), seen)]
    own = [f for f in free if f.startswith("c.")]
    tried += [e for a in own for b in own if a != b for e in _pairs(a, b, seen)]
    return [e for e in tried if all(e.holds(v) for v in seen)]


def _ranges(f: str, pool: Sequence[Fraction], seen: Sequence[View]) -> Iterator[Inequality]:
    n = _name(f)

    def value(v: View) -> Any:
        return v.state[f]

    yield Inequality(f"{n} > 0", lambda v: _as(v.t, Fraction(0)), value, strict=True)
    for c in pool:
        yield Inequality(f"{n} >= {c}", lambda v, c=c: _as(v.t, c), value)
        yield Inequality(f"{n} <= {c}", value, lambda v, c=c: _as(v.t, c))
        yield Inequality(f"{n} <= t + {c}", value, lambda v, c=c: v.t + _as(v.t, c))
        yield Inequality(f"{n} >= t + {c}", lambda v, c=c: v.t + _as(v.t, c), value)
    if not f.startswith("c."):
        return
    yield Inequality(f"{n} <= G", value, lambda v: v.G)
    yield Inequality(f"{n} >= -G", lambda v: -v.G, value)
    yield Inequality(f"{n} <= A", value, lambda v: v.squares)
    yield from _within_square(f, seen)
    for least in _widened(_extreme(lambda v: v.state[f] * v.t, lambda v: v.squares, seen, np.nanmin), down=True):
        yield Inequality(f"{n} t >= {least} A", lambda v, a=least: _as(v.t, a) * v.squares, lambda v: v.state[f] * v.t)


def _within_square(f: str, seen: Sequence[View]) -> Iterator[Inequality]:
    """f <= a G² + b: b is what no gradients leave, a the most that gradients add."""
    idle = max(float(np.asarray(v.state[f]).flat[0]) for v in seen)
    for b in [Fraction(0)] if idle <= 0 else [c * rounded(idle, up=True) for c in LADDER]:
        over = _extreme(lambda v, b=b: v.state[f] - float(b), lambda v: v.G**2, seen, np.nanmax)
        for a in [Fraction(1), *_widened(over, down=False)]:
            yield Inequality(f"{_name(f)} <= {a} G² + {b}", lambda v: v.state[f],
                             lambda v, a=a, b=b: _as(v.t, a) * v.G * v.G + _as(v.t, b))  # fmt: skip


def _pairs(a: str, b: str, seen: Sequence[View]) -> Iterator[Inequality]:
    yield Inequality(f"{_name(a)} <= {_name(b)}", lambda v: v.state[a], lambda v: v.state[b])
    most = _extreme(lambda v: v.state[a] ** 2, lambda v: v.state[b], seen, np.nanmax)
    for c in _widened(most, down=False):
        yield Inequality(f"{_name(a)}² <= {c} {_name(b)}", lambda v: v.state[a] * v.state[a],
                         lambda v, c=c: _as(v.t, c) * v.state[b])  # fmt: skip


def _extreme(above: Value, below: Value, seen: Sequence[View], choose: Callable[[Any], Any]) -> float:
    """The smallest or largest ratio on all views where the denominator is positive; nan where it never is."""
    with np.errstate(all="ignore"):
        ratios = [np.where(below(v) > 1e-200, above(v) / below(v), np.nan) for v in seen]
    ratios = [r for r in ratios if np.any(np.isfinite(r))]
    return float(choose([choose(r) for r in ratios])) if ratios else math.nan


def _widened(x: float, down: bool) -> list[Fraction]:
    if not (math.isfinite(x) and 1e-9 < x < 1e9):
        return []
    return [rounded(x, up=not down) / c if down else rounded(x, up=True) * c for c in LADDER]


def rounded(x: float, up: bool, digits: int = 3) -> Fraction:
    """A positive number to so many digits, outwards; what is a short decimal up to rounding stays that."""
    if x == 0:
        return Fraction(0)
    unit = Fraction(10) ** (math.floor(math.log10(abs(x))) - digits + 1)
    scaled = Fraction(x) / unit
    if abs(scaled - round(scaled)) < Fraction(1, 10**6):
        return round(scaled) * unit
    return (math.ceil(scaled) if up else math.floor(scaled)) * unit


# --- the search -------------------------------------------------------------------------------------------------


@dataclass
class Found:
    """Invariants that carry each other, with the steps in whose worlds they were proved."""

    equalities: list[Equality]
    inequalities: list[Inequality]
    steps: Induction
    candidates: int

    @property
    def given(self) -> list[Any]:
        """What is known before step t + 1, as the solvers' terms."""
        return [*self.steps.given, *self.steps.before(self.inequalities)]


def search(rule: Rule, schedule: str, positive: bool, seen: Sequence[View], prover: Prover) -> Found:
    """The largest part of the candidates that is proved to hold after every step.

    Raises:
        NotSolvable: the solvers cannot follow the formula.
    """

    def stepping_of(world: World) -> Stepping:
        return Stepping(rule, schedule, world.number)

    floats = Stepping(rule, schedule)
    offered = list(equalities(floats, seen))
    count = sum(map(len, offered))
    while True:
        steps = induction(stepping_of, [e[0] for e in offered], positive)
        failed = _failing([e[0] for e in offered], [], steps, prover)
        if not failed:
            break
        offered = [rest for e in offered if (rest := e[1:] if e[0] in failed else e)]
    chosen = [e[0] for e in offered]
    free = [f for f in floats.fields if f not in {e.field for e in chosen}]
    kept = inequalities(floats, free, seen)
    count += len(kept)
    for second in (False, True):  # z3 finds what carries itself; then cvc5 is asked as well
        while failed := _failing(kept, kept, steps, prover, second):
            kept = [e for e in kept if e not in failed]
    return Found(chosen, kept, steps, count)


def _failing(asked: Sequence[Invariant], known: Sequence[Invariant], steps: Induction, prover: Prover,
             second: bool = True) -> list[Invariant]:  # fmt: skip
    """Those that one of the two steps is not proved to lead to; the first counterexample names all it violates."""
    given = [*steps.given, *steps.before(known)]
    goals = [(e, e.term(steps.taken.after), e.term(steps.first.after)) for e in asked]
    failed = []
    for e, then, first in goals:
        if not prover.implied(steps.first_world, steps.first_given, first, second=second).proved:
            failed.append(e)
        elif not prover.implied(steps.world, given, then, second=second).proved:
            failed.append(e)
    return failed


def defined(world: World, given: Sequence[Any], prover: Prover) -> str:
    """Why a root or a quotient may be undefined in a world; empty if both solvers find that all are defined."""
    for key, duty in world.duties.items():
        if not prover.implied(world, given, term(duty.condition), roots=duty.roots).proved:
            return f"{duty.words}: {key}"
    return ""
