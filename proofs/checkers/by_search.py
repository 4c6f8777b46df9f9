"""Searches: a statement that many attempts failed to break. They only ever support a claim.

The adversary looks for the gradients g_1..g_T in [-1, 1] on which a rule suffers most on the box [-1, 1], with
losses f_t(x) = g_t x + OFFSET (positive, so that a rule that reads the loss sees what the `loss` signal promises).
All on the rule's own compiled formula: gradient ascent with momentum (Adam's, which gets across the kinks that the
ends of the box make; slopes by differences) from many sequences; the best few take coordinate and segment moves and
smaller steps of ascent in turn.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref import rules
from dwmgrad_ref.execution import compiled as c
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.rules.bounds import Facts
from proofs.statements.claim import Check, Outcome

OFFSET = 2.0
DIFFERENCE = 1e-7
Attempt = tuple[bool, str, dict[str, Any] | None]
_step = c.caller(c.STEP)


def searched(name: str, says: str, attempt: Callable[[], Attempt]) -> Check:
    """A search for a counterexample, seeded; `attempt` returns (none found, one line of detail, what was found)."""
    return Check(name, "search", says, lambda: _outcome(*attempt()))


def _outcome(none_found: bool, detail: str, found: dict[str, Any] | None) -> Outcome:
    return Outcome("holds" if none_found else "fails", detail, found)


class Worst(NamedTuple):
    """A sequence the adversary found: g (T,), the start, its regret, and the proved bound for it (nan if none)."""

    g: np.ndarray
    start: float
    regret: float
    bound: float

    @property
    def ratio(self) -> float:
        return self.regret / self.bound


@c.compiled
def _value(step, p, k0, rows, g, start, relative, k, state, x, gradient):
    """Regret against the best end of the box, divided by sqrt(Σ g²) if `relative`."""
    k[:] = k0
    state[:] = 0.0
    x[0] = start
    suffered = total = squares = 0.0
    for t in range(g.size):
        suffered += g[t] * x[0]
        total += g[t]
        squares += g[t] * g[t]
        gradient[0] = g[t]
        if g[t] != 0.0 or squares > 0.0:  # before the first gradient a step would be 0/0 where eps = 0
            _step(step, (p, k, state, x, gradient, 1, rows, g[t] * x[0] + OFFSET))
        x[0] = min(max(x[0], -1.0), 1.0)
    regret = suffered + abs(total)
    return regret / np.sqrt(squares) if relative and squares > 0.0 else regret


@c.compiled
def _climb(step, p, k0, rows, g, start, relative, budget, rng):
    """Improve g in place for `budget` evaluations; returns the value reached."""
    T = g.size
    k, state, x, gradient = np.empty(k0.size), np.empty((rows, 1)), np.empty(1), np.empty(1)
    best = _value(step, p, k0, rows, g, start, relative, k, state, x, gradient)
    spent, width = 0, 0.5
    saved = g.copy()
    while spent < budget:
        before = best
        for t in range(T):  # one coordinate at a time: the ends, nothing, and a little up or down
            old = g[t]
            for choice in range(5):
                g[t] = (-1.0, 1.0, 0.0, min(old + width, 1.0), max(old - width, -1.0))[choice]
                value = _value(step, p, k0, rows, g, start, relative, k, state, x, gradient)
                if value > best:
                    best, old = value, g[t]
            g[t] = old
        for _ in range(2 * T):  # a segment flipped, silenced, scaled, set to the ends, or moved by one
            length = 1 + int(T ** rng.random())
            i = rng.integers(0, max(T - length, 0) + 1)
            j = min(i + length, T)
            saved[:] = g
            move = rng.integers(0, 6)
            for t in range(i, j):
                if move == 5:
                    g[t] = saved[t + 1 if t + 1 < j else i]
                else:
                    larger = min(max(g[t] * 1.3, -1.0), 1.0)
                    g[t] = (-g[t], 0.0, larger, g[t] * 0.8, -1.0 if g[t] < 0 else 1.0)[move]
            value = _value(step, p, k0, rows, g, start, relative, k, state, x, gradient)
            if value > best:
                best = value
            else:
                g[:] = saved
        spent += 7 * T
        if best - before <= 1e-4 * abs(best):
            width *= 0.5
            if width < 1e-4:
                break
    return best


def starts(T: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, T) sequences: random signs with a drift, sizes that grow or fade like a power of the time; one turn."""
    time = (np.arange(T) + 1) / T
    drift, spread, power = rng.normal(size=(count, 1)), rng.uniform(0, 1.5, (count, 1)), rng.uniform(-1, 4, (count, 1))
    signs = np.where(rng.normal(size=(count, T)) * spread + drift > 0, 1.0, -1.0)
    turn = rng.uniform(0, 0.5, (count, 1))
    signs[::4] = np.where(time < turn[::4], -1.0, 1.0)
    return (signs * time**power * rng.uniform(0.3, 1.0, (count, T))).clip(-1.0, 1.0)


