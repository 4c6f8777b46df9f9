"""A rule's coordinate formula as a list of operations, run on whole lists of tensors by torch._foreach_*.

The formula is run once on numbers that write down what is done with them. Each operation is then one call for all
tensors of a bucket, in place wherever its operand is needed no more: the new state is built in the old one's memory
and the new parameters in theirs, so a step needs only a few temporaries.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import torch

from dwmgrad_ref import ops
from dwmgrad_ref.recording import Operation, Traced
from dwmgrad_ref.rules.base import Rule
from dwmgrad_ref.torch.kernels.coordinate import Around, coordinate_step

Tensors = list[torch.Tensor]
PYTHON: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "abs": ops.absolute,
    "sqrt": ops.sqrt,
    "greater": ops.greater,
    "where": ops.where,
}
_FOREACH: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    name: (getattr(torch, f"_foreach_{name}"), getattr(torch, f"_foreach_{name}_"))
    for name in ("add", "sub", "mul", "div", "neg", "abs", "sqrt")
}


class Placed(NamedTuple):
    """An operation whose result goes to the memory of its first argument if `in_place`."""

    name: str
    args: tuple[Any, ...]
    out: Traced
    in_place: bool


@dataclass(frozen=True, eq=False)
class Tape:
    """The operations of one coordinate's step, and where its inputs and outputs are."""

    inputs: tuple[Traced, ...]  # o, k and the decay
    c: Any
    x: Traced
    g: Traced
    operations: list[Operation]
    new_c: Any
    new_x: Any

    @cached_property
    def placed(self) -> dict[bool, list[Placed]]:
        """The operations with their places: if the gradients' memory may be used too, and if not."""
        return {own: _place(self, {self.x, *self.c, *((self.g,) if own else ())}) for own in (False, True)}

    def run(self, o: Any, k: Any, decay: Any, x: Tensors, c: Sequence[Tensors], g: Tensors, own_g: bool) -> None:
        """One step of a bucket: `x` and `c` (one list per field of the state) are updated in place.

        Args:
            o, k, decay: numbers or 0-d tensors.
            own_g: whether the gradients' memory may be overwritten.
        """
        values: dict[Any, Any] = dict(zip(self.inputs, (*o, *k, decay), strict=True))
        values |= zip((*self.c, self.x, self.g), (*c, x, g), strict=True)
        for name, args, out, in_place in self.placed[own_g]:
            found = [values[a] if isinstance(a, Traced) else a for a in args]
            values[out] = _on_lists(name, found, args, in_place) if out.many else PYTHON[name](*found)
        _store([(to, values.get(new, new)) for to, new in zip((*c, x), (*self.new_c, self.new_x), strict=True)])


@cache
def trace(rule: Rule, around: Around, choices: Any) -> Tape:
    """The tape of a rule.

    Args:
        choices: options of the rule, None where the value is a number that may change from step to step.

    Raises:
        Untraceable: the formula branches on such a number.
    """
    operations: list[Operation] = []

    def number(many: bool = False) -> Traced:
        return Traced(operations, many)

    inputs = rule.Options(*(number() for _ in choices)), rule.Shared(*(number() for _ in rule.Shared._fields)), number()
    o = rule.Options(*(n if c is None else c for n, c in zip(inputs[0], choices, strict=True)))
    c, x, g = rule.Coord(*(number(True) for _ in rule.Coord._fields)), number(True), number(True)
    new_c, new_x = coordinate_step(rule, around, o, inputs[1], c, x, g, inputs[2])
    return Tape((*inputs[0], *inputs[1], inputs[2]), c, x, g, operations, new_c, new_x)


def _place(tape: Tape, owned: set[Traced]) -> list[Placed]:
    """Which operations may overwrite an argument: one whose memory is ours and that nothing needs afterwards."""
    needed = {v for v in (*tape.new_c, tape.new_x) if isinstance(v, Traced)}
    last: list[set[Any]] = []
    for operation in reversed(tape.operations):
        last.append({a for a in operation.args if isinstance(a, Traced) and a not in needed})
        needed |= last[-1]
    placed = []
    for (name, args, out), dying in zip(tape.operations, reversed(last), strict=True):
        if name in ("add", "mul") and not _usable(args[0], dying & owned) and _many(args[1]):
            args = args[::-1]
        placed.append(Placed(name, args, out, name in _FOREACH and _usable(args[0], dying & owned)))
        owned = owned | {out}
    return placed


def _many(value: Any) -> bool:
    return isinstance(value, Traced) and value.many


def _usable(value: Any, free: set[Any]) -> bool:
    return _many(value) and value in free


def _on_lists(name: str, found: list[Any], args: Sequence[Any], in_place: bool) -> Tensors:
    """The operation on every tensor; found holds lists for arguments that are many."""
    many = [_many(a) for a in args]
    if name in _FOREACH and many[0]:
        if len(found) > 1 and isinstance(found[1], torch.Tensor):
            found[1] = found[1].to(found[0][0].dtype)  # else a 0-d float64 would widen 0-d parameters
            if name == "sub":
                name, found[1] = "add", -found[1]
        fresh, inside = _FOREACH[name]
        if not in_place:
            return list(fresh(*found))
        inside(*found)
        return found[0]
    length = len(next(f for f, m in zip(found, many, strict=True) if m))
    columns = [f if m else [f] * length for f, m in zip(found, many, strict=True)]
    return [PYTHON[name](*row) for row in zip(*columns, strict=True)]


def _store(pairs: list[tuple[Tensors, Any]]) -> None:
    """Bring each result to its place, unless it was computed there."""
    places = [to for to, _ in pairs]
    for index, (to, new) in enumerate(pairs):
        if new is not to and any(new is place for place in places):
            pairs[index] = to, [t.clone() for t in new]
    for to, new in pairs:
        if isinstance(new, list) and new is not to:
            torch._foreach_copy_(to, new)
        elif not isinstance(new, list):
            for tensor in to:
                tensor.fill_(new)
