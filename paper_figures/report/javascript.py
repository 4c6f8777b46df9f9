"""A number that writes itself as JavaScript, so that the page runs the formula that runs everywhere else.

A rule's functions, the loss and the driver's arithmetic run once on such numbers; what they did is recorded as
statements. Only + - * /, remainders of whole numbers, absolute values, square roots and comparisons are written: the
IEEE 754 standard rounds all of them correctly, so JavaScript gives the last bit that Python gives. A power or a
logarithm has no such guarantee and is refused.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from dwmgrad_ref import arithmetic, rules
from dwmgrad_ref.problems.periodic import periodic_loss
from dwmgrad_ref.rules.base import Rule

SIGNALS, SCHEDULES = ("loss", "increase", "decrease"), ("constant", "sqrt")


class Asked(Exception):
    """The formula asked for the truth of a condition (in an `if`) that the present path has not decided."""

    def __init__(self, condition: str):
        super().__init__(condition)
        self.condition = condition


class Program:
    """The statements of one path through a function: every result is a constant, equal expressions share one.

    answers    the truth of the conditions that this path asks for, in order
    """

    def __init__(self, answers: Sequence[bool] = ()):
        self.lines: list[str] = []
        self.answers = list(answers)
        self._names: dict[str, str] = {}

    def value(self, expression: str) -> "Number":
        """The number that this JavaScript expression over earlier constants gives."""
        if expression not in self._names:
            self._names[expression] = f"v{len(self._names)}"
            self.lines.append(f"const {self._names[expression]} = {expression};")
        return Number(self, self._names[expression])

    def argument(self, text: str) -> "Number":
        """A number that the function is given, such as `o.alpha`."""
        return Number(self, text)

    def record(self, kind: Any, text: str) -> Any:
        """A named tuple of numbers that the function is given as an object."""
        return kind(*(self.argument(f"{text}.{name}") for name in kind._fields))

    def answer(self, condition: str) -> bool:
        if not self.answers:
            raise Asked(condition)
        return self.answers.pop(0)


class Number:
    """A JavaScript number: `text` is a constant's name or an argument."""

    def __init__(self, program: Program, text: str):
        self.program, self.text = program, text

    def _with(self, left: Any, sign: str, right: Any) -> "Number":
        return self.program.value(f"{written(left)} {sign} {written(right)}")

    def __add__(self, other: Any) -> "Number":
        return self._with(self, "+", other)

    def __radd__(self, other: Any) -> "Number":
        return self._with(other, "+", self)

    def __sub__(self, other: Any) -> "Number":
        return self._with(self, "-", other)

    def __rsub__(self, other: Any) -> "Number":
        return self._with(other, "-", self)

    def __mul__(self, other: Any) -> "Number":
        return self._with(self, "*", other)

    def __rmul__(self, other: Any) -> "Number":
        return self._with(other, "*", self)

    def __truediv__(self, other: Any) -> "Number":
        return self._with(self, "/", other)

    def __rtruediv__(self, other: Any) -> "Number":
        return self._with(other, "/", self)

    def __mod__(self, other: Any) -> "Number":
        """The remainder; Python and JavaScript agree on it where neither number is negative, as for steps."""
        return self._with(self, "%", other)

    def __neg__(self) -> "Number":
        return self.program.value(f"-{self.text}")

    def __abs__(self) -> "Number":
        return self.program.value(f"Math.abs({self.text})")

    def sqrt(self) -> "Number":
        """Square root; `ops.sqrt` calls it."""
        return self.program.value(f"Math.sqrt({self.text})")

    def __gt__(self, other: Any) -> "Condition":
        return Condition(self.program, f"{self.text} > {written(other)}")

    def __lt__(self, other: Any) -> "Condition":
        return Condition(self.program, f"{self.text} < {written(other)}")

    def __eq__(self, other: Any) -> Any:
        return Condition(self.program, f"{self.text} === {written(other)}")

    __hash__ = None  # type: ignore[assignment]


class Condition:
    """A comparison that is made when the page runs."""

    def __init__(self, program: Program, text: str):
        self.program, self.text = program, text

    def select(self, yes: Any, no: Any) -> Number:
        """`ops.where` calls it."""
        return self.program.value(f"{self.text} ? {written(yes)} : {written(no)}")

    def __bool__(self) -> bool:
        return self.program.answer(self.text)


