"""Every observer, one file each; a file dropped here is found by itself."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from dwmgrad_ref.errors import UnknownName
from dwmgrad_ref.observers.base import Observer

DEFAULT = ("regret", "bound", "potential", "window", "step-size", "audit")


@cache
def _registry() -> dict[str, Observer]:
    found: dict[str, Observer] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "base"):
        loaded = importlib.import_module(f"{__name__}.{module}")
        found |= {value.name: value for value in vars(loaded).values() if isinstance(value, Observer)}
    return found


def names() -> list[str]:
    """Names of all observers, sorted."""
    return sorted(_registry())


def get(name: str | Observer) -> Observer:
    """The observer of that name, or the observer itself; UnknownName lists the nearest."""
    if isinstance(name, Observer):
        return name
    if name not in _registry():
        raise UnknownName("observer", name, _registry())
    return _registry()[name]


def get_all(chosen: Iterable[str | Observer]) -> list[Observer]:
    return [get(name) for name in chosen]
