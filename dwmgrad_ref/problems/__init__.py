"""Every problem, one file a family; a file dropped here is found by itself.

A family is a function decorated with `@problem(name, kind=..., source=...)` that returns a `Problem`; its
keyword parameters are the user's (`get("quadratic-diagonal", d=50)`), its docstring's first line the title. `get` reads
a file outside the package when it is given a path that ends in .py.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError, validate_call

from dwmgrad_ref import discovery
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
        """The first line of the docstring of the function that makes the problem."""
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
    return discovery.found_in(__name__, __path__, Family)


def families() -> list[Family]:
    """All families, sorted by name."""
    return [_registry()[name] for name in names()]


def names() -> list[str]:
    """Names of all problems, sorted."""
    return sorted(_registry())


def family(name: str | Path) -> Family:
    """The family of that name, or the one in that Python file if the name ends in .py.

    Raises:
        UnknownName: no such problem; lists the nearest.
        BadInput: the file is missing, Python cannot read it, or it defines no family or several.
    """
    if discovery.is_file(name):
        return _loaded(Path(name), discovery.checksum(name))
    if name not in _registry():
        raise UnknownName("problem", str(name), _registry())
    return _registry()[str(name)]


@cache
def _loaded(path: Path, checksum: str) -> Family:
    return discovery.only_one_in(path, Family, "problem")


def get(name: str | Path | Problem, **parameters: Any) -> Problem:
    """The problem of that name or in that Python file with these parameters, or the problem itself.

    Raises:
        UnknownName: no such problem, or no such parameter; lists the nearest.
        BadInput: the file is missing or defines no problem; see `family`.
        BadOption: a parameter outside its range.
        MissingData: a data set that could not be found or fetched.
    """
    if isinstance(name, Problem):
        return name
    found = family(name)
    for given in parameters:
        if given not in found.parameters:
            raise UnknownName(f"parameter of {found.name}", given, found.parameters)
    filled = {**found.parameters, **parameters}
    try:
        made = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(found.make)(**filled)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadOption(f"{found.name}: {first['loc'][0]}={first['input']!r} is not allowed; {first['msg']}") from None
    version = f"file {discovery.checksum(name)}" if discovery.is_file(name) else made.result_version
    return replace(made, parameters=filled, result_version=version)
