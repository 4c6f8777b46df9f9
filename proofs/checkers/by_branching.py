"""Certified worst cases of few variables: interval branch and bound, many boxes at a time, rounded outwards."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from proofs.checkers.by_exact import Found, judged
from proofs.statements.claim import Check

CHUNK = 100_000


class Interval:
    """Arrays of intervals. Every operation rounds its ends outwards by one float, so it encloses the real result."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: Any, hi: Any = None):
        self.lo, self.hi = np.asarray(lo, dtype=float), np.asarray(lo if hi is None else hi, dtype=float)

    def __add__(self, other: Any) -> "Interval":
        other = _interval(other)
        return _outward(self.lo + other.lo, self.hi + other.hi)

    def __neg__(self) -> "Interval":
        return Interval(-self.hi, -self.lo)

    def __sub__(self, other: Any) -> "Interval":
        return self + -_interval(other)

    def __rsub__(self, other: Any) -> "Interval":
        return -self + other

    def __mul__(self, other: Any) -> "Interval":
        if other is self:  # a square is not negative
            low, high = np.minimum(abs(self.lo), abs(self.hi)), np.maximum(abs(self.lo), abs(self.hi))
            low = np.where((self.lo <= 0) & (self.hi >= 0), 0.0, low)
            return Interval(np.maximum(np.nextafter(low * low, -np.inf), 0.0), np.nextafter(high * high, np.inf))
        other = _interval(other)
        with np.errstate(invalid="ignore"):  # an end may be infinite, the numbers inside are not: 0 times it is 0
            products = [a * b for a in (self.lo, self.hi) for b in (other.lo, other.hi)]
        ends = [np.where(np.isnan(end), 0.0, end) for end in np.broadcast_arrays(*products)]
        return _outward(np.minimum.reduce(ends), np.maximum.reduce(ends))

    def __truediv__(self, other: Any) -> "Interval":
        """Everything where the divisor may be 0."""
        other = _interval(other)
        apart = (other.lo > 0) | (other.hi < 0)
        low, high = np.where(apart, other.lo, 1.0), np.where(apart, other.hi, 1.0)
        ends = np.broadcast_arrays(*(a / b for a in (self.lo, self.hi) for b in (low, high)))
        safe = _outward(np.minimum.reduce(ends), np.maximum.reduce(ends))
        return Interval(np.where(apart, safe.lo, -np.inf), np.where(apart, safe.hi, np.inf))

    def __rtruediv__(self, other: Any) -> "Interval":
        return _interval(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def sqrt(self) -> "Interval":
        low = np.nextafter(np.sqrt(np.maximum(self.lo, 0.0)), -np.inf)
        return Interval(np.maximum(low, 0.0), np.nextafter(np.sqrt(self.hi), np.inf))

    def clipped(self, low: float, high: float) -> "Interval":
        return Interval(np.clip(self.lo, low, high), np.clip(self.hi, low, high))


def _interval(x: Any) -> Interval:
    return x if isinstance(x, Interval) else Interval(x)


def _outward(lo: Any, hi: Any) -> Interval:
    return Interval(np.nextafter(lo, -np.inf), np.nextafter(hi, np.inf))


def enclosed(name: str, says: str, build: Callable[[], Found]) -> Check:
    """A statement about an Enclosure that is done: whether it is true, whether a broken variant is false."""
    return Check(name, "intervals", says, lambda: judged(build()))


class Enclosure(NamedTuple):
    """low <= max <= high; `at` attains at least low; boxes looked at; done is False if the budget ran out."""

    low: float
    high: float
    at: np.ndarray
    boxes: int
    done: bool


def maximize(
    f: Callable[[list[Interval]], Interval],
    lo: np.ndarray,
    hi: np.ndarray,
    tolerance: float,
    guess: np.ndarray | None = None,
    budget: int = 50_000_000,
) -> Enclosure:
    """Enclose the maximum of f over boxes [lo, hi], each (boxes, n), to a relative `tolerance`; the maximum is > 0.

    A box is dropped once its upper bound is at most (1 + tolerance) times the best value certified at a point.
    """
    lo, hi = np.array(lo, dtype=float), np.array(hi, dtype=float)
    at = (lo[0] + hi[0]) / 2 if guess is None else np.asarray(guess, dtype=float)
    best, boxes, dropped = float(f([Interval(x) for x in at[:, None]]).lo[0]), 0, -np.inf
    while len(lo) and boxes < budget:
        lo, rest_lo, hi, rest_hi = lo[-CHUNK:], lo[:-CHUNK], hi[-CHUNK:], hi[:-CHUNK]  # depth first: bounded memory
        boxes += len(lo)
        middle = (lo + hi) / 2
        upper = f([Interval(a, b) for a, b in zip(lo.T, hi.T, strict=True)]).hi
        value = f([Interval(x) for x in middle.T]).lo
        if (top := float(value.max())) > best:
            best, at = top, middle[int(value.argmax())]
        keep = ~(upper <= best * (1 + tolerance))  # a nan is kept
        dropped = max(dropped, float(upper[~keep].max(initial=-np.inf)))
        lo, hi, middle = lo[keep], hi[keep], middle[keep]
        row, side = np.arange(len(lo)), np.argmax(hi - lo, axis=1)
        left_hi, right_lo = hi.copy(), lo.copy()
        left_hi[row, side] = right_lo[row, side] = middle[row, side]
        lo, hi = np.concatenate([rest_lo, lo, right_lo]), np.concatenate([rest_hi, left_hi, hi])
    high = max(best, dropped) if not len(lo) else np.inf
    return Enclosure(best, float(high), at, boxes, not len(lo))