@c.compiled
def _slopes(step, p, k0, rows, g, start, relative, slopes):
    """The value, and its slope in every g_t by a forward difference (backward at the upper end)."""
    k, state, x, gradient = np.empty(k0.size), np.empty((rows, 1)), np.empty(1), np.empty(1)
    value = _value(step, p, k0, rows, g, start, relative, k, state, x, gradient)
    for t in range(g.size):
        old = g[t]
        width = DIFFERENCE if old + DIFFERENCE <= 1.0 else -DIFFERENCE
        g[t] = old + width
        slopes[t] = (_value(step, p, k0, rows, g, start, relative, k, state, x, gradient) - value) / width
        g[t] = old
    return value


@c.compiled
def _ascend(step, p, k0, rows, g, start, relative, iterations, size):
    """Improve g in place by steps of Adam, of `size` at first and a thirtieth of it at last; returns the best value."""
    at, slopes, best = g.copy(), np.empty(g.size), -np.inf
    mean, square = np.zeros(g.size), np.zeros(g.size)
    for i in range(iterations):
        value = _slopes(step, p, k0, rows, at, start, relative, slopes)
        if value > best:
            best = value
            g[:] = at
        rate = size * (1.0 - i / iterations) + size / 30.0
        for t in range(g.size):
            mean[t] = 0.9 * mean[t] + 0.1 * slopes[t]
            square[t] = 0.99 * square[t] + 0.01 * slopes[t] * slopes[t]
            m, v = mean[t] / (1.0 - 0.9 ** (i + 1)), square[t] / (1.0 - 0.99 ** (i + 1))
            at[t] = min(max(at[t] + rate * m / (np.sqrt(v) + 1e-12), -1.0), 1.0)
    return best


def blank(rule: Rule, o: Any, zero: Any) -> Any:
    """A coordinate's memory before the first step, past values included where the rule stores them."""
    past = (zero,) * max(rule.history(o), 1)
    return rule.Coord(*(past if name == "past" else zero for name in rule.Coord._fields))


