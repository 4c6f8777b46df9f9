"""What is checked of a rule that is read from a file: its options, one step on floats, and one step on symbols.

A slip is better told in the words of this project, with the line to write, than by the compiler or by SymPy.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np

from dwmgrad_ref import discovery, ops
from dwmgrad_ref.errors import BadInput
from dwmgrad_ref.rules.base import Rule

LOG = logging.getLogger("dwmgrad")
# Functions of math and NumPy by the names that `ops` has for them, so far as the names differ.
CALLED = {"abs": "absolute", "fabs": "absolute", "fmax": "maximum", "fmin": "minimum", "max": "maximum",
          "min": "minimum", "pow": "power"}  # fmt: skip


def check(rule: Rule, path: Path) -> None:
    """Check a rule that the file at `path` defines; an option that the formula never reads is told as a warning.

    Raises:
        BadInput: an option has no annotation, a step fails, or the formula calls a function that only floats have.
    """
    _options_are_annotated(rule, path)
    _one_step(rule, path)
    _one_step_on_symbols(rule, path)
    for name in unused(rule):
        LOG.warning("%s: the formula of %s never reads its option %s", path, rule.name, name)


def _options_are_annotated(rule: Rule, path: Path) -> None:
    bare = [name for name, value in vars(rule.Options).items() if _is_a_number(value) and not name.startswith("_")]
    if bare:
        raise BadInput(_line_to_write(path, bare[0], "float", getattr(rule.Options, bare[0])))
    for name, field in rule.fields.items():
        if not field.description:
            hint, default = get_type_hints(rule.Options)[name], rule.Options._field_defaults.get(name)
            kind = f"Literal{list(get_args(hint))}" if rule.choices(name) else getattr(hint, "__name__", str(hint))
            raise BadInput(_line_to_write(path, name, kind, default))


def _is_a_number(value: Any) -> bool:
    return isinstance(value, int | float | str)


def _line_to_write(path: Path, name: str, kind: str, default: Any) -> str:
    limits = ", ge=0" if kind in ("float", "int") else ""
    told = "" if default is None else f" = {default!r}"
    return (
        f"{path}: the option {name} has no annotation with its meaning and its range. Write, for example, "
        f'{name}: Annotated[{kind}, option("what {name} is"{limits})]{told} (from typing import Annotated; '
        "from dwmgrad_ref.rules.base import option)"
    )


def _one_step(rule: Rule, path: Path) -> None:
    o, one = rule.encode(rule.options()), np.ones(1)
    try:
        with np.errstate(all="ignore"):
            k, c, _ = rule.step(o, *rule.begin(o, one), one, one, 1.0)
            if rule.potential:
                rule.potential(o, k, c)
    except ArithmeticError:
        pass  # the compiled code's floats divide by zero without complaint
    except Exception as error:
        advice = _advice(error, path)
        raise BadInput(
            f"{path} defines a rule whose first step fails: {discovery.told(error, path)}{advice}"
        ) from error


def _one_step_on_symbols(rule: Rule, path: Path) -> None:
    """A function of math or NumPy takes no symbol; other failures are told by what needs symbols."""
    import sympy

    o = rule.encode(rule.options())
    x, g, loss = sympy.symbols("x g f", real=True)
    try:
        rule.step(o, *rule.begin(o, x), x, g, loss)
    except Exception as error:
        if advice := _advice(error, path):
            raise BadInput(
                f"{path} defines a rule whose formula works on floats only: {discovery.told(error, path)}{advice}"
            ) from error


def _advice(error: Exception, path: Path) -> str:
    """ "; write ops.sqrt in place of math.sqrt" where the line that failed calls such a function, else nothing."""
    called = re.search(r"\b(?:math|np|numpy|cmath)\.(\w+)\(", discovery.failing_line(error, path))
    if called is None:
        return ""
    known = sorted(name for name, value in vars(ops).items() if callable(value) and value.__module__ == ops.__name__)
    name = CALLED.get(called.group(1), called.group(1))
    if name in known:
        return f". Write ops.{name} in place of {called.group()[:-1]}: it takes every kind of number"
    return f". Write the formula with + - * / and dwmgrad_ref.ops, which has no {name}; docs/operations.md lists it"


class _Reading:
    """The options as the formula sees them, noting which are read."""

    def __init__(self, options: Any, read: set[str]):
        self._options, self._read = options, read

    def __getattr__(self, name: str) -> Any:
        self._read.add(name)
        return getattr(self._options, name)


def unused(rule: Rule) -> list[str]:
    """Options that one step of the formula reads under none of the values of its choices."""
    read: set[str] = set()
    one = np.ones(1)
    for options in _choices(rule):
        o: Any = _Reading(rule.encode(options), read)
        rule.check(_Reading(options, read))
        try:
            with np.errstate(all="ignore"):
                k, c, _ = rule.step(o, *rule.begin(o, one), one, one, 1.0)
                if rule.potential:
                    rule.potential(o, k, c)
        except Exception:
            return []  # it needs more of the options than their values; nothing is known
    return [name for name in rule.Options._fields if name not in read]


def _choices(rule: Rule) -> Iterator[Any]:
    """The default options, and those with one choice or bool at another value."""
    default = rule.options()
    yield default
    for name, value in default._asdict().items():
        others = rule.choices(name) or ((True, False) if isinstance(value, bool) else ())
        yield from (default._replace(**{name: other}) for other in others if other != value)
