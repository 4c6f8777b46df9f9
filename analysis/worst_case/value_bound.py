"""A certified upper value of the worst regret: a dynamic programme over cells of the iterate and one number of memory.

Against the comparator u the rest of the regret from step t on obeys V_t(x, v) = max over |g| <= 1 of
g (x - u) + V_{t+1}(P(x + d(v, g)), v'(v, g)), V_{T+1} = 0. Here x, v and g lie in cells, everything is rounded
outwards, and V_{t+1} is replaced by its largest value on all cells that the step may reach. So the result is an upper
value, and finer cells bring it down.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.worst_case.enclosures import balls
from analysis.worst_case.scaled import Late, Scaled, settled
from dwmgrad_ref.execution import compiled as c
from dwmgrad_ref.ops import Undecided
from dwmgrad_ref.rules.base import Rule
from proofs.checkers.by_branching import Interval

ALL = 1e200  # a memory whose value may be anything up to this size


class NoUpper(Exception):
    """Why the programme does not apply to a rule."""


@dataclass(frozen=True)
class Cells:
    """How many cells of the iterate, a power of two; the ratio of a memory cell's ends; gradient cells in [0.1, 1]."""

    iterates: int = 2048
    ratio_memory: float = 1.06
    gradients_above: int = 64
    least_memory: float = 1e-6
    least_gradient: float = 1e-3

    def memory(self, high: float) -> np.ndarray:
        """Edges from 0 to high, geometric from `least_memory` on."""
        count = int(np.ceil(np.log(max(high / self.least_memory, 2.0)) / np.log(self.ratio_memory)))
        return np.concatenate([[0.0], np.geomspace(self.least_memory, high * (1 + 1e-9), count + 1)])

    def gradient_cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends of cells that cover [-1, 1]; none but the one around 0 holds both signs."""
        fine = np.linspace(0.1, 1.0, self.gradients_above + 1)
        edges = np.concatenate([np.geomspace(self.least_gradient, 0.1, 25)[:-1], fine])
        small = self.least_gradient
        low = np.concatenate([-edges[::-1][:-1], [-small], edges[:-1]])
        high = np.concatenate([-edges[::-1][1:], [small], edges[1:]])
        return low, high


def upper_value(rule: Rule, options: Any, T: int, cells: Cells = Cells()) -> float:
    """No T linear losses on [-1, 1] with slopes |g| <= 1 and positive values give the rule more regret than this.

    Args:
        options: validated options, the step size among them.

    Raises:
        NoUpper: the programme does not apply to the rule; the message says why.
    """
    try:
        steps = _shared(rule, options, T)
        return _programme(rule, options, steps, cells)
    except (Undecided, TypeError, AttributeError) as error:
        raise NoUpper(f"its formula does not run on intervals ({error})") from None


def _shared(rule: Rule, options: Any, T: int) -> list[Any]:
    """The shared state after each step, as intervals, whatever the positive losses in [1, 3] were."""
    found = []
    with balls() as engine:
        late = Late(engine, 1)
        o = _encoded(rule, options, late)
        k, _ = rule.begin(o, late.number(0))
        k = settled(k, late)
        for _ in range(T):
            k = settled(rule.shared(o, k, late.power(r=1) + 2), late)
            found.append(type(k)(*map(_interval, k)))
    return found


def _encoded(rule: Rule, options: Any, late: Late) -> Any:
    return rule.encode(options, lambda v: late.number(v if v in (0, float("inf")) else str(v)))


def _interval(value: Any) -> Any:
    if not isinstance(value, Scaled):
        return value
    return Interval(*value.late.engine.ends(value.coefficient(0, 0)))


def _programme(rule: Rule, options: Any, steps: list[Any], cells: Cells) -> float:
    with balls() as engine:
        o = _encoded(rule, options, Late(engine, 1))
        o = type(o)(*map(_interval, o))
    name = _memory(rule, o, steps)
    g_low, g_high = cells.gradient_cells()
    limit = _step_limit(rule, options, steps)
    edges = [np.array([0.0, 0.0])]
    for k in steps:  # how large the memory may have become
        after, _ = _image(rule, o, k, name, edges[-1][:1], edges[-1][-1:], np.array([-1.0]), np.array([1.0]))
        high = float(after.hi.max())
        edges.append(cells.memory(high) if high > 0 else edges[0])
    best = 0.0
    for u in (-1.0, 1.0):
        value = np.zeros((edges[-1].size - 1, cells.iterates))
        for t in range(len(steps) - 1, -1, -1):
            low, high = edges[t][:-1], edges[t][1:]
            after, move = _image(rule, o, steps[t], name, low, high, g_low, g_high)
            if not np.all(after.hi <= edges[t + 1][-1]) or np.any(np.isnan(after.lo)):
                raise NoUpper("its memory is not bounded on intervals")
            first = np.clip(np.searchsorted(edges[t + 1], np.maximum(after.lo, 0), "left") - 1, 0, None)
            last = np.clip(np.searchsorted(edges[t + 1], after.hi, "right") - 1, 0, edges[t + 1].size - 2)
            size = limit[t]
            down, up = np.clip(move.lo, -size, size), np.clip(move.hi, -size, size)
            value = _backwards(value, first, last, down, up, g_low, g_high, u)
        best = max(best, float(value.max()))
    return best


def _memory(rule: Rule, o: Any, steps: list[Any]) -> str:
    """The one number of memory on which the step depends; empty if there is none.

    Raises:
        NoUpper: there are several.
    """
    fields = rule.Coord._fields
    if "past" in fields:
        raise NoUpper("it remembers past gradients one by one")
    matters = []
    for name in fields:
        for k in steps[:1] + steps[-1:]:
            outcomes = []
            for at in (Interval(0.0), Interval(-ALL, ALL)):
                state = rule.Coord(*(at if field == name else Interval(0.25) for field in fields))
                after, x = rule.coord(o, k, state, Interval(0.0), Interval(0.5))
                outcomes.append([(float(v.lo), float(v.hi)) for v in (*after, x)])
            if outcomes[0] != outcomes[1]:
                matters.append(name)
                break
    if len(matters) > 1:
        raise NoUpper(
            f"it remembers {len(matters)} numbers a coordinate ({', '.join(matters)}); cells are made for one"
        )
    return matters[0] if matters else ""


def _image(rule: Rule, o: Any, k: Any, name: str, v_low: Any, v_high: Any, g_low: Any, g_high: Any) -> Any:
    """The memory after a step and the iterate's move, as intervals (memory cells, gradient cells)."""
    v = Interval(v_low[:, None], v_high[:, None])
    g = Interval(np.broadcast_to(g_low, (v_low.size, g_low.size)), np.broadcast_to(g_high, (v_low.size, g_high.size)))
    state = rule.Coord(*(v if field == name else Interval(0.0) for field in rule.Coord._fields))
    with np.errstate(all="ignore"):
        after, x = rule.coord(o, k, state, Interval(0.0), g)
        elsewhere = rule.coord(o, k, state, Interval(1.0), g)[1] - 1.0
    if not (
        np.allclose(elsewhere.lo, x.lo, rtol=1e-6, atol=1e-9) and np.allclose(elsewhere.hi, x.hi, rtol=1e-6, atol=1e-9)
    ):
        raise NoUpper("its step depends on the iterate")
    return (getattr(after, name) if name else Interval(0 * g.lo, 0 * g.hi)), x + Interval(0 * g.lo)


