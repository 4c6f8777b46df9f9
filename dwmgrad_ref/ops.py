"""The few operations beyond + - * / that an optimizer's formula needs, for every kind of number.

A rule is written once with these functions. The same code then runs on Python floats, NumPy arrays,
SymPy expressions, z3 terms, Arb balls (python-flint) and torch tensors (for gradients through a run), and numba
compiles it (`compiled.py` says how).

Two kinds of number cannot answer at once and are treated with care:

* z3 has no square root on the reals. `sqrt(x)` returns a fresh s and records s >= 0 and s*s == x in the
  list opened by `side_conditions()`; outside such a block it raises.
* a ball may straddle the point where a comparison changes. `greater` then raises `Undecided` instead of
  guessing.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import numpy as np

_conditions: ContextVar[list[Any] | None] = ContextVar("side conditions of z3 square roots", default=None)


class Undecided(ArithmeticError):
    """Two balls overlap, so a comparison has no certain answer; raise the precision."""


@cache
def _library(kind: type) -> str:
    """The library that a type of number belongs to; "" for Python's own and this package's."""
    root = (kind.__module__ or "sympy").partition(".")[0]  # SymPy's undefined functions have no module
    return root if root in ("sympy", "z3", "flint", "torch") else "numpy" if issubclass(kind, np.ndarray) else ""


def _algebra(*values: Any) -> str:
    """The library that the first non-Python value comes from: numpy, sympy, z3, flint, torch or builtins."""
    found = ""
    for value in values:
        library = _library(type(value))
        if library and library != "numpy":
            return library
        found = library or found
    return found or "builtins"


@contextmanager
def side_conditions() -> Iterator[list[Any]]:
    """Collect what z3 must be told about the square roots taken inside the block."""
    conditions: list[Any] = []
    token = _conditions.set(conditions)
    try:
        yield conditions
    finally:
        _conditions.reset(token)


def sqrt(x: Any) -> Any:
    """Non-negative square root."""
    match _algebra(x):
        case "numpy":
            return np.sqrt(x)
        case "sympy":
            import sympy

            return sympy.sqrt(x)
        case "flint" | "torch":
            return x.sqrt()
        case "z3":
            import z3

            conditions = _conditions.get()
            if conditions is None:
                raise RuntimeError("a z3 square root needs a surrounding `with ops.side_conditions() as conditions:`")
            root = z3.FreshReal("root")
            conditions += [root >= 0, root * root == x]
            return root
    return x.sqrt() if hasattr(x, "sqrt") else math.sqrt(x)  # a proof's own numbers bring their root along


class NotAlgebraic(TypeError):
    """z3's reals have no exponential, no logarithm and no power with a real exponent."""


def exp(x: Any) -> Any:
    """The exponential, of numbers, arrays, symbols and balls.

    Raises:
        NotAlgebraic: x is a term of z3.
    """
    match _algebra(x):
        case "numpy":
            return np.exp(x)
        case "sympy":
            import sympy

            return sympy.exp(x)
        case "flint" | "torch":
            return x.exp()
        case "z3":
            raise NotAlgebraic(_NOT_ALGEBRAIC.format("exponential"))
    return x.exp() if hasattr(x, "exp") else math.exp(x)  # as for sqrt


def log(x: Any) -> Any:
    """Natural logarithm, of numbers, arrays, symbols and balls.

    Raises:
        NotAlgebraic: x is a term of z3.
    """
    match _algebra(x):
        case "numpy":
            return np.log(x)
        case "sympy":
            import sympy

            return sympy.log(x)
        case "flint" | "torch":
            return x.log()
        case "z3":
            raise NotAlgebraic(_NOT_ALGEBRAIC.format("logarithm"))
    return x.log() if hasattr(x, "log") else math.log(x)  # as for sqrt


def power(x: Any, exponent: Any) -> Any:
    """x > 0 to any real power, of numbers, arrays, symbols and balls; write a square as x * x and a root as `sqrt`.

    Raises:
        NotAlgebraic: x or the exponent is a term of z3.
    """
    match _algebra(x, exponent):
        case "numpy":
            return np.power(x, exponent)
        case "flint":
            return _ball(x) ** _ball(exponent)
        case "torch":
            import torch

            return torch.pow(x, exponent)
        case "z3":
            raise NotAlgebraic(_NOT_ALGEBRAIC.format("power with a real exponent"))
        case "sympy":
            import sympy

            return sympy.Pow(x, exponent)
    own = next((value for value in (x, exponent) if hasattr(value, "power")), None)
    return own.power(x, exponent) if own is not None else math.pow(x, exponent)


