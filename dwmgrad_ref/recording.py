"""A formula's operations, recorded by running it once on numbers that write down what is done with them.

A formula runs on symbols too, so it cannot branch on data: one step recorded is every step with these choices. From
the record the torch optimizers build their foreach and fused steps, and `proofs.cost.counting` counts what a step
costs.
"""

from typing import Any, NamedTuple


class Untraceable(TypeError):
    """A formula branches on a number, or does with it what cannot be recorded."""


class Operation(NamedTuple):
    """`out = name(*args)`; an argument is an earlier value or a Python number."""

    name: str
    args: tuple[Any, ...]
    out: "Traced"


class Traced:
    """A number that writes down what is done with it; `many` if it has one value for every coordinate."""

    __slots__ = ("tape", "many")

    def __init__(self, tape: list[Operation], many: bool):
        self.tape, self.many = tape, many

    def record(self, name: str, *args: Any) -> "Traced":
        out = Traced(self.tape, any(isinstance(a, Traced) and a.many for a in args))
        self.tape.append(Operation(name, args, out))
        return out

    def __add__(self, other: Any) -> "Traced":
        return self.record("add", self, other)

    def __radd__(self, other: Any) -> "Traced":
        return self.record("add", other, self)

    def __sub__(self, other: Any) -> "Traced":
        return self.record("sub", self, other)

    def __rsub__(self, other: Any) -> "Traced":
        return self.record("sub", other, self)

    def __mul__(self, other: Any) -> "Traced":
        return self.record("mul", self, other)

    def __rmul__(self, other: Any) -> "Traced":
        return self.record("mul", other, self)

    def __truediv__(self, other: Any) -> "Traced":
        return self.record("div", self, other)

    def __rtruediv__(self, other: Any) -> "Traced":
        return self.record("div", other, self)

    def __neg__(self) -> "Traced":
        return self.record("neg", self)

    def __abs__(self) -> "Traced":
        return self.record("abs", self)

    def __gt__(self, other: Any) -> "Traced":
        return self.record("greater", self, other)

    def __lt__(self, other: Any) -> "Traced":
        return self.record("greater", other, self)

    def sqrt(self) -> "Traced":
        return self.record("sqrt", self)

    def exp(self) -> "Traced":
        return self._shared_only("exp", self)

    def log(self) -> "Traced":
        return self._shared_only("log", self)

    def power(self, x: Any, exponent: Any) -> "Traced":
        return self._shared_only("power", x, exponent)

    def _shared_only(self, name: str, *args: Any) -> "Traced":
        out = self.record(name, *args)
        if out.many:
            raise Untraceable(f"{name} of a coordinate's number cannot be recorded; compute it in the shared formula")
        return out

    def select(self, a: Any, b: Any) -> "Traced":
        return self.record("where", self, a, b)

    def __pow__(self, exponent: Any) -> "Traced":
        if exponent != 2:
            raise Untraceable(f"the power {exponent} cannot be recorded; only the square can")
        return self.record("mul", self, self)

    def __bool__(self) -> bool:
        raise Untraceable("this formula branches on a number that changes from step to step, so it cannot be traced")

    def __eq__(self, other: object) -> bool:
        return bool(self)

    __hash__ = object.__hash__  # two of them are the same key only if they are the same number