def written(value: Any) -> str:
    """A number, a Python number, or a record, tuple or list of these, as a JavaScript expression."""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return "{" + ", ".join(f"{n}: {written(v)}" for n, v in zip(value._fields, value, strict=True)) + "}"  # type: ignore[attr-defined]
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(written, value)) + "]"
    if math.isinf(value):
        return "Infinity" if value > 0 else "(-Infinity)"
    text = repr(value if isinstance(value, int) else float(value))
    return f"({text})" if value < 0 else text


def function(name: str, parameters: Sequence[str], formula: Callable[[Program], Any]) -> str:
    """A JavaScript function that returns what `formula` returns.

    Args:
        formula: is run once for every path through its `if` statements. It makes its arguments by
            `Program.argument` and `Program.record` under the names of `parameters`.
    """

    def block(answers: tuple[bool, ...], known: int, indent: str) -> list[str]:
        program = Program(answers)
        try:
            last = [f"{indent}return {written(formula(program))};"]
        except Asked as asked:
            here = len(program.lines)
            yes, no = (block((*answers, answer), here, indent + "  ") for answer in (True, False))
            last = [f"{indent}if ({asked.condition}) {{", *yes, f"{indent}}} else {{", *no, f"{indent}}}"]
        return [*(indent + line for line in program.lines[known:]), *last]

    return "\n".join([f"function {name}({', '.join(parameters)}) {{", *block((), 0, "  "), "}"])


def source() -> str:
    """Everything that the page computes a run with: loss, projection, compensated sum, and DWMGrad's functions.

    `DWMGRAD` has the functions under "SIGNAL/SCHEDULE": start, shared, coord and preconditioner.
    """
    rule, parts, table = rules.get("dwmgrad"), [_loss(), _arithmetic()], []
    for signal, schedule in itertools.product(SIGNALS, SCHEDULES):
        parts.append(_rule(rule, signal, schedule))
        members = ", ".join(f"{part}: {name}" for part, name in _named(signal, schedule).items())
        table.append(f'  "{signal}/{schedule}": {{{members}}},')
    return "\n".join([*parts, "const DWMGRAD = {", *table, "};"])


def _named(signal: str, schedule: str) -> dict[str, str]:
    return {part: f"{part}_{signal}_{schedule}" for part in ("start", "shared", "coord", "preconditioner")}


def _loss() -> str:
    """f_t(x) and its derivative."""

    def formula(p: Program) -> Any:
        g: list[Any] = [0.0]
        options = [p.argument("C"), p.argument("k")]
        value = periodic_loss(None, None, options, p.argument("t"), [p.argument("x")], g)
        return [value, g[0]]

    return function("loss", ("C", "k", "t", "x"), formula)


def _arithmetic() -> str:
    def on(function_: Callable[..., Any], *names: str) -> str:
        return function(function_.__name__, names, lambda p: function_(*map(p.argument, names)))

    return "\n".join([on(arithmetic.projected, "x", "low", "high"), on(arithmetic.added, "total", "rest", "value")])


def _rule(rule: Rule, signal: str, schedule: str) -> str:
    """The rule's functions under one signal and one schedule; numbers among the options stay variables."""
    chosen = rule.encode(rule.options(signal=signal, schedule=schedule))
    fixed = {n: v for n, v in chosen._asdict().items() if rule.choices(n) or n in ("reset", "guard")}
    name = _named(signal, schedule)

    def options(p: Program) -> Any:
        return p.record(rule.Options, "o")._replace(**fixed)

    def state(p: Program) -> tuple[Any, Any]:
        return p.record(rule.Shared, "k"), p.record(rule.Coord, "c")

    return "\n".join(
        [
            function(name["start"], ("o",), lambda p: rule.start(options(p))),
            function(
                name["shared"], ("o", "k", "loss"), lambda p: rule.shared(options(p), state(p)[0], p.argument("loss"))
            ),
            function(
                name["coord"],
                ("o", "k", "c", "x", "g"),
                lambda p: rule.coord(options(p), *state(p), p.argument("x"), p.argument("g")),
            ),
            function(name["preconditioner"], ("o", "k", "c"), lambda p: rule.reading(options(p), *state(p)).h),
        ]
    )
