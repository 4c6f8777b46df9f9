"""Numbers on which a rule's own code runs for the audit: exact rationals where known, z3 terms where not.

A rule's formula may divide, take roots and branch. A solver's division is total and its root is an unknown with a
side condition, so a proof about them is void unless every divisor is nonzero and every radicand is at least 0: the
`World` records both, and the audit proves them. Equal radicands have one root.
"""

import math
from fractions import Fraction
from typing import Any

import z3


class NotSolvable(Exception):
    """The formula does what the solvers cannot follow: a logarithm, a branch of Python on an unknown, inf - inf."""


class World:
    """The unknowns of one question: roots with their radicands, and divisors, in the order in which they arose."""

    def __init__(self) -> None:
        self.roots: dict[str, tuple[Any, Any]] = {}  # the radicand's text -> (root, radicand)
        self.divisors: list[Any] = []

    def real(self, name: str) -> "Number":
        return Number(self, z3.Real(name))

    def number(self, value: Any) -> "Number":
        """A float is the decimal number that Python prints for it: 0.9 is nine tenths."""
        if isinstance(value, Number):
            return value
        if isinstance(value, float) and not math.isinf(value):
            value = Fraction(repr(float(value)))
        return Number(self, value if isinstance(value, float) else Fraction(value))

    def root(self, x: "Number") -> "Number":
        if x.known:
            if (exact := _exact_root(x.value)) is not None:
                return Number(self, exact)
        radicand = z3.simplify(x.z3, som=True)
        key = radicand.sexpr()
        if key not in self.roots:
            self.roots[key] = z3.Real(f"root{len(self.roots)}"), radicand
        return Number(self, self.roots[key][0])

    def sides(self) -> list[Any]:
        """What defines the roots."""
        return [e for root, radicand in self.roots.values() for e in (root >= 0, root * root == radicand)]


def _exact_root(value: Any) -> Any:
    if isinstance(value, float):
        return value  # inf
    if value < 0:
        return None
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    return Fraction(above, below) if (above**2, below**2) == (value.numerator, value.denominator) else None


class Condition:
    """A comparison that is not decided."""

    def __init__(self, world: World, term: Any):
        self.world, self.term = world, term

    def select(self, yes: Any, no: Any) -> "Number":
        yes, no = self.world.number(yes), self.world.number(no)
        return Number(self.world, z3.If(self.term, yes.z3, no.z3))

    def __and__(self, other: Any) -> "Condition":
        return Condition(self.world, z3.And(self.term, other.term if isinstance(other, Condition) else bool(other)))

    __rand__ = __and__

    def __bool__(self) -> bool:
        raise NotSolvable("the formula branches on a number that is not an option")


class Number:
    """A rational, inf, or a z3 term over the reals."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, world: World, value: Any):
        self.world, self.value = world, value

    @property
    def known(self) -> bool:
        return not z3.is_expr(self.value)

    @property
    def infinite(self) -> bool:
        return isinstance(self.value, float)

    @property
    def z3(self) -> Any:
        if self.infinite:
            raise NotSolvable("the formula calculates with inf")
        return z3.Q(self.value.numerator, self.value.denominator) if self.known else self.value

    def _made(self, value: Any) -> "Number":
        return Number(self.world, value)

    def _is(self, constant: int) -> bool:
        return self.known and self.value == constant

    def __add__(self, other: Any) -> "Number":
        other = self.world.number(other)
        if self.infinite or other.infinite:
            if self.infinite and other.infinite and self.value != other.value:
                raise NotSolvable("inf - inf")
            return self if self.infinite else other
        if self.known and other.known:
            return self._made(self.value + other.value)
        return other if self._is(0) else self if other._is(0) else self._made(self.z3 + other.z3)

    __radd__ = __add__

    def __neg__(self) -> "Number":
        return self._made(-self.value)

    def __sub__(self, other: Any) -> "Number":
        return self + (-self.world.number(other))

    def __rsub__(self, other: Any) -> "Number":
        return self.world.number(other) + (-self)

    def __mul__(self, other: Any) -> "Number":
        other = self.world.number(other)
        if self._is(0) or other._is(0):
            return self._made(Fraction(0))
        if self.known and other.known:
            return self._made(self.value * other.value)
        return other if self._is(1) else self if other._is(1) else self._made(self.z3 * other.z3)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Number":
        other = self.world.number(other)
        if other.infinite:
            return self._made(Fraction(0))
        if other.known:
            if other.value == 0:
                raise NotSolvable("the formula divides by 0")
            return self * (1 / other.value)
        if self._is(0):
            return self
        self.world.divisors.append(other.z3)
        return self._made(self.z3 / other.z3)

    def __rtruediv__(self, other: Any) -> "Number":
        return self.world.number(other) / self

    def __pow__(self, power: Any) -> "Number":
        if power == 0.5:
            return self.sqrt()
        if isinstance(power, Number) and power.known:
            power = power.value
        if power != int(power):
            raise NotSolvable(f"the power {power}")
        result = self._made(Fraction(1))
        for _ in range(abs(int(power))):
            result = result * self
        return 1 / result if power < 0 else result

    def sqrt(self) -> "Number":
        return self.world.root(self)

    def log(self) -> "Number":
        raise NotSolvable("the formula takes a logarithm")

    def __abs__(self) -> "Number":
        if self.known:
            return self._made(abs(self.value))
        return self._made(z3.If(self.value < 0, -self.value, self.value))

    def _compared(self, other: Any, relation: Any) -> Any:
        other = self.world.number(other)
        if self.known and other.known:
            return relation(self.value, other.value)
        if self.infinite or other.infinite:  # an unknown is finite
            return relation(self.value if self.infinite else 0, other.value if other.infinite else 0)
        return Condition(self.world, relation(self.z3, other.z3))

    def __gt__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a > b)

    def __lt__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a < b)

    def __ge__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a >= b)

    def __le__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a <= b)

    def __eq__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a == b)

    def __ne__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a != b)
