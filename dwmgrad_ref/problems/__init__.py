"""Every problem, one file a family; a file dropped here is found by itself.

A family is a function decorated with `@problem(name, kind=..., source=...)` that returns a `Problem`; its
keyword parameters are the user's (`get("quadratic-diagonal", d=50)`), its docstring's first line the title.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import ConfigDict, ValidationError, validate_call

from dwmgrad_ref.discovery import found_in
from dwmgrad_ref.errors import BadOption, UnknownName
from dwmgrad_ref.problems.base import Kind, Problem
from dwmgrad_ref.rules.base import Source


@dataclass(frozen=True)
class Family:
    """A named way to make problems."""

    name: str
    kind: Kind
    source: Source
    make: Callable[..., Problem]
    data: str | None = None  # the data set it needs beyond those that scikit-learn brings

    @property
    def title(self) -> str:
        return (inspect.getdoc(self.make) or "").partition("\n")[0]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameter names and defaults."""
        return {name: p.default for name, p in inspect.signature(self.make).parameters.items()}


def problem(
    name: str, *, kind: Kind, source: Source, data: str | None = None
) -> Callable[[Callable[..., Problem]], Family]:
    """Decorator: register a function that makes problems."""
    return lambda make: Family(name, kind, source, make, data)


@cache
def _registry() -> dict[str, Family]:
    return found_in(__name__, __path__, Family)


def families() -> list[Family]:
    """All families, sorted by name."""
    return [_registry()[name] for name in names()]


def names() -> list[str]:
    """Names of all problems, sorted."""
    return sorted(_registry())


def get(name: str | Problem, **parameters: Any) -> Problem:
    """The problem of that name with these parameters, or the problem itself.

    Raises:
        UnknownName: no such problem, or no such parameter; lists the nearest.
        BadOption: a parameter outside its range.
        MissingData: a data set that could not be found or fetched.
    """
    if isinstance(name, Problem):
        return name
    if name not in _registry():
        raise UnknownName("problem", name, _registry())
    family = _registry()[name]
    for given in parameters:
        if given not in family.parameters:
            raise UnknownName(f"parameter of {name}", given, family.parameters)
    filled = {**family.parameters, **parameters}
    try:
        made = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(family.make)(**filled)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadOption(f"{name}: {first['loc'][0]}={first['input']!r} is not allowed; {first['msg']}") from None
    return replace(made, parameters=filled)