def _step_limit(rule: Rule, options: Any, steps: list[Any]) -> list[float]:
    """A proved limit of the move at each step; 2, the width of the box, where the rule has none."""
    bound = rule.step_bound(rule.encode(options))
    size = float(options.alpha) * bound * (1 + 1e-9) if np.isfinite(bound) else 2.0
    return [min(size, 2.0)] * len(steps)


@c.compiled
def _backwards(later, first, last, down, up, g_low, g_high, u):
    """V_t (memory cells, iterate cells) from V_{t+1}; moves lie in [down, up], memory in cells first..last.

    A cell is 2/n wide and n is a power of two, so that a move in cells is exact; it shifts all iterates alike.
    """
    n, (m, G) = later.shape[1], first.shape
    h = 2.0 / n
    value, reached, widest = np.zeros((m, n)), np.zeros(n), np.zeros(3 * n + 4)
    for j in range(m):
        for q in range(G):
            reached[:] = later[first[j, q]]
            for s in range(first[j, q] + 1, last[j, q] + 1):
                for i in range(n):
                    reached[i] = max(reached[i], later[s, i])
            low = int(np.floor(down[j, q] / h))
            width = int(np.ceil(up[j, q] / h)) - low + 1
            for i in range(n + width - 1):
                widest[i] = reached[max(0, min(n - 1, i + low))]
            have = 1
            while have < width:  # widest[i] becomes the largest of so many from i on
                more = min(have, width - have)
                for i in range(n + width - have - more):
                    widest[i] = max(widest[i], widest[i + more])
                have += more
            for i in range(n):
                a, b = -1.0 + i * h - u, -1.0 + (i + 1) * h - u
                now = max(max(g_low[q] * a, g_low[q] * b), max(g_high[q] * a, g_high[q] * b))
                value[j, i] = max(value[j, i], (widest[i] + now) * (1.0 + 1e-14) + 1e-14)
    return value


def warmed() -> None:
    """Compile the programme, so that the first use of it takes no longer than the next."""
    nothing, none = np.zeros((1, 1)), np.zeros((1, 1), dtype=np.int64)
    _backwards(nothing, none, none, nothing, nothing, np.zeros(1), np.zeros(1), 1.0)