_NOT_ALGEBRAIC = (
    "z3 has no {} on the reals; choose options with which the rule's formula needs none, or hand z3 the value as a "
    "number and prove what is wanted of it by another engine"
)


def greater(a: Any, b: Any) -> Any:
    """a > b: a bool, an array of bools, a relation, or `Undecided` for balls that overlap."""
    if _algebra(a, b) == "flint":
        if a > b:
            return True
        if a <= b:
            return False
        raise Undecided(f"cannot decide {a} > {b}; raise flint.ctx.prec")
    if _algebra(a, b) == "z3" and (_infinite(a) or _infinite(b)):
        return (a if _infinite(a) else 0) > (b if _infinite(b) else 0)  # a z3 real is finite
    return a > b


def where(condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b."""
    match _algebra(condition, a, b):
        case "sympy":
            import sympy

            if not sympy.core.parameters.global_parameters.evaluate:
                return sympy.Function("where")(condition, a, b)  # a Piecewise would rewrite its condition even then
            return sympy.Piecewise((a, condition), (b, True))
        case "z3":
            import z3

            return (a if condition else b) if isinstance(condition, bool) else z3.If(condition, a, b)
        case "numpy":
            return np.where(condition, a, b)
        case "torch":
            import torch

            return torch.where(torch.as_tensor(condition), a, b)
    return condition.select(a, b) if hasattr(condition, "select") else a if condition else b


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two numbers, coordinate-wise."""
    match _algebra(a, b):
        case "sympy":
            import sympy

            return sympy.Min(a, b)
        case "flint":
            return _ball(a).min(_ball(b))
        case "numpy":
            return np.minimum(a, b)
        case "torch":
            import torch

            return torch.minimum(*_tensors(a, b))
    return where(greater(b, a), a, b)


def maximum(a: Any, b: Any) -> Any:
    """The larger of two numbers, coordinate-wise."""
    match _algebra(a, b):
        case "sympy":
            import sympy

            return sympy.Max(a, b)
        case "flint":
            return _ball(a).max(_ball(b))
        case "numpy":
            return np.maximum(a, b)
        case "torch":
            import torch

            return torch.maximum(*_tensors(a, b))
    return where(greater(a, b), a, b)


def absolute(x: Any) -> Any:
    """|x|."""
    match _algebra(x):
        case "z3":
            return where(x < 0, -x, x)
    return abs(x)


def sign(x: Any) -> Any:
    """1, 0 or -1 as x is positive, zero or negative; NaN stays NaN."""
    if _algebra(x) == "sympy":
        import sympy

        return sympy.sign(x)
    return where(greater(x, 0), 1, where(greater(0, x), -1, x))  # what is neither is 0 or NaN


def mean_of_last(past: Any, newest: Any, count: Any) -> Any:
    """Mean of `newest` and the count - 1 values before it; past[0] is the most recent of those.

    For rendering, `past` may be a SymPy function of the age instead: the result then holds a sum.
    """
    if _algebra(past) == "sympy":
        import sympy

        age = sympy.Symbol("a", integer=True, positive=True)
        return (newest + sympy.Sum(past(age), (age, 1, count - 1))) / count
    total, nothing = newest, 0 * newest
    for age in range(len(past)):
        total = total + where(greater(count, age + 1), past[age], nothing)
    return total / count


def pushed(past: Any, newest: Any) -> Any:
    """`past` one step later: `newest` in front, the oldest value dropped; a SymPy function stays as it is."""
    return past if _algebra(past) == "sympy" else (newest, *past[:-1])


def _tensors(a: Any, b: Any) -> tuple[Any, ...]:
    """Both as tensors, a Python number in the other's dtype: torch's default would round it to float32."""
    import torch

    like = a if isinstance(a, torch.Tensor) else b
    return tuple(v if isinstance(v, torch.Tensor) else torch.as_tensor(v, dtype=like.dtype) for v in (a, b))


def _infinite(x: Any) -> bool:
    return isinstance(x, float) and math.isinf(x)


def _ball(x: Any) -> Any:
    import flint

    return flint.arb(x)
