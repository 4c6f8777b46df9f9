"""A number that writes itself as a Coq term over the reals.

The rules' functions run on it as on any other number; `Rounded` writes the same formula with every operation rounded.
A comparison has no answer here, so it stays inside the term as `if_greater a b x y`, which is x if a > b and else y.
A term stands for a real number: it is below infinity, and divided by infinity it is 0.
"""

import math
from fractions import Fraction
from typing import Any


class Term:
    """A Coq term of type R; `text` is closed under parentheses, so it can be put anywhere."""

    def __init__(self, text: str):
        self.text = text

    def _result(self, text: str) -> "Term":
        """What an arithmetic operation gives."""
        return Term(text)

    def __add__(self, other: Any) -> "Term":
        return self._result(f"({self.text} + {written(other)})")

    def __radd__(self, other: Any) -> "Term":
        return self._result(f"({written(other)} + {self.text})")

    def __sub__(self, other: Any) -> "Term":
        return self._result(f"({self.text} - {written(other)})")

    def __rsub__(self, other: Any) -> "Term":
        return self._result(f"({written(other)} - {self.text})")

    def __mul__(self, other: Any) -> "Term":
        return self._result(f"({self.text} * {written(other)})")

    def __rmul__(self, other: Any) -> "Term":
        return self._result(f"({written(other)} * {self.text})")

    def __truediv__(self, other: Any) -> "Term":
        if _infinite(other):
            return type(self)("0")
        return self._result(f"({self.text} / {written(other)})")

    def __rtruediv__(self, other: Any) -> "Term":
        return self._result(f"({written(other)} / {self.text})")

    def __pow__(self, power: int) -> "Term":
        return self._result(f"({self.text} ^ {int(power)})")

    def __neg__(self) -> "Term":
        return type(self)(f"(- {self.text})")

    def __abs__(self) -> "Term":
        return type(self)(f"(Rabs {self.text})")

    def __gt__(self, other: Any) -> "Greater | bool":
        if _infinite(other):
            return other < 0
        return Greater(self.text, written(other), type(self))

    def __lt__(self, other: Any) -> "Greater | bool":
        if _infinite(other):
            return other > 0
        return Greater(written(other), self.text, type(self))

    def sqrt(self) -> "Term":
        """Non-negative square root; `ops.sqrt` calls it."""
        return self._result(f"(sqrt {self.text})")

    def log(self) -> "Term":
        """Natural logarithm; `ops.log` calls it."""
        return self._result(f"(ln {self.text})")


class Rounded(Term):
    """A term in whose arithmetic every result goes through `rnd`; signs, sizes and comparisons are exact."""

    def _result(self, text: str) -> Term:
        return Rounded(f"(rnd {text})")


class Greater:
    """a > b, undecided; the choice it makes is a term of the kind given."""

    def __init__(self, a: str, b: str, kind: type[Term] = Term):
        self.a, self.b, self.kind = a, b, kind

    def select(self, yes: Any, no: Any) -> Term:
        """`ops.where` calls it."""
        return self.kind(f"(if_greater {self.a} {self.b} {written(yes)} {written(no)})")

    def __bool__(self) -> bool:
        raise TypeError(f"the formula asks whether {self.a} > {self.b}; write the choice with ops.where")


def written(number: Any) -> str:
    """The Coq text of a Term or of an exact Python number."""
    if isinstance(number, Term):
        return number.text
    exact = Fraction(number)
    text = str(exact.numerator) if exact.denominator == 1 else f"({exact.numerator} / {exact.denominator})"
    return text if exact >= 0 else f"({text})"


def _infinite(number: Any) -> bool:
    return isinstance(number, float) and math.isinf(number)
