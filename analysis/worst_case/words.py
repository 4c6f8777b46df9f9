"""Periodic linear losses as short words, and where a rule pushes on them, in fast floats.

A word is a tuple of blocks (slope, count). Its losses are f_t(x) = g x + |g| + 1 + r, positive on [-1, 1]; r falls
within a period by the ramp a step, or rises by it if the ramp is negative, for rules that compare losses. A gradient
of such a loss does not depend on the iterate, so the rule's state is driven by the word and the ramp alone.
"""

import itertools
import math
import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref.execution import compiled as c
from dwmgrad_ref.rules.base import CONSTANT, Rule

Word = tuple[tuple[float, int], ...]
PERIODS = (2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200, 400, 700, 1000, 2000, 4000)
RATIOS = (3.0, 2.0, 1.5, 1.25, 1.1, 1.03)
LEVELS = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
MARGIN = 1e-3  # smallest mean push, as a share of the mean size of a push, that is worth a certificate
LOOK = 200  # steps that show whether a rule reads the loss
SETTLE = 20_000  # steps after which a state is taken to be near its cycle; certificates do not rely on it

_step = c.caller(c.STEP)


class Candidate(NamedTuple):
    """A word and a ramp, the word's mean slope over the mean size of a slope, and the same of the pushes."""

    word: Word
    ramp: float
    share: float
    margin: float


def slopes(word: Word) -> np.ndarray:
    """The slopes of one period, (k,)."""
    return np.concatenate([np.full(count, slope, dtype=float) for slope, count in word])


def offsets(word: Word, ramp: float = 0.0) -> np.ndarray:
    """What each loss of a period adds to slope x, (k,): it keeps the loss positive on the box."""
    g = slopes(word)
    place = np.arange(g.size)
    return np.abs(g) + 1 + (ramp * (g.size - 1 - place) if ramp >= 0 else -ramp * place)


def ramps(word: Word) -> tuple[float, ...]:
    """No ramp, and one either way that outweighs what the iterate does to a loss."""
    steep = 4.0 * max(abs(g) for g, _ in word)
    return 0.0, steep, -steep


def length(word: Word) -> int:
    return sum(count for _, count in word)


def mean(word: Word) -> float:
    return math.fsum(slope * count for slope, count in word) / length(word)


def spikes() -> Iterator[Word]:
    """The (C, k) family: one slope C, then k - 1 slopes -1, short periods first."""
    for k, ratio in itertools.product(PERIODS, RATIOS):
        yield ((float(math.ceil(ratio * (k - 1) * 8 + 1) / 8), 1), (-1.0, k - 1))


def short_words(rng: np.random.Generator) -> Iterator[Word]:
    """Words of up to three blocks, drawn at random, whose mean slope is a small positive share of the mean size."""
    while True:
        blocks = int(rng.integers(2, 4))
        counts = np.exp(rng.uniform(0, np.log(60), blocks)).astype(int)
        levels = rng.choice(LEVELS, blocks) * rng.choice([-1.0, 1.0], blocks)
        levels[0] = 1.0
        rest, wanted = float(levels[1:] @ counts[1:]), float(rng.choice([0.02, 0.1, 0.3]))
        if rest >= 0:
            continue
        first = math.ceil(-rest * (1 + wanted) / counts[0] * 64) / 64
        yield ((first, int(counts[0])), *((float(g), int(n)) for g, n in zip(levels[1:], counts[1:], strict=True)))


@c.compiled
def _pushes(step, p, k0, rows, g, b, x0, steps, out):
    """The pushes of the last period after so many steps, each from the iterate x0."""
    k, state, x, gradient = k0.copy(), np.zeros((rows, 1)), np.zeros(1), np.zeros(1)
    for t in range(steps):
        x[0] = x0
        gradient[0] = g[t % g.size]
        _step(step, (p, k, state, x, gradient, 1, rows, x0 * gradient[0] + b[t % g.size]))
        out[t % g.size] = x[0] - x0


class Pushes:
    """The rule compiled, with a constant step size of 1; called with a word it gives the pushes of a late period."""

    def __init__(self, rule: Rule, options: Any):
        code = rule.encode(options)
        changes = {"alpha": 1.0} | ({"schedule": float(CONSTANT)} if hasattr(code, "schedule") else {})
        code = code._replace(**changes)
        self.rows = len(rule.Coord._fields) + max(rule.history(code) - 1, 0)
        self.step, self.p = c.step_of(rule).address, np.array(code, dtype=float)
        self.k0 = np.array(rule.start(code), dtype=float)

    def __call__(self, word: Word, ramp: float = 0.0, settle: int = SETTLE) -> np.ndarray:
        """The pushes (k,) of the first period after `settle` steps, at the worst end of the box."""
        g = slopes(word)
        periods = max(3, -(-settle // g.size))
        out, worst = np.zeros(g.size), math.copysign(1.0, mean(word))
        b = offsets(word, ramp)
        _pushes(self.step, self.p, self.k0, self.rows, g, b, worst, periods * g.size, out)
        return out

    def candidate(self, word: Word, ramp: float = 0.0) -> Candidate | None:
        """The word with its figures if the rule is pushed to the worst end of the box for ever; else None."""
        pushes, at = self(word, ramp), mean(word)
        size = float(np.abs(pushes).mean())
        if not (np.isfinite(size) and size > 0):
            return None
        margin = math.copysign(1.0, at) * float(pushes.mean()) / size
        if not margin > MARGIN:
            return None
        later = self(word, ramp, 3 * SETTLE)  # a state that still grows is on no cycle
        if not np.all(np.abs(later - pushes) <= 0.1 * size):
            return None
        return Candidate(word, ramp, abs(at) / float(np.abs(slopes(word)).mean()), margin)

    @cached_property
    def reads_the_loss(self) -> bool:
        """Whether the pushes on some word depend on the ramp."""
        return any(
            not np.array_equal(self(word, 0.0, LOOK), self(word, ramp, LOOK), equal_nan=True)
            for word in itertools.islice(spikes(), 0, 60, 7)
            for ramp in ramps(word)[1:]
        )


def candidates(rule: Rule, options: Any, deadline: float, seed: int = 0, enough: int = 8) -> Iterator[Candidate]:
    """Words on which the rule goes to the worst point as far as floats tell, the most telling first.

    Args:
        deadline: on `time.monotonic`'s clock; the (C, k) family is finished whatever it says.
        enough: short words after which the search ends.
    """
    pushed = Pushes(rule, options)

    def tried(word: Word) -> list[Candidate]:
        chosen = ramps(word) if pushed.reads_the_loss else (0.0,)
        return [one for ramp in chosen if (one := pushed.candidate(word, ramp))]

    yield from ranked([one for word in spikes() for one in tried(word)])
    rest: list[Candidate] = []
    for word in short_words(np.random.default_rng(seed)):
        if time.monotonic() > deadline or len(rest) >= enough:
            break
        rest += tried(word)
    yield from ranked(rest)


def ranked(found: Sequence[Candidate]) -> list[Candidate]:
    """A word with much regret and a clear push before others, and of two such the shorter one."""
    return sorted(found, key=lambda one: -min(one.share, 0.05) * min(one.margin, 0.02) / (1 + length(one.word) / 20))
