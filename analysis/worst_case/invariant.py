"""Boxes of states that a rule does not leave on a periodic word, from some step on and for every step size.

The state at step t is a vector of numbers c alpha^p tau^q (`scaled.py`); a box encloses every c. If one period, run on
enclosures of all late steps at once, takes the box at the start of a period into itself, then it holds at every later
period, and the enclosures of the pushes hold at every later step. A run from the start shows that the state enters it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from analysis.worst_case.enclosures import Engine
from analysis.worst_case.scaled import UNIT, Late, Scaled, powers, settled
from analysis.worst_case.words import Word, offsets, slopes
from dwmgrad_ref.ops import Undecided
from dwmgrad_ref.rules.base import Rule

FADED = 0.02  # what is smaller may be taken to fade like t^-2, where the time multiplies it
ROUNDS = 40  # attempts to close a box, each with wider ends where it did not close


class Part(NamedTuple):
    """One number of the state: it is c alpha^p tau^q with c in [low, high], p and q in quarters; or the clock t."""

    p: int
    q: int
    low: float
    high: float
    clock: bool = False


@dataclass(frozen=True)
class Invariant:
    """From step `first` on the pushes of a period lie in `pushes` [(low, high), ...]; the box is that of its start."""

    first: int
    box: tuple[Part, ...]
    pushes: tuple[tuple[float, float], ...]


class Driven:
    """A rule with options on a word, run on enclosures by one engine.

    Args:
        options: validated options; its step size is not used, because all are taken at once.
        schedule: "sqrt" for alpha/sqrt(t), "constant"; where the rule has no such option, its step size is replaced at
            every step, as a scheduler of a training library does.
    """

    fading = False  # whether small numbers of the state are enclosed by multiples of t^-2

    def __init__(self, rule: Rule, options: Any, schedule: str, word: Word, engine: Engine, ramp: float = 0.0):
        self.rule, self.schedule, self.word, self.engine = rule, schedule, word, engine
        self.ramp, self.g, self.b = ramp, slopes(word).tolist(), offsets(word, ramp).tolist()
        inner = "schedule" in options._fields
        self.options = options._replace(schedule=schedule) if inner else options
        self.outer = not inner and schedule == "sqrt"

    def step(self, late: Late, o: Any, k: Any, c: Any, t: int, x: Scaled | None = None) -> tuple[Any, Any, Scaled]:
        """Step t of the word from the iterate x, or from X: the state and the iterate after it, not yet projected."""
        place, X = (t - 1) % len(self.g), late.power(r=1) if x is None else x
        g = late.number(self.g[place])
        k = self.rule.shared(o, k, g * X + late.number(self.b[place]))
        c, after = self.rule.coord(o, k, c, X, g)
        return k, c, after

    def encoded(self, late: Late, alpha: Scaled) -> Any:
        """The options with every number as it is written, and the step size alpha."""
        o = self.rule.encode(self.options._replace(alpha=1.0), lambda value: late.number(_written(value)))
        return o._replace(alpha=alpha)

    def started(self, late: Late, o: Any) -> tuple[Any, Any]:
        k, c = self.rule.begin(o, late.number(0))
        return type(k)(*(value if isinstance(value, Scaled) else late.number(value) for value in k)), c

    def entered(self, first: int) -> tuple[Part, ...]:
        """The state after step `first`, in the units of the box; `first` is a multiple of the period."""
        late = Late(self.engine, first)
        o = self.encoded(late, late.power(UNIT))
        k, c = self.started(late, o)
        for t in range(1, first + 1):
            if self.outer:
                o = o._replace(alpha=Scaled(_over_root(late, t), late))
            k, c, _ = self.step(late, o, k, c, t)
            k, c = settled(k, late), settled(c, late)
        return tuple(self._part(late, number, first) for number in flat(k, c))

    def _part(self, late: Late, number: Any, first: int) -> Part:
        if not isinstance(number, Scaled):
            raise Undecided("a number of the state is infinite")
        alone = number.single()
        if not alone.terms:
            return Part(0, 0, 0.0, 0.0)
        ((name, c),) = alone.terms.items()
        p, q, _ = powers(name)
        if p == q == 0 and self.engine.ends(c) == (float(first), float(first)):
            return Part(0, -2 * UNIT, 1.0, 1.0, clock=True)
        if self.fading and p == q == 0 and max(map(abs, self.engine.ends(c))) < FADED:
            return Part(0, 4 * UNIT, *self.engine.ends(c * first * first))
        if p and self.schedule == "sqrt":  # c alpha^p = c sqrt(t)^p (alpha tau)^p
            root = self.engine.sqrt(self.engine.sqrt(self.engine.sqrt(self.engine.number(first))))
            for _ in range(abs(p)):
                c = c * root if p > 0 else c / root
            q = p
        return Part(p, q, *self.engine.ends(c))

    def period(self, first: int, box: Sequence[Part]) -> tuple[tuple[Part, ...], list[tuple[float, float]]]:
        """One period from any step >= first on, from any state in the box: the states after it, and the pushes."""
        late = Late(self.engine, first)
        o = self.encoded(late, late.power(UNIT, UNIT if self.outer else 0))
        shape = self.started(late, o)
        parts, pushes = tuple(box), []
        for t in range(1, len(self.g) + 1):
            k, c = rebuilt(shape, [self._now(late, part) for part in parts])
            k, c, free = self.step(late, o, k, c, t)
            move = free - late.power(r=1)
            k, c = settled(k, late), settled(c, late)
            pushes.append(self.engine.ends(move.coefficient(UNIT, UNIT if self.schedule == "sqrt" else 0)))
            parts = tuple(self._kept(part, number) for part, number in zip(parts, flat(k, c), strict=True))
        return parts, pushes

    def _now(self, late: Late, part: Part) -> Scaled:
        """A number of the state after step t - 1 in units of tau = 1/sqrt(t)."""
        if part.clock:
            return late.power(q=-2 * UNIT) - 1
        c = self.engine.span(part.low, part.high) if part.low < part.high else self.engine.number(part.low)
        if part.q:  # tau_{t-1} = tau_t sqrt(t/(t-1))
            c = c * _ratio(late, part.q)
        return late.power(part.p, part.q, c=c)

    def _kept(self, part: Part, number: Any) -> Part:
        if not isinstance(number, Scaled):
            raise Undecided("a number of the state is infinite")
        if part.clock:
            left = number - number.late.power(q=-2 * UNIT)
            if left.terms:
                raise Undecided("what was taken for the number of the step is not that")
            return part
        if not number.terms:
            return part._replace(low=0.0, high=0.0)
        return part._replace(**dict(zip(("low", "high"), self.engine.ends(number.coefficient(part.p, part.q)),
                                        strict=True)))  # fmt: skip


def closed(driven: Driven, first: int) -> Invariant | None:
    """A box around the state after step `first` that a period takes into itself; None if none is found."""
    box = tuple(_loosened(part) for part in driven.entered(first))
    for attempt in range(ROUNDS):
        after, pushes = driven.period(first, box)
        if holds(box, after):
            bounded = all(isfinite(end) for push in pushes for end in push)
            return Invariant(first, box, tuple(pushes)) if bounded else None
        if any(not abs(end) < 1e300 for part in after for end in part[2:4]):
            return None
        box = tuple(_widened(a, b, attempt) for a, b in zip(box, after, strict=True))
    return None


def holds(box: Sequence[Part], after: Sequence[Part]) -> bool:
    """Whether every part of `after` lies in that of `box`."""
    return all(a.low <= b.low and b.high <= a.high for a, b in zip(box, after, strict=True))


def _loosened(part: Part) -> Part:
    """A little wider unless it is one number, so that another engine, which rounds elsewhere, finds it large enough."""
    if part.clock or part.low == part.high:
        return part
    extra = 1e-9 * max(abs(part.low), abs(part.high))
    return part._replace(low=part.low - extra, high=part.high + extra)


def _widened(part: Part, after: Part, attempt: int) -> Part:
    if part.low <= after.low and after.high <= part.high:
        return part
    low, high = min(part.low, after.low), max(part.high, after.high)
    extra = (high - low) * (0.1 if attempt < 2 else 0.5)
    return part._replace(low=low - extra, high=high + extra)


def _ratio(late: Late, q: int) -> Any:
    """(t/(t-1))^(q/8) for all t > first."""
    engine, first = late.engine, late.first
    root = engine.number(first + 1) / engine.number(first)
    for _ in range(3):
        root = engine.sqrt(root)
    most = root
    for _ in range(abs(q) - 1):
        most = most * root
    one = engine.span(1.0, engine.ends(most)[1])
    return one if q > 0 else 1 / one


def _over_root(late: Late, t: int) -> dict[int, Any]:
    ((name, _),) = late.power(UNIT).terms.items()
    return {name: 1 / late.engine.sqrt(late.engine.number(t))}


def _written(value: float) -> Any:
    """0.9 as nine tenths, not the float beside it; infinity as it is."""
    return value if value in (0, float("inf"), float("-inf")) else str(value)


def flat(k: Any, c: Any) -> list[Any]:
    """The numbers of the state one after the other, past values included."""
    found: list[Any] = []
    for value in (*k, *c):
        found += value if isinstance(value, tuple) else [value]
    return found


def rebuilt(shape: tuple[Any, Any], numbers: Sequence[Any]) -> tuple[Any, Any]:
    """The state of that shape with these numbers."""
    rest = iter(numbers)

    def filled(state: Any) -> Any:
        return type(state)(*(tuple(next(rest) for _ in v) if isinstance(v, tuple) else next(rest) for v in state))

    k = filled(shape[0])
    return k, filled(shape[1])