def stretched(g: np.ndarray, T: int) -> list[np.ndarray]:
    """A sequence made T steps long in three ways, whatever its own length.

    Nothing after it, which keeps the regret; so little before it that a rule without a scale forgets it; slower.
    """
    short = g[-T:]
    small = np.full(T - short.size, 1e-3 * np.max(np.abs(g)))
    small[::2] *= -1
    slower = g[np.minimum(np.arange(T) * g.size // T, g.size - 1)]
    return [np.concatenate([short, 0 * small]), np.concatenate([small, short]), slower.copy()]


def worst_sequence(
    rule: str | Rule,
    T: int,
    relative: bool = True,
    seed: int = 0,
    count: int | None = None,
    iterations: int | None = None,
    polish: int = 10_000,
    earlier: Sequence[Worst] = (),
    **options: Any,
) -> Worst:
    """The worst sequence found for a rule with these options, by a seeded search.

    Args:
        T: steps.
        relative: look for the largest regret / sqrt(Σ g²), which is what bounds in that sum ask for; else regret.
        count, iterations: sequences improved, and steps of each ascent; unless given 64 and 300, fewer for T > 100.
        polish: evaluations spent on moves for each of the best three, in each of two rounds.
        earlier: what was found for other T, stretched and used as further starts, as it is and with noise.
    """
    rule = rules.get(rule)
    o = rule.options(**options)
    code = rule.encode(o)
    rows = len(rule.Coord._fields) + max(rule.history(o) - 1, 0)
    k0 = np.array(rule.start(code), dtype=float)
    play = c.step_of(rule).address, np.array(code, dtype=float), k0, rows
    rng, count = np.random.default_rng(seed), count or max(12, min(64, 6400 // T))
    iterations = iterations or max(100, min(300, 60_000 // T))
    g, start = starts(T, count, rng), np.resize([-1.0, 0.0, 1.0], count)
    for i, (known, at) in enumerate([(known, w.start) for w in earlier for known in stretched(w.g, T)][: count // 4]):
        g[2 * i], g[2 * i + 1], start[2 * i : 2 * i + 2] = known, (known * rng.uniform(0.9, 1.1, T)).clip(-1, 1), at
    values = np.array([_ascend(*play, g[i], start[i], relative, iterations, 0.03) for i in range(count)])
    best = np.argsort(-values)[:3]
    for i in best:
        for size in (0.01, 0.003):
            _ascend(*play, g[i], start[i], relative, iterations, size)
            values[i] = _climb(*play, g[i], start[i], relative, polish, rng)
    i = best[np.argmax(values[best])]
    return Worst(g[i], float(start[i]), *played(rule, g[i], float(start[i]), **options))


def iterates(rule: str | Rule, g: np.ndarray, start: float, **options: Any) -> np.ndarray:
    """theta_1..theta_T (T,) on given gradients, by the interpreted formula (the search ran the compiled one)."""
    rule = rules.get(rule)
    o = rule.encode(rule.options(**options))
    k, state, x, begun, at = rule.start(o), blank(rule, o, 0.0), start, False, []
    for value in map(float, g):
        at.append(x)
        begun = begun or value != 0.0
        if begun:
            k = rule.shared(o, k, value * x + OFFSET)
            state, x = rule.coord(o, k, state, x, value)
            x = min(max(x, -1.0), 1.0)
    return np.array(at, dtype=float)


def regret_of(rule: str | Rule, g: np.ndarray, start: float, **options: Any) -> float:
    """The regret of a given sequence against the best end of the box, replayed by the interpreted formula."""
    return float(g @ iterates(rule, g, start, **options) + abs(np.sum(g)))


def played(rule: str | Rule, g: np.ndarray, start: float, **options: Any) -> tuple[float, float]:
    """Regret of a given sequence and the rule's a-priori bound with its facts (nan if none is known)."""
    rule = rules.get(rule)
    return regret_of(rule, g, start, **options), _bound(rule, rule.encode(rule.options(**options)), g)


def _bound(rule: Rule, code: Any, g: np.ndarray) -> float:
    """The rule's own a-priori bound with the facts of this sequence."""
    played = np.trim_zeros(g, "f")
    if not (rule.bounds and played.size):
        return float("nan")
    k = rule.start(code)
    for _ in range(played.size):
        k = rule.shared(code, k, OFFSET)
    one = np.ones(1)
    S, G = float(np.sqrt(np.sum(played**2))), float(np.max(np.abs(played), initial=0.0))
    facts = Facts(D=2 * one, S=S * one, T=played.size, first=0.0, last=0.0, fixed=False, projected=True, G=G * one,
                  g1=np.abs(played[:1]))  # fmt: skip
    return rule.bound(code, k, facts)
