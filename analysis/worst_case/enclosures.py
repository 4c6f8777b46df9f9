"""Two engines that enclose real numbers: Arb balls (python-flint), and mpmath's intervals to check them by."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import flint
import mpmath


class Engine(Protocol):
    """What a certificate needs of enclosures besides + - * / and abs, which they have themselves."""

    name: str

    def number(self, value: Any) -> Any:
        """The enclosure of a number: a str as it is written, an int or a float exactly."""
        ...

    def span(self, low: float, high: float) -> Any:
        """All numbers from low to high."""
        ...

    def ends(self, c: Any) -> tuple[float, float]:
        """Floats that certainly enclose c; infinite or nan if c is not bounded."""
        ...

    def sqrt(self, c: Any) -> Any: ...
    def log(self, c: Any) -> Any: ...
    def square(self, c: Any) -> Any: ...
    def is_zero(self, c: Any) -> bool: ...
    def sign(self, c: Any) -> int | None:
        """1 if certainly positive, -1 if certainly at most 0, None if undecided."""
        ...

    def hull(self, c: Any, d: Any) -> Any: ...
    def larger(self, c: Any, d: Any) -> Any: ...
    def smaller(self, c: Any, d: Any) -> Any: ...


class Balls:
    """Arb balls of so many bits; flint has one precision for the process, which `balls` sets for a while."""

    name = f"Arb balls, python-flint {flint.__version__}"

    def number(self, value: Any) -> Any:
        return value if isinstance(value, flint.arb) else flint.arb(value)

    def span(self, low: float, high: float) -> Any:
        return flint.arb(low).union(flint.arb(high))

    def ends(self, c: Any) -> tuple[float, float]:
        if not c.is_finite():
            return math.nan, math.nan
        low, high = float(c.lower()), float(c.upper())
        return low if c >= low else _down(low), high if c <= high else _up(high)

    def sqrt(self, c: Any) -> Any:
        return c.nonnegative_part().sqrt() if not c > 0 and c.upper() >= 0 else c.sqrt()

    def log(self, c: Any) -> Any:
        return c.log()

    def square(self, c: Any) -> Any:
        return c * c if c.is_exact() or not c.contains(0) else (c * c).nonnegative_part()

    def is_zero(self, c: Any) -> bool:
        return c.is_zero()

    def sign(self, c: Any) -> int | None:
        return 1 if c > 0 else -1 if c <= 0 else None

    def hull(self, c: Any, d: Any) -> Any:
        return c.union(d)

    def larger(self, c: Any, d: Any) -> Any:
        return c if c >= d else d if d >= c else c.max(d)  # Arb's max widens its balls every time

    def smaller(self, c: Any, d: Any) -> Any:
        return c if c <= d else d if d <= c else c.min(d)


class Intervals:
    """mpmath's intervals: another library, other rounding, the ends kept apart."""

    name = f"intervals, mpmath {mpmath.__version__}"

    def __init__(self, bits: int = 100):
        self.iv: Any = mpmath.ctx_iv.MPIntervalContext()  # its type stubs know neither lists nor log
        self.iv.prec = bits

    def number(self, value: Any) -> Any:
        return self.iv.mpf(value)

    def span(self, low: float, high: float) -> Any:
        return self.iv.mpf([low, high])

    def ends(self, c: Any) -> tuple[float, float]:
        a, b = mpmath.mpf(c.a), mpmath.mpf(c.b)
        low, high = float(a), float(b)
        return low if a >= low else _down(low), high if b <= high else _up(high)

    def sqrt(self, c: Any) -> Any:
        return self.iv.sqrt(self.iv.mpf([max(mpmath.mpf(c.a), mpmath.mpf(0)), c.b]) if c.a < 0 <= c.b else c)

    def log(self, c: Any) -> Any:
        return self.iv.log(c)

    def square(self, c: Any) -> Any:
        return abs(c) * abs(c)

    def is_zero(self, c: Any) -> bool:
        return bool(c.a == 0) and bool(c.b == 0)

    def sign(self, c: Any) -> int | None:
        return 1 if c.a > 0 else -1 if c.b <= 0 else None

    def hull(self, c: Any, d: Any) -> Any:
        return self.iv.mpf([min(c.a, d.a, key=mpmath.mpf), max(c.b, d.b, key=mpmath.mpf)])

    def larger(self, c: Any, d: Any) -> Any:
        return self.iv.mpf([max(c.a, d.a, key=mpmath.mpf), max(c.b, d.b, key=mpmath.mpf)])

    def smaller(self, c: Any, d: Any) -> Any:
        return self.iv.mpf([min(c.a, d.a, key=mpmath.mpf), min(c.b, d.b, key=mpmath.mpf)])


@contextmanager
def balls(bits: int = 96) -> Iterator[Balls]:
    """The engine of Arb balls, with flint's precision set to so many bits inside the block."""
    before, flint.ctx.prec = flint.ctx.prec, bits
    try:
        yield Balls()
    finally:
        flint.ctx.prec = before


def _down(x: float) -> float:
    return math.nextafter(x, -math.inf)


def _up(x: float) -> float:
    return math.nextafter(x, math.inf)
