"""What this machine can do: bandwidth by size, and the throughput of square roots, divisions and multiply-adds.

Small compiled loops. A copy of d numbers of 8 bytes moves 16 d bytes (half read, half written); what a cache reads
only to overwrite it is not counted. An update in place reads two numbers and writes one, and has nothing that is
read in vain, like a step of an optimizer. The arithmetic loops work on 1024 numbers of 8 or 4 bytes, which any
first-level cache holds.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dwmgrad_ref.execution.compiled import compiled

SMALL = 1 << 10


@compiled
def _copy(x, y, n):
    for _ in range(n):
        for i in range(x.size):
            y[i] = x[i]


@compiled
def _update(x, y, n):
    for _ in range(n):
        for i in range(x.size):
            y[i] += x[i]


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
    """Four chains at a coordinate, 64 multiply-adds: arithmetic, not loads, is what takes the time."""
    half, quarter = x[0], y[0]
    for _ in range(n):
        for i in range(x.size):
            a, b, c, e = x[i], y[i], x[i] + half, y[i] + half
            for _ in range(16):
                a = a * half + quarter
                b = b * half + quarter
                c = c * half + quarter
                e = e * half + quarter
            y[i] = (a + b) + (c + e)


LOOPS: dict[str, Any] = {
    "copy": _copy,
    "update": _update,
    "sqrt": _sqrt,
    "divide": _divide,
    "multiply-add": _multiply_add,
}
UNITS = {
    "copy": 16.0,
    "update": 24.0,
    "sqrt": 1.0,
    "divide": 1.0,
    "multiply-add": 128.0,
}  # bytes or operations a coordinate
MEMORY = ("copy", "update")
ARITHMETIC = tuple(f"{name} float{bits}" for bits in (64, 32) for name in ("sqrt", "divide", "multiply-add"))


def passes(d: int) -> int:
    """Passes over the arrays in one timed call."""
    return int(np.clip((1 << 21) // d, 1, 2000))


def statement(kernel: str, d: int) -> Callable[[], None]:
    """A call that runs `passes(d)` passes over two arrays of d numbers; `kernel` is of MEMORY or ARITHMETIC."""
    name, _, dtype = kernel.partition(" ")
    start = (0.5, 0.25) if name == "multiply-add" else (1.5, 1.0)
    x, y = (np.full(d, value, dtype or "float64") for value in start)
    n, loop = passes(d), LOOPS[name]
    return lambda: loop(x, y, n)
