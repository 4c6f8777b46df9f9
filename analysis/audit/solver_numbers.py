"""Numbers on which a rule's own code runs for the audit: a rational times powers of terms, so that quotients cancel.

Solvers decide polynomials far sooner than quotients. So a number is kept as c a_1^e_1 ... a_n^e_n with whole exponents,
a sum over its common factor, and a comparison is handed over with its divisors multiplied out. That is right only if
every divisor is positive, and a root is defined only of a number >= 0: the `World` records both in the order in
which they arise, and the audit proves each of them before anything that rests on it.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import z3


class NotSolvable(Exception):
    """The formula does what the solvers cannot follow: a logarithm, a branch of Python on an unknown, inf - inf."""


@dataclass(frozen=True)
class Duty:
    """What must be proved before a number that arose after it means anything, from the roots that arose before it."""

    words: str
    condition: Any
    roots: int


@dataclass
class World:
    """The unknowns of one question: terms by their text, roots by their radicands, and duties in order."""

    terms: dict[str, Any] = field(default_factory=dict)
    roots: dict[str, tuple[Any, "Number"]] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    positive: set[str] = field(default_factory=set)  # texts of terms that are positive, or are a duty to be so
    given: set[str] = field(default_factory=set)  # those of them that the caller gives to be positive

    def real(self, name: str, positive: bool = False) -> "Number":
        """An unknown; `positive` where the caller gives the solvers that it is."""
        if positive:
            self.positive.add(name)
            self.given.add(name)
        return self.made(z3.Real(name))

    def number(self, value: Any) -> "Number":
        """A float is the decimal number that Python prints for it: 0.9 is nine tenths."""
        if isinstance(value, Number):
            return value
        if isinstance(value, float):
            if math.isnan(value):
                raise NotSolvable("the formula makes a number that is not one (nan)")
            return Number(self, float(value) if math.isinf(value) else Fraction(repr(float(value))))
        return Number(self, Fraction(value))

    def made(self, e: Any) -> "Number":
        """A term as a rational times powers of terms."""
        coefficient, powers, todo = Fraction(1), {}, [z3.simplify(e, som=True)]
        while todo:
            e = todo.pop()
            if z3.is_rational_value(e):
                coefficient *= Fraction(e.numerator_as_long(), e.denominator_as_long())
            elif z3.is_mul(e):
                todo += e.children()
            else:
                key = e.sexpr()
                self.terms[key] = e
                powers[key] = powers.get(key, 0) + 1
        return Number(self, coefficient, powers if coefficient else {})

    def root(self, x: "Number") -> "Number":
        if x.known and (exact := _exact_root(x.value)) is not None:
            return Number(self, exact)
        if x.powers and all(e % 2 == 0 and key in self.positive for key, e in x.powers.items()):
            return Number(self, Fraction(1), {key: e // 2 for key, e in x.powers.items()}) * self.root(x._made(x.value))
        key = repr(x)
        if key not in self.roots:
            self.duties[f"root {key}"] = Duty("a root is not proved to be of a number >= 0", x >= 0, len(self.roots))
            self.roots[key] = z3.Real(f"root{len(self.roots)}"), x
        return self.made(self.roots[key][0])

    def divides(self, key: str) -> None:
        """A term becomes a divisor."""
        if key not in self.positive:
            duty = Duty("a divisor is not proved to be positive", self.terms[key] > 0, len(self.roots))
            self.duties[f"divisor {key}"] = duty
            self.positive.add(key)

    @contextmanager
    def without_duties(self) -> Iterator[None]:
        """Inside the block a comparison keeps the factors that are only a duty to be positive.

        A hypothesis is written so: one that is multiplied out by a divisor says nothing of the divisor's own sign, and
        must not be what proves that sign.
        """
        before, self.positive = self.positive, set(self.given)
        try:
            yield
        finally:
            self.positive = before | self.positive

    def sides(self) -> list[Any]:
        """What defines the roots, two terms each."""
        return [e for root, x in self.roots.values() for e in
                (root >= 0, root * root * x.below == x.above)]  # fmt: skip


def _exact_root(value: Any) -> Any:
    if value < 0:
        return None
    if isinstance(value, float):
        return value  # inf
    above, below = math.isqrt(value.numerator), math.isqrt(value.denominator)
    return Fraction(above, below) if (above**2, below**2) == (value.numerator, value.denominator) else None


class Condition:
    """A comparison that is not decided."""

    def __init__(self, world: World, term: Any):
        self.world, self.term = world, term

    def select(self, yes: Any, no: Any) -> "Number":
        """`ops.where` calls it."""
        yes, no = self.world.number(yes), self.world.number(no)
        common = _common(yes, no)
        return common * self.world.made(z3.If(self.term, yes.without(common), no.without(common)))

    def __bool__(self) -> bool:
        raise NotSolvable("the formula branches on a number that is not an option")


class Number:
    """A rational or inf (`value`) times whole powers of terms."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, world: World, value: Any, powers: Mapping[str, int] | None = None):
        self.world, self.value = world, value
        self.powers = {key: e for key, e in (powers or {}).items() if e}

    @property
    def known(self) -> bool:
        return not self.powers

    @property
    def infinite(self) -> bool:
        return isinstance(self.value, float)

    @property
    def above(self) -> Any:
        """The numerator, as a solver's term."""
        if self.infinite:
            raise NotSolvable("the formula calculates with inf")
        return _product(self.world, z3.Q(self.value.numerator, self.value.denominator), self.powers, 1)

    @property
    def below(self) -> Any:
        """The denominator, as a solver's term."""
        return _product(self.world, z3.RealVal(1), self.powers, -1)

    def without(self, factor: "Number") -> Any:
        """The number over a common factor, which leaves no divisor, as a solver's term."""
        powers = {key: self.powers.get(key, 0) - factor.powers.get(key, 0) for key in {**self.powers, **factor.powers}}
        return Number(self.world, self.value, powers).above

    def __repr__(self) -> str:
        return f"{self.value} {sorted(self.powers.items())}"

    def _made(self, value: Any) -> "Number":
        return Number(self.world, value)

    def __add__(self, other: Any) -> "Number":
        other = self.world.number(other)
        if self.infinite or other.infinite:
            if self.infinite and other.infinite and self.value != other.value:
                raise NotSolvable("inf - inf")
            return self if self.infinite else other
        if self.powers == other.powers:
            value = self.value + other.value
            return Number(self.world, value, self.powers if value else {})
        if self.value == 0 or other.value == 0:
            return other if self.value == 0 else self
        common = _common(self, other)
        return common * self.world.made(self.without(common) + other.without(common))

    __radd__ = __add__

    def __neg__(self) -> "Number":
        return Number(self.world, -self.value, self.powers)

    def __sub__(self, other: Any) -> "Number":
        return self + (-self.world.number(other))

    def __rsub__(self, other: Any) -> "Number":
        return self.world.number(other) + (-self)

    def __mul__(self, other: Any) -> "Number":
        other = self.world.number(other)
        if (self.infinite or other.infinite) and not (self.value and other.value and self.known and other.known):
            raise NotSolvable("the formula multiplies 0 or an unknown by inf")
        if 0 in (self.value, other.value):
            return self._made(Fraction(0))
        powers = {key: self.powers.get(key, 0) + other.powers.get(key, 0) for key in {**self.powers, **other.powers}}
        return Number(self.world, self.value * other.value, powers)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Number":
        other = self.world.number(other)
        if other.infinite:
            if self.infinite:
                raise NotSolvable("inf / inf")
            return self._made(Fraction(0))
        if other.value == 0:
            raise NotSolvable("the formula divides by 0")
        for key, e in other.powers.items():
            if e > 0:
                self.world.divides(key)
        return self * Number(self.world, 1 / other.value, {key: -e for key, e in other.powers.items()})

    def __rtruediv__(self, other: Any) -> "Number":
        return self.world.number(other) / self

    def __pow__(self, power: Any) -> "Number":
        power = power.value if isinstance(power, Number) and power.known else power
        if power == 0.5:
            return self.sqrt()
        if isinstance(power, Number) or power != int(power):
            raise NotSolvable(f"the power {power}")
        result = self._made(Fraction(1))
        for _ in range(abs(int(power))):
            result = result * self
        return 1 / result if power < 0 else result

    def sqrt(self) -> "Number":
        """`ops.sqrt` calls it."""
        return self.world.root(self)

    def log(self) -> "Number":
        """`ops.log` calls it."""
        raise NotSolvable("the formula takes a logarithm")

    def __bool__(self) -> bool:
        """Whether a number that is known is not 0; a branch on any other would be taken for all of its values."""
        if not self.known:
            raise NotSolvable("the formula branches on a number that is not an option")
        return self.value != 0

    def _only_floats(self, *_: Any) -> Any:
        """What Python asks of a number that is to be rounded, and `ops` of one that it cannot treat otherwise."""
        raise NotSolvable("the formula calls a function that is not algebraic")

    __float__ = __int__ = __index__ = __round__ = __floor__ = __ceil__ = __trunc__ = _only_floats
    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rpow__ = exp = power = _only_floats

    def __abs__(self) -> "Number":
        negative = self < 0
        return negative.select(-self, self) if isinstance(negative, Condition) else -self if negative else self

    def _gap(self, other: "Number") -> Any:
        """other - self times something positive, as a solver's term."""
        gap = other - self
        powers = {key: e for key, e in gap.powers.items() if e > 0 and key not in self.world.positive}
        return Number(self.world, gap.value, powers).above

    def _compared(self, other: Any, relation: Any) -> Any:
        other = self.world.number(other)
        if self.known and other.known:
            return relation(self.value, other.value)
        if self.infinite or other.infinite:  # an unknown is finite
            return relation(self.value if self.infinite else 0, other.value if other.infinite else 0)
        return Condition(self.world, relation(z3.RealVal(0), self._gap(other)))

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


def _common(a: Number, b: Number) -> Number:
    """The largest monomial that divides both without leaving a divisor."""
    powers = {key: min(a.powers.get(key, 0), b.powers.get(key, 0)) for key in {**a.powers, **b.powers}}
    return Number(a.world, Fraction(1), powers)


def _product(world: World, start: Any, powers: Mapping[str, int], sign: int) -> Any:
    for key, e in powers.items():
        for _ in range(sign * e):
            start = start * world.terms[key]
    return start
