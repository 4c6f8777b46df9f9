"""A number that writes itself as a Coq term over the reals.

The rules' functions run on it as on any other number. A comparison has no answer here, so it stays inside the term as
`if_greater a b x y`, which is x if a > b and else y. A term stands for a real number: it is below infinity, and
divided by infinity it is 0.
"""

import math
from fractions import Fraction
from typing import Any


class Term:
    """A Coq term of type R; `text` is closed under parentheses, so it can be put anywhere."""

    def __init__(self, text: str):
        self.text = text

    def __add__(self, other: Any) -> "Term":
        return Term(f"({self.text} + {written(other)})")

    def __radd__(self, other: Any) -> "Term":
        return Term(f"({written(other)} + {self.text})")

    def __sub__(self, other: Any) -> "Term":
        return Term(f"({self.text} - {written(other)})")

    def __rsub__(self, other: Any) -> "Term":
        return Term(f"({written(other)} - {self.text})")

    def __mul__(self, other: Any) -> "Term":
        return Term(f"({self.text} * {written(other)})")

    def __rmul__(self, other: Any) -> "Term":
        return Term(f"({written(other)} * {self.text})")

    def __truediv__(self, other: Any) -> "Term":
        if _infinite(other):
            return Term("0")
        return Term(f"({self.text} / {written(other)})")

    def __rtruediv__(self, other: Any) -> "Term":
        return Term(f"({written(other)} / {self.text})")

    def __pow__(self, power: int) -> "Term":
        return Term(f"({self.text} ^ {int(power)})")

    def __neg__(self) -> "Term":
        return Term(f"(- {self.text})")

    def __abs__(self) -> "Term":
        return Term(f"(Rabs {self.text})")

    def __gt__(self, other: Any) -> "Greater | bool":
        if _infinite(other):
            return other < 0
        return Greater(self.text, written(other))

    def __lt__(self, other: Any) -> "Greater | bool":
        if _infinite(other):
            return other > 0
        return Greater(written(other), self.text)

    def sqrt(self) -> "Term":
        """Non-negative square root; `ops.sqrt` calls it."""
        return Term(f"(sqrt {self.text})")

    def log(self) -> "Term":
        """Natural logarithm; `ops.log` calls it."""
        return Term(f"(ln {self.text})")


class Greater:
    """a > b, undecided."""

    def __init__(self, a: str, b: str):
        self.a, self.b = a, b

    def select(self, yes: Any, no: Any) -> Term:
        """`ops.where` calls it."""
        return Term(f"(if_greater {self.a} {self.b} {written(yes)} {written(no)})")

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
