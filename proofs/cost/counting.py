"""What a step costs, counted exactly from the operations of the rule's own formula (`dwmgrad_ref.recording`).

An operation on scalars alone (options, shared state, loss), wherever the formula writes it, is done once in a step; one
that touches a coordinate is done for every coordinate, and is one pass over memory in the unfused forms. A formula
that branches on a number cannot be recorded, so one step counted is every step counted. Choices (`ops.where`) among
scalars are free; their comparisons count.

Bytes are per coordinate and step, cache misses and all else of a real machine left out:

    ideal    one pass: each word that the step needs is read once, each word that changes is written once
    numpy    the interpreted formula: every operation reads its distinct array operands and writes a new array
    foreach  the same operations over lists of tensors; one whose operand is needed no more (never the gradient)
             writes over it, and what is left of the new iterate outside the parameter's own storage is copied there
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dwmgrad_ref.recording import Operation, Traced
from dwmgrad_ref.rules.base import Rule

KINDS = {
    "add": "add", "sub": "subtract", "neg": "subtract", "mul": "multiply", "div": "divide", "sqrt": "sqrt",
    "abs": "absolute", "greater": "compare", "extreme": "compare", "where": "where",
    "exp": "exp", "log": "log", "power": "power",
}  # fmt: skip
MASK = 1  # bytes of an entry that says which of two values is chosen


@dataclass(frozen=True)
class Form:
    """Memory traffic of one step per coordinate: passes over memory, bytes read, written, newly allocated."""

    passes: int
    read: int
    written: int
    allocated: int = 0

    @property
    def bytes(self) -> int:
        return self.read + self.written


@dataclass(frozen=True)
class Cost:
    """Cost of a rule's step; the loss and its gradient are not part of it.

    once   operations done once a step, whatever the number of coordinates, by kind
    each   operations for every coordinate, by kind
    state  words kept per coordinate between steps, the iterate not counted
    """

    once: Counter[str]
    each: Counter[str]
    state: int
    ideal: Form
    numpy: Form
    foreach: Form


def count(rule: Rule, dtype: str = "float64", **options: Any) -> Cost:
    """Count one step of the rule with these options, its numbers per coordinate of that type.

    Choices are those of the options; no number is looked at, so the count is that of every step.

    Raises:
        BadOption, UnknownName: as `rule.options`.
        Untraceable: the formula branches on a number.
    """
    scalar, coordinate = [], []
    given = rule.options(**options)
    chosen = rule.encode(given)
    flags = {name for name in chosen._fields if rule.choices(name) or isinstance(getattr(given, name), bool)}
    o = rule.Options(*(v if name in flags else Traced(scalar, False) for name, v in chosen._asdict().items()))
    k = rule.shared(o, rule.Shared(*(Traced(scalar, False) for _ in rule.Shared._fields)), Traced(scalar, False))
    # What the shared formula made is a number like any other to the coordinates' formula, also where it is a constant.
    o = rule.Options(*(Traced(coordinate, False) if isinstance(v, Traced) else v for v in o))
    k = rule.Shared(*(Traced(coordinate, False) for _ in k))

    def array() -> Traced:
        return Traced(coordinate, True)

    past = tuple(array() for _ in range(rule.history(chosen)))
    c = rule.Coord(*(past if past and name == "past" else array() for name in rule.Coord._fields))
    x, g = array(), array()
    new, moved = rule.coord(o, k, c, x, g)
    log = _passes([operation for operation in coordinate if operation.out.many])
    once = [operation for operation in (*scalar, *coordinate) if not operation.out.many and operation.name != "where"]
    old, word = [*_words(c), x], np.dtype(dtype).itemsize
    return Cost(
        once=Counter(KINDS[operation.name] for operation in once),
        each=Counter(KINDS[operation.name] for operation in log),
        state=len(old) - 1,
        ideal=_ideal(log, g, old, [*_words(new), moved], word),
        numpy=_numpy(log, word),
        foreach=_foreach(log, g, [*_words(new), moved], x, word),
    )


def _passes(operations: Sequence[Operation]) -> list[Operation]:
    """The operations on coordinates; a comparison that chooses the larger or smaller of its operands is one with it."""
    made_by = {operation.out: operation for operation in operations}
    found: list[Operation] = []
    for operation in operations:
        name, args, out = operation
        compared = made_by.get(args[0]) if name == "where" and isinstance(args[0], Traced) else None
        if compared and compared.name == "greater" and set(map(id, compared.args)) == set(map(id, args[1:])):
            found = [one for one in found if one is not compared]
            operation = Operation("extreme", args[1:], out)
        found.append(operation)
    return found


def _operands(operation: Operation) -> list[Traced]:
    """The distinct coordinates that an operation reads."""
    return list(dict.fromkeys(a for a in operation.args if isinstance(a, Traced) and a.many))


def _sizes(log: Sequence[Operation], word: int) -> defaultdict[Traced, int]:
    """Bytes of each value."""
    masks = {operation.out: MASK for operation in log if operation.name == "greater"}
    return defaultdict(lambda: word, masks)


def _words(c: Any) -> list[Any]:
    """The memory of a coordinate, past values one by one."""
    return [word for field in c for word in (field if isinstance(field, tuple) else (field,))]


def _ideal(log: Sequence[Operation], g: Any, old: Sequence[Any], new: Sequence[Any], word: int) -> Form:
    used = {x for operation in log for x in _operands(operation)}
    changed = [after for before, after in zip(old, new, strict=True) if before is not after]
    used |= {after for after in changed if isinstance(after, Traced)}  # a word that only moves is read too
    return Form(1, word * sum(x in used for x in [g, *old]), word * len(changed))


def _numpy(log: Sequence[Operation], word: int) -> Form:
    size = _sizes(log, word)
    written = sum(size[operation.out] for operation in log)
    return Form(len(log), sum(size[x] for operation in log for x in _operands(operation)), written, written)


def _foreach(log: Sequence[Operation], g: Any, kept: Sequence[Any], x: Any, word: int) -> Form:
    size = _sizes(log, word)
    last = {operand: i for i, operation in enumerate(log) for operand in _operands(operation)}
    last |= {value: len(log) for value in kept if isinstance(value, Traced)}
    home = {x: x}  # where a value is stored: under the first value that was there
    passes, read, written, allocated = len(log), 0, 0, 0
    for i, operation in enumerate(log):
        operands, result = _operands(operation), operation.out
        free = [a for a in operands if last[a] == i and a is not g and size[a] == size[result]]
        home[result] = home.get(free[0], free[0]) if free else result
        read += sum(size[a] for a in operands)
        written += size[result]
        allocated += 0 if free else size[result]
    if home.get(kept[-1]) is not x:
        passes, read, written = passes + 1, read + word, written + word
    return Form(passes, read, written, allocated)
