"""What a step costs, counted exactly by running the rule's own formula on numbers that write down what is done.

Scalars of a step (options, shared state, loss) are `Counted`, coordinates are `Recorded` arrays. An operation on
scalars alone, wherever the formula writes it, is done once a step; one that touches an array is done for every
coordinate, and is one pass over memory in the unfused forms. A formula runs on symbols too, so it cannot branch on
data: one step counted is every step counted (`blind` checks that). Choices (`ops.where`) among
scalars are free; their comparisons count.

Bytes are per coordinate and step, cache misses and all else of a real machine left out:

    ideal    one pass: each word that the step needs is read once, each word that changes is written once
    numpy    the interpreted formula: every operation reads its distinct array operands and writes a new array
    foreach  the same operations over lists of tensors; one whose operand is needed no more (never the gradient)
             writes over it, and what is left of the new iterate outside the parameter's own storage is copied there
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dwmgrad_ref.rules.base import Rule

COMPARISONS = ("greater", "less", "greater_equal", "less_equal", "equal", "not_equal", "maximum", "minimum")
KINDS = {"square": "multiply", "negative": "subtract"} | dict.fromkeys(COMPARISONS, "compare")


def kind(operation: str) -> str:
    """multiply, add, subtract, divide, sqrt or compare; another operation's own name (absolute, where, power...)."""
    return KINDS.get(operation, operation)


