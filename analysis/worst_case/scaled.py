"""Numbers of the form c alpha^p tau^q X^r for every step size alpha > 0 and every late step at once.

A rule's own functions run on them. `tau` is 1/sqrt(t) for the step t at hand, so that t itself is tau^-2 and
alpha/sqrt(t) is alpha tau. `X` is the iterate, anywhere in [-1, 1]. The coefficients c are enclosures of an engine
(`enclosures.py`). Where a power of tau has to go, tau lies anywhere between 0 and its value at the first late step.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from analysis.worst_case.enclosures import Engine
from dwmgrad_ref.ops import Undecided

UNIT = 4  # powers are counted in quarters, so that roots of roots are still whole


class NotHomogeneous(Undecided):
    """A sum of different powers of the step size: the argument for every step size at once does not apply."""


@cache
def key(p: int, q: int = 0, r: int = 0) -> int:
    """The powers of alpha and tau, in quarters, and of X as one number that adds as they add."""
    return (p * 1000 + q) * 1000 + r


@cache
def powers(packed: int) -> tuple[int, int, int]:
    r = (packed + 500) % 1000 - 500
    rest = (packed - r) // 1000
    q = (rest + 500) % 1000 - 500
    return (rest - q) // 1000, q, r


class Late:
    """The engine that encloses coefficients, and tau in [0, 1/sqrt(first)] for the steps from `first` on."""

    def __init__(self, engine: Engine, first: int):
        self.engine, self.first = engine, first
        self.tau, self._known = engine.sqrt(1 / engine.number(first)), {0: engine.number(1)}

    def small(self, q: int) -> Any:
        """An enclosure of tau^(q/4) for q >= 0."""
        if q not in self._known:
            root = self.engine.sqrt(self.engine.sqrt(self.tau))
            most = root
            for _ in range(q - 1):
                most = most * root
            self._known[q] = self.engine.span(0.0, self.engine.ends(most)[1])
        return self._known[q]

    def power(self, p: int = 0, q: int = 0, r: int = 0, c: Any = 1) -> "Scaled":
        """c alpha^p tau^q X^r, p and q in quarters."""
        return Scaled({key(p, q, r): self.engine.number(c)}, self)

    def number(self, value: Any) -> Any:
        """A constant; infinity stays a float, which comparisons and divisions know."""
        if value in (float("inf"), float("-inf")):
            return value
        return Scaled({} if value == 0 else {0: self.engine.number(value)}, self)


class Scaled:
    """A sum of terms: coefficients by the powers that `key` packs."""

    __slots__ = ("late", "terms")

    def __init__(self, terms: Mapping[int, Any], late: Late):
        self.terms, self.late = terms, late

    @property
    def engine(self) -> Engine:
        return self.late.engine

    def _like(self, terms: Mapping[int, Any]) -> "Scaled":
        return Scaled(terms, self.late)

    def _of(self, other: Any) -> "Scaled":
        if isinstance(other, Scaled):
            return other
        if other == 0:
            return self._like({})
        return self._like({0: self.engine.number(other)})

    def __add__(self, other: Any) -> "Scaled":
        other = self._of(other)
        if not other.terms:
            return self
        terms = dict(self.terms)
        for name, c in other.terms.items():
            if name not in terms:
                terms[name] = c
                continue
            total = terms[name] + c
            if self.engine.is_zero(total):
                del terms[name]
            else:
                terms[name] = total
        return self._like(terms)

    __radd__ = __add__

    def __neg__(self) -> "Scaled":
        return self._like({name: -c for name, c in self.terms.items()})

    def __sub__(self, other: Any) -> "Scaled":
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> "Scaled":
        return -self + other

    def __mul__(self, other: Any) -> "Scaled":
        if other is self:
            alone = self.single()
            return alone._like({2 * name: self.engine.square(c) for name, c in alone.terms.items()})
        other = self._of(other)
        terms: dict[int, Any] = {}
        for a, c in self.terms.items():
            for b, d in other.terms.items():
                terms[a + b] = terms[a + b] + c * d if a + b in terms else c * d
        return self._like(terms)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Scaled":
        if isinstance(other, float) and other in (float("inf"), float("-inf")):
            return self._like({})
        other = self._of(other).single()
        if not other.terms:
            raise Undecided("a division by 0")
        ((name, c),) = other.terms.items()
        return self._like({a - name: d / c for a, d in self.terms.items()})

    def __rtruediv__(self, other: Any) -> "Scaled":
        return self._of(other) / self

    def __pow__(self, power: Any) -> "Scaled":
        if power != int(power) or power < 0:
            raise Undecided(f"the power {power}")
        result = self._of(1)
        for _ in range(int(power)):
            result = result * self
        return result

    def _only_floats(self, *_: Any) -> Any:
        """What Python asks of a number that is to be rounded, and `ops` of one that it cannot treat otherwise."""
        raise Undecided("the formula calls a function that enclosures do not have")

    __float__ = __int__ = __index__ = __round__ = __floor__ = __ceil__ = __trunc__ = _only_floats
    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rpow__ = exp = power = _only_floats

    def __abs__(self) -> "Scaled":
        return self._like({name: abs(c) for name, c in self.single().terms.items()})

    def sqrt(self) -> "Scaled":
        """Non-negative square root; of a sum with powers of tau after the lowest one is taken out."""
        terms = {}
        for name, c in self.single().terms.items():
            p, q, _ = powers(name)
            if p % 2 or q % 2:
                raise Undecided("a root of an odd power")
            if not self.engine.ends(c)[0] >= 0:  # floats would give nan there, and the iterate would be lost
                raise Undecided("a root of what may be negative")
            terms[key(p // 2, q // 2)] = self.engine.sqrt(c)
        return self._like(terms)

    def log(self) -> "Scaled":
        alone = self.single()
        if set(alone.terms) != {0}:
            raise Undecided("a logarithm of something that grows or shrinks")
        return self._like({0: self.engine.log(alone.terms[0])})

    def without_iterate(self) -> "Scaled":
        """The iterate X replaced by all of [-1, 1]."""
        if not any(powers(name)[2] for name in self.terms):
            return self
        total = self._like({})
        for name, c in self.terms.items():
            p, q, r = powers(name)
            ends = (0, 1) if r % 2 == 0 else (-1, 1)
            total = total + self._like({key(p, q): c if r == 0 else c * self.engine.span(*ends)})
        return total

    def single(self) -> "Scaled":
        """One term: the lowest power of tau taken out, the higher ones and the iterate enclosed."""
        flat = self.without_iterate()
        if len(flat.terms) <= 1:
            return flat
        split = {powers(name)[:2]: c for name, c in flat.terms.items()}
        p = next(iter(split))[0]
        if any(found != p for found, _ in split):
            raise NotHomogeneous("a sum of different powers of the step size")
        lowest = min(q for _, q in split)
        return flat._like({key(p, lowest): flat._over(split, lowest)})

    def _over(self, split: Mapping[tuple[int, int], Any], lowest: int) -> Any:
        """The sum of c tau^(q - lowest)."""
        total = self.engine.number(0)
        for (_, q), c in split.items():
            total = total + c * self.late.small(q - lowest)
        return total

    def coefficient(self, p: int, q: int) -> Any:
        """An enclosure of this number over alpha^p tau^q, p and q in quarters.

        Raises:
            Undecided: it is of another power of alpha, or of a lower one of tau, and has no such enclosure.
        """
        flat = self.without_iterate()
        split = {powers(name)[:2]: c for name, c in flat.terms.items()}
        if any(found != p for found, _ in split):
            raise NotHomogeneous("a number is of another power of the step size")
        if any(found < q for _, found in split):
            raise Undecided("a number grows with the time")
        return self._over(split, q)

    # Comparisons answer True, False, or Maybe.

    def __gt__(self, other: Any) -> Any:
        if isinstance(other, float) and other in (float("inf"), float("-inf")):
            return other < 0
        difference = self - other
        if not difference.terms:
            return False
        try:
            ((_, c),) = difference.single().terms.items()
        except NotHomogeneous:
            return Maybe(self, other)
        decided = self.engine.sign(c)
        return Maybe(self, other) if decided is None else decided > 0

    def __lt__(self, other: Any) -> Any:
        return Maybe(other, self) if isinstance(answer := (-self) > (-other), Maybe) else answer

    # What a formula may branch on with Python's own words: True and False, where it is certain.
    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return not self == 0

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, float) and other in (float("inf"), float("-inf")):
            return False
        if not (difference := self - other).terms:
            return True
        if (difference > 0) is True or (difference < 0) is True:
            return False
        raise Undecided("an equation is not decided")

    def __ge__(self, other: Any) -> bool:
        return not self._certainly(self < other)

    def __le__(self, other: Any) -> bool:
        return not self._certainly(self > other)

    def _certainly(self, answer: Any) -> bool:
        if isinstance(answer, Maybe):
            raise Undecided("a comparison is not decided")
        return answer


class Maybe:
    """Whether left > right, where the enclosures do not tell."""

    __slots__ = ("left", "right")

    def __init__(self, left: Any, right: Any):
        self.left, self.right = left, right

    def __bool__(self) -> bool:
        raise Undecided("a comparison is not decided")

    def select(self, a: Any, b: Any) -> Any:
        """What holds in both cases; the larger or the smaller one, where that is what is asked."""
        some = next(x for x in (self.left, self.right) if isinstance(x, Scaled))
        a_, b_ = some._of(a).single(), some._of(b).single()
        found = [powers(name)[:2] for name in (*a_.terms, *b_.terms)] or [(0, 0)]
        p, q = found[0][0], min(q for _, q in found)
        engine, name = some.engine, key(p, q)
        c, d = a_.coefficient(p, q), b_.coefficient(p, q)
        if a is self.left and b is self.right:
            return some._like({name: engine.larger(c, d)})
        if a is self.right and b is self.left:
            return some._like({name: engine.smaller(c, d)})
        return some._like({name: engine.hull(c, d)})


def settled(state: Any, late: Late) -> Any:
    """A named tuple of the state whose numbers are all Scaled, unless infinite, and no longer depend on the iterate."""

    def plain(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(plain, value))
        return value.single() if isinstance(value, Scaled) else late.number(value)

    return type(state)(*map(plain, state))
