"""A rule's formula written down as a straight list of operations, by running it once on numbers that take notes.

What concerns all coordinates (options, shared state, constants) is kept apart from what differs between them: it is
computed once a step, in double precision, by `Formula.scalars`. So `1 - 1/k.omega` costs the kernel nothing, and a
division by such a number becomes a multiplication by its inverse.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from dwmgrad_ref.rules.base import Rule

Node = tuple[Any, ...]  # (operation, indices of earlier nodes...); the operations are those of `Traced` and the leaves
INPUT, READ, CONSTANT = "input", "read", "constant"  # a coordinate's value by name; a shared value by name; a literal


class Untraceable(Exception):
    """The formula asks what only a concrete number can answer; the message says what."""


@dataclass(frozen=True)
class Formula:
    """One coordinate's step as operations in order, each on earlier ones.

    nodes: all operations; the last ones of a chain are named by index.
    uniform: for each node, whether it is the same for every coordinate.
    needed: the uniform nodes that the kernel reads, in the order in which `scalars` returns them.
    outputs: name of what is written back ("x" and the fields of Coord) -> node.
    scalars(o, k, lr, weight_decay): their values, Python floats.
    """

    nodes: tuple[Node, ...]
    uniform: tuple[bool, ...]
    needed: tuple[int, ...]
    outputs: dict[str, int]
    scalars: Callable[[Any, Any, float, float], tuple[float, ...]]


class Tape:
    """Where the traced numbers take their notes; equal operations are noted once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.uniform: list[bool] = []
        self._seen: dict[Node, int] = {}

    def note(self, *node: Any) -> "Traced":
        index = self._seen.get(node)
        if index is None:
            index = self._seen[node] = len(self.nodes)
            self.nodes.append(node)
            leaf = node[0] in (INPUT, READ, CONSTANT)
            self.uniform.append(node[0] != INPUT if leaf else all(self.uniform[i] for i in node[1:]))
        return Traced(self, index)

    def number(self, value: Any) -> "Traced":
        if isinstance(value, Traced):
            return value
        if isinstance(value, int | float):
            return self.note(CONSTANT, repr(float(value)))  # repr: 0.0 and -0.0 are equal keys
        raise Untraceable(f"a {type(value).__name__} among the numbers")


class Traced:
    """A number that notes what is done to it."""

    __slots__ = ("tape", "index")

    def __init__(self, tape: Tape, index: int):
        self.tape, self.index = tape, index

    def _with(self, operation: str, *others: Any) -> "Traced":
        return self.tape.note(operation, *(self.tape.number(value).index for value in (self, *others)))

    def __add__(self, other: Any) -> "Traced":
        return self._with("+", other)

    def __radd__(self, other: Any) -> "Traced":
        return self.tape.number(other) + self

    def __sub__(self, other: Any) -> "Traced":
        return self._with("-", other)

    def __rsub__(self, other: Any) -> "Traced":
        return self.tape.number(other) - self

    def __mul__(self, other: Any) -> "Traced":
        return self._with("*", other)

    def __rmul__(self, other: Any) -> "Traced":
        return self.tape.number(other) * self

    def __truediv__(self, other: Any) -> "Traced":
        other = self.tape.number(other)
        uniform = self.tape.uniform
        if uniform[other.index] and not uniform[self.index]:
            return self * other._with("inverse")
        return self._with("/", other)

    def __rtruediv__(self, other: Any) -> "Traced":
        return self.tape.number(other) / self

    def __neg__(self) -> "Traced":
        return self._with("neg")

    def __abs__(self) -> "Traced":
        return self._with("abs")

    def sqrt(self) -> "Traced":
        return self._with("sqrt")

    def __gt__(self, other: Any) -> "Traced":
        return self._with(">", other)

    def __lt__(self, other: Any) -> "Traced":
        return self.tape.number(other) > self

    def select(self, a: Any, b: Any) -> "Traced":
        """a where this condition holds, else b."""
        return self._with("select", a, b)

    def __bool__(self) -> bool:
        raise Untraceable("a Python `if` on a number; ops.where says the same for every coordinate")


def specialized(rule: Rule) -> set[str]:
    """Names of the options that choose a formula (choices, bools) and are no number in it."""
    return {name for name, hint in get_type_hints(rule.Options).items() if hint is bool or rule.choices(name)}


def trace(rule: Rule, o: Any, *, maximize: bool, decay: str) -> Formula:
    """The step of one coordinate of x, gradient and state, weight decay included.

    Args:
        o: encoded options; of them the choices and bools are taken as they are, the numbers read at every step.
        decay: "" for none, "coupled" (g + λx) or "decoupled" (x - lr λ x before the step).

    Raises:
        Untraceable: the formula branches on a number or keeps a history.
    """
    if rule.history(o):
        raise Untraceable(f"{rule.name} keeps past values")
    tape = Tape()
    fixed = specialized(rule)
    options = rule.Options(*(v if n in fixed else tape.note(READ, f"o.{n}") for n, v in o._asdict().items()))
    shared = rule.Shared(*(tape.note(READ, f"k.{name}") for name in rule.Shared._fields))
    state = rule.Coord(*(tape.note(INPUT, name) for name in rule.Coord._fields))
    x, g = tape.note(INPUT, "x"), tape.note(INPUT, "g")
    if maximize:
        g = -g
    if decay == "coupled":
        g = g + tape.note(READ, "weight_decay") * x
    if decay == "decoupled":
        x = x * (1 - tape.note(READ, "lr") * tape.note(READ, "weight_decay"))
    state, x = rule.coord(options, shared, state, x, g)
    outputs = {name: tape.number(value).index for name, value in {"x": x, **state._asdict()}.items()}
    return _formula(tape, outputs)


def _formula(tape: Tape, outputs: dict[str, int]) -> Formula:
    """The notes in final form; what the kernel needs of the uniform ones becomes a Python function."""
    nodes, uniform = tape.nodes, tape.uniform
    used = set(outputs.values()) | {i for j, node in enumerate(nodes) if not uniform[j] for i in _arguments(node)}
    needed = tuple(sorted(i for i in used if uniform[i]))
    lines = [f" n{i} = {_PYTHON[node[0]].format(*_names(node))}" for i, node in enumerate(nodes) if uniform[i]]
    result = "".join(f"float(n{i}), " for i in needed)
    scope: dict[str, Any] = {"inverse": _inverse, "sqrt": math.sqrt, "inf": math.inf, "nan": math.nan}
    exec("\n".join(["def scalars(o, k, lr, weight_decay):", *lines, f" return ({result})"]), scope)
    return Formula(tuple(nodes), tuple(uniform), needed, outputs, scope["scalars"])


_PYTHON = {
    READ: "{}", CONSTANT: "{}", "+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "/": "{} / {}", "inverse": "inverse({})",
    "neg": "-{}", "abs": "abs({})", "sqrt": "sqrt({})", ">": "{} > {}", "select": "{1} if {0} else {2}",
}  # fmt: skip


def _arguments(node: Node) -> tuple[int, ...]:
    return () if node[0] in (INPUT, READ, CONSTANT) else node[1:]


def _names(node: Node) -> list[str]:
    return [a if isinstance(a, str) else f"n{a}" for a in node[1:]]


def _inverse(value: float) -> float:
    """1/value as a tensor's division has it: infinite at zero, where Python raises."""
    return 1 / value if value else math.copysign(math.inf, value)
