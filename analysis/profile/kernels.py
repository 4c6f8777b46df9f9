"""What this machine can do: copy bandwidth by size, and the throughput of square roots, divisions and multiply-adds.

Small compiled loops on float64 arrays. A copy of d numbers moves 16 d bytes (8 read, 8 written); what a cache reads
in order to overwrite it is not counted. The arithmetic loops work on 8 KiB, which any first-level cache holds.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dwmgrad_ref.compiled import compiled


@compiled
def _copy(x, y, n):
    for _ in range(n):
        for i in range(x.size):
            y[i] = x[i]


@compiled
def _sqrt(x, y, n):
    for _ in range(n):
        for i in range(x.size):
            y[i] = np.sqrt(x[i])


@compiled
def _divide(x, y, n):
    for _ in range(n):
        for i in range(x.size):
            y[i] = x[i] / y[i]  # x and 1 by turns: never an extreme


@compiled
def _multiply_add(x, y, n):
    """Four chains of sixteen at a coordinate: arithmetic, not loads, is what takes the time."""
    for _ in range(n):
        for i in range(x.size):
            a, b, c, e = x[i], y[i], x[i] + 1.0, y[i] + 1.0
            for _ in range(16):
                a = a * 0.5 + 0.25
                b = b * 0.5 + 0.25
                c = c * 0.5 + 0.25
                e = e * 0.5 + 0.25
            y[i] = (a + b) + (c + e)


LOOPS: dict[str, Any] = {"copy": _copy, "sqrt": _sqrt, "divide": _divide, "multiply-add": _multiply_add}
UNITS = {"copy": 16.0, "sqrt": 1.0, "divide": 1.0, "multiply-add": 128.0}  # bytes or operations a coordinate


def passes(d: int) -> int:
    """Passes over the arrays in one timed call."""
    return int(np.clip((1 << 21) // d, 1, 2000))


def statement(kernel: str, d: int) -> Callable[[], None]:
    """A call that runs `passes(d)` passes over two arrays of d numbers."""
    x, y, n, loop = np.full(d, 1.5), np.ones(d), passes(d), LOOPS[kernel]
    return lambda: loop(x, y, n)
