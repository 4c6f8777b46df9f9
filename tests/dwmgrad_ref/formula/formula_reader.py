"""A reader of the formulas that `dwmgrad show` prints, as a person reads them; it evaluates them on floats.

equation     symbol = value
value        sum, or: sum if condition else value
condition    a comparison of sums; or in brackets: conditions joined by `and` or `or`, `not` one, one of two
             by `if`; or True or False
sum          products joined by + and -, the first with a sign or without
product      factors side by side, and what is divided by: from left to right
factor       an atom, or a sum of the squares Σ[a=1..n] g²ₜ₋ₐ; then an exponent, raised or ^(...)
atom         number, symbol, √ of an atom, (value), |value|, min(...), max(...), abs(...), and so sign, exp, log
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

NAME = r"[A-Za-zα-ωΑ-Ω]+\u0302?[₀-₉ₜ₊₋]*"
TOKEN = re.compile(
    r"(?P<number>\d+(\.\d+)?(e[+-]?\d+)?)|(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵗ]+)|(?P<past>g²ₜ₋ₐ)"
    rf"|(?P<sign>Σ|\.\.|[-+/()|,√^=\[\]<>≥≤])|(?P<name>{NAME})"
)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "sign": lambda x: float(x > 0) - float(x < 0),
}
LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵗ", "0123456789-+t")
WORDS = ("if", "else", "and", "or", "not")
COMPARED = {"<": operator.lt, ">": operator.gt, "≥": operator.ge, "≤": operator.le}


class Reader:
    """One text, evaluated while it is read; every branch is evaluated, as it would be on arrays."""

    def __init__(self, text: str, values: Mapping[str, float], past: Any = ()) -> None:
        self.tokens = [(match.lastgroup, match[0]) for match in _tokens(text)] + [("end", "")]
        self.values, self.past, self.at = values, past, 0

    def read(self) -> float:
        value = self.value()
        assert self.kind == "end", f"not understood from {self.tokens[self.at :]}"
        return value

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0] or ""

    @property
    def token(self) -> str:
        return self.tokens[self.at][1]

    def take(self, *wanted: str) -> bool:
        if self.token in wanted:
            self.at += 1
            return True
        return False

    def expect(self, wanted: str) -> None:
        assert self.take(wanted), f"expected {wanted!r}, found {self.tokens[self.at :]}"

    def value(self) -> float:
        first = self.sum()
        if not self.take("if"):
            return first
        holds = self.condition()
        self.expect("else")
        other = self.value()
        return first if holds else other

    def condition(self) -> bool:
        place = self.at, self.inside_bars
        if self.token in ("True", "False"):
            return self.take("True") or not self.take("False")
        if self.take("("):  # a condition in brackets, unless it is the sum that begins a comparison
            try:
                holds = self.joined()
                self.expect(")")
            except AssertionError:
                self.at, self.inside_bars = place
            else:
                return holds
        return self.compared()

    def joined(self) -> bool:
        if self.take("not"):
            return not self.condition()
        holds = self.condition()
        if self.take("if"):
            chosen = self.condition()
            self.expect("else")
            other = self.condition()
            return holds if chosen else other
        while self.token in ("and", "or"):
            both = self.take("and") or not self.take("or")
            other = self.condition()
            holds = holds and other if both else holds or other
        return holds

    def compared(self) -> bool:
        left, sign = self.sum(), self.token
        assert sign in COMPARED, f"expected a comparison, found {self.tokens[self.at :]}"
        self.at += 1
        return COMPARED[sign](left, self.sum())

    def sum(self) -> float:
        total = -self.product() if self.take("-") else self.product()
        while self.token in ("+", "-"):
            total = total + self.product() if self.take("+") else total - (self.take("-") and self.product())
        return total

    def product(self) -> float:
        total = self.factor()
        while True:
            if self.take("/"):
                total = total / self.factor()
            elif self.kind in ("number", "name") and self.token not in WORDS or self.token in ("(", "√", "Σ"):
                total = total * self.factor()
            elif self.token == "|" and not self.inside_bars:
                total = total * self.factor()
            else:
                return total

    inside_bars = False

    def factor(self) -> float:
        if self.take("Σ"):
            return self.sum_of_squares()
        value = self.atom()
        if self.kind == "power":
            value = value ** Reader(self.token.translate(LOWERED), self.values).read()
            self.at += 1
        elif self.take("^"):
            self.expect("(")
            value = value ** self.value()
            self.expect(")")
        return value

    def sum_of_squares(self) -> float:
        for wanted in ("[", "a", "=", "1", ".."):
            self.expect(wanted)
        count = round(self.sum())
        self.expect("]")
        assert self.kind == "past"
        self.at += 1
        return math.fsum(self.past[:count])

    def atom(self) -> float:
        kind, token = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return float(token)
        if token in FUNCTIONS:
            before, self.inside_bars = self.inside_bars, False
            self.expect("(")
            listed = [self.value()]
            while self.take(","):
                listed.append(self.value())
            self.expect(")")
            self.inside_bars = before
            return FUNCTIONS[token](*listed)
        if token == "√":
            return math.sqrt(self.atom())
        if token == "(":
            before, self.inside_bars = self.inside_bars, False
            value = self.value()
            self.expect(")")
            self.inside_bars = before
            return value
        if token == "|":
            self.inside_bars = True
            value = self.value()
            self.expect("|")
            self.inside_bars = False
            return abs(value)
        assert kind == "name", f"expected a number or a symbol, found {token!r}"
        return self.values[token]


def _tokens(text: str) -> list[re.Match[str]]:
    found = list(TOKEN.finditer(text))
    assert re.sub(r"\s", "", text) == "".join(match[0] for match in found), f"not all of {text!r} is understood"
    return found


def step(text: str, values: Mapping[str, float], past: Any = ()) -> dict[str, float]:
    """What the equations, one a line, give, by symbol; each may use those above it."""
    known = dict(values)
    found: dict[str, float] = {}
    for line in text.splitlines():
        head, _, tail = line.partition(" = ")
        found[head.strip()] = known[head.strip()] = Reader(tail, known, past).read()
    return found
