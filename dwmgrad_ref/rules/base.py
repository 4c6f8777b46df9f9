"""What an optimizer is here: one formula for all coordinates' shared part, one for a single coordinate.

A rule file declares four named tuples' worth of facts and three small functions, all pure:

    Options   what the user chooses; every field annotated with its range and meaning
    Shared    what all coordinates share after step t (window, momentum, step size, counters)
    Coord     what one coordinate remembers after step t (second moment, velocity)

    start(o) -> Shared                     the shared state before the first step; Coord starts at zero
    shared(o, k, loss) -> Shared           step t of the shared state, from the loss f_t(theta_t)
    coord(o, k, c, x, g) -> (Coord, x')    step t of one coordinate, k already advanced
    potential(o, k, c) -> Potential        how the step reads as preconditioned descent (see below)

and, where something is proved about it, its regret and step bounds as data (`bounds.py`).

A rule that does not read so leaves `potential` out. One that is given is held against the steps before any number is
derived from it (`dwmgrad_ref/preconditioned.py`).

They are written with `+ - * /` and `dwmgrad_ref.ops`, so the same code runs on floats, arrays, symbols,
z3 terms, balls, and compiled. In `o` a choice such as "loss" is its index in the annotation, a bool 0 or 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from dwmgrad_ref.errors import BadInput, BadOption, UnknownName
from dwmgrad_ref.rules.bounds import Bound, Facts, StepBound


def option(meaning: str, **limits: Any) -> FieldInfo:
    """Annotation of one option: its meaning and its range (gt, ge, lt, le as in pydantic)."""
    return Field(description=meaning, **limits)


# Options that many rules share, with the range in which their formula makes sense.
StepSize = Annotated[float, option("step size α", gt=0, allow_inf_nan=False)]
Epsilon = Annotated[float, option("ε, keeps the division finite", ge=0, allow_inf_nan=False)]
Decay = Annotated[float, option("decay rate of a running mean", ge=0, lt=1)]
Momentum = Annotated[float, option("momentum coefficient μ", ge=0, lt=1)]
WeightDecay = Annotated[float, option("weight decay λ", ge=0, allow_inf_nan=False)]
Epoch = Annotated[float, option("steps in an epoch; inf means the run is one epoch", ge=1)]
Schedule = Annotated[Literal["constant", "sqrt"], option("step size α, or α/√t")]
CONSTANT, SQRT = range(2)  # codes of Schedule


class Potential(NamedTuple):
    """One coordinate's step t read as preconditioned descent with momentum.

    h      preconditioner over step size: with no momentum the step is g_t / h_t
    damp   1 - μ_t; the mirrored iterate z moves by ĝ_t / (damp h_t), and ĝ_t = g_t for constant μ
    shift  z_{t+1} - theta_{t+1}; -μ/(1-μ) V_t for heavy-ball momentum, 0 without momentum
    """

    h: Any
    damp: Any
    shift: Any


@dataclass(frozen=True)
class Source:
    """Where a formula is stated: a key of references.bib, the place in that work, and other works that state it.

    One Source names one work, so that a place of ours ([dwmgradnotes] R3) never stands under a paper's key.
    """

    key: str
    place: str
    also: tuple["Source", ...] = ()

    def __str__(self) -> str:
        return "; ".join([f"[{self.key}] {self.place}", *map(str, self.also)])


@dataclass(frozen=True, eq=False)
class Rule:
    """An optimizer. Compare with `rule.variant(...)`, which only changes name, source and defaults."""

    name: str
    title: str
    source: Source
    Options: type
    Shared: type
    Coord: type
    start: Callable[[Any], Any]
    shared: Callable[[Any, Any, Any], Any]
    coord: Callable[[Any, Any, Any, Any, Any], Any]
    potential: Callable[[Any, Any, Any], Potential] | None = None
    departs: str = "nothing"
    defaults: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[Any], None] = lambda options: None
    history: Callable[[Any], int] = lambda options: 0
    bounds: tuple[Bound, ...] = ()
    step_bounds: tuple[StepBound, ...] = ()
    # Part of the keys of training runs and of checkpoints: raise it when the formula gives other numbers than before.
    # A rule read from a file outside the package has the file's checksum here.
    result_version: int | str = 1

    def __post_init__(self) -> None:
        if not self.Shared._fields:  # compiled code has no empty tuples
            raise BadInput(f"{self.name}: Shared has no fields; give it at least the step counter, `t: float`")

    def variant(self, name: str, title: str, source: Source, departs: str = "nothing", **defaults: Any) -> "Rule":
        """The same formula under another name with other defaults, such as a released script's."""
        merged = {**self.defaults, **defaults}
        return replace(self, name=name, title=title, source=source, departs=departs, defaults=merged)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.Options)

    @cached_property
    def fields(self) -> dict[str, FieldInfo]:
        """Each option's annotation (description and range), in order."""
        hints = get_type_hints(self.Options, include_extras=True)
        return {name: _field_info(hints[name]) for name in self.Options._fields}

    def options(self, **given: Any) -> Any:
        """Validated options; the defaults of the rule fill what is not given.

        Raises:
            UnknownName: an option the rule does not have.
            BadOption: a value outside its range; the message names both.
        """
        for name in given:
            if name not in self.Options._fields:
                raise UnknownName(f"option of {self.name}", name, self.Options._fields)
        try:
            options = self._adapter.validate_python({**self.defaults, **given})
            self.check(options)
        except ValidationError as error:
            raise BadOption("; ".join(self._complaint(e) for e in error.errors())) from None
        except BadOption as error:  # from the rule's own check, which does not know under which name it runs
            raise BadOption(f"{self.name}: {error}") from None
        return options

    def _complaint(self, error: Any) -> str:
        name = error["loc"][0]
        return f"{self.name}: {name}={error['input']!r} is not allowed; it must {self.allowed(name)}"

    def allowed(self, name: str) -> str:
        """The values an option may take, in words: "lie in (0, inf)", "be one of constant, sqrt"."""
        if choices := self.choices(name):
            return f"be one of {', '.join(choices)}"
        if get_type_hints(self.Options)[name] is bool:
            return "be true or false"
        return f"lie in {_interval(self.fields[name])}"

    def encode(self, options: Any, number: Callable[[Any], Any] = float) -> Any:
        """The options as the formula sees them: choices as indices, bools as 0 or 1, the rest through `number`.

        `number` turns a float into the algebra's kind (flint.arb, an exact z3.RealVal, ...).
        """
        return self.Options(*(self._code(name, value, number) for name, value in options._asdict().items()))

    def _code(self, name: str, value: Any, number: Callable[[Any], Any]) -> Any:
        if choices := self.choices(name):
            return float(choices.index(value)) if value in choices else value
        if isinstance(value, bool):
            return float(value)
        return number(value) if isinstance(value, int | float) else value

    def begin(self, o: Any, x: Any) -> tuple[Any, Any]:
        """Shared and coordinates' state before step 1, for the interpreter; o encoded, x of theta's shape."""
        zero = 0 * x
        c = self.Coord(*(zero for _ in self.Coord._fields))
        length = self.history(o)
        return self.start(o), c._replace(past=(zero,) * length) if length else c

    def step(self, o: Any, k: Any, c: Any, x: Any, g: Any, loss: Any) -> tuple[Any, Any, Any]:
        """One interpreted step, on any kind of number: (Shared, Coord, theta') from (Shared, Coord, theta).

        Args:
            o: encoded options.
            k, c: state after the step before, or from `begin`.
            x, g: theta_t and the gradient there, (d,) arrays or one coordinate.
            loss: f_t(theta_t).
        """
        k = self.shared(o, k, loss)
        c, x = self.coord(o, k, c, x, g)
        return k, c, x

    def bound(self, o: Any, k: Any, facts: Facts) -> float:
        """The smallest a-priori regret bound whose requirements all hold; nan where none does. See `Bound.claim`.

        Args:
            o: encoded options.
            k: shared state after step T.
        """
        return min((b.value(o, k, facts) for b in self.bounds if b.applies(o, k, facts)), default=float("nan"))

    def step_bound(self, o: Any) -> float:
        """The smallest bound of |theta_{t+1} - theta_t| / alpha for encoded options; nan where none is."""
        return min((float(b.value(o)) for b in self.step_bounds if b.applies(o)), default=float("nan"))

    def reading(self, o: Any, k: Any, c: Any) -> Potential:
        """How the step before reads as preconditioned descent, for the interpreter.

        Raises:
            BadInput: the rule declares no potential.
        """
        if self.potential is None:
            raise BadInput(f"{self.name} declares no potential")
        return self.potential(o, k, c)

    def choices(self, name: str) -> tuple[str, ...]:
        """The values a choice may take, in the order of their codes; empty for numbers."""
        hint = get_type_hints(self.Options)[name]
        return get_args(hint) if get_origin(hint) is Literal else ()


def _field_info(hint: Any) -> FieldInfo:
    infos = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, FieldInfo)]
    return infos[-1] if infos else FieldInfo()


def _interval(info: FieldInfo) -> str:
    """The range of a number: "(0, inf)" excludes inf, "[1, inf]" allows it."""

    def limit(key: str) -> Any:
        return next((getattr(m, key) for m in info.metadata if hasattr(m, key)), None)

    low = f"[{limit('ge'):g}" if limit("ge") is not None else f"({'-inf' if limit('gt') is None else limit('gt')}"
    if limit("le") is not None:
        return f"{low}, {limit('le'):g}]"
    if limit("lt") is not None:
        return f"{low}, {limit('lt'):g})"
    return f"{low}, inf)" if limit("allow_inf_nan") is False else f"{low}, inf]"