class Counted:
    """A scalar whose arithmetic, comparisons and roots are entered in a shared Counter."""

    def __init__(self, value: float, count: Counter[str]):
        self.value, self.count = np.float64(value), count

    def _new(self, operation: str, *operands: Any) -> Any:
        if any(isinstance(o, np.ndarray) for o in operands):
            return getattr(np, operation)(*(float(o.value) if isinstance(o, Counted) else o for o in operands))
        self.count[kind(operation)] += 1
        return type(self)(getattr(np, operation)(*map(_value, operands)), self.count)

    def __add__(self, other: Any) -> Any:
        return self._new("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self._new("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._new("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._new("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._new("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._new("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._new("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._new("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return self._new("square", self) if other == 2 else self._new("power", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._new("power", other, self)

    def __neg__(self) -> Any:
        return self._new("negative", self)

    def __abs__(self) -> Any:
        return self._new("absolute", self)

    def sqrt(self) -> Any:
        return self._new("sqrt", self)

    def __gt__(self, other: Any) -> Any:
        return self._compared("greater", other)

    def __lt__(self, other: Any) -> Any:
        return self._compared("less", other)

    def __ge__(self, other: Any) -> Any:
        return self._compared("greater_equal", other)

    def __le__(self, other: Any) -> Any:
        return self._compared("less_equal", other)

    def _compared(self, operation: str, other: Any) -> Any:
        found = self._new(operation, self, other)
        return bool(found.value) if isinstance(found, Counted) else found

    # Choices and flags are options, settled before the run: looking at one costs nothing.
    def __eq__(self, other: object) -> bool:
        return bool(self.value == _value(other))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return float(self.value)

    __hash__ = None  # type: ignore[assignment]


class Looked(TypeError):
    """A formula asked what a number is, so that what it does may depend on the numbers."""


class Blind(Counted):
    """A scalar that nobody may look at: what is counted with it is counted for every number."""

    def _compared(self, operation: str, other: Any) -> Any:
        found = self._new(operation, self, other)
        return _Choice(bool(found.value)) if isinstance(found, Counted) else found

    def __eq__(self, other: object) -> bool:
        raise Looked("a formula branches on a number")

    def __bool__(self) -> bool:
        raise Looked("a formula branches on a number")

    __float__ = __bool__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


class _Choice:
    """The outcome of a comparison of blind numbers: it selects one of two results, both of which are there already."""

    def __init__(self, first: bool):
        self._first = first

    def select(self, a: Any, b: Any) -> Any:
        return a if self._first else b

    def __bool__(self) -> bool:
        raise Looked("a formula branches on a comparison of numbers")


def _value(x: Any) -> np.float64:
    return np.float64(x.value if isinstance(x, Counted) else x)


class Operation(NamedTuple):
    """One pass: what is done, the distinct arrays it reads, the array it makes."""

    name: str
    operands: tuple[np.ndarray, ...]
    result: np.ndarray


class Recorded(np.ndarray):
    """An array that writes every operation done with it into `log`, as an Operation."""

    log: list[Operation]

    def __array_finalize__(self, parent: Any) -> None:
        self.log = getattr(parent, "log", [])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self._record(ufunc.__name__, getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self._record(func.__name__, func, args, kwargs)

    def __bool__(self) -> bool:
        raise Looked("a formula branches on a coordinate's number")

    def _record(self, name: str, call: Any, inputs: Sequence[Any], kwargs: Any) -> Any:
        plain = [_plain(x) for x in inputs]
        result = np.asarray(call(*plain, **kwargs)).view(Recorded)
        result.log = self.log
        distinct = {id(x): x for x in inputs if isinstance(x, Recorded)}
        self.log.append(Operation(name, tuple(distinct.values()), result))
        return result


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Recorded) else float(x.value) if isinstance(x, Counted) else x


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


def count(rule: Rule, dtype: str = "float64", blind: bool = False, **options: Any) -> Cost:
    """Count one step of the rule with these options, its numbers per coordinate of that type.

    Args:
        blind: refuse formulas that look at a number, so that the count is that of every step with these choices,
            whatever the numbers. A stored window's formula, whose number of terms is an option, cannot be counted so.

    Raises:
        BadOption, UnknownName: as `rule.options`.
        Looked: `blind`, and the formula branches on a number.
    """
    log: list[Operation] = []
    once: Counter[str] = Counter()

    def array() -> Recorded:
        made = np.full(1, 0.5, dtype).view(Recorded)
        made.log = log
        return made

    given = rule.options(**options)
    chosen, number = rule.encode(given), Blind if blind else Counted
    flags = {name for name in chosen._fields if rule.choices(name) or isinstance(getattr(given, name), bool)}
    o = rule.Options(*((Counted if name in flags else number)(v, once) for name, v in chosen._asdict().items()))
    past = tuple(array() for _ in range(rule.history(chosen)))
    c = rule.Coord(*(past if past and name == "past" else array() for name in rule.Coord._fields))
    x, g = array(), array()
    with np.errstate(all="ignore"):
        k = rule.shared(o, rule.Shared(*(number(v, once) for v in rule.start(chosen))), number(1.0, once))
        k = rule.Shared(*(number(_value(v), once) for v in k))
        new, moved = rule.coord(o, k, c, x, g)
    old = [*_words(c), x]
    return Cost(
        once=once,
        each=Counter(kind(operation.name) for operation in log),
        state=len(old) - 1,
        ideal=_ideal(log, g, old, [*_words(new), moved]),
        numpy=_numpy(log),
        foreach=_foreach(log, g, [*_words(new), moved], x),
    )


def _words(c: Any) -> list[Any]:
    """The memory of a coordinate, past values one by one."""
    return [word for field in c for word in (field if isinstance(field, tuple) else (field,))]


def _ideal(log: Sequence[Operation], g: Any, old: Sequence[Any], new: Sequence[Any]) -> Form:
    used = {id(x) for operation in log for x in operation.operands}
    changed = [(before, after) for before, after in zip(old, new, strict=True) if before is not after]
    used |= {id(after) for _, after in changed}  # a word that only moves is read too
    read = sum(x.itemsize for x in [g, *old] if id(x) in used)
    return Form(1, read, sum(before.itemsize for before, _ in changed))


def _numpy(log: Sequence[Operation]) -> Form:
    written = sum(operation.result.itemsize for operation in log)
    return Form(len(log), sum(x.itemsize for operation in log for x in operation.operands), written, written)


def _foreach(log: Sequence[Operation], g: Any, kept: Sequence[Any], x: Any) -> Form:
    last = {id(operand): i for i, operation in enumerate(log) for operand in operation.operands}
    last |= {id(word): len(log) for word in kept}
    home = {id(x): id(x)}  # where a value is stored: under the identity of the first value that was there
    passes, read, written, allocated = len(log), 0, 0, 0
    for i, (_, operands, result) in enumerate(log):
        free = [a for a in operands if last[id(a)] == i and a is not g and a.itemsize == result.itemsize]
        home[id(result)] = home.get(id(free[0]), id(free[0])) if free else id(result)
        read += sum(a.itemsize for a in operands)
        written += result.itemsize
        allocated += 0 if free else result.itemsize
    if home.get(id(kept[-1])) != id(x):
        passes, read, written = passes + 1, read + x.itemsize, written + x.itemsize
    return Form(passes, read, written, allocated)
