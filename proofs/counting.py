"""A number that counts what is done with it: the cost of a formula, counted by running it."""

import dis
from collections import Counter
from types import FunctionType
from typing import Any

from dwmgrad_ref.rules.base import Rule
from proofs.engines.by_search import blank


class Counted:
    """A float whose arithmetic, comparisons and roots are entered in a shared Counter."""

    def __init__(self, value: float, count: Counter[str]):
        self.value, self.count = float(value), count

    def _new(self, name: str, value: float) -> "Counted":
        self.count[name] += 1
        return Counted(value, self.count)

    def __add__(self, other: Any) -> "Counted":
        return self._new("+", self.value + _value(other))

    def __radd__(self, other: Any) -> "Counted":
        return self._new("+", _value(other) + self.value)

    def __sub__(self, other: Any) -> "Counted":
        return self._new("-", self.value - _value(other))

    def __rsub__(self, other: Any) -> "Counted":
        return self._new("-", _value(other) - self.value)

    def __mul__(self, other: Any) -> "Counted":
        return self._new("*", self.value * _value(other))

    def __rmul__(self, other: Any) -> "Counted":
        return self._new("*", _value(other) * self.value)

    def __truediv__(self, other: Any) -> "Counted":
        return self._new("/", self.value / _value(other))

    def __rtruediv__(self, other: Any) -> "Counted":
        return self._new("/", _value(other) / self.value)

    def __neg__(self) -> "Counted":
        return self._new("-", -self.value)

    def __abs__(self) -> "Counted":
        return self._new("abs", abs(self.value))

    def sqrt(self) -> "Counted":
        return self._new("sqrt", self.value**0.5)

    def __gt__(self, other: Any) -> bool:
        self.count["compare"] += 1
        return self.value > _value(other)

    def __lt__(self, other: Any) -> bool:
        self.count["compare"] += 1
        return self.value < _value(other)

    # Choices and flags are options, settled before the run: looking at one costs nothing.
    def __eq__(self, other: object) -> bool:
        return self.value == _value(other)

    def __bool__(self) -> bool:
        return bool(self.value)

    __hash__ = None  # type: ignore[assignment]


def _value(x: Any) -> float:
    return x.value if isinstance(x, Counted) else float(x)


def cost(rule: Rule, **options: Any) -> tuple[int, int]:
    """Operations of one step: (shared by all coordinates, per coordinate)."""
    chosen = rule.encode(rule.options(**options))
    once: Counter[str] = Counter()
    each: Counter[str] = Counter()
    o = rule.Options(*(Counted(v, once) for v in chosen))
    k = rule.shared(o, rule.Shared(*(Counted(v, once) for v in rule.start(chosen))), Counted(1.0, once))
    o = rule.Options(*(Counted(v, each) for v in chosen))
    k = rule.Shared(*(Counted(_value(v), each) for v in k))
    rule.coord(o, k, blank(rule, chosen, Counted(0.5, each)), Counted(1.0, each), Counted(0.5, each))
    return once.total(), each.total()


def straight(function: Any) -> bool:
    """No jump back in the bytecode: every instruction runs at most once, so the cost has a fixed limit."""
    assert isinstance(function, FunctionType)
    return not any(
        i.opname.startswith("JUMP_BACKWARD") or i.opname == "FOR_ITER" for i in dis.get_instructions(function)
    )
